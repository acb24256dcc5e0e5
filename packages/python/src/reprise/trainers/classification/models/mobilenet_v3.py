"""
MobileNetV3. Source: Howard et al. (2019), "Searching for MobileNetV3" (ICCV), tables 1 and 2, with squeeze-and-excitation of
a quarter of the expanded width, as in torchvision, whose names of weights these are.
"""

import functools

from torch import nn
from torch.nn import functional

from .dropout import KeyedDropout
from .resnet import convolution

# Of each block: size of the depthwise convolution, expanded filters, filters, squeeze-and-excitation, hard swish, stride.
LARGE = (
    (3, 16, 16, False, False, 1),
    (3, 64, 24, False, False, 2),
    (3, 72, 24, False, False, 1),
    (5, 72, 40, True, False, 2),
    (5, 120, 40, True, False, 1),
    (5, 120, 40, True, False, 1),
    (3, 240, 80, False, True, 2),
    (3, 200, 80, False, True, 1),
    (3, 184, 80, False, True, 1),
    (3, 184, 80, False, True, 1),
    (3, 480, 112, True, True, 1),
    (3, 672, 112, True, True, 1),
    (5, 672, 160, True, True, 2),
    (5, 960, 160, True, True, 1),
    (5, 960, 160, True, True, 1),
)
SMALL = (
    (3, 16, 16, True, False, 2),
    (3, 72, 24, False, False, 2),
    (3, 88, 24, False, False, 1),
    (5, 96, 40, True, True, 2),
    (5, 240, 40, True, True, 1),
    (5, 240, 40, True, True, 1),
    (5, 120, 48, True, True, 1),
    (5, 144, 48, True, True, 1),
    (5, 288, 96, True, True, 2),
    (5, 576, 96, True, True, 1),
    (5, 576, 96, True, True, 1),
)
# Blocks, and units before the last layer.
VARIANTS = {"v3-large": (LARGE, 1280), "v3-small": (SMALL, 1024)}
FIRST = 16

normalisation = functools.partial(nn.BatchNorm2d, eps=0.001, momentum=0.01)


def multiple_of_8(value):
    """The nearest multiple of 8, at least 8, and never less than nine tenths of `value`."""
    rounded = max(8, int(value + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * value else rounded


def _unit(inputs, outputs, size, activation, stride=1, groups=1):
    layers = [
        nn.Conv2d(inputs, outputs, size, stride=stride, padding=size // 2, groups=groups, bias=False)
        if groups > 1
        else convolution(inputs, outputs, size, stride),
        normalisation(outputs),
    ]
    return nn.Sequential(*layers, *([] if activation is None else [activation()]))


class SqueezeExcitation(nn.Module):
    """Scales every channel by what its mean, seen beside those of all channels, says."""

    def __init__(self, channels):
        super().__init__()
        squeezed = multiple_of_8(channels // 4)
        self.fc1 = nn.Conv2d(channels, squeezed, 1)
        self.fc2 = nn.Conv2d(squeezed, channels, 1)

    def forward(self, x):
        return x * functional.hardsigmoid(self.fc2(self.fc1(x.mean((2, 3), keepdim=True)).relu()))


class InvertedResidual(nn.Module):
    """Expansion, depthwise convolution, squeeze-and-excitation, projection; a shortcut where shapes are equal."""

    def __init__(self, inputs, size, expanded, outputs, squeezes, swish, stride):
        super().__init__()
        activation = nn.Hardswish if swish else nn.ReLU
        self.block = nn.Sequential(
            *([_unit(inputs, expanded, 1, activation)] if expanded != inputs else []),
            _unit(expanded, expanded, size, activation, stride, groups=expanded),
            *([SqueezeExcitation(expanded)] if squeezes else []),
            _unit(expanded, outputs, 1, None),
        )
        self.is_residual = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.block(x) if self.is_residual else self.block(x)


class MobileNetV3(nn.Module):
    """
    Pictures [cases, channels, height, width] → logits [cases, outputs]. `variant`: "v3-large" or "v3-small"; `width`: factor
    of all numbers of filters, rounded to multiples of 8; `dropout`: share of units dropped before the last layer.
    """

    def __init__(self, variant, outputs, channels=3, width=1.0, dropout=0.2):
        super().__init__()
        blocks, units = VARIANTS[variant]
        inputs = multiple_of_8(FIRST * width)
        layers = [_unit(channels, inputs, 3, nn.Hardswish, stride=2)]
        for size, expanded, filters, squeezes, swish, stride in blocks:
            own = multiple_of_8(filters * width)
            layers.append(InvertedResidual(inputs, size, multiple_of_8(expanded * width), own, squeezes, swish, stride))
            inputs = own
        layers.append(_unit(inputs, 6 * inputs, 1, nn.Hardswish))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(nn.Linear(6 * inputs, units), nn.Hardswish(), KeyedDropout(dropout), nn.Linear(units, outputs))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, 0, 0.01)
            if isinstance(module, (nn.Conv2d, nn.Linear)) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))
