"""The same programs beside each logger itself, where it is installed, and with the stand-in, where it is not."""

import importlib.util
import os
import subprocess
import sys

import pytest
from hidden import without
from test_capture import losses, program

from reprise.hooks.told import _Told

# Where CI installs loggers apart: other libraries behave otherwise where they are.
APART = os.path.join(sys.prefix, "loggers")

WANDB = """
import argparse
import numpy
import os
import pickle
import torch
import wandb
config = argparse.Namespace(lr=0.1, layers=[64, 32], width=numpy.int64(8))
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
    run.log({"back": 1}, step=3)
    run.log({"after": torch.tensor([2.0])})
    run.define_metric("test/*", step_metric="epoch")
    wandb.log({"test/acc": numpy.array([0.75]), "epoch": 30})
    wandb.summary["best"] = 0.9
    run.summary.update({"lr": 0.2})
    print(f"{wandb.summary['best']:.2f}", isinstance(run, wandb.Run), os.path.isdir(run.dir))
assert wandb.init.__module__.startswith("reprise") or pickle.loads(pickle.dumps(wandb.init)) is wandb.init
wandb.init(mode="disabled", config={"lr": 0.3})
for accuracy in (0.5, 0.75):
    wandb.log({"accuracy": accuracy})
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
    mlflow.log_metric("twice", 1.0)
    mlflow.log_metric("twice", 2.0)
    mlflow.log_metric("before", 1.0, step=-1)
    with mlflow.start_run(nested=True):
        mlflow.log_param("lr", 0.2)
        mlflow.log_metric("loss", 5.0, step=0)
        mlflow.log_metric("val.acc", 0.5, step=1)
"""

TENSORBOARD = """
import os
import torch
from LIBRARY import SummaryWriter

class Mine(SummaryWriter):
    def add_scalar(self, tag, value, *more):
        super().add_scalar(f"mine/{tag}", value, *more)

with Mine("logs/mine") as mine:
    mine.add_scalar("loss", 3.0, torch.tensor(2))
with SummaryWriter(log_dir="logs") as writer, SummaryWriter("logs/test") as test:
    for step in range(2):
        writer.add_scalar("loss", torch.tensor([1 / (step + 1)]), step)
        test.add_scalar("loss", 7.0 + step, step)
        writer.add_scalars("val", {"acc": 0.5}, global_step=step)
    writer.add_scalar("before", 1.0, -1)
    # What Lightning's logger of TensorBoard writes where no module has a metric of its own for hyperparameters.
    writer.add_scalar("hp_metric", -1, 0)
    writer.add_histogram("weights", torch.zeros(3), 0)
    writer.add_hparams({"lr": 0.1}, {"final": 0.5, "val/acc": 0.625}, *NAMES, 7)
    writer.add_embedding(torch.zeros(2, 2))
    torch.save(1, os.path.join(getattr(test, "log_dir", None) or test.logdir, "best.pt"))
"""

BEGIN = "import reprise\nreprise.capture()\n"


def reported(lines):
    return {line["name"]: line["value"] for line in lines if line.get("observer") == "program"}


def of(lines, name):
    return [(line["step"], line["metrics"][name]) for line in lines if name in line.get("metrics", {})]


def gaps(lines):
    return {line["gap"]: line["reason"] for line in lines if "gap" in line}


@pytest.fixture(params=["installed", "absent"])
def run(request, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")

    def of_program(code, library):
        is_absent = request.param == "absent"
        if not is_absent and importlib.util.find_spec(library) is None and not os.path.isdir(os.path.join(APART, library)):
            pytest.skip(f"{library} is not installed (pip install {library})")
        begin = without(library) if is_absent else f"import sys\nsys.path.append({APART!r})\n"
        answer, [(_, lines)] = program(tmp_path, begin + BEGIN + code)
        assert answer.returncode == 0, answer.stderr
        assert (f"{library} is not installed" in answer.stderr) == is_absent
        return answer.stdout, lines

    return of_program


def test_what_wandb_is_told_is_told_to_the_run(run, warm):
    said, lines = run(WANDB, "wandb")
    assert of(lines, "accuracy") == [(0, 0.5), (1, 0.75)]
    assert "0.90 True True" in said
    # PyTorch is watched: `loss` is what Reprise reads of every step itself.
    assert of(lines, "wandb/loss") == [(0, 1.0), (1, 0.5), (7, 0.25)]
    assert of(lines, "val.acc") == [(0, 0.5), (1, 0.5)]
    assert of(lines, "lr") == [(0, 0.1), (1, 0.1)]
    # wandb ignores what comes for a step that is over. A metric with an axis of its own stands there.
    assert of(lines, "back") == []
    assert of(lines, "after") == [(7, 2.0)]
    assert of(lines, "test/acc") == [(30, 0.75)]
    assert of(lines, "best") == [(30, 0.9)]
    assert of(lines, "summary/lr") == [(30, 0.2)]
    assert list(gaps(lines)) == ["curve as wandb has it", "back as wandb has it"]
    parameters = reported(lines)
    assert parameters["wandb.config.lr"] == 0.1
    assert parameters["wandb.config.layers"] == "[64, 32]"
    assert [parameters[f"wandb.config.{name}"] for name in ("warmup", "batch", "width")] == [3, 8, 8]


def test_what_mlflow_is_told_is_told_to_the_run(run):
    _, lines = run(MLFLOW, "mlflow")
    assert losses(lines) == [(0, 1.0), (1, 0.5)]
    assert of(lines, "mlflow-2/loss") == [(0, 5.0)]
    assert of(lines, "val.acc") == [(0, 0.5), (1, 0.5)]
    assert of(lines, "mlflow-2/val.acc") == [(1, 0.5)]
    assert of(lines, "twice") == [(0, 1.0), (0, 2.0)]
    assert list(gaps(lines)) == ["every value of twice that mlflow has", "before as mlflow has it"]
    assert {name: str(value) for name, value in reported(lines).items()} == {
        "mlflow.params.lr": "0.1",
        "mlflow.params.layers": "[64, 32]",
        "mlflow-2.params.lr": "0.2",
    }


@pytest.mark.parametrize("library", ["torch.utils.tensorboard", "tensorboardX"])
def test_what_tensorboard_is_told_is_told_to_the_run(run, library, warm):
    names = "[None]" if library == "tensorboardX" else "[None, None]"
    _, lines = run(TENSORBOARD.replace("LIBRARY", library).replace("NAMES", names), library.split(".")[-1])
    assert of(lines, "tensorboard/loss") == [(0, 1.0), (1, 0.5)]
    assert of(lines, "test/loss") == [(0, 7.0), (1, 8.0)]
    assert of(lines, "mine/loss") == [(2, 3.0)]
    assert of(lines, "val/acc") == [(0, 0.5), (1, 0.5)]
    assert of(lines, "hp_metric") == []
    assert of(lines, "final") == [(7, 0.5)]
    assert of(lines, "hparams/val/acc") == [(7, 0.625)]
    assert list(gaps(lines)) == [f"{what} as tensorboard has it" for what in ("before", "weights", "add_embedding")]
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
    for fold in range(2):
        logger = CSVLogger("logs", name=f"fold{fold}")
        logger.log_metrics({"val_loss": 0.5, "epoch": 0}, step=3)
        logger.log_metrics({"val_loss": 0.25 + fold}, step=4)
    logger.log_hyperparams({"lr": 0.1})
    """
    answer, [(_, lines)] = program(tmp_path, code)
    assert answer.returncode == 0, answer.stderr
    assert of(lines, "val_loss") == [(3, 0.5), (4, 0.25)]
    assert of(lines, "lightning-2/val_loss") == [(3, 0.5), (4, 1.25)]
    assert reported(lines)["lightning.hparams.lr"] == 0.1
    assert gaps(lines) == {}


def test_what_lightning_tells_wandb_is_told_at_its_steps_and_once(tmp_path, monkeypatch, warm):
    """wandb counts steps of its own, and Lightning defines its steps as their axis."""
    pytest.importorskip("lightning")
    if importlib.util.find_spec("wandb") is None and not os.path.isdir(os.path.join(APART, "wandb")):
        pytest.skip("wandb is not installed (pip install wandb)")
    monkeypatch.chdir(tmp_path)
    code = f"""
    import sys
    sys.path.append({APART!r})
    import reprise
    reprise.capture()
    from lightning.pytorch.loggers import CSVLogger, WandbLogger
    from reprise.callbacks.lightning import RepriseLogger
    loggers = [WandbLogger(project="cracks", offline=True), CSVLogger("logs")]
    for step in (9, 19):
        for logger in loggers:
            logger.log_metrics({{"val_loss": 1 / step, "loss": 2 / step}}, step=step)
    for logger in (loggers[0], RepriseLogger()):
        logger.log_metrics({{"val_acc": 0.5}}, step=29)
    """
    answer, [(_, lines)] = program(tmp_path, code)
    assert answer.returncode == 0, answer.stderr
    assert of(lines, "val_loss") == [(9, 1 / 9), (19, 1 / 19)]
    assert of(lines, "val_acc") == [(29, 0.5)]
    assert of(lines, "wandb/loss") == [(9, 2 / 9), (19, 2 / 19)]
    assert not any(of(lines, name) for name in ("wandb/val_acc", "lightning/val_acc", "lightning/loss"))
    assert gaps(lines) == {}


SERIES = """
import os
import wandb
from tensorboardX import SummaryWriter
train, val = SummaryWriter("logs/train"), SummaryWriter("logs/val")
for step, (one, other) in enumerate([(0.9, 0.8), (0.95, 0.98), (1, 1), (1, 1)]):
    train.add_scalar("acc", one, step)
    val.add_scalar("acc", other, step)
unnamed = SummaryWriter()
unnamed.add_scalar("acc", 0.5, 0)
os.chdir("logs")
unnamed.add_scalar("acc", 0.25, 1)
for epoch in range(2):
    for step in range(2):
        unnamed.add_scalar("again", 10 * epoch + step, step)
first = wandb.init(project="cracks", reinit="create_new")
second = wandb.init(project="cracks", reinit="create_new")
for step, value in enumerate([10, 11]):
    first.log({"again": value}, step=step)
second.log({"of_second": 1}, step=5)
first.summary["best"] = 0.25
second.summary["best"] = 0.75
"""


def test_a_second_source_loses_no_value(run):
    _, lines = run(SERIES, "tensorboardX")
    assert of(lines, "acc") == [(0, 0.9), (1, 0.95), (2, 1), (3, 1)]
    assert of(lines, "val/acc") == [(0, 0.8), (1, 0.98), (2, 1), (3, 1)]
    # Not by the time and machine that the library calls its folder by.
    assert of(lines, "tensorboard/acc") == [(0, 0.5), (1, 0.25)]
    assert of(lines, "again") == [(0, 0), (1, 1), (0, 10), (1, 11)]
    assert "every value of again that tensorboard has" in gaps(lines)
    # Alike at its second value alone.
    assert of(lines, "wandb/again") == [(0, 10), (1, 11)]
    assert of(lines, "best") == [(1, 0.25)]
    assert of(lines, "summary-2/best") == [(5, 0.75)]


AXES = BEGIN + """
import wandb
run = wandb.init(project="cracks", mode="offline")
wandb.define_metric("*", step_metric="epoch")
wandb.define_metric("fast/*", step_metric="part")
for epoch in range(2):
    for batch in range(2):
        wandb.log({"train": 10 * epoch + batch, "epoch": epoch})
    wandb.log({"mine": epoch})
    wandb.log({"val": epoch, "epoch": epoch})
    wandb.log({"fast/acc": epoch, "epoch": 7, "part": (epoch + 1) / 4})
reprise.run().finish()
wandb.log({"unseen": 1})
reprise.capture()
wandb.log({"seen": 1})
"""


def test_axes_of_wandb_hide_no_value_and_its_steps_go_on(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer, [(_, lines), (_, later)] = program(tmp_path, AXES)
    assert answer.returncode == 0, answer.stderr
    # Two values of one epoch: the series goes on at wandb's own steps.
    assert of(lines, "train") == [(0, 0), (1, 1), (5, 10), (6, 11)]
    assert of(lines, "val") == [(0, 0), (1, 1)]
    assert [name for name in gaps(lines) if "steps" in name] == ["train at steps of epoch"]
    # Told without its axis, or at fractions of it; and the axis itself.
    assert of(lines, "mine") == [(2, 0), (7, 1)]
    assert of(lines, "fast/acc") == [(4, 0), (9, 1)]
    assert [step for step, _ in of(lines, "epoch")] == [0, 1, 3, 4, 5, 6, 8, 9]
    assert of(later, "seen") == [(11, 1)]


def test_a_thousand_runs_of_a_logger_have_a_name_each():
    told = _Told()
    assert [told.label("mlflow", own) for own in range(1_000)][-1] == "mlflow-1000"
    assert told.label("mlflow", 1) == "mlflow-2"
