"""What can change a result beside code and data that are named: interpreter, machine, packages, state of the code."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
from typing import Any

from .trainer import environment as loaded


def _git(folder, *words):
    answer = subprocess.run(["git", "-C", folder, *words], capture_output=True, timeout=5.0, check=False)
    return answer.stdout if answer.returncode == 0 else None


def program() -> str | None:
    """The file that this process runs: a script, or a notebook where its kernel says which. None in a console."""
    script = getattr(sys.modules["__main__"], "__file__", None)
    if script is not None and "ipykernel" not in sys.modules:
        return script
    notebook = os.environ.get("JPY_SESSION_NAME", "")
    return notebook if os.path.isfile(notebook) else None


def code(script: str | None, folder: str | None = None) -> dict[str, Any]:
    """
    Digest of the script, commit of a folder (default: that of the script, else the working directory), and a digest of
    what differs from that commit in it (False: nothing).
    """
    values = {}
    try:
        if script is not None:
            with open(script, "rb") as file:
                values["code.files"] = hashlib.sha256(file.read()).hexdigest()
        if folder is None:
            folder = os.getcwd() if script is None else os.path.dirname(os.path.abspath(script))
        head = _git(folder, "rev-parse", "HEAD")
        if head is None:
            return {**values, "code.commit": None, "code.dirty": None}
        changes = (_git(folder, "diff", "--no-ext-diff", "--binary", "HEAD", "--", ".") or b"") + (
            _git(folder, "ls-files", "--others", "--exclude-standard", "--", ".") or b""
        )
        dirty = hashlib.sha256(changes).hexdigest() if changes else False
        return {**values, "code.commit": head.decode().strip(), "code.dirty": dirty}
    except (OSError, subprocess.SubprocessError):
        return values


def version(script: str | None) -> str:
    """The version of a program that has no other: the beginning of its file's digest, or "" where that is not known."""
    return "" if script is None else (code(script).get("code.files") or "")[:8]


def sources() -> dict[str, str]:
    """Digests of the files of the main module and of modules that were imported from its folder, by their paths in it."""
    try:
        script = _file_of(sys.modules["__main__"])
        if script is None:
            return {}
        folder = os.path.dirname(os.path.abspath(script))
    except Exception:
        # The working directory is gone, say.
        return {}
    found = {}
    for module in list(sys.modules.values()):
        try:
            path = _file_of(module)
            if path is None or not path.endswith(".py"):
                continue
            inside = os.path.relpath(os.path.abspath(path), folder)
            if inside.startswith(os.pardir) or "site-packages" in inside:
                continue
            with open(path, "rb") as file:
                found[inside] = hashlib.sha256(file.read()).hexdigest()
        except Exception:
            # What a program puts among the modules is anything.
            pass
    return found


def _file_of(module):
    """Read past what a module answers itself: a lazy one would be imported by a question, and that draws and raises what it will."""
    path = object.__getattribute__(module, "__dict__").get("__file__")
    return path if isinstance(path, str) else None


def packages() -> dict[str, Any]:
    """Version of every installed package by its name: what `pip freeze` tells."""
    from importlib import metadata

    found = {}
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"]
        if name:
            found[f"package.{name.lower()}"] = distribution.version
    return dict(sorted(found.items()))


def machine() -> dict[str, Any]:
    """Operating system, architecture, C library and processor."""
    values = {
        "os.platform": sys.platform,
        "os.kernel": platform.release(),
        "os.architecture": platform.machine(),
        "libc.version": platform.libc_ver()[1] or None,
        "cpu.available": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
    }
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            models = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
        values["cpu.model"] = models[0] if models else None
    except OSError:
        values["cpu.model"] = platform.processor() or None
    return values


def environment(script: str | None, folder: str | None = None) -> dict[str, Any]:
    """All of it, as it is now; script and folder as for `code`."""
    return {**loaded(), **machine(), **packages(), **code(script, folder)}
