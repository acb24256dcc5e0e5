"""What every loader makes of a data set."""

from dataclasses import dataclass, field
from typing import Callable, Optional

PARTS = ("train", "validation", "test")


@dataclass
class Dataset:
    """
    Cases in a fixed order, with what is known of them. `read(index)` gives the input of a case: float32, of a table
    [features], of pictures [channels, height, width] with values from 0 to 1.
    """

    name: str
    classes: list
    # Index of the class that sensitivity is about; None where no class is.
    positive_class: Optional[int]
    # Class index of every case.
    labels: list
    # Name of every case; the same in every run.
    names: list
    read: Callable
    # SHA-256 over the files.
    digest: str
    is_table: bool = False
    # [height, width] to which pictures are brought unless a run asks for another; None for as they are.
    size: Optional[list] = None
    # Grouping → group of every case, such as photograph or patient.
    groups: dict = field(default_factory=dict)
    # Index in PARTS of every case, where the set was published in parts.
    published: Optional[list] = None
    # What the reader of a result must know, in sentences.
    remarks: list = field(default_factory=list)
