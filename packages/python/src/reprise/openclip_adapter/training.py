"""One run: the program as a child process, followed from its first file to its last checkpoint."""

import os
import pathlib
import re
import subprocess
import sys
import time

from ..recorder import is_traced
from ..trainer import UserError, digest_of
from .determinism import command_of, inside, profile_of, records_of
from .flags import flags_of
from .pairs import write_pairs
from .results import Follower, effective, read_params
from .weights import weights_of
from .zero_shot import ask_questions


def _tell(run, records):
    """What the processes found: their settings, versions of the libraries, and looks of Reprise's own code in the first one."""
    for record in records:
        run.environment(**{f"rank{record['rank']}.{key}": value for key, value in record["end"].items()})
    first = records[0]
    run.environment(**first["environment"])
    for look, step in (("start", 0), ("end", None)):
        for name, value in first["looks"][look].items():
            run.emit("observation", step=step, name=name, value=value, observer="reprise")


def train(run):
    """
    Trains as a request asks, tells of every epoch while it runs, and answers zero-shot questions in the end. Where it is traced,
    the program trains in this very process, and nothing is told.
    """
    profile = profile_of(run)
    parameters = run.request["parameters"]
    output = pathlib.Path(run.output_directory)
    output.mkdir(parents=True, exist_ok=True)
    counts = write_pairs(run.request["dataset"]["name"], output)
    name = f"attempt-{run.request['attempt']}"
    folder = output / name
    flags = flags_of(parameters, run.seed) + [
        "--dataset-type", "csv", "--csv-separator", ",", "--train-data", str(output / "train.csv"),
        "--logs", str(output), "--name", name, "--workers", os.environ.get("REPRISE_LOADER_WORKERS", "0"),
        "--save-frequency", "1", "--log-every-n-steps", "1",
    ]
    if counts["validation"]:
        flags += ["--val-data", str(output / "validation.csv")]
    ranks = run.request["resources"]["ranks"]
    report = output / f"determinism-{name}"
    if is_traced():
        if ranks > 1:
            raise UserError(f"ranks: {ranks} processes cannot be traced.", "Locate between runs of one process.")
        inside(profile, run.execution["tf32"], report, flags)
        return
    launcher = [sys.executable] if ranks == 1 else [sys.executable, "-m", "torch.distributed.run", "--standalone",
                                                    f"--nproc-per-node={ranks}"]
    # Read by libraries when they load: they have to stand before the process starts.
    environment = dict(os.environ, PYTHONHASHSEED=str(run.seed % 2**32))
    if profile == "full":
        environment["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"
    command = [*launcher, *command_of(run, profile, report), *flags]
    child = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
    try:
        params_file = folder / "params.txt"
        while child.poll() is None and not params_file.exists():
            time.sleep(0.05)
        if not params_file.exists():
            raise RuntimeError(f"open_clip_train.main ended with code {child.wait()} before it wrote params.txt; see the log")
        while child.poll() is None and "zeroshot_frequency" not in read_params(params_file):
            time.sleep(0.05)
        params = read_params(params_file)
        used, unset = effective(parameters, params)
        run.hello(
            used,
            backend="gpu" if "cuda" in params.get("device", "") else "cpu",
            disclosures=[
                f"Determinism profile {profile}, applied after open_clip_train.main had switched cudnn.benchmark on by itself.",
                f"{counts['train']} training pairs, {counts['validation']} validation pairs, {ranks} processes.",
                "trainLoss is the program's own running mean of the epoch.",
                *unset,
            ],
        )
        run.log("open_clip_train.main " + " ".join(flags))
        run.environment(**{f"openclip.{key}": params[key] for key in ("device", "precision", "workers", "world_size") if key in params})
        follower = Follower(run, folder)
        while child.poll() is None:
            follower.report()
            time.sleep(0.2)
        follower.report(final=True)
    except BaseException:
        child.terminate()
        child.wait()
        raise
    if child.returncode != 0:
        raise RuntimeError(f"open_clip_train.main ended with code {child.returncode}; see the log")
    _tell(run, records_of(report, ranks))
    checkpoints = sorted(
        (int(match[1]), path)
        for path in (folder / "checkpoints").glob("epoch_*.pt")
        if (match := re.fullmatch(r"epoch_(\d+)\.pt", path.name))
    )
    if not checkpoints:
        raise RuntimeError("open_clip_train.main left no checkpoint")
    import torch

    epoch, last = checkpoints[-1]
    digest = digest_of(weights_of(torch.load(last, map_location="cpu", weights_only=False)))
    ask_questions(run, checkpoints, params)
    run.done_by_reprise(digest=digest, selected_epoch=epoch)
