"""Writes clip.data.json: what OpenCLIP 3.3 computes on a small model, and the names and shapes of its ViT-B/32.

Usage: python make-golden.py     (needs open_clip_torch, torch)
Weights, images and tokens follow formulas that the test repeats, so that no weights need to be stored.
"""
import json
import math
import pathlib

import numpy
import open_clip
import torch
from open_clip.loss import ClipLoss
from open_clip.model import CLIP

torch.set_default_dtype(torch.float64)
shape = dict(imageSize=4, channels=2, patchSize=2, visionWidth=8, visionLayers=2, visionHeads=2, contextLength=5,
             vocabulary=11, textWidth=12, textLayers=2, textHeads=3, embedDim=6)
pairs = 4


def wave(count, phase):
    """Numbers between -1 and 1, as float32, from a formula."""
    return numpy.float32([math.sin(1.7 * i + 0.9 * phase) for i in range(count)]).astype(numpy.float64)


model = CLIP(
    embed_dim=shape["embedDim"],
    vision_cfg=dict(layers=2, width=8, head_width=4, patch_size=2, image_size=4),
    text_cfg=dict(context_length=5, vocab_size=11, width=12, heads=3, layers=2),
    quick_gelu=True,
    output_dict=True,
).double()
# Two channels tell a mistaken order of axes from a right one; the library builds three.
model.visual.conv1 = torch.nn.Conv2d(2, 8, kernel_size=2, stride=2, bias=False).double()
names = sorted(name for name, _ in model.named_parameters())
with torch.no_grad():
    for phase, name in enumerate(names):
        parameter = model.get_parameter(name)
        values = torch.tensor(0.4 * wave(parameter.numel(), phase)).float().double().reshape(parameter.shape)
        if name == "logit_scale":
            values = torch.tensor(1.5)
        elif "ln_" in name and name.endswith("weight"):
            values = values + 1
        parameter.copy_(values)
images = torch.tensor(wave(pairs * 2 * 4 * 4, 50)).reshape(pairs, 2, 4, 4)
tokens = torch.tensor([[9, 1, 2, 10, 0], [9, 3, 10, 0, 0], [9, 4, 5, 6, 10], [9, 2, 7, 10, 0]])
output = model(images, tokens)
loss = ClipLoss()(output["image_features"], output["text_features"], output["logit_scale"])
loss.backward()
gradients = {}
for phase, name in enumerate(names):
    gradient = model.get_parameter(name).grad.flatten()
    gradients[name] = [gradient.norm().item(), (gradient * torch.tensor(wave(gradient.numel(), phase + 7))).sum().item()]

public = open_clip.create_model("ViT-B-32-quickgelu")
tokenize = open_clip.get_tokenizer("ViT-B-32")
texts = [
    "a histopathology slide showing Lymph node containing metastatic tumor tissue",
    "Presence of  BENIGN colonic   tissue on image",
    "the patient's 3 slides, at 20x-40x; they're \"stained\" (H&E)!",
    "naïve café — 日本語 🙂 &amp; <b>",
    "a thin digit seven, leaning right",
    "",
    " ".join(["adenocarcinoma"] * 60),
]
golden = {
    "made": "open_clip_torch 3.3.0, torch " + torch.__version__,
    "shape": shape,
    "imageFeatures": output["image_features"].flatten().tolist(),
    "textFeatures": output["text_features"].flatten().tolist(),
    "loss": loss.item(),
    "gradients": gradients,
    "publicParameters": sum(p.numel() for p in public.parameters()),
    "publicShapes": {name: list(p.shape) for name, p in public.named_parameters()},
    "tokens": [{"text": text, "ids": [i for i in tokenize([text])[0].tolist()]} for text in texts],
}
pathlib.Path(__file__).with_name("clip.data.json").write_text(json.dumps(golden, indent=None) + "\n")
