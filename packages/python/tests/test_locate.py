"""Processes in lockstep, with faults of the table in `faults/`; `faults/table.py` plants all of them."""

import os
import sys

import pytest

torch = pytest.importorskip("torch")

FAULTS = os.path.join(os.path.dirname(__file__), "..", "faults")
sys.path.insert(0, FAULTS)

import planted
import table
from reprise.locate import locate, sentences
from reprise.locating.causes import documented
from reprise.locating.distance import distance


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize(
    ("phase", "kind", "name", "at"),
    [
        ("setup", "code-differs", "other initial values of an embedding", ""),
        ("data", "input-differs", "cases in another order", ""),
        ("forward", "settings-differ", "another kernel of convolution", ""),
        ("loss", "code-differs", "a loss scaled", ""),
        ("backward", "code-differs", "a hook on a gradient", "head.weight"),
        ("backward", "nondeterministic-operation", "threads that meet in rows looked up", ""),
        ("optimizer", "arguments-differ", "another norm of clipping", ""),
    ],
)
def test_a_planted_fault_of_every_phase_is_found_where_it_is(phase, kind, name, at):
    fault = next(one for one in planted.FAULTS if one.name == name)
    assert (phase, kind) in {(place.phase, place.kind) for place in fault.places}
    found = table.found_of(fault, at)
    assert table.is_right(fault, at, found), found


@pytest.mark.usefixtures("warm")
def test_equal_trainings_do_not_part():
    found = locate(os.path.join(FAULTS, "trainings.py"), ["signals"], arm="det", seed=3)
    assert found == {"parted": False, "steps": 4, "tries": 1, "arm": "det", "seed": 3}
    assert "can hide a race" in " ".join(sentences(found))


@pytest.mark.usefixtures("warm")
def test_tensors_of_two_devices_are_refused_because_their_digests_tell_nothing_of_each_other(tmp_path):
    (tmp_path / "train.py").write_text(
        "import os, torch\n"
        "model = torch.nn.Linear(2, 1, device=os.environ.get('PLACE', 'cpu'))\n"
        "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n"
        "model(torch.ones(1, 2, device=model.weight.device)).sum().backward()\n"
        "optimizer.step()\n"
    )
    with pytest.raises(RuntimeError, match="weights and buffers have digests by sha256 in the first process and by rows32"):
        locate(str(tmp_path / "train.py"), second_env={"PLACE": "meta"})


def test_a_script_that_fails_is_told_with_its_last_lines(tmp_path):
    (tmp_path / "train.py").write_text("print('so far')\nraise KeyError('nothing')\n")
    with pytest.raises(RuntimeError, match="the first process failed: (?s:.*)KeyError: 'nothing'(?s:.*)so far"):
        locate(str(tmp_path / "train.py"))


def test_a_script_without_pytorch_has_nothing_to_trace(tmp_path):
    (tmp_path / "train.py").write_text("print('done')\n")
    with pytest.raises(RuntimeError, match="does not import PyTorch"):
        locate(str(tmp_path / "train.py"))


def test_the_installed_documentation_is_understood():
    assert len(documented(torch.use_deterministic_algorithms.__doc__)) > 30


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
def test_neighbours_are_one_ulp_apart_across_zero_as_well(dtype):
    kind = {8: torch.int64, 4: torch.int32, 2: torch.int16}[dtype.itemsize]
    bits = torch.tensor([1, 0, -(2 ** (8 * dtype.itemsize - 1)) + 1], dtype=kind)
    least, zero, negative = bits.view(dtype)
    assert distance(torch, least, zero)["ulp"] == 1
    assert distance(torch, least, negative)["ulp"] == 2
    one = torch.tensor([1.0, 2.0], dtype=dtype)
    found = distance(torch, one, one + torch.tensor([torch.finfo(dtype).eps, 0], dtype=dtype))
    assert (found["differing"], found["size"], found["ulp"]) == (1, 2, 1)


def test_no_distance_is_told_of_what_is_no_number():
    found = distance(torch, torch.tensor([1.0]), torch.tensor([float("nan")]))
    assert found == {"differing": 1, "size": 1, "ulp": None, "relative": None}
