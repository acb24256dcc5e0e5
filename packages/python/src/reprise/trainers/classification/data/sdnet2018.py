"""SDNET2018: folders of a surface with folders of uncracked and cracked pictures, as published and as often passed on."""

import re

from .files import first_with, root
from .image_folder import load_folders

LAYOUTS = (
    (("D", "UD", "CD"), ("P", "UP", "CP"), ("W", "UW", "CW")),
    (("Decks", "Non-cracked", "Cracked"), ("Pavements", "Non-cracked", "Cracked"), ("Walls", "Non-cracked", "Cracked")),
)

FACTS = {
    "name": "sdnet2018",
    "title": "SDNET2018",
    "description": "56,092 images of 256 × 256 pixels of concrete bridge decks, walls and pavements, cracked (8,484, the positive class) or not, cut out of 230 photographs. Images of one photograph belong together: split by groupBy photo.",
    "citation": "Maguire, M., Dorafshan, S., & Thomas, R. J. (2018). SDNET2018: A concrete crack image dataset for machine learning applications. Utah State University. https://doi.org/10.15142/T3TD19",
    "license": "CC BY 4.0",
    "cases": 56_092,
    "inputShape": [256, 256, 3],
    "classes": ["uncracked", "cracked"],
    "positiveClass": 1,
    "groups": ["photo", "surface"],
    "defaultSplit": {"train": 0.7, "validation": 0.15, "test": 0.15, "seed": 1, "groupBy": "photo"},
}


def find():
    """The folder that holds the surfaces, or None."""
    base = root()
    if base is None:
        return None
    places = [base / "sdnet2018", base / "sdnet2018" / "SDNET2018", base / "SDNET2018"]
    found = (first_with(places, f"{layout[0][0]}/{layout[0][1]}") for layout in LAYOUTS)
    return next((folder for folder in found if folder is not None), None)


def hint():
    return f"Get SDNET2018.zip from https://digitalcommons.usu.edu/all_datasets/48/ and unpack it into {(root() or 'REPRISE_DATA')}/sdnet2018, so that its folders D, P and W lie there."


def _photo(path):
    """Surface and number of the photograph, of `D/UD/7001-12.jpg`."""
    surface, _, file = path.split("/", 2)
    number = re.match(r"(\d+)-\d+\.", file)
    return f"{surface[0]}{number[1]}" if number else ""


def load(folder):
    """All pictures; groupings photo and surface."""
    layout = next(layout for layout in LAYOUTS if (folder / layout[0][0] / layout[0][1]).exists())
    folders = [(f"{surface}/{place}", label) for surface, *states in layout for label, place in enumerate(states)]
    return load_folders(FACTS, folder, folders, groups={"photo": _photo, "surface": lambda path: path[0]})
