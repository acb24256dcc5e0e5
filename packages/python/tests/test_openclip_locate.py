"""OpenCLIP's program, traced: it then trains in the process of the adapter. A stand-in plays the program, with PyTorch itself."""

import json
import os

import pytest
from test_laptop import DET
from test_locate_job import located, side

pytest.importorskip("torch")
pytestmark = pytest.mark.usefixtures("warm")

# As the program does it: autotuning on, then its own seeding, which the adapter replaces.
PROGRAM = """
import os, torch

def random_seed(seed=42, rank=0):
    raise AssertionError("the adapter seeds")

def main(arguments):
    torch.backends.cudnn.benchmark = True
    random_seed(int(arguments[arguments.index("--seed") + 1]))
    assert torch.are_deterministic_algorithms_enabled() and not torch.backends.cudnn.benchmark
    model = torch.nn.Linear(4, 4)
    optimizer = torch.optim.AdamW(model.parameters(), lr=float(arguments[arguments.index("--lr") + 1]))
    for step in range(3):
        features = model(torch.randn(8, 4))
        loss = torch.nn.functional.cross_entropy(features @ features.T, torch.arange(8))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
"""


def openclip(folder, learning_rate, **resources):
    request = {
        "parameters": {"model": "tiny", "learningRate": learning_rate, "epochs": 1},
        "seed": 3,
        "mode": "deterministic",
        "arm": {"name": "det", "execution": DET},
        "repeat": 0,
        "attempt": 1,
        "dataset": {"name": "pairs", "split": {}},
        "resources": {"threads": 1, "ranks": 1, **resources},
        "resume": None,
        "backend": "cpu",
    }
    paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    found = side(["-m", "reprise.openclip"], request=request)
    return {**found, "environment": {**found["environment"], "PYTHONPATH": os.pathsep.join(paths), "REPRISE_DATA": str(folder)}}


@pytest.fixture
def pairs(tmp_path):
    (tmp_path / "pairs").mkdir()
    (tmp_path / "pairs" / "pairs.csv").write_text("image_path,caption\na.png,a lung\n")
    (tmp_path / "open_clip_train").mkdir()
    (tmp_path / "open_clip_train" / "__init__.py").write_text("")
    (tmp_path / "open_clip_train" / "main.py").write_text(PROGRAM)
    return tmp_path


def test_two_trainings_are_equal_or_part_in_an_operation_of_its_optimizer(pairs):
    assert located([openclip(pairs, 0.1)] * 2)["found"] == {"steps": 3, "tries": 1, "parted": None}
    parted = located([openclip(pairs, 0.1), openclip(pairs, 0.2)])["found"]["parted"]
    assert (parted["step"], parted["phase"], parted["class"]) == (1, "optimizer", "arguments-differ"), json.dumps(parted)


def test_several_processes_are_refused_with_the_reason(pairs):
    assert "ranks: 2 processes cannot be traced." in located([openclip(pairs, 0.1, ranks=2)] * 2)["failed"]
