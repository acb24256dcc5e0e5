"""
CBIS-DDSM, whole mammograms: the four tables of the collection, and its pictures, in DICOM where pydicom is installed, or
converted (to PNG of 16 bits, if nothing is to be lost).
"""

import csv
import re

from ....trainer import UserError
from .dataset import Dataset
from .files import PICTURE, content_digest, first_with, root
from .pictures import read_picture

TABLES = [
    (f"{finding}_case_description_{part}_set.csv", index) for finding in ("mass", "calc") for part, index in (("train", 0), ("test", 2))
]
ENDINGS = ("png", "jpg", "jpeg", "tif", "tiff", "dcm")

FACTS = {
    "name": "cbis-ddsm",
    "title": "CBIS-DDSM, mammograms",
    "description": 'Curated Breast Imaging Subset of DDSM: whole mammograms; one is malignant if any of its annotated lesions is. Malignant is the positive class; "benign without callback" counts as benign. Split by groupBy patient, or take the published parts.',
    "citation": "Sawyer-Lee, R., Gimenez, F., Hoogi, A., & Rubin, D. (2016). Curated Breast Imaging Subset of Digital Database for Screening Mammography (CBIS-DDSM). The Cancer Imaging Archive. https://doi.org/10.7937/K9/TCIA.2016.7O02S9CY",
    "license": "CC BY 3.0",
    "cases": 3_103,
    "inputShape": [],
    "classes": ["benign", "malignant"],
    "positiveClass": 1,
    "groups": ["patient"],
    "defaultSplit": {"train": 0.64, "validation": 0.16, "test": 0.2, "seed": 1, "groupBy": "patient"},
}


def find():
    """The folder of the set, or None where its tables are not there."""
    base = root()
    if base is None:
        return None
    folder = base / "cbis-ddsm"
    return folder if first_with([folder, folder / "csv"], TABLES[0][0]) else None


def hint():
    folder = f"{root() or 'REPRISE_DATA'}/cbis-ddsm"
    return f"Get the tables and images from https://doi.org/10.7937/K9/TCIA.2016.7O02S9CY. Put the four tables ({TABLES[0][0]}, …) into {folder} or its folder csv, convert the images to PNG or install pydicom, and put them at the paths that the tables give, below {folder}."


def load(folder):
    """All mammograms, in the order of the tables; grouping patient. Raises UserError for what is damaged or missing."""
    tables = first_with([folder, folder / "csv"], TABLES[0][0])
    kinds = _series_kinds(folder)
    cases = {}
    for file, part in TABLES:
        for line, row in _rows(tables / file):
            label = _label(tables / file, line, row["pathology"])
            path = row["image file path"].strip()
            if path not in cases:
                cases[path] = {
                    "name": _picture_of(folder, path, kinds, f"line {line} of {tables / file}"),
                    "label": label,
                    "patient": row["patient_id"],
                    "part": part,
                }
            cases[path]["label"] = max(cases[path]["label"], label)
    found = list(cases.values())
    names = [case["name"] for case in found]
    files = [f"{tables.relative_to(folder) / file}" for file, _ in TABLES] + names
    patients = [{case["patient"] for case in found if case["part"] == part} for part in (0, 2)]
    shared = len(patients[0] & patients[1])
    return Dataset(
        name="cbis-ddsm",
        classes=FACTS["classes"],
        positive_class=1,
        labels=[case["label"] for case in found],
        names=names,
        read=lambda index: read_picture(folder / names[index], 1),
        digest=content_digest(folder, list(dict.fromkeys(files))),
        groups={"patient": [case["patient"] for case in found]},
        published=[case["part"] for case in found],
        remarks=[
            f"{shared} patients have images in both published parts of CBIS-DDSM; groupBy patient without published keeps them together."
        ]
        if shared
        else [],
    )


def _rows(path):
    """(line, row) of a table."""
    if not path.exists():
        raise UserError(f"{path} is missing.", "All four tables of the collection are needed.")
    with open(path, newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        for column in ("patient_id", "pathology", "image file path"):
            if column not in (reader.fieldnames or []):
                raise UserError(f"{path} has no column {column}.", "Get the table again.")
        for row in reader:
            yield reader.line_num, row


def _label(path, line, pathology):
    labels = {"MALIGNANT": 1, "BENIGN": 0, "BENIGN_WITHOUT_CALLBACK": 0}
    if pathology.upper() not in labels:
        raise UserError(
            f'{path} is damaged at line {line}: pathology "{pathology}".',
            "Get the table again; pathology is MALIGNANT, BENIGN or BENIGN_WITHOUT_CALLBACK.",
        )
    return labels[pathology.upper()]


def _picture_of(folder, path, kinds, where):
    """
    The picture of a case, relative to the folder: at the path of the table, with another ending or the only DICOM file in its
    folder, or in `jpeg/<series>/`.
    """
    stem = re.sub(r"\.dcm$", "", path, flags=re.IGNORECASE)
    for base in ("", "CBIS-DDSM/", "images/"):
        for ending in ENDINGS:
            if (folder / f"{base}{stem}.{ending}").exists():
                return f"{base}{stem}.{ending}"
        # Downloads call files otherwise than the tables do.
        place = (folder / f"{base}{path}").parent
        only = [file for file in place.iterdir() if file.suffix.lower() == ".dcm"] if "/" in path and place.is_dir() else []
        if len(only) == 1:
            return str(only[0].relative_to(folder))
    series = path.split("/")[-2] if "/" in path else ""
    place = folder / "jpeg" / series
    inside = (
        sorted(f"jpeg/{series}/{file.name}" for file in place.iterdir() if PICTURE.search(file.name)) if series and place.is_dir() else []
    )
    wanted = [file for file in inside if kinds.get(file) != "ROI mask images"]
    if len(wanted) == 1:
        return wanted[0]
    problem = f"is one of {len(wanted)} in jpeg/{series}, and nothing tells which" if wanted else "is missing"
    raise UserError(f"The image of {where} {problem}: {path}.", hint())


def _series_kinds(folder):
    """What kind of picture each file below `jpeg/` is, where `csv/dicom_info.csv` tells."""
    table = folder / "csv" / "dicom_info.csv"
    if not table.exists():
        return {}
    with open(table, newline="", encoding="utf-8-sig") as file:
        return {re.sub(r"^CBIS-DDSM/", "", row["image_path"]): row["SeriesDescription"] for row in csv.DictReader(file)}
