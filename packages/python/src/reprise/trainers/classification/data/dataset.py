"""What every loader makes of a data set."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable

PARTS = ("train", "validation", "test")
# How a set is divided that says nothing of it.
SPLIT = {"train": 0.6, "validation": 0.2, "test": 0.2, "seed": 1, "groupBy": None}


@dataclass
class Dataset:
    """
    Cases in a fixed order, with what is known of them. `read(index)` gives the input of a case: float32, of a table
    [features], of pictures [channels, height, width] with values from 0 to 1.
    """

    name: str
    classes: list
    # Index of the class that sensitivity is about; None where no class is.
    positive_class: int | None
    # Class index of every case.
    labels: list
    # Name of every case; the same in every run.
    names: list
    read: Callable
    # SHA-256 over the files.
    digest: str
    is_table: bool = False
    # [height, width] to which pictures are brought unless a run asks for another; None for as they are.
    size: list | None = None
    # Grouping → group of every case, such as photograph or patient.
    groups: dict = field(default_factory=dict)
    # Column by which results are shown apart → its value of every case.
    subgroups: dict = field(default_factory=dict)
    # Index in PARTS of every case, where the set was published in parts.
    published: list | None = None
    # What the reader of a result must know, in sentences.
    remarks: list = field(default_factory=list)
