"""Data sets by name, in the layouts of docs/datasets.md: one folder serves this trainer and the built-in one."""

from ....trainer import UserError
from . import bundled, cbis_ddsm, cifar10, image_folder, sdnet2018
from .dataset import SPLIT

BUNDLED = {
    "wdbc": (bundled.WDBC, bundled.load_wdbc),
    "digits": (bundled.DIGITS, bundled.load_digits),
    "parkinson-voice": (bundled.PARKINSON_VOICE, bundled.load_parkinson_voice),
}
PUBLISHED = {module.FACTS["name"]: module for module in (cifar10, sdnet2018, cbis_ddsm)}
DECLARED_ONLY = ("folders", "channels", "patterns", "imageSize")


def announced():
    """Facts of every set, as capabilities have them; of one that cannot be used, with the reason or the way to get it."""
    known = [{**facts, "available": True, "hint": None, "digest": None} for facts, _ in BUNDLED.values()]
    for module in PUBLISHED.values():
        there = module.find() is not None
        known.append({**module.FACTS, "available": there, "hint": None if there else module.hint(), "digest": None})
    known += [_declared(name) for name in _own_names()]
    return known


def _own_names():
    """Names of declared sets, but for those that this trainer has by itself."""
    return [name for name in image_folder.declared_names() if name not in BUNDLED and name not in PUBLISHED]


def _declared(name):
    try:
        facts = image_folder.declaration(name)
        own = {key: value for key, value in facts.items() if key not in DECLARED_ONLY}
        return {**own, "available": True, "hint": None, "digest": None}
    except UserError as error:
        unknown = {"name": name, "title": name, "description": "", "citation": "", "license": "", "cases": None, "inputShape": []}
        reason = f"{error} {error.hint or ''}".strip()
        return {
            **unknown,
            "classes": [],
            "positiveClass": None,
            "groups": [],
            "defaultSplit": SPLIT,
            "available": False,
            "hint": reason,
            "digest": None,
        }


def load(name):
    """The data set of this name. Raises UserError where there is none, or it is not where it should be."""
    if name in BUNDLED:
        return BUNDLED[name][1]()
    if name in PUBLISHED:
        module = PUBLISHED[name]
        folder = module.find()
        if folder is None:
            raise UserError(f"Data set {name} is not here.", module.hint())
        dataset = module.load(folder)
        published, here = module.FACTS["cases"], len(dataset.labels)
        if here != published:
            dataset.remarks.insert(0, f"{name} was published with {published} images; {here} are here.")
        return dataset
    if name in _own_names():
        return image_folder.load_declared(name)
    known = ", ".join([*BUNDLED, *PUBLISHED, *_own_names()])
    raise UserError(f'There is no data set "{name}".', f"This trainer knows: {known}; and folders of images with a dataset.yaml.")
