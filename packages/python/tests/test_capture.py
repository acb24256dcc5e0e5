import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import textwrap

import pytest

import reprise
from reprise import interpreter

NOWHERE = "http://127.0.0.1:9"
PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(reprise.__file__)))


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def program(folder, code, *words):
    """A program of its own, whose runs no server takes. Returns what it said, and its runs' folders in their order."""
    script = folder / "train.py"
    script.write_text(textwrap.dedent(code))
    spools = folder / "spool"
    answer = subprocess.run(
        [sys.executable, str(script), *words],
        env={
            **os.environ,
            "REPRISE_URL": NOWHERE,
            "REPRISE_SPOOL": str(spools),
            "PYTHONPATH": PACKAGE,
            "OMP_NUM_THREADS": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    found = [(json.loads((path / "run.json").read_text()), lines_of(path)) for path in spools.iterdir()]
    return answer, sorted(found, key=lambda run: run[0]["startedAt"])


def lines_of(path):
    return [json.loads(line) for file in sorted(path.glob("*.jsonl")) for line in file.read_text().splitlines()]


def losses(lines):
    return [(line["step"], line["metrics"]["loss"]) for line in lines if "loss" in line.get("metrics", {})]


def ends(lines):
    return [line["end"]["body"] for line in lines if "end" in line]


def observed(lines):
    return {line["name"]: line["value"] for line in lines if line.get("observer") == "reprise"}


TRAINING = """
import reprise
run = reprise.capture(study="one line", arm="det", seed=7, params={"lr": 0.1})
import torch
model = torch.nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(3):
    loss = model(torch.randn(8, 4)).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
run.log(accuracy=0.5)
"""


def test_one_line_makes_a_script_a_run_with_its_arm_and_words(folder):
    (folder / "small.yaml").write_text("width: 8\n")
    words = ["--epochs", "3", "--config", str(folder / "small.yaml"), "--out", "results/3"]
    answer, [(about, lines)] = program(folder, TRAINING.replace("params=", 'ignore=["out"], params='), *words)
    assert answer.returncode == 0, answer.stderr
    assert about["body"]["study"] == "one line"
    assert about["body"]["mode"] == "deterministic"
    digest = hashlib.sha256(b"width: 8\n").hexdigest()[:16]
    assert about["body"]["params"] == {"epochs": 3, "config": words[3], "config.sha256": digest, "lr": 0.1}
    assert "package.torch" in about["body"]["environment"]
    assert [step for step, _ in losses(lines)] == [1, 2, 3]
    settings = observed(lines)
    assert settings["args.out"] == "results/3"
    assert settings["torch.use_deterministic_algorithms"] is True
    assert settings["torch.initial_seed"] == 7
    # It is set, and nothing has read it: it was never in effect.
    assert ("CUBLAS_WORKSPACE_CONFIG" in settings) is settings["torch.cuda.is_initialized"]
    [end] = ends(lines)
    assert end["status"] == "succeeded"
    assert len(end["digest"]) == 64
    assert settings["digest.finalWeights"] == end["digest"]


@pytest.mark.usefixtures("warm")
def test_a_cell_that_is_run_twice_ends_the_first_run_and_adds_one(folder):
    answer, runs = program(folder, TRAINING + TRAINING)
    assert answer.returncode == 0, answer.stderr
    assert answer.stderr.count("capture() was called again") == 1
    assert len(runs) == 2
    digests = [ends(lines)[0]["digest"] for _, lines in runs]
    # Each has its own steps and weights, and the same seed.
    assert [len(losses(lines)) for _, lines in runs] == [3, 3]
    assert digests[0] == digests[1]


@pytest.mark.parametrize(
    ("last", "status", "error"),
    [
        ("raise ValueError('no data')", "failed", "ValueError: no data"),
        ("import sys; sys.exit(3)", "failed", "The script ended with exit code 3."),
        ("raise KeyboardInterrupt", "cancelled", None),
        ("import sys; sys.exit(0)", "succeeded", None),
        (
            "import os, signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\nos.kill(os.getpid(), signal.SIGTERM)",
            "cancelled",
            "SIGTERM asked the program to stop; it handled that itself, and ended with exit code 0.",
        ),
    ],
)
def test_the_run_ends_as_the_script_does(folder, last, status, error):
    _, [(_, lines)] = program(folder, f"import reprise\nreprise.capture()\n{last}")
    [end] = ends(lines)
    assert (end["status"], end.get("error")) == (status, error)
    # A success without a result is told as one.
    assert ("any result" in [line.get("gap") for line in lines]) is (status == "succeeded")


@pytest.mark.usefixtures("warm")
def test_a_step_that_no_hook_sees_is_told(folder):
    answer, [(_, lines)] = program(
        folder,
        """
        import reprise
        reprise.capture(seed=1)
        import torch
        model = torch.nn.Linear(4, 1)
        for _ in range(3):
            loss = model(torch.randn(8, 4)).square().mean()
            grads = torch.autograd.grad(loss, list(model.parameters()))
            with torch.no_grad():
                for parameter, grad in zip(model.parameters(), grads):
                    parameter -= 0.1 * grad
            reprise.step(model, loss)
        assert reprise.run().steps == 3
        assert repr(reprise.run()).endswith(": 3 steps, running>")
        """,
    )
    assert answer.returncode == 0, answer.stderr
    assert [step for step, _ in losses(lines)] == [1, 2, 3]
    assert len(ends(lines)[0]["digest"]) == 64


BY_HAND = """
with torch.no_grad():
    for parameter, grad in zip(model.parameters(), grads):
        parameter -= 0.1 * grad
"""
GRAD = "grads = torch.autograd.grad(loss, list(model.parameters()))"
OF_ALL = "grads = [parameter.grad for parameter in model.parameters()]"


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize(
    ("update", "seen"),
    [
        (f"{GRAD}\n{BY_HAND}", "Gradients were computed"),
        (f"torch.autograd.backward([loss])\n{OF_ALL}\n{BY_HAND}", "Gradients were computed"),
        (f"loss.backward()\n{OF_ALL}\n{BY_HAND}", "Gradients were computed"),
        ("loss.backward()\nupdate()", "Gradients were computed"),
        ("grads = model.weight * 0.1, model.bias * 0.1" + BY_HAND, "Loaders gave batches"),
        ("loss.backward()\noptimizer.step()", None),
        (f"{GRAD}\n{BY_HAND}\nreprise.step(model, loss)", None),
    ],
)
def test_a_training_of_which_no_step_was_seen_is_told_what_to_call(folder, update, seen):
    code = f"""
import reprise
reprise.capture(seed=1)
import torch
model = torch.nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
update = torch.compile(optimizer.step, backend="eager")
for batch in torch.utils.data.DataLoader(torch.randn(16, 4), batch_size=8):
    loss = model(batch).square().mean()
{textwrap.indent(update, "    ")}
"""
    answer, [(_, lines)] = program(folder, code)
    assert answer.returncode == 0, answer.stderr
    why = [line["reason"] for line in lines if line.get("gap") == "any step of an optimizer"]
    if seen is None:
        assert why == []
        return
    [reason] = why
    assert reason.startswith(f"{seen}, and no step was seen.")
    assert "call reprise.step(model, loss)" in reason


def test_a_run_that_was_killed_is_resumed_by_its_id(folder):
    _, [(about, _)] = program(
        folder,
        """
        import os, signal, reprise
        run = reprise.capture(seed=3)
        run.log(loss=1.0, step=1)
        os.kill(os.getpid(), signal.SIGKILL)
        """,
    )
    answer, [(again, lines)] = program(
        folder,
        f"""
        import reprise
        run = reprise.capture(resume={about["id"]!r})
        run.log(loss=0.5, step=2)
        """,
    )
    assert answer.returncode == 0, answer.stderr
    assert "seed 3" in answer.stderr
    assert (again["id"], again["attempt"]) == (about["id"], 1)
    assert losses(lines) == [(1, 1.0), (2, 0.5)]


def test_what_cannot_be_is_said_before_anything_is_kept(folder):
    code = """
    import reprise
    for wrong in ({"arm": "deterministic"}, {"resume": "00000000-0000-4000-8000-000000000000", "study": "x"}):
        try:
            reprise.capture(**wrong)
        except (ValueError, TypeError) as error:
            print(error)
    try:
        reprise.capture(resume="00000000-0000-4000-8000-000000000000")
    except ConnectionError as error:
        print(error)
    assert not reprise.run()
    """
    (folder / "spool").mkdir()
    answer, runs = program(folder, code)
    assert answer.returncode == 0, answer.stderr
    assert "arm is 'deterministic': it is one of 'det', 'free'" in answer.stdout
    assert "resume= takes a run as it is" in answer.stdout
    assert "no Reprise answers at" in answer.stdout
    assert runs == []


@pytest.mark.skipif(importlib.util.find_spec("IPython") is None, reason="IPython is not installed (pip install ipython)")
@pytest.mark.parametrize(
    ("cells", "status", "error"),
    [
        (["raise ValueError('no data')"], "failed", "ValueError: no data"),
        (["raise ValueError('no data')", "reprise.step(loss=0.5)"], "succeeded", None),
        (["reprise.step(loss=0.5)", "raise KeyboardInterrupt"], "cancelled", None),
        (["reprise.step(loss=0.5)", "1 / 0", "print('looked at something')"], "failed", "ZeroDivisionError: division by zero"),
    ],
)
def test_a_cell_that_fails_is_the_end_unless_training_goes_on(folder, cells, status, error):
    code = f"""
    from IPython.core.interactiveshell import InteractiveShell
    shell = InteractiveShell.instance()
    for cell in ["import reprise; reprise.capture()", *{cells!r}]:
        shell.run_cell(cell)
    """
    answer, [(about, lines)] = program(folder, code)
    [end] = ends(lines)
    assert (end["status"], end.get("error")) == (status, error), answer.stderr


@pytest.mark.parametrize(
    "options",
    [
        ["-W", "error::UserWarning", "-m", "reprise"],
        ["-qWerror::UserWarning", "-umreprise"],
        ["-RWerror::UserWarning", "-EOm", "reprise"],
    ],
)
def test_the_launcher_keeps_the_options_of_the_interpreter_but_for_those_that_undo_its_seed(folder, options):
    (folder / "train.py").write_text("import sys\nprint(sys.warnoptions, sys.flags.optimize, hash('a'))\n")
    environment = {**os.environ, "REPRISE_URL": NOWHERE, "REPRISE_SPOOL": str(folder / "spool"), "PYTHONPATH": PACKAGE}
    # Under -E the package is found in the folder of the process alone.
    words = [sys.executable, *options, "run", "--seed", "3", str(folder / "train.py")]
    # Variables are as the run needs them: with -R and -E that is not enough.
    needed = {"PYTHONHASHSEED": "3", "NVIDIA_TF32_OVERRIDE": "0"} if "-EOm" in options else {"PYTHONHASHSEED": "random"}
    answer = subprocess.run(words, cwd=PACKAGE, env={**environment, **needed}, capture_output=True, text=True, check=True)
    hashed = subprocess.run(
        [sys.executable, "-c", "print(hash('a'))"], env={**os.environ, "PYTHONHASHSEED": "3"}, capture_output=True, text=True, check=True
    )
    assert answer.stdout.split() == ["['error::UserWarning']", str(int("-EOm" in options)), hashed.stdout.strip()]
    assert ("started anew without -R -E" in answer.stderr) is ("-EOm" in options)


def test_a_seed_of_hashes_that_the_interpreter_ignores_is_not_told_as_observed(folder):
    environment = {**os.environ, "REPRISE_URL": NOWHERE, "REPRISE_SPOOL": str(folder / "spool"), "PYTHONPATH": PACKAGE, "PYTHONHASHSEED": "0"}
    subprocess.run([sys.executable, "-R", "-c", "import reprise; reprise.capture()"], env=environment, capture_output=True, check=True)
    [path] = (folder / "spool").iterdir()
    assert observed(lines_of(path))["PYTHONHASHSEED"] is None


@pytest.mark.parametrize(
    ("words", "kept", "left_out"),
    [
        ("-Iu -X dev -c code -E", [("-s",), ("-P",), ("-u",), ("-X", "dev")], ["-I"]),
        ("-Xdev --check-hash-based-pycs never -W -E script.py -R", [("-X", "dev"), ("--check-hash-based-pycs", "never"), ("-W", "-E")], []),
    ],
)
def test_options_end_where_the_program_begins(monkeypatch, words, kept, left_out):
    monkeypatch.setattr(sys, "orig_argv", ["python", *words.split()], raising=False)
    expected = [one for one in kept if one != ("-P",) or sys.version_info >= (3, 11)]
    assert interpreter.without_hash_options(interpreter.options()) == (expected, left_out)
