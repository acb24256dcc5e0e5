"""
Stands in for open_clip_train.main where OpenCLIP cannot be installed: trains nothing, and writes the files of OpenCLIP 3.3
in their true formats (params.txt, out.log, checkpoints/results.jsonl), taken from a real run.
"""

import json
import os
import pathlib
import sys


def random_seed(seed=42, rank=0):
    raise AssertionError("the adapter replaces this routine")


def main(arguments):
    import torch

    values, flags = {}, list(arguments)
    while flags:
        name = flags.pop(0).removeprefix("--").replace("-", "_")
        taken = []
        while flags and not flags[0].startswith("--"):
            taken.append(flags.pop(0))
        values[name] = True if not taken else taken[0] if len(taken) == 1 else taken
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.deterministic = False
    torch.backends.cuda.matmul.allow_tf32 = True
    module = sys.modules[__name__]
    module.random_seed(int(values["seed"]), 0)
    module.random_seed(int(values["seed"]), 0)
    if os.environ.get("STAND_IN_BREAKS_SETTINGS"):
        torch.backends.cudnn.benchmark = True
    folder = pathlib.Path(values["logs"]) / values["name"]
    (folder / "checkpoints").mkdir(parents=True)
    used = {
        "batch_size": 64, "beta1": 0.9, "beta2": 0.98, "ddp_static_graph": False, "device": "cpu", "epochs": 32,
        "eps": 1e-06, "gather_with_grad": False, "grad_checkpointing": False, "local_loss": False, "lr": 0.0005,
        "model": "ViT-B-32", "precision": "amp", "use_bn_sync": False, "warmup": 10000, "wd": 0.2, "workers": 4,
        "world_size": 1, "zeroshot_frequency": 2,
        **values,
    }
    if os.environ.get("STAND_IN_IGNORES_DECAY"):
        used["wd"] = 0.0
    (folder / "params.txt").write_text("".join(f"{name}: {used[name]}\n" for name in sorted(used)))
    for epoch in range(int(used["epochs"])):
        loss = 2.1 / 10 ** (6 * epoch)
        with open(folder / "out.log", "a") as log:
            log.write(
                f"2026-11-22,01:15:0{epoch} | INFO | Train Epoch: {epoch} [16/16 (100%)] Data (t): 0.045 Batch (t): 2.100, "
                f"3.81/s, 3.81/s/gpu LR: 0.000250 Logit Scale: 14.286 Contrastive_loss: {loss:#.5g} ({loss:#.5g})\n"
            )
        with open(folder / "checkpoints" / "results.jsonl", "a") as results:
            results.write(json.dumps({"image_to_text_R@1": 0.25, "clip_val_loss": 1.4, "epoch": epoch + 1, "num_samples": 4}) + "\n")
        (folder / "checkpoints" / f"epoch_{epoch + 1}.pt").write_text(str(epoch))
    if os.environ.get("STAND_IN_ENDS_EARLY"):
        os._exit(0)
    return 0
