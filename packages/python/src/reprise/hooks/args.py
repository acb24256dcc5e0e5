"""Hyperparameters of a script: as they stand on its command line, and as its parser then has them, defaults included."""

import argparse
import re

from .callers import place

_SECRET = re.compile(r"(^|_)token$|secret|password|passwd|api_?key|credential", re.IGNORECASE)


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
    What is named like a secret is hidden. {"lr": 0.1, "b": 32}
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
    return found


def seed_of(given, parameters):
    """The seed that was given, else the script's own `--seed`, else 0."""
    if given is not None:
        return given
    own = parameters.get("seed")
    return own if isinstance(own, int) and not isinstance(own, bool) and own >= 0 else 0


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
