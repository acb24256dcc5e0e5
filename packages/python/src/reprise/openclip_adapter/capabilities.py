"""What the trainer announces."""

import os
import pathlib

from .zero_shot import QUESTIONS

VERSION = "0.1.0"


def _number(description, default, **limits):
    return {"type": "number", "description": description, "default": default, **limits}


def _switch(description):
    return {"type": "boolean", "description": description, "default": False}


def _integer(description, default):
    return {"type": "integer", "description": description, "default": default, "minimum": 0}


def _list(description):
    return {"type": "numberList", "description": description, "default": None, "nullable": True}


HYPERPARAMETERS = {
    "model": {"type": "string", "description": "clip-vit-b-32, or any model name of OpenCLIP.", "default": "clip-vit-b-32"},
    "pretrained": {"type": "string", "description": "Weights to start from, e.g. openai; null for random ones.", "default": None, "nullable": True},
    "optimizer": {"type": "string", "description": "AdamW is all there is.", "choices": ["adamw"], "default": "adamw"},
    "batchSizePerRank": _integer("Pairs per process and step.", 64),
    "warmupSteps": _integer("Steps over which the learning rate rises.", 10000),
    "learningRate": _number("Peak learning rate.", 5e-4, minimum=0),
    "scheduler": {"type": "string", "description": "Course of the learning rate.", "choices": ["cosine", "constant"], "default": "cosine"},
    "weightDecay": _number("Decoupled weight decay.", 0.2, minimum=0),
    "beta1": _number("Decay of the mean of gradients.", 0.9, minimum=0, maximum=1),
    "beta2": _number("Decay of the mean of squared gradients.", 0.98, minimum=0, maximum=1),
    "epsilon": _number("Added to the root of the second moment.", 1e-6, minimum=0),
    "epochs": _integer("Passes over the data.", 32),
    "cropScale": _list("Least and largest area of RandomResizedCrop; null for OpenCLIP's default."),
    "inputMean": _list("Mean per channel; null for the model's own."),
    "inputStd": _list("Standard deviation per channel; null for the model's own."),
    "precision": {"type": "string", "description": "Arithmetic.", "default": "amp",
                  "choices": ["amp", "amp_bf16", "amp_bfloat16", "bf16", "fp16", "pure_bf16", "pure_fp16", "fp32"]},
    "gatherWithGrad": _switch("Gradients flow through gathered features."),
    "localLoss": _switch("Loss of local rows against all features."),
    "gradCheckpointing": _switch("Compute activations again instead of keeping them."),
    "batchNormSync": _switch("Synchronise batch norm; does nothing in vision transformers."),
    "ddpStaticGraph": _switch("Static graph of DistributedDataParallel."),
}


def _metric(key, label, unit="fraction", direction="maximize", split="test"):
    return {"key": key, "label": label, "direction": direction, "unit": unit, "split": split}


CAPABILITIES = {
    "name": "openclip",
    "version": VERSION,
    "description": "CLIP through OpenCLIP's own training program, with determinism settings that hold.",
    "tasks": ["contrastive"],
    "backends": ["cuda", "cpu"],
    "deviceClass": "gpu",
    "summationOrders": ["fixed", "free"],
    "hyperparameters": HYPERPARAMETERS,
    "metrics": [
        _metric("trainLoss", "contrastive training loss", "nats", "minimize", "train"),
        _metric("validationLoss", "contrastive validation loss", "nats", "minimize", "validation"),
        _metric("validationImageToTextRecall", "validation recall at 1, image to text", split="validation"),
        _metric("validationTextToImageRecall", "validation recall at 1, text to image", split="validation"),
        *[
            # On data sets of their own: no part of the training set's split.
            _metric(f"test{name[0].upper()}{name[1:]}{rate}", f"zero-shot {rate.lower()}, {name}", split=None)
            for name, question in QUESTIONS.items()
            for rate in ["Accuracy", *(["Sensitivity", "Specificity"] if question["positive"] is not None else [])]
        ],
    ],
    "datasets": [],
    "replay": False,
    "resume": False,
    "locate": True,
    "nondeterminismSource": "cuDNN autotuning and CUDA operations without a deterministic form (profiles free and figure2-literal).",
}


def describe():
    """Capabilities, with the data sets that are there."""
    root = pathlib.Path(os.environ.get("REPRISE_DATA", "."))
    names = sorted({"quilt-1m", *(place.name for place in root.glob("*") if any(place.glob("*.csv")))} if "REPRISE_DATA" in os.environ else {"quilt-1m"})
    datasets = [
        {
            "name": name,
            "title": "QUILT-1M" if name == "quilt-1m" else name,
            "description": "Images with captions.",
            "citation": "Ikezogwo, W. O., et al. (2023). Quilt-1M: One million image-text pairs for histopathology." if name == "quilt-1m" else "",
            "license": "see its publishers" ,
            "available": any((root / name).glob("*.csv")) if "REPRISE_DATA" in os.environ else False,
            "hint": f"Put images and a CSV with the columns image_path and caption into REPRISE_DATA/{name}.",
            "cases": None,
            "inputShape": [],
            "classes": [],
            "positiveClass": None,
            "digest": None,
            "defaultSplit": {"train": 1, "validation": 0, "test": 0, "seed": 0, "groupBy": None},
        }
        for name in names
    ]
    return {**CAPABILITIES, "datasets": datasets}
