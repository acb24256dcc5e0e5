"""CIFAR-10 in its binary version. Source of the format: https://www.cs.toronto.edu/~kriz/cifar.html"""

import torch

from ....trainer import UserError
from .dataset import Dataset
from .files import content_digest, first_with, root

CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
FILES = [*(f"data_batch_{batch}.bin" for batch in range(1, 6)), "test_batch.bin"]
# A label, then 1024 red, 1024 green and 1024 blue bytes, row by row.
RECORD = 1 + 3 * 1024

FACTS = {
    "name": "cifar10",
    "title": "CIFAR-10",
    "description": "60,000 colour images of 32 × 32 pixels in ten classes; 50,000 for training and 10,000 for testing as published.",
    "citation": "Krizhevsky, A. (2009). Learning multiple layers of features from tiny images. Technical report, University of Toronto.",
    "license": "as stated at its source",
    "cases": 60_000,
    "inputShape": [32, 32, 3],
    "classes": CLASSES,
    "positiveClass": None,
    "groups": [],
    "defaultSplit": {"train": 0.75, "validation": 1 / 12, "test": 1 / 6, "seed": 1, "groupBy": None, "published": True},
}


def find():
    """The folder with the six files, or None."""
    base = root()
    if base is None:
        return None
    return first_with([base / "cifar10", base / "cifar10" / "cifar-10-batches-bin", base / "cifar-10-batches-bin"], "test_batch.bin")


def hint():
    return f"Get cifar-10-binary.tar.gz from https://www.cs.toronto.edu/~kriz/cifar.html and unpack it into {(root() or 'REPRISE_DATA')}/cifar10."


def load(folder):
    """All records, in memory. Case names: file and record, as in `test_batch.bin/17`. Raises UserError for a damaged file."""
    digest = content_digest(folder, FILES)
    pictures, labels, names, parts = [], [], [], []
    for file in FILES:
        content = (folder / file).read_bytes()
        if not content or len(content) % RECORD:
            raise UserError(
                f"{folder / file} is damaged: {len(content)} bytes are not a whole number of records of {RECORD} bytes.",
                "Unpack cifar-10-binary.tar.gz again; each file has 30,730,000 bytes.",
            )
        records = torch.frombuffer(bytearray(content), dtype=torch.uint8).reshape(-1, RECORD)
        own = records[:, 0].tolist()
        if max(own) >= len(CLASSES):
            record = next(record for record, label in enumerate(own) if label >= len(CLASSES))
            raise UserError(
                f"{folder / file} is damaged: record {record} has label {own[record]}, and there are {len(CLASSES)} classes.",
                "Unpack cifar-10-binary.tar.gz again.",
            )
        pictures.append(records[:, 1:].reshape(-1, 3, 32, 32))
        labels += own
        names += [f"{file}/{record}" for record in range(len(own))]
        parts += [2 if file == "test_batch.bin" else 0] * len(own)
    pixels = torch.cat(pictures)
    return Dataset(
        name="cifar10",
        classes=CLASSES,
        positive_class=None,
        labels=labels,
        names=names,
        read=lambda index: pixels[index].float() / 255,
        digest=digest,
        published=parts,
    )
