"""What the trainer announces."""

from . import compiling, data
from .hyperparameters import HYPERPARAMETERS, PICTURES
from .metrics import announced
from .models import timm
from .plan import backends

NAME = "torch-classification"
VERSION = "0.1.0"


def hyperparameters():
    """The table, with what this machine cannot do."""
    table = dict(HYPERPARAMETERS)
    for name, value, instead, reason in (
        ("compile", True, [False], compiling.why_not()),
        ("model", "timm", ["mlp", *PICTURES], timm.why_not()),
    ):
        if reason is not None:
            fits = {"values": instead, "when": {name: [value]}, "because": reason}
            table[name] = {**table[name], "fits": [fits, *table[name].get("fits", [])]}
    return table


def describe():
    """Capabilities, with the devices and data sets that are there."""
    on = backends()
    has_gpu = on[0] != "cpu"
    return {
        "name": NAME,
        "version": VERSION,
        "description": "Classification with PyTorch: ResNet, pre-activation ResNet and MobileNetV3 as published.",
        "tasks": ["classification"],
        "backends": on,
        "deviceClass": "gpu" if has_gpu else "cpu",
        "summationOrders": ["fixed", "free"],
        "hyperparameters": hyperparameters(),
        "metrics": announced(),
        "datasets": data.announced(),
        "replay": False,
        "resume": True,
        "locate": True,
        "startsAhead": True,
        # On the processor none of the operations of these networks is known to differ between runs.
        "nondeterminismSource": "Algorithms of cuDNN that are chosen by timing in every process, and CUDA operations without a fixed order of additions."
        if has_gpu
        else None,
    }
