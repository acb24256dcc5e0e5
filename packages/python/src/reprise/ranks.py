"""
Processes that train one run together, as torchrun starts them on one machine: the first begins the run, the others report to
its folder. Source of the variables: PyTorch, "torchrun (Elastic Launch)".
"""

import hashlib
import os
import socket
import time

from .spool import folder

_WAIT_SECONDS = 60.0
_LEAVE_SECONDS = 10.0


def rank():
    """Which of the processes this is, from 0; 0 as well where there is only one."""
    return int(os.environ.get("RANK", "0")) if world() > 1 else 0


def world():
    """How many processes train together."""
    text = os.environ.get("WORLD_SIZE", "1")
    return int(text) if text.isdigit() else 1


def _started(process):
    """When a process started, in ticks of the kernel: no later one of its number is taken for it."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[19]
    except (OSError, IndexError):
        return ""


def _meeting_point():
    """A path that processes with one parent share, and no others."""
    parent = os.getppid()
    names = ("MASTER_ADDR", "MASTER_PORT", "TORCHELASTIC_RUN_ID", "TORCHELASTIC_RESTART_COUNT")
    facts = [socket.gethostname(), str(parent), _started(parent), *(os.environ.get(name, "") for name in names)]
    return os.path.join(folder(), f"{hashlib.sha256(chr(10).join(facts).encode()).hexdigest()[:32]}.ranks")


def announce(path):
    """Of the first process: where the run is kept."""
    point = _meeting_point()
    with open(f"{point}.draft", "w", encoding="utf-8") as file:
        file.write(path)
    os.replace(f"{point}.draft", point)


def find():
    """Of the others: where the first process keeps the run. Raises ConnectionError where it begins none within a minute."""
    point = _meeting_point()
    deadline = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < deadline:
        try:
            with open(point, encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            time.sleep(0.05)
    raise ConnectionError(f"rank 0 began no run within {_WAIT_SECONDS:.0f} s; are all processes on one machine?")


def leave(path):
    """Of the others: nothing more is reported."""
    try:
        with open(os.path.join(path, f"left-{rank()}"), "w", encoding="utf-8"):
            pass
    except OSError:
        # The first has not waited, or the disk is full: it waits in vain, and says so.
        pass


def wait_for_others(path):
    """Of the first process, before the run ends: until the others have left, or for ten seconds. Returns who is missing."""
    deadline = time.monotonic() + _LEAVE_SECONDS
    others = range(1, world())
    while True:
        missing = [other for other in others if not os.path.exists(os.path.join(path, f"left-{other}"))]
        if not missing or time.monotonic() > deadline:
            break
        time.sleep(0.05)
    try:
        os.unlink(_meeting_point())
    except FileNotFoundError:
        pass
    return missing
