"""Where in a program's own code a call comes from."""

import functools
import os
import site
import sys
import sysconfig

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def _folders():
    paths = {sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    paths.update(getattr(site, "getsitepackages", list)())
    user = getattr(site, "getusersitepackages", None)
    if user is not None:
        paths.add(user())
    return tuple(sorted(os.path.abspath(path) + os.sep for path in paths if path)) + (_PACKAGE + os.sep,)


_OTHERS = _folders()


@functools.lru_cache(maxsize=None)
def is_own(file):
    """Whether the lines of this file are the program's own: those of no library, and of no text that was compiled."""
    return not file.startswith("<") and not os.path.abspath(file).startswith(_OTHERS)


def place(depth=1):
    """
    The line that a call comes from, through whatever libraries: "train.py:31", or None where no line of the program's own
    led to it, as in an import of a library that seeds itself.
    """
    frame = sys._getframe(depth + 1)
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith("<frozen importlib"):
            return None
        if is_own(file):
            return f"{short(file)}:{frame.f_lineno}"
        if file.startswith("<ipython") or file.startswith("<stdin"):
            return f"{file}:{frame.f_lineno}"
        frame = frame.f_back
    return None


@functools.lru_cache(maxsize=None)
def short(file):
    """Below the folder of the script, or the current one; else the file's own name."""
    for folder in (sys.path[0] or os.getcwd(), os.getcwd()):
        inside = os.path.relpath(os.path.abspath(file), folder) if os.path.isabs(folder) else file
        if not inside.startswith(".."):
            return inside
    return os.path.basename(file)
