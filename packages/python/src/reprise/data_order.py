"""
Order and augmentation of data that follow from (seed, epoch, index) alone, never from what was drawn before: the same with
any number of loader workers, and after a training was resumed.
"""

from __future__ import annotations

import hashlib
from typing import Any, Iterator


def keyed_generator(seed: int, epoch: int, index: int | None = None) -> Any:
    """
    A `torch.Generator` for one case of one epoch, or for the epoch as a whole: its seed are 63 bits of SHA-256 over the
    three. Draw augmentations of the case `index` from it.
    """
    import torch

    key = hashlib.sha256(f"reprise {seed} {epoch} {index}".encode()).digest()
    generator = torch.Generator()
    generator.manual_seed(int.from_bytes(key[:8], "little") >> 1)
    return generator


class KeyedSampler:
    """
    Indices 0 … length − 1 in an order that follows from seed and epoch, for `DataLoader(data, sampler=…)`. Call `set_epoch`
    before each epoch; `State.epochs` does.
    """

    def __init__(self, length: int, seed: int, epoch: int = 0) -> None:
        self.length = length
        self.seed = seed
        self.epoch = epoch

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[int]:
        import torch

        return iter(torch.randperm(self.length, generator=keyed_generator(self.seed, self.epoch)).tolist())
