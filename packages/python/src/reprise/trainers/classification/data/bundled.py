"""The sets that come with Reprise: a line per case, the label last but for columns that are no features."""

import gzip
import hashlib
import pathlib

import torch

from ....trainer import UserError
from .dataset import SPLIT, Dataset

FOLDER = pathlib.Path(__file__).parent / "bundled-sets"

WDBC = {
    "name": "wdbc",
    "title": "Breast Cancer Wisconsin (Diagnostic)",
    "description": "569 fine-needle aspirates of breast masses, 30 features of cell nuclei; malignant (212) is the positive class.",
    "citation": "Wolberg, W., Mangasarian, O., Street, N., & Street, W. (1995). Breast Cancer Wisconsin (Diagnostic). UCI Machine Learning Repository. https://doi.org/10.24432/C5DW2B",
    "license": "CC BY 4.0",
    "cases": 569,
    "inputShape": [30],
    "classes": ["malignant", "benign"],
    "positiveClass": 0,
    "groups": [],
    "defaultSplit": SPLIT,
}
DIGITS = {
    "name": "digits",
    "title": "Optical Recognition of Handwritten Digits (test part)",
    "description": "1,797 handwritten digits, 8 × 8 pixels with 17 grey levels, ten classes.",
    "citation": "Alpaydin, E., & Kaynak, C. (1998). Optical Recognition of Handwritten Digits. UCI Machine Learning Repository. https://doi.org/10.24432/C50P49",
    "license": "CC BY 4.0",
    "cases": 1797,
    "inputShape": [8, 8, 1],
    "classes": [str(digit) for digit in range(10)],
    "positiveClass": None,
    "groups": [],
    "defaultSplit": SPLIT,
}


PARKINSON_VOICE = {
    "name": "parkinson-voice",
    "title": "Parkinson's Disease Classification, five measures of the voice",
    "description": "756 recordings of a sustained vowel, three of each of 252 people; 188 of them have Parkinson's disease, the positive class. Five of the published measures of the voice.",
    "citation": "Sakar, C., Serbes, G., Gunduz, A., Nizam, H., & Sakar, B. (2018). Parkinson's Disease Classification. UCI Machine Learning Repository. https://doi.org/10.24432/C5MS4X",
    "license": "CC BY 4.0",
    "cases": 756,
    "inputShape": [5],
    "classes": ["parkinson", "control"],
    "positiveClass": 0,
    "groups": ["patient"],
    "subgroups": ["sex"],
    "defaultSplit": {**SPLIT, "groupBy": "patient"},
}


def load_parkinson_voice():
    """The table, features as they are, with patient and sex of every recording."""
    return _read(PARKINSON_VOICE, "parkinson-voice.csv", 1.0)


def load_wdbc():
    """The table, features as they are."""
    return _read(WDBC, "wdbc.csv", 1.0)


def load_digits():
    """Grey pictures."""
    return _read(DIGITS, "digits.csv.gz", 16.0)


def _read(facts, file, white):
    raw = (FOLDER / file).read_bytes()
    content = gzip.decompress(raw) if file.endswith(".gz") else raw
    height, width = (facts["inputShape"] + [1])[:2]
    lines = [line.split(",") for line in content.decode().splitlines() if line]
    rows = lines if file == "digits.csv.gz" else lines[1:]
    columns = [*facts["groups"], *facts.get("subgroups", [])]
    inner = height * width + 1
    if any(len(row) != inner + len(columns) for row in rows):
        raise UserError(f"{FOLDER / file} is damaged.", "Install the package again.")
    table = torch.tensor([[float(cell) for cell in row[:inner]] for row in rows], dtype=torch.float64)
    told = {name: [row[inner + place] for row in rows] for place, name in enumerate(columns)}
    inputs = (table[:, :-1] / white).float()
    is_table = len(facts["inputShape"]) == 1
    if not is_table:
        inputs = inputs.reshape(-1, 1, height, width)
    return Dataset(
        name=facts["name"],
        classes=facts["classes"],
        positive_class=facts["positiveClass"],
        labels=table[:, -1].long().tolist(),
        names=[str(row) for row in range(len(rows))],
        read=lambda index: inputs[index],
        digest=hashlib.sha256(content).hexdigest(),
        is_table=is_table,
        groups={name: told[name] for name in facts["groups"]},
        subgroups={name: told[name] for name in facts.get("subgroups", [])},
    )
