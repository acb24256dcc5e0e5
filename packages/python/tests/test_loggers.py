"""The same program with each logger beside Reprise where it is installed, and with the stand-in where it is not."""

import importlib.util
import subprocess
import sys

import pytest
from test_capture import losses, program

WANDB = """
import argparse
import torch
import wandb
config = argparse.Namespace(lr=0.1, layers=[64, 32])
with wandb.init(project="cracks", config=config) as run:
    wandb.config.update({"warmup": 3})
    wandb.config.batch = 8
    assert wandb.config.lr == 0.1
    for step in range(2):
        wandb.log({"loss": 1 / (step + 1), "val": {"acc": 0.5}}, commit=False)
        wandb.log({"lr": 0.1})
    run.log({"loss": torch.tensor(0.25)}, step=7)
    wandb.log({"curve": "no number"}, step=7)
    wandb.define_metric("loss", summary="min")
"""

MLFLOW = """
import os
import mlflow
mlflow.set_tracking_uri("file://" + os.path.abspath("mlruns"))
mlflow.set_experiment("cracks")
with mlflow.start_run():
    mlflow.log_param("lr", 0.1)
    mlflow.log_params({"layers": [64, 32]})
    for step in range(2):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
        mlflow.log_metrics({"val.acc": 0.5}, step=step)
"""

TENSORBOARD = """
import torch
from torch.utils.tensorboard import SummaryWriter
with SummaryWriter(log_dir="logs") as writer:
    for step in range(2):
        writer.add_scalar("loss", 1 / (step + 1), step)
        writer.add_scalars("val", {"acc": 0.5}, global_step=step)
    writer.add_histogram("weights", torch.zeros(3), 0)
    writer.add_hparams({"lr": 0.1}, {"final": 0.5})
"""

BEGIN = "import reprise\nreprise.capture()\n"


def reported(lines):
    return {line["name"]: line["value"] for line in lines if line.get("observer") == "program"}


def of(lines, name):
    return [(line["step"], line["metrics"][name]) for line in lines if name in line.get("metrics", {})]


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WANDB_MODE", "offline")

    def of_program(code, library):
        answer, [(_, lines)] = program(tmp_path, BEGIN + code)
        assert answer.returncode == 0, answer.stderr
        is_absent = importlib.util.find_spec(library) is None
        assert (f"{library} is not installed" in answer.stderr) == is_absent
        return lines

    return of_program


def test_what_wandb_is_told_is_told_to_the_run(run, warm):
    lines = run(WANDB, "wandb")
    # PyTorch is watched: `loss` is what Reprise reads of every step itself.
    assert of(lines, "wandb/loss") == [(0, 1.0), (1, 0.5), (7, 0.25)]
    assert of(lines, "val.acc") == [(0, 0.5), (1, 0.5)]
    assert of(lines, "lr") == [(0, 0.1), (1, 0.1)]
    assert any("curve as wandb has it" in line["gap"] for line in lines if "gap" in line)
    parameters = reported(lines)
    assert parameters["wandb.config.lr"] == 0.1
    assert parameters["wandb.config.layers"] == "[64, 32]"
    assert (parameters["wandb.config.warmup"], parameters["wandb.config.batch"]) == (3, 8)


def test_what_mlflow_is_told_is_told_to_the_run(run):
    lines = run(MLFLOW, "mlflow")
    assert losses(lines) == [(0, 1.0), (1, 0.5)]
    assert of(lines, "val.acc") == [(0, 0.5), (1, 0.5)]
    assert {name: str(value) for name, value in reported(lines).items()} == {
        "mlflow.params.lr": "0.1",
        "mlflow.params.layers": "[64, 32]",
    }


def test_what_tensorboard_is_told_is_told_to_the_run(run, warm):
    lines = run(TENSORBOARD, "tensorboard")
    assert of(lines, "tensorboard/loss") == [(0, 1.0), (1, 0.5)]
    assert of(lines, "val/acc") == [(0, 0.5), (1, 0.5)]
    assert of(lines, "final") == [(0, 0.5)]
    assert reported(lines) == {"tensorboard.hparams.lr": 0.1}


def test_a_library_that_asks_for_a_logger_is_told_the_truth(tmp_path):
    library = tmp_path / "site-packages"
    library.mkdir()
    (library / "framework.py").write_text(
        "import importlib.util\n"
        "absent = importlib.util.find_spec('mlflow') is None\n"
        "try:\n    import mlflow\nexcept ImportError:\n    mlflow = None\n"
    )
    code = f"""
    import sys
    sys.path.insert(0, {str(library)!r})
    import reprise
    reprise.capture()
    import framework
    import importlib.util
    print(framework.absent, framework.mlflow is None)
    if framework.absent:
        import mlflow.pytorch
        mlflow.pytorch.autolog()
    """
    answer, _ = program(tmp_path, code)
    assert answer.returncode == 0, answer.stderr
    absent = importlib.util.find_spec("mlflow") is None
    assert answer.stdout.split() == [str(absent)] * 2


def test_without_a_run_what_is_absent_is_absent():
    code = "import reprise\ntry:\n    import no_such_logger, wandb\nexcept ImportError:\n    print('absent')"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "absent"


def test_what_lightning_writes_to_its_own_file_is_told(tmp_path, monkeypatch, warm):
    pytest.importorskip("lightning")
    monkeypatch.chdir(tmp_path)
    code = """
    import reprise
    reprise.capture()
    from lightning.pytorch.loggers import CSVLogger
    logger = CSVLogger("logs")
    logger.log_hyperparams({"lr": 0.1})
    logger.log_metrics({"val_loss": 0.5, "epoch": 0}, step=3)
    """
    answer, [(_, lines)] = program(tmp_path, code)
    assert answer.returncode == 0, answer.stderr
    assert of(lines, "val_loss") == [(3, 0.5)]
    assert reported(lines)["lightning.hparams.lr"] == 0.1
