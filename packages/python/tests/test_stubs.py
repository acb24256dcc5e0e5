"""Stand-ins for loggers that are not installed, and runs that are none, take what scripts do with the real ones."""

import os
import subprocess
import sys

import pytest
from hidden import without
from test_capture import NOWHERE, PACKAGE, lines_of

from reprise.hooks import told
from reprise.hooks.stubs import SummaryWriter
from reprise.recorder import NoRun, current, stand_in

BEGIN = without("wandb", "mlflow", "tensorboard") + "import reprise\nrun = reprise.capture()\n"


def script(folder, code, status=0):
    """What a script prints, beside a run and without any logger installed, and the lines of the run."""
    (folder / "train.py").write_text(BEGIN + code)
    spool = folder / "spool"
    answer = subprocess.run(
        [sys.executable, "train.py"],
        cwd=folder,
        env={**os.environ, "REPRISE_URL": NOWHERE, "REPRISE_SPOOL": str(spool), "PYTHONPATH": PACKAGE, "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == status, answer.stderr
    newest = max(spool.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    return answer, lines_of(newest)


def of(lines, name):
    return [(line["step"], line["metrics"][name]) for line in lines if name in line.get("metrics", {})]


def test_a_script_that_uses_the_folder_of_wandb_starts_again(tmp_path):
    code = "import os, wandb\nrun = wandb.init()\nopen(os.path.join(run.dir, 'best.pt'), 'w').close()\nwandb.log({'a': 1})\nprint(run.dir)"
    (tmp_path / "wandb").mkdir()
    folders = set()
    for _ in range(2):
        answer, lines = script(tmp_path, code)
        assert of(lines, "a") == [(0, 1)]
        assert answer.stdout.strip() in answer.stderr
        folders.add(answer.stdout.strip())
    assert len(folders) == 2 and all(os.path.isabs(folder) for folder in folders)
    assert os.listdir(tmp_path / "wandb") == []


@pytest.mark.parametrize("begun", [None, NoRun()])
def test_what_loggers_tell_where_there_is_no_run_is_taken(begun):
    before = current()
    stand_in(begun)
    try:
        told.told_metrics("lightning", [("loss", 1.0), ("curve", "no number"), ("late", 1.0)], 2**40)
        told.told_metrics("lightning", [("loss", 1.0), ("loss", 2.0)], None)
        told.told_parameters("lightning", [(f"p{index}", index) for index in range(told.MOST_PARAMETERS + 1)])
    finally:
        stand_in(before if before else None)


WANDB = """
import wandb
with wandb.init(project="cracks", id="abc", resume="allow") as first:
    assert first is wandb.run and wandb.run and not wandb.run.resumed and not wandb.run.nothing_known
    assert (first.id, first.project, wandb.run.step + 1) == ("abc", "cracks", 1)
    wandb.log({"a": 1}, sync=True)
    first.name = "mine"
    assert (wandb.run.name, wandb.run.step, wandb.summary["a"], wandb.init() is first) == ("mine", 1, 1, True)
assert wandb.run is None
try:
    wandb.log({"a": 2})
except RuntimeError as error:
    print(error)
open("c.yaml", "w").write("lr:\\n  value: 0.5\\n")
wandb.init(config="c.yaml")
assert (wandb.config.lr, wandb.config.as_dict(), wandb.run.config is wandb.config) == (0.5, {"lr": 0.5}, True)
wandb.log({"a": 3})
try:
    wandb.init(config="no.yaml", reinit=True)
except FileNotFoundError:
    print("no file")
"""

MLFLOW = """
import mlflow
client = mlflow.MlflowClient()
first, second = client.create_run("0"), client.create_run("0")
client.log_metric(first.info.run_id, "loss", 1.0, step=0)
client.log_metric(second.info.run_id, "loss", 5.0, step=0)
with mlflow.start_run(run_name="outer") as outer:
    assert mlflow.active_run().info.run_name == "outer"
    mlflow.log_metric("z", 1.0, step=1)
with mlflow.start_run():
    mlflow.log_metric("z", 2.0, step=2, run_id=outer.info.run_id)
    mlflow.log_metrics({"z": 3.0}, 3, True, run_id=outer.info.run_id)
    mlflow.log_metric("z", 4.0, step=1)
assert mlflow.active_run() is None and not mlflow.last_active_run()
"""


def test_the_stand_in_of_wandb_answers_as_wandb(tmp_path):
    pytest.importorskip("yaml")
    answer, lines = script(tmp_path, WANDB)
    assert answer.stdout.splitlines() == ["wandb.log() was called before wandb.init()", "no file"]
    # Steps of each run are counted from 0.
    assert of(lines, "a") == [(0, 1)]
    assert of(lines, "wandb-2/a") == [(0, 3)]


def test_a_sweep_that_cannot_be_is_no_training_that_went_well(tmp_path):
    answer, _ = script(tmp_path, "import wandb\nwandb.agent('id', function=lambda: print('trained'), count=1)", status=1)
    assert "install it (pip install wandb), or call the function" in answer.stderr
    assert answer.stdout == ""


def test_the_stand_in_of_mlflow_knows_its_runs_apart(tmp_path):
    _, lines = script(tmp_path, MLFLOW)
    assert (of(lines, "loss"), of(lines, "mlflow-2/loss")) == ([(0, 1.0)], [(0, 5.0)])
    assert of(lines, "z") == [(1, 1.0), (2, 2.0), (3, 3.0)]
    assert of(lines, "mlflow-4/z") == [(1, 4.0)]


def test_a_writer_of_the_scripts_own_keeps_its_attributes(tmp_path):
    writer = SummaryWriter(str(tmp_path / "logs"))
    writer.count = 1
    writer.count += 1
    assert (writer.count, writer.log_dir, writer.get_logdir()) == (2, str(tmp_path / "logs"), str(tmp_path / "logs"))
    assert not hasattr(writer, "_of_the_script") and writer.add_embedding(1) is not writer
