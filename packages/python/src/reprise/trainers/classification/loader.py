"""Batches of a data set. What a batch holds follows from its cases and their keys, not from the process that reads it."""

import time

import torch
from torch.utils.data import DataLoader

from ...trainer import UserError
from .augment import augment
from .data.pictures import resized
from .streams import stream_seed


def generator_of(seed):
    """A generator of the processor with this seed."""
    return torch.Generator().manual_seed(seed)


class Cases(torch.utils.data.Dataset):
    """Inputs of cases as float32. Items are asked for by (epoch, index); epoch None is without augmentation."""

    def __init__(self, dataset, hyper, augmentation_key):
        self._dataset = dataset
        self._hyper = hyper
        self._key = augmentation_key
        self._size = hyper["imageSize"] or dataset.size

    def __getitem__(self, place):
        epoch, index = place
        case = self._dataset.read(index)
        if not self._dataset.is_table:
            case = resized(case, self._size)
            if self._hyper["grayAsColor"] and case.shape[0] == 1:
                case = case.expand(3, -1, -1)
            if epoch is not None:
                case = augment(case, self._hyper, generator_of(stream_seed(*self._key, epoch, index)))
        return case, self._dataset.labels[index]


def batches(cases, indices, batch_size, workers, epoch=None):
    """
    Pairs of inputs [batch, …] and labels [batch] of the cases in the order of `indices`; the last batch holds what is left.
    """
    chunks = [indices[start : start + batch_size] for start in range(0, len(indices), batch_size)]
    return DataLoader(
        cases,
        batch_sampler=[[(epoch, index) for index in chunk] for chunk in chunks],
        num_workers=workers,
        collate_fn=_together,
        # Loaders draw a seed for their workers; these draw nothing from it.
        generator=generator_of(0),
        multiprocessing_context="fork" if workers else None,
    )


def _together(items):
    shapes = {tuple(case.shape) for case, _ in items}
    if len(shapes) > 1:
        sizes = ", ".join(sorted(" × ".join(map(str, shape[1:])) for shape in shapes)[:3])
        raise UserError(f"Pictures of a batch have several sizes: {sizes} pixels.", "Set imageSize.")
    return torch.stack([case for case, _ in items]), torch.tensor([label for _, label in items])


def mean_and_deviation(cases, indices, hyper, report):
    """
    Mean and standard deviation of inputs, double precision: per channel over all pixels of pictures, per feature of tables; a
    deviation of 0 counts as 1. `report(done)` is told every second how many cases have been read.
    """
    told, done = time.monotonic(), 0
    count, total, squares = 0, 0.0, 0.0
    for inputs, _ in batches(cases, indices, hyper["batchSize"], hyper["loaderWorkers"]):
        values = inputs.double() if inputs.dim() == 2 else inputs.double().transpose(0, 1).flatten(1).T
        count += len(values)
        total = total + values.sum(0)
        squares = squares + (values**2).sum(0)
        done += len(inputs)
        if time.monotonic() - told >= 1:
            told = time.monotonic()
            report(done)
    mean = total / count
    deviation = (squares / count - mean**2).clamp_min(0).sqrt()
    return mean, torch.where(deviation > 0, deviation, torch.ones_like(deviation))
