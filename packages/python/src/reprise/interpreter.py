"""Options that this interpreter was started with, as Python tells them from 3.10 on."""

import sys

# Options whose value is the rest of their word, or the next word.
_VALUED = "WX"
# What follows these is a program, and no option.
_LAST = "cm"


def _split(words):
    """Options one by one: `-uW error -m module` is `-u`, `-W` with its value, and the end."""
    words = iter(words)
    for word in words:
        if not word.startswith("-") or word in ("-", "--"):
            return
        if word.startswith("--"):
            yield (word, next(words, "")) if word == "--check-hash-based-pycs" else (word,)
            continue
        for at, letter in enumerate(word[1:], 2):
            if letter in _LAST:
                return
            if letter in _VALUED:
                yield f"-{letter}", word[at:] or next(words, "")
                break
            yield (f"-{letter}",)


def options():
    """Each option as a tuple of its words, those of one word apart: `-Iu` is `-I` and `-u`."""
    return list(_split(getattr(sys, "orig_argv", [])[1:]))


def without_hash_options(found):
    """
    Options, without what makes the interpreter leave PYTHONHASHSEED out, and those that were left out. `-I` is `-E`, `-s` and, from
    Python 3.11 on, `-P`.
    """
    isolated = [("-s",), *([("-P",)] if sys.version_info >= (3, 11) else [])]
    kept = [one for option in found if option not in (("-E",), ("-R",)) for one in (isolated if option == ("-I",) else [option])]
    return kept, [option[0] for option in found if option in (("-E",), ("-R",), ("-I",))]


def ignores_hash_seed():
    """Whether PYTHONHASHSEED has no effect on this process, whatever it is."""
    return bool(sys.flags.ignore_environment) or ("-R",) in options()
