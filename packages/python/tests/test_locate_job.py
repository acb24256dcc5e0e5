"""Two sides located as a worker asks for it: programs that speak the trainer protocol, and scripts that do not."""

import json
import os
import subprocess
import sys
import textwrap

import pytest
from test_laptop import DET, events, of

pytest.importorskip("torch")
pytestmark = pytest.mark.usefixtures("warm")

FREE = {"order": "free", "algorithms": "default", "autotune": True, "tf32": False}

STATEFUL = """
import sys, torch, reprise
run = reprise.run()
model = torch.nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
state = run.state(model=model, optimizer=optimizer)
for epoch in state.epochs(3):
    for batch in range(2):
        factor = float(sys.argv[1]) if epoch == 2 else 1.0
        loss = (factor * model(torch.randn(8, 4))).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
"""


def located(sides, **document):
    """What the job says last."""
    whole = {"sides": sides, "before": 0, "steps": None, "tries": 1, **document}
    with subprocess.Popen(
        [sys.executable, "-m", "reprise.locating.job"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        process.stdin.write(json.dumps(whole) + "\n")
        process.stdin.flush()
        lines = process.stdout.read().splitlines()
    return json.loads(lines[-1])


def side(words, execution=DET, request=None, state=None):
    return {
        "execution": execution,
        "seed": 3,
        "words": words,
        "environment": {**os.environ, "PYTHONPATH": os.environ.get("PYTHONPATH", "")},
        "request": request,
        "state": state,
    }


def laptop(folder, checkpoint, **parameters):
    with open(folder / "request.json", encoding="utf-8") as file:
        request = json.load(file)
    request["parameters"].update(parameters)
    return {**request, "resume": checkpoint and {"checkpointPath": checkpoint, "step": 0}, "checkpointEveryEpochs": None}


def test_a_trainer_goes_on_from_its_checkpoint_and_parts_in_the_operation_that_races(tmp_path):
    checkpoint = of("checkpoint", events(tmp_path, epochs=3, batchSize=64))[0]
    first, steps = checkpoint["path"], checkpoint["step"]
    words = ["-m", "reprise.trainers.laptop"]
    request = laptop(tmp_path, first, epochs=3, batchSize=64)
    free = {**request, "arm": {"name": "free", "execution": FREE}}
    found = located([side(words, FREE, free)] * 2, before=steps, tries=5)["found"]
    parted = found["parted"]
    assert parted is not None and parted["step"] > steps
    assert (parted["class"], parted["phase"], parted["operation"]) == (
        "nondeterministic-operation",
        "backward",
        "aten.index_put.default",
    )
    assert parted["ulp"] > 0 and parted["causes"]


def test_what_a_trainer_says_of_a_mistake_is_why_nothing_is_located(tmp_path):
    events(tmp_path)
    request = laptop(tmp_path, None)
    request["dataset"]["name"] = "elsewhere"
    said = located([side(["-m", "reprise.trainers.laptop"], request=request)] * 2)["failed"]
    assert "elsewhere is not possible. This trainer knows digits." in said


def test_a_script_goes_on_from_what_run_state_kept(tmp_path):
    from reprise.resume_check import _train

    (tmp_path / "train.py").write_text(textwrap.dedent(STATEFUL))
    script = str(tmp_path / "train.py")
    spool = _train(str(tmp_path / "spool"), "2:0", ["--arm", "det", "--seed", "3", script, "1"])
    state = os.path.join(spool.path, "state.pt")
    found = located([side([script, factor], state=state) for factor in ("1", "2")], before=4)["found"]
    assert (found["parted"]["step"], found["parted"]["class"], found["steps"]) == (5, "arguments-differ", 0)
    assert found["parted"]["line"] == "train.py:10"


def test_a_script_that_does_not_call_run_state_cannot_go_on(tmp_path):
    (tmp_path / "train.py").write_text(
        "import torch\np = torch.nn.Parameter(torch.ones(1))\no = torch.optim.SGD([p], lr=1.0)\np.square().sum().backward()\no.step()\n"
    )
    (tmp_path / "state.pt").write_bytes(b"")
    said = located([side([str(tmp_path / "train.py")], state=str(tmp_path / "state.pt"))] * 2, before=4)["failed"]
    assert "did not go on from its checkpoint" in said


def test_capture_in_a_traced_script_begins_no_run(tmp_path):
    (tmp_path / "train.py").write_text(
        "import reprise\nreprise.capture(url='http://127.0.0.1:9')\nimport torch\nw = torch.zeros(2, requires_grad=True)\n"
        "for _ in range(3):\n    (w - 1).square().sum().backward()\n    w.data -= w.grad\n    reprise.step()\n"
    )
    environment = {**os.environ, "REPRISE_SPOOL": str(tmp_path / "spool")}
    sides = [{**side([str(tmp_path / "train.py")]), "environment": environment}] * 2
    assert located(sides)["found"] == {"steps": 3, "tries": 1, "parted": None}
    assert not (tmp_path / "spool").exists()
