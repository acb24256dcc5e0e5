"""What the trainer announces."""

from . import data
from .compiling import why_not
from .hyperparameters import HYPERPARAMETERS
from .metrics import announced
from .plan import backends

NAME = "torch-classification"
VERSION = "0.1.0"


def hyperparameters():
    """The table, with what this machine cannot do."""
    reason = why_not()
    if reason is None:
        return HYPERPARAMETERS
    return {**HYPERPARAMETERS, "compile": {**HYPERPARAMETERS["compile"], "fits": [{"values": [False], "when": {"compile": [True]}, "because": reason}]}}


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
        # On the processor none of the operations of these networks is known to differ between runs.
        "nondeterminismSource": "Algorithms of cuDNN that are chosen by timing in every process, and CUDA operations without a fixed order of additions."
        if has_gpu
        else None,
    }
