"""Hyperparameters of a script: as they stand on its command line, and as its parser then has them, defaults included."""

import argparse
import hashlib
import os
import re

from .callers import place

_SECRET = re.compile(r"(^|_)token$|secret|password|passwd|api_?key|credential", re.IGNORECASE)


# Files that configure a program, as far as they are read: what is larger holds data.
_CONFIGURES = (".yaml", ".yml", ".json", ".toml", ".ini", ".cfg", ".conf", ".py")
_LARGEST = 256 * 1024
_SEED_LINE = re.compile(rb"""^[ \t]*["']?(?:random_|manual_)?seed["']?[ \t]*[:=][ \t]*(\d+)[ \t]*,?[ \t]*(?:#.*)?$""", re.IGNORECASE | re.MULTILINE)


def _value(text):
    """A number or a truth value where the text is one."""
    lowered = text.lower()
    if lowered in ("true", "false"):
        return lowered == "true"
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        if kind is int and abs(number) > 2**53 - 1:
            return text
        return number if number == number and abs(number) != float("inf") else text
    return text


def parameters(words):
    """
    Command-line words as parameters: `--lr 0.1`, `--lr=0.1`, `-b 32`, switches as True, words of no option by their place.
    What is named like a secret is hidden. {"lr": 0.1, "b": 32}. A configuration file has its digest beside its name.
    """
    found = {}
    name = None
    places = 0

    def keep(key, value):
        if _SECRET.search(key):
            value = "hidden"
        if key in found:
            before = found[key]
            value = [*before, value] if isinstance(before, list) else [before, value]
        found[key] = value

    for word in words:
        is_number = re.fullmatch(r"-\d+(\.\d*)?([eE][-+]?\d+)?|-\.\d+", word) is not None
        if word.startswith("-") and word not in ("-", "--") and not is_number:
            if name is not None:
                keep(name, True)
            name, has_value, value = word.lstrip("-").replace("-", "_").partition("=")
            if has_value:
                keep(name, _value(value))
                name = None
        elif name is not None:
            keep(name, _value(word))
            name = None
        else:
            keep(f"args.{places}", _value(word))
            places += 1
    if name is not None:
        keep(name, True)
    return _with_contents(found)


def _with_contents(found):
    """
    Beside each configuration file that is named, the SHA-256 of its content: `config.sha256`. Runs with an edited file are no
    runs of one configuration. Lines that set a seed count as no content: the seed is `seed` where no option gives it.
    """
    seeds = set()
    for name, value in list(found.items()):
        content = _content(value)
        if content is not None:
            seeds.update(int(seed) for seed in _SEED_LINE.findall(content))
            found[f"{name}.sha256"] = hashlib.sha256(_SEED_LINE.sub(b"", content)).hexdigest()[:16]
    if len(seeds) == 1:
        found.setdefault("seed", seeds.pop())
    return found


def _content(value):
    """What the file of this name holds; None where it is none that configures a program."""
    if not isinstance(value, str) or not value.endswith(_CONFIGURES):
        return None
    try:
        # A named pipe can be read once: by the program.
        if not os.path.isfile(value) or os.path.getsize(value) > _LARGEST:
            return None
        with open(value, "rb") as file:
            return file.read()
    except OSError:
        return None


def without(found, ignored):
    """
    The parameters less those of the names `ignored`, a digest with its file, and what was left out of them.

    Raises ValueError for a name that is none of them.
    """
    unknown = [name for name in ignored if name not in found]
    if unknown:
        known = ", ".join(found) or "none"
        raise ValueError(f"{unknown[0]!r} cannot be ignored: the words of the script are {known}")
    left_out = {name: value for name, value in found.items() if name.removesuffix(".sha256") in ignored or name in ignored}
    return {name: value for name, value in found.items() if name not in left_out}, left_out


def seed_of(given, parameters):
    """The seed that was given, else the script's own, by its `--seed` or its configuration file, else 0."""
    if given is not None:
        return given
    own = parameters.get("seed")
    return own if isinstance(own, int) and not isinstance(own, bool) and own >= 0 else 0


def tell(seen, ignored):
    """Words that count as no hyperparameters are told all the same, as `watch` tells those that it sees: `args.out`."""
    for name, value in ignored.items():
        seen(None, f"args.{name}", _plain(value))


def watch(seen, gap, patches):
    """
    Tells `seen(step, name, value, where)` what the script's own parser answers, once: `args.lr`, whether it stood on the
    command line or is a default. Lists are told as text; what is named like a secret is hidden.
    """
    told = []

    def make(original):
        def parse_known_args(*words, **named):
            answer = original(*words, **named)
            try:
                where = place()
                if where is not None and not told:
                    told.append(where)
                    for name, value in vars(answer[0]).items():
                        hidden = _SECRET.search(name) is not None and value is not None
                        seen(None, f"args.{name}", "hidden" if hidden else _plain(value), where)
            except Exception as error:
                gap("the arguments of the script", f"{type(error).__name__}: {error}")
            return answer

        return parse_known_args

    patches.wrap(argparse.ArgumentParser, "parse_known_args", make)


def _plain(value):
    return value if isinstance(value, (bool, int, float, str, type(None))) else repr(value)[:2_000]
