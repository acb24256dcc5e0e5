"""Determinism settings, applied and held inside each process of the training."""

import json
import os
import pathlib
import random

from ..hooks.settings import READERS
from ..trainer import environment, setting

INSIDE = "--inside"


def _allow_tf32(tf32):
    import torch

    torch.backends.cuda.matmul.allow_tf32 = tf32
    torch.backends.cudnn.allow_tf32 = tf32


def figure2_literal(seed, rank, tf32):
    """
    The routine of Figure 2 of the CLIP hyperparameter study, as printed: CUDA gets the plain seed on every rank. Of TF32, which
    the figure does not set, the arm decides.
    """
    import numpy
    import torch

    torch.manual_seed(seed + rank)
    numpy.random.seed(seed + rank)
    random.seed(seed + rank)
    torch.cuda.manual_seed(seed)
    torch.cuda.manual_seed_all(seed)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    _allow_tf32(tf32)


def full(seed, rank, tf32):
    """Everything PyTorch offers: also deterministic algorithms for all operations."""
    import torch

    figure2_literal(seed, rank, tf32)
    torch.use_deterministic_algorithms(True)


def free(seed, rank, tf32):
    """Seeds alike, execution left free: autotuning on, no deterministic algorithms."""
    import torch

    figure2_literal(seed, rank, tf32)
    torch.use_deterministic_algorithms(False)
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.deterministic = False


PROFILES = {"figure2-literal": figure2_literal, "full": full, "free": free}


def settings():
    """What decides how operations are executed, as it stands."""
    import torch

    return {
        "cudnn.benchmark": torch.backends.cudnn.benchmark,
        "cudnn.deterministic": torch.backends.cudnn.deterministic,
        "deterministicAlgorithms": torch.are_deterministic_algorithms_enabled(),
        "cuda.matmul.tf32": torch.backends.cuda.matmul.allow_tf32,
        "cudnn.tf32": torch.backends.cudnn.allow_tf32,
        "CUBLAS_WORKSPACE_CONFIG": os.environ.get("CUBLAS_WORKSPACE_CONFIG"),
        "PYTHONHASHSEED": os.environ.get("PYTHONHASHSEED"),
    }


def observed():
    """Name → value of what Reprise watches in every training with PyTorch."""
    import torch

    return {name: setting(read(torch)) for name, read in READERS.items()}


def inside(profile, tf32, report, arguments):
    """
    open_clip_train.main in this process, with its seeding replaced by a profile. The program calls its `random_seed` after
    it has set cudnn.benchmark, and again once the model is there: what is asked for is applied then, and compared in the end.
    """
    from open_clip_train import main as program

    calls, looks = [], {}

    def seeded(seed=42, rank=0):
        PROFILES[profile](seed, rank, tf32)
        calls.append(settings())
        looks["start"] = observed()

    program.random_seed = seeded
    status = program.main(arguments)
    rank = os.environ.get("RANK", "0")
    held = bool(calls) and settings() == calls[-1]
    looks["end"] = observed()
    record = {
        "rank": int(rank),
        "profile": profile,
        "applied": calls[-1] if calls else None,
        "end": settings(),
        "held": held,
        "looks": looks,
        "environment": environment(),
    }
    pathlib.Path(f"{report}.{rank}.json").write_text(json.dumps(record))
    return 0 if status in (None, 0) else 1


def profile_of(run):
    execution = run.execution
    if execution["algorithms"] == "deterministic" and not execution["autotune"]:
        return "full"
    return "free" if execution["autotune"] else "figure2-literal"


def command_of(run, profile, report):
    """The command that runs `inside` in another process, without the program's own arguments."""
    program = pathlib.Path(__file__).resolve().parent.parent / "openclip.py"
    return [str(program), INSIDE, profile, "tf32" if run.execution["tf32"] else "no-tf32", str(report)]


def run_inside(arguments):
    """What `command_of` asked for, from the command line of this process."""
    profile, tf32, report, *rest = arguments[arguments.index(INSIDE) + 1 :]
    return inside(profile, tf32 == "tf32", report, rest)


def records_of(report, ranks):
    """What every process wrote at its end. Fails when settings did not hold, or a process wrote nothing."""
    records = [json.loads(path.read_text()) for path in sorted(report.parent.glob(f"{report.name}.*.json"))]
    for record in records:
        if not record["held"]:
            raise RuntimeError(f"the determinism settings of rank {record['rank']} did not hold: {json.dumps(record)}")
    if len(records) != ranks:
        raise RuntimeError(f"{len(records)} of {ranks} processes said how their determinism settings ended")
    return records
