"""Programs that are modules, `-m pkg.train`, wherever a script may stand."""

import hashlib
import json
import os
import signal
import subprocess
import sys

import pytest
from test_capture import NOWHERE, PACKAGE, ends, lines_of

from reprise.launch import run as launch_words
from reprise.locate import main as locate_words
from reprise.program import Program

PARSED = """
import argparse, sys
from . import part
parser = argparse.ArgumentParser()
parser.add_argument("-m", type=int)
parser.add_argument("--lr", type=float)
print(parser.parse_args(), part.NAME, sys.argv[0].endswith("train.py"))
if parser.parse_args().lr == 0:
    raise ValueError("no step size")
"""
TRAINED = """
import os, torch
import reprise
model = torch.nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
state = reprise.run().state(model=model, optimizer=optimizer)
for epoch in state.epochs(3):
    loss = model(torch.randn(8, 4) * float(os.environ.get("SCALE", "1"))).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""


def put(folder, code):
    (folder / "pkg").mkdir(exist_ok=True)
    (folder / "pkg" / "__init__.py").write_text("")
    (folder / "pkg" / "part.py").write_text("NAME = 'part'\n")
    (folder / "pkg" / "train.py").write_text(code)


def launch(folder, code, *words):
    put(folder, code)
    nowhere = {"REPRISE_URL": NOWHERE, "REPRISE_SPOOL": str(folder / "spool"), "PYTHONPATH": PACKAGE, "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-m", "reprise", *words], cwd=folder, env={**os.environ, **nowhere}, capture_output=True, text=True, check=False
    )


def run_of(folder):
    [path] = (folder / "spool").iterdir()
    return json.loads((path / "run.json").read_text())["body"], lines_of(path)


def test_a_module_is_a_run_with_its_words_beside_options_of_the_launcher(tmp_path):
    answer = launch(tmp_path, PARSED, "run", "--arm", "det", "--seed", "3", "-m", "pkg.train", "--lr", "0.5", "-m", "2")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout == "Namespace(m=2, lr=0.5) part True\n"
    body, _ = run_of(tmp_path)
    assert (body["study"], body["mode"], body["seed"], body["params"]) == ("pkg.train", "deterministic", 3, {"lr": 0.5, "m": 2})


def test_the_code_of_a_module_is_recorded_by_every_attempt_and_is_its_version(tmp_path):
    killed = "import os, signal, reprise\nreprise.run().log(mean=1, step=1)\nif SELF: os.kill(os.getpid(), signal.SIGKILL)\n"
    first, second = (killed.replace("SELF", str(dies)) for dies in (True, False))
    put(tmp_path, first)
    (tmp_path / ".gitignore").write_text("spool\n__pycache__\n")
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "all"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    assert launch(tmp_path, first, "run", "-m", "pkg.train").returncode == -signal.SIGKILL
    body, _ = run_of(tmp_path)
    assert body["environment"]["code.files"] == hashlib.sha256(first.encode()).hexdigest()
    assert body["environment"]["code.dirty"] is False
    [path] = (tmp_path / "spool").iterdir()
    # What the module may import lies beside its package as well.
    (tmp_path / "beside.py").write_text("")
    answer = launch(tmp_path, second, "run", "--resume", path.name, "-m", "pkg.train")
    assert answer.returncode == 0, answer.stderr
    environment = json.loads((path / "run.json").read_text())["environment"]
    assert environment["code.files"] == hashlib.sha256(second.encode()).hexdigest()
    assert environment["code.dirty"] not in (None, False)
    described = launch(tmp_path, PARSED, "describe", "-m", "pkg.train")
    assert json.loads(described.stdout)["version"] == hashlib.sha256(PARSED.encode()).hexdigest()[:8]


def test_a_module_that_fails_is_told_from_its_own_lines_on(tmp_path):
    answer = launch(tmp_path, PARSED, "run", "-m", "pkg.train", "--lr", "0")
    assert answer.returncode == 1
    [end] = ends(run_of(tmp_path)[1])
    assert end["error"] == "ValueError: no step size"
    assert f'{os.path.join("pkg", "train.py")}", line 9' in end["lastLines"][1]


@pytest.mark.parametrize(("words", "said"), [(["-m"], "there is no file -m"), (["-m", "pkg.other"], "No module named pkg.other"), ([], "required: script")])
def test_a_module_that_is_not_there_is_said(tmp_path, words, said):
    answer = launch(tmp_path, PARSED, "run", *words)
    assert answer.returncode != 0
    assert said in answer.stderr


def test_a_script_keeps_an_option_of_this_name(tmp_path):
    (tmp_path / "train.py").write_text("import sys; print(sys.argv[1:])")
    answer = launch(tmp_path, PARSED, "run", "train.py", "-m", "2")
    assert answer.stdout == "['-m', '2']\n", answer.stderr
    assert run_of(tmp_path)[0]["params"] == {"m": 2}


@pytest.mark.parametrize("words", [["--lr", "0.1", "--", "other.py"], ["--", "--s"], ["--se", "3", "-m", "2", "--arm", "no"], ["--help"]])
@pytest.mark.parametrize("command", ["run", "locate"])
def test_all_words_behind_a_module_are_its_own(monkeypatch, command, words):
    given = []

    def take(program, *rest):
        given.append(program.arguments)
        sys.exit(3)

    monkeypatch.setattr(Program, "is_there", take)
    with pytest.raises(SystemExit, match="3"):
        {"run": launch_words, "locate": locate_words}[command](["--arm", "det", "-m", "pkg.train", *words])
    assert given == [words]


@pytest.mark.usefixtures("warm")
def test_a_module_is_located_and_checked_as_a_script_is(tmp_path):
    pytest.importorskip("torch")
    located = launch(tmp_path, TRAINED, "locate", "--arm", "det", "--second-env", "SCALE=2", "--json", "-m", "pkg.train", "--seed", "5")
    assert located.returncode == 0, located.stderr
    found = json.loads(located.stdout)
    assert (found["seed"], found["step"], found["operation"], found["line"]) == (5, 1, "aten.mul.Tensor", "pkg/train.py:8")
    (tmp_path / "further").mkdir()
    checked = launch(tmp_path / "further", TRAINED, "check-resume", "--arm", "det", "-m", "pkg.train")
    assert checked.stdout.startswith("Resumed to the bit."), checked.stderr
