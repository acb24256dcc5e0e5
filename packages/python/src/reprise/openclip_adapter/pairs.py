"""Images and captions in the layout that the program reads."""

import csv
import os
import pathlib

from ..trainer import UserError

IMAGE_COLUMNS = ("image_path", "image", "filepath", "path")
CAPTION_COLUMNS = ("caption", "title", "text")


def write_pairs(dataset, folder):
    """
    CSV files of absolute image paths and captions for training and validation, from the set's own table in REPRISE_DATA:
    `quilt_1M_lookup.csv` or any CSV with an image and a caption column; rows whose `split` says val are for validation.
    """
    root = os.environ.get("REPRISE_DATA")
    base = pathlib.Path(root or ".") / dataset
    tables = sorted(base.glob("*.csv")) if root else []
    if not tables:
        raise UserError(
            f"data set {dataset} is not there: no CSV of images and captions in {base}",
            f"Set REPRISE_DATA, and put images and a CSV with the columns image_path and caption into its folder {dataset}.",
        )
    writers, files, counts = {}, {}, {"train": 0, "validation": 0}
    with open(tables[0], newline="", encoding="utf-8") as source:
        reader = csv.DictReader(source)
        columns = reader.fieldnames or []
        image = next((name for name in IMAGE_COLUMNS if name in columns), None)
        caption = next((name for name in CAPTION_COLUMNS if name in columns), None)
        if image is None or caption is None:
            raise UserError(f"{tables[0]} has no image and caption column; it has: {', '.join(columns)}")
        for part in counts:
            files[part] = open(folder / f"{part}.csv", "w", newline="", encoding="utf-8")
            writers[part] = csv.writer(files[part])
            writers[part].writerow(["filepath", "title"])
        for row in reader:
            path = pathlib.Path(row[image])
            candidates = [path] if path.is_absolute() else [base / path, base / "images" / path]
            found = next((str(candidate) for candidate in candidates if candidate.exists()), str(candidates[0]))
            part = "validation" if row.get("split", "").startswith("val") else "train"
            writers[part].writerow([found, row[caption]])
            counts[part] += 1
    for file in files.values():
        file.close()
    return counts
