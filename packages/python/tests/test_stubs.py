"""Stand-ins for loggers that are not installed, and runs that are none, take what scripts do with the real ones."""

import os
import subprocess
import sys

import pytest
from test_capture import NOWHERE, PACKAGE, lines_of

from reprise.hooks import told
from reprise.recorder import NoRun, current, stand_in

# Hides the library itself, and no folder that has its name.
HIDDEN = """
import sys
class Without:
    def __init__(self, finder):
        self.finder = finder
    def __getattr__(self, name):
        return getattr(self.finder, name)
    def find_spec(self, name, path=None, target=None):
        spec = self.finder.find_spec(name, path, target)
        return None if name.partition(".")[0] in ("wandb", "mlflow", "tensorboard") and spec is not None and spec.origin else spec
sys.meta_path[:] = map(Without, sys.meta_path)
import reprise
run = reprise.capture()
"""


def script(folder, code, status=0):
    """What a script prints, beside a run and without any logger installed, and the lines of the run."""
    (folder / "train.py").write_text(HIDDEN + code)
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
        told.told_metrics("lightning", [("loss", 1.0), ("loss", 2.0)], None, keeps_all=True)
        told.told_parameters("lightning", [(f"p{index}", index) for index in range(told.MOST_PARAMETERS + 1)])
    finally:
        stand_in(before if before else None)
