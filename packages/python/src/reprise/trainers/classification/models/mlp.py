"""Dense layers, for tables."""

import math

from torch import nn

from .dropout import KeyedDropout


class Mlp(nn.Module):
    """Inputs of `shape` → logits [cases, outputs] through hidden layers with ReLU and dropout."""

    def __init__(self, shape, hidden, outputs, dropout=0.0):
        super().__init__()
        layers, inputs = [], math.prod(shape)
        for units in hidden:
            layers += [nn.Linear(inputs, units), nn.ReLU(), KeyedDropout(dropout)]
            inputs = units
        self.layers = nn.Sequential(*layers, nn.Linear(inputs, outputs))

    def forward(self, x):
        return self.layers(x.flatten(1))
