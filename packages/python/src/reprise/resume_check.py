"""
`python -m reprise check-resume train.py …`: whether a training that was killed goes on as if it had not been.

Three processes: one trains two epochs, one is killed after the first, one resumes that and trains the second. What the two
have kept after their second epoch is compared to the bit, part by part.
"""

import os
import subprocess
import sys
import tempfile

from .spool import Spool
from .state import FILE

# Nobody listens there: these runs belong to no study.
NOWHERE = "http://127.0.0.1:9"


class CannotCheck(Exception):
    """Why nothing was compared, and what to do."""


def differing_parts(words):
    """
    Names of what differs after one resumed epoch, and of all that was compared; `words` as those of `python -m reprise run`.
    Raises CannotCheck.
    """
    with tempfile.TemporaryDirectory() as folder:
        whole = _train(os.path.join(folder, "whole"), "2:0", words)
        killed = _train(os.path.join(folder, "killed"), "1:0", words)
        resumed = _train(os.path.join(folder, "killed"), "2:0", ["--resume", killed.id, *words])
        return _compare(_state_of(whole), _state_of(resumed))


def _train(folder, kill_at, words):
    process = subprocess.run(
        [sys.executable, "-m", "reprise", "run", "--url", NOWHERE, *words],
        env={**os.environ, "REPRISE_SPOOL": folder, "REPRISE_KILL_AT": kill_at},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if process.returncode == 0:
        raise CannotCheck(
            "The script ended before its second epoch did. Its epochs must be those of run.state(...).epochs(n), two at least."
        )
    runs = os.listdir(folder) if os.path.isdir(folder) else []
    if process.returncode > 0 or not runs:
        raise CannotCheck(f"The script failed:\n{process.stderr}")
    return Spool(os.path.join(folder, runs[0]))


def _state_of(spool):
    import torch

    path = os.path.join(spool.path, FILE)
    if not os.path.exists(path):
        raise CannotCheck("No state was kept after the epoch. Call epochs(n) without every=, and look for a gap in the run's log.")
    document = torch.load(path, map_location="cpu", weights_only=True)
    random = {f"random state of {name}": state for name, state in document["random"].items()}
    return {**document["parts"], **random}


def _compare(first, second):
    names = sorted(set(first) | set(second))
    return [name for name in names if not _same(first.get(name), second.get(name))], names


def _same(first, second):
    """Whether two values of a state have the same bits."""
    import torch

    if torch.is_tensor(first) and torch.is_tensor(second):
        alike = first.dtype == second.dtype and first.shape == second.shape
        return alike and torch.equal(first.contiguous().reshape(-1).view(torch.uint8), second.contiguous().reshape(-1).view(torch.uint8))
    if isinstance(first, dict) and isinstance(second, dict):
        return list(first) == list(second) and all(_same(first[key], second[key]) for key in first)
    if isinstance(first, (list, tuple)) and isinstance(second, (list, tuple)):
        return len(first) == len(second) and all(map(_same, first, second))
    return type(first) is type(second) and repr(first) == repr(second)


def main(words):
    try:
        differing, compared = differing_parts(words)
    except CannotCheck as error:
        sys.exit(f"python -m reprise check-resume: {error}")
    if differing:
        print(f"Not resumed to the bit. After one resumed epoch these differ: {', '.join(differing)}.")
        print("Draw data by reprise.KeyedSampler, give all parts to run.state, and let nothing else draw from its own generator.")
        sys.exit(1)
    print(f"Resumed to the bit. After one resumed epoch these are equal: {', '.join(compared)}.")
