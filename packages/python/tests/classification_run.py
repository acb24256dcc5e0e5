"""What tests of the classification trainer ask it for, and how they read its answers."""

import os

import torch

SOURCES = ("init", "dataOrder", "augmentation", "dropout", "split")


def request_of(folder, parameters, **changes):
    """A request as a worker makes it: deterministic, one thread."""
    return {
        "parameters": parameters,
        "task": "classification",
        "seed": 0,
        "mode": "deterministic",
        "repeat": 0,
        "attempt": 1,
        "arm": {"name": "det", "execution": {"order": "fixed", "algorithms": "deterministic", "autotune": False, "tf32": False}},
        "noise": dict.fromkeys(SOURCES, "fixed"),
        "dataset": {"name": "digits", "split": {"train": 0.6, "validation": 0.2, "test": 0.2, "seed": 1, "groupBy": None}},
        "objective": None,
        "threshold": {"rule": "fixed", "value": 0.5},
        "selection": {"epoch": "last"},
        "backend": "auto",
        "resources": {"threads": 1, "ranks": 1},
        "outputDirectory": str(folder),
        "checkpointEveryEpochs": None,
        "keepWeights": "never",
        "resume": None,
        **changes,
    }


def rungs(events, kind):
    """Position → digest of one kind."""
    return {event["positions"][0]: event["digests"][0] for event in events if event["type"] == "digest" and event["kind"] == kind}


def series(events, key):
    """Values of a metric by epoch."""
    return [event["values"][0] for event in events if event["type"] == "metric" and event["key"] == key]


def make_cifar10(folder, records):
    """The six files of the binary version with so many records each; label i mod 10, pictures of noise about the label."""
    generator = torch.Generator().manual_seed(1)
    os.makedirs(folder / "cifar10" / "cifar-10-batches-bin")
    for name in [*(f"data_batch_{batch}" for batch in range(1, 6)), "test_batch"]:
        content = b""
        for record in range(records):
            label = record % 10
            pixels = torch.randint(0, 50, (3072,), generator=generator) + 20 * label
            content += bytes([label, *pixels.tolist()])
        (folder / "cifar10" / "cifar-10-batches-bin" / f"{name}.bin").write_bytes(content)
