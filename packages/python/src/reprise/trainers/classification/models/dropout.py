"""Dropout whose masks are drawn from a generator of its own, so that they follow from seed and step alone."""

import torch
from torch import nn


class KeyedDropout(nn.Module):
    """Drops a share of the units in training. The training loop seeds `generator` before every step."""

    def __init__(self, share):
        super().__init__()
        self.share = share
        self.generator = None

    def forward(self, x):
        if not self.training or self.share == 0:
            return x
        kept = torch.empty_like(x).bernoulli_(1 - self.share, generator=self.generator)
        return x * kept / (1 - self.share)
