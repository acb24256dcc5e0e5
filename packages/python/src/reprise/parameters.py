"""Hyperparameters as programs have them, in the form that the server takes: one name each, and numbers that JSON carries."""

import dataclasses
import enum
import os

from .trainer import wire

LARGEST = 2**53 - 1
DEEPEST = 16


def exact(value, path=""):
    """The value itself. Raises ValueError naming the path of an integer that JSON does not carry to the last digit."""
    if isinstance(value, dict):
        for key, item in value.items():
            exact(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            exact(item, f"{path}.{index}" if path else str(index))
    elif isinstance(value, int) and abs(value) > LARGEST:
        raise ValueError(
            f"{path}: {value} is an integer beyond ±(2^53 − 1), which JSON does not carry to the last digit. "
            "Give it as a text, str(…), or as a float if it need not be exact."
        )
    return value


def _plain(value, path):
    """A value as JSON has it."""
    if isinstance(value, enum.Enum):
        value = value.value
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    elif hasattr(value, "tolist"):
        value = value.tolist()
    elif type(value).__name__ in ("Namespace", "SimpleNamespace"):
        value = vars(value)
    if isinstance(value, tuple):
        value = list(value)
    if value is None or isinstance(value, (bool, int, float, str, list, dict)):
        return exact(value, path) if isinstance(value, int) else value
    raise TypeError(
        f"{path}: a {type(value).__name__} is not a value of a parameter. Numbers, texts, True, False, None are, "
        "and lists and dicts of these."
    )


def flat(params):
    """
    Parameters with one name each, as the server flattens them: {"optimizer": {"name": "adam"}} is `optimizer.name`, a list of
    lists or dicts is named by its places. Lists of plain values are values; an empty dict counts as unset (None).
    `params` is a dict, an argparse Namespace or a dataclass.

    Raises ValueError or TypeError naming the path of what cannot be a parameter.
    """
    flattened = {}

    def add(path, value):
        name = ".".join(path)
        value = _plain(value, name)
        if isinstance(value, list):
            value = [_plain(item, f"{name}.{index}") for index, item in enumerate(value)]
            parts = dict(enumerate(value)) if any(isinstance(item, (list, dict)) for item in value) else None
        else:
            parts = value if isinstance(value, dict) else None
        if parts:
            if len(path) == DEEPEST:
                raise ValueError(f"{name}: is nested more than {DEEPEST} levels deep")
            for key, item in parts.items():
                add([*path, str(key)], item)
        elif name in flattened:
            raise ValueError(f"{name}: is given twice, in two ways to write it")
        else:
            flattened[name] = None if parts is not None else wire(value)

    for key, value in _plain({} if params is None else params, "params").items():
        add([str(key)], value)
    return flattened
