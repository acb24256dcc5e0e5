"""Where in a program's own code a call comes from."""

import functools
import os
import site
import sys
import sysconfig

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


# Folders of libraries, of whatever environment.
_OF_LIBRARIES = {"site-packages", "dist-packages"}


def _sites():
    return [*getattr(site, "getsitepackages", list)(), sysconfig.get_paths()["purelib"]]


def _folders():
    paths = {sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    paths.update(_sites())
    user = getattr(site, "getusersitepackages", None)
    if user is not None:
        paths.add(user())
    return tuple(sorted(os.path.abspath(path) + os.sep for path in paths if path)) + (_PACKAGE + os.sep,)


_OTHERS = _folders()


def is_of_reprise(file):
    """Whether the lines of this file are Reprise's."""
    return file.startswith(_PACKAGE + os.sep)


@functools.lru_cache(maxsize=None)
def _reached():
    """Folders elsewhere that .pth files of the environment name."""
    found = []
    for folder in _sites():
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
            if name.endswith(".pth"):
                with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
                    lines = [line.strip() for line in file]
                paths = [os.path.join(folder, line) for line in lines if line and not line.startswith(("#", "import ", "import\t"))]
                found += [os.path.abspath(path) + os.sep for path in paths if os.path.isdir(path)]
    return tuple(found)


def _is_around(folder):
    """Whether a folder holds the program, or lies in it: that of a package that is installed to be worked on."""
    places = [os.path.abspath(place or os.curdir) + os.sep for place in (sys.path[0], os.getcwd())]
    return any(place.startswith(folder) or folder.startswith(place) for place in places)


@functools.lru_cache(maxsize=None)
def is_own(file):
    """Whether the lines of this file are the program's own: those of no library, and of no text that was compiled."""
    path = os.path.abspath(file)
    if file.startswith("<") or path.startswith(_OTHERS) or _OF_LIBRARIES & set(path.split(os.sep)):
        return False
    return not any(path.startswith(folder) and not _is_around(folder) for folder in _reached())


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
