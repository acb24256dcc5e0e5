"""
Folders of pictures, one per class, that a file `dataset.yaml` (or `dataset.json`) of `kind: imageFolder` declares a data set.
docs/datasets.md says what it may hold.
"""

import json
import math
import re

from ....trainer import UserError
from .dataset import PARTS, SPLIT, Dataset
from .files import content_digest, pictures_below, root
from .pictures import read_picture

DECLARATIONS = ("dataset.yaml", "dataset.yml", "dataset.json")
KEYS = {"kind", "title", "description", "citation", "license", "split", "positiveClass", "imageSize", "channels", "classes", "groups"}
SPLIT_KEYS = {*SPLIT, "published"}


def declared_names():
    """Names of the folders below REPRISE_DATA that declare themselves folders of pictures, sorted."""
    base = root()
    if base is None or not base.is_dir():
        return []
    folders = sorted(folder for folder in base.iterdir() if folder.is_dir() and not folder.name.startswith("."))
    return [folder.name for folder in folders if _declares_pictures(folder)]


def _file_of(folder):
    return next((folder / name for name in DECLARATIONS if (folder / name).exists()), None)


def _declares_pictures(folder):
    path = _file_of(folder)
    if path is None:
        return False
    text = path.read_text(encoding="utf-8", errors="replace")
    return re.search(r"""["']?kind["']?\s*:\s*["']?imageFolder\b""", text) is not None


def _document(path):
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        said = json.loads(text) if path.suffix == ".json" else _yaml(path).safe_load(text)
    except Exception as error:
        if isinstance(error, UserError):
            raise
        raise UserError(f"{path} cannot be read: {error}", "docs/datasets.md shows how a declaration is written.") from error
    if not isinstance(said, dict):
        raise UserError(f"{path} holds no keys with values.", "docs/datasets.md shows how a declaration is written.")
    return said


def _yaml(path):
    try:
        import yaml
    except ImportError as error:
        raise UserError(
            f"PyYAML is needed to read {path} and is not installed.", "pip install pyyaml, or write the declaration as dataset.json."
        ) from error
    return yaml


def declaration(name):
    """
    What a folder says of itself: facts as capabilities have them, with `folders` (folder of each class), `channels`,
    `patterns` (grouping → expression) and `imageSize` (side or None). Raises UserError naming file, key and value.
    """
    folder = root() / name
    path = _file_of(folder)
    said = _document(path)

    def refuse(key, problem):
        raise UserError(f"{path}: {key}: {problem}.", "docs/datasets.md shows what a declaration may hold.")

    for key in sorted(set(said) - KEYS):
        refuse(key, f"is unknown; known are {', '.join(sorted(KEYS))}")
    classes = said.get("classes")
    if classes is None:
        classes = sorted(place.name for place in folder.iterdir() if place.is_dir() and not place.name.startswith("."))
    folders = classes if isinstance(classes, dict) else {label: label for label in classes} if isinstance(classes, list) else {}
    labels = list(folders)
    if len(labels) < 2 or not all(isinstance(text, str) for text in [*labels, *folders.values()]):
        refuse("classes", "at least two names are needed, as a list or with the folder of each")
    positive = said.get("positiveClass")
    if len(labels) == 2 and "positiveClass" not in said:
        refuse("positiveClass", f"say which of {labels[0]} and {labels[1]} sensitivity is about, or null for none")
    if positive is not None and (len(labels) != 2 or positive not in labels):
        refuse("positiveClass", f"{positive!r} must be one of two classes; they are {', '.join(labels)}")
    channels, side = said.get("channels", 3), said.get("imageSize")
    if channels not in (1, 3):
        refuse("channels", f"{channels!r} must be 1 (grey) or 3 (red, green, blue)")
    if side is not None and (type(side) is not int or not 1 <= side <= 4096):
        refuse("imageSize", f"{side!r} must be a whole number of pixels from 1 to 4096")
    patterns = said.get("groups", {})
    if not isinstance(patterns, dict) or not all(_is_expression(pattern) for pattern in patterns.values()):
        refuse("groups", "each needs a regular expression with a bracket, which is the group")
    split = said.get("split", {})
    if not isinstance(split, dict) or not set(split) <= SPLIT_KEYS:
        refuse("split", f"its keys are {', '.join(sorted(SPLIT_KEYS))}")
    split = {**SPLIT, **split}
    if not math.isclose(sum(split[part] for part in PARTS), 1, abs_tol=1e-9):
        refuse("split", "train, validation and test must sum to 1")
    return {
        "name": name,
        **{key: str(said.get(key, "")) for key in ("description", "citation", "license")},
        "title": str(said.get("title", name)),
        "cases": None,
        "inputShape": [] if side is None else [side, side, channels],
        "classes": labels,
        "positiveClass": None if positive is None else labels.index(positive),
        "groups": list(patterns),
        "defaultSplit": split,
        "folders": list(folders.values()),
        "channels": channels,
        "patterns": patterns,
        "imageSize": side,
    }


def _is_expression(pattern):
    try:
        return isinstance(pattern, str) and re.compile(pattern).groups > 0
    except re.error:
        return False


def load_declared(name):
    """The declared set of this name."""
    facts = declaration(name)
    patterns = {grouping: re.compile(pattern) for grouping, pattern in facts["patterns"].items()}

    def group(path, pattern):
        found = pattern.search(path)
        return found[1] if found else ""

    return load_folders(
        facts,
        root() / name,
        [(path, label) for label, path in enumerate(facts["folders"])],
        groups={grouping: lambda path, pattern=pattern: group(path, pattern) for grouping, pattern in patterns.items()},
        channels=facts["channels"],
        size=None if facts["imageSize"] is None else [facts["imageSize"]] * 2,
    )


def load_folders(facts, folder, class_folders, groups, channels=3, size=None):
    """
    Pictures below `folder`, in the order of their paths, which are the names of the cases. `class_folders`: pairs of a path and
    its label. `groups`: grouping → function from the path of a picture to its group. Raises UserError for a folder without pictures, and for a
    path that does not tell its group.
    """
    label_of = {}
    for path, label in class_folders:
        inside = pictures_below(folder / path) if (folder / path).is_dir() else []
        if not inside:
            raise UserError(f"Folder {folder / path} holds no picture.", "Put the pictures of its class there.")
        label_of.update((f"{path}/{file}", label) for file in inside)
    names = sorted(label_of)
    found = {grouping: [group_of(name) for name in names] for grouping, group_of in groups.items()}
    for grouping, values in found.items():
        if "" in values:
            raise UserError(
                f"The name of {names[values.index('')]} does not give its {grouping}.",
                "Give the picture its original name, or leave the grouping out of the declaration.",
            )
    return Dataset(
        name=facts["name"],
        classes=facts["classes"],
        positive_class=facts["positiveClass"],
        labels=[label_of[name] for name in names],
        names=names,
        read=lambda index: read_picture(folder / names[index], channels),
        digest=content_digest(folder, names),
        size=size,
        groups=found,
    )
