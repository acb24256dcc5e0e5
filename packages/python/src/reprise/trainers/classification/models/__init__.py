"""The networks by name."""

from ....trainer import UserError
from .dropout import KeyedDropout
from .mlp import Mlp
from .mobilenet_v3 import MobileNetV3
from .preact_resnet import PreActResNet
from .resnet import ResNet
from .timm import timm_model


def build_model(hyper, shape, outputs):
    """The network that the hyperparameters name, for inputs of `shape`: [features] or [channels, height, width]."""
    kind = hyper["model"]
    if kind == "mlp":
        return Mlp(shape, hyper["hiddenUnits"], outputs, hyper["dropout"])
    if len(shape) != 3:
        raise UserError(f"model: {kind} takes pictures, and this data set is a table.", "Set model to mlp.")
    if kind == "timm":
        return timm_model(hyper["timmModel"], shape, outputs, hyper["dropout"])
    channels, width = shape[0], hyper["widthMultiplier"]
    if kind == "resnet":
        _check_depth(hyper, (18, 34, 50))
        return ResNet(hyper["depth"], outputs, channels, hyper["stem"], width)
    if kind == "preact-resnet":
        _check_depth(hyper, (18, 34))
        return PreActResNet(hyper["depth"], outputs, channels, width)
    return MobileNetV3(hyper["variant"], outputs, channels, width, hyper["dropout"])


def _check_depth(hyper, known):
    if hyper["depth"] not in known:
        raise UserError(f"depth: {hyper['depth']} is not a depth of {hyper['model']}.", f"Choose one of {', '.join(map(str, known))}.")


def last_layer(model):
    """The weight [outputs, units] of the last layer that is dense; None where there is none."""
    return next((parameter for parameter in reversed(list(model.parameters())) if parameter.dim() == 2), None)


def dropouts(model):
    """The layers that draw at random in training."""
    return [module for module in model.modules() if isinstance(module, KeyedDropout)]
