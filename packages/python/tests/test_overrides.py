"""Programs that do other than their arm asks, in ways that a look after the step alone would not find."""

import hashlib
import importlib
import textwrap

import pytest
from test_capture import losses, observed, program

pytest.importorskip("torch")
pytestmark = pytest.mark.usefixtures("warm")

BEGIN = """
import os, reprise
os.environ["REPRISE_DIGEST_BUDGET"] = "inf"
run = reprise.capture(arm="det", seed=7)
import random, tempfile, numpy, torch
model = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Dropout(0.5), torch.nn.Linear(4, 1))

def steps(optimizer, count=1, inputs=None):
    for _ in range(count):
        loss = model(torch.randn(8, 4) if inputs is None else inputs).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

first = torch.optim.SGD(model.parameters(), lr=0.1)
"""


def looks(folder, code):
    """What was told of each setting, by name, in its order: (step, value, line of `code`, counted from 1)."""
    answer, [(_, lines)] = program(folder, BEGIN + code)
    assert answer.returncode == 0, answer.stderr
    # That of the text as it is written to a file, which begins with the line after the quotes.
    before = BEGIN.count("\n")
    found = {}
    for line in lines:
        if line.get("observer") == "reprise":
            where = line.get("where")
            place = None if where is None else int(where.rpartition(":")[2]) - before
            found.setdefault(line["name"], []).append((line["step"], line["value"], place))
    return found, lines


def test_what_is_set_and_put_back_within_a_step_is_told_with_its_step_and_line(tmp_path):
    found, _ = looks(
        tmp_path,
        """steps(first, 2)
torch.use_deterministic_algorithms(False)
model[0].weight.abs().sum()
torch.use_deterministic_algorithms(True)
steps(first)
with torch.backends.cudnn.flags(benchmark=True, deterministic=True, allow_tf32=False):
    steps(first)
torch.use_deterministic_algorithms(True, warn_only=True)
with torch.backends.mkldnn.flags(enabled=False):
    steps(first)
""",
    )
    assert found["torch.use_deterministic_algorithms"][1:3] == [(3, False, 2), (3, True, 4)]
    assert found["torch.backends.cudnn.benchmark"][1:3] == [(4, True, 6), (5, False, 6)]
    assert found["torch.use_deterministic_algorithms.warn_only"][1] == (5, True, 8)
    assert [value for _, value, _ in found["torch.backends.mkldnn.enabled"]] == [True, False, True, True]


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("cuda.matmul.allow_tf32 = True", "cuda.matmul.allow_tf32", True),
        ("cudnn.allow_tf32 = True", "cudnn.allow_tf32", True),
        ('cuda.matmul.fp32_precision = "tf32"', "cuda.matmul.fp32_precision", "tf32"),
        ('cudnn.conv.fp32_precision = "tf32"', "cudnn.conv.fp32_precision", "tf32"),
        ('cudnn.rnn.fp32_precision = "tf32"', "cudnn.rnn.fp32_precision", "tf32"),
        # What is set for a library, or for all, is what its operations are: of those of products the arm has set what they are themselves.
        ('cudnn.fp32_precision = "tf32"', "cudnn.rnn.fp32_precision", "tf32"),
        ('fp32_precision = "tf32"', "mkldnn.conv.fp32_precision", "tf32"),
    ],
)
def test_tf32_is_told_by_whichever_name_it_is_switched_on_with_its_line_even_if_it_is_off_again_after_the_step(tmp_path, line, name, value):
    backends = importlib.import_module("torch").backends
    if "fp32_precision" in line and not hasattr(backends.cuda.matmul, "fp32_precision"):
        pytest.skip("this PyTorch has one name alone")
    off = line.rpartition(" = ")[0] + (" = False" if value is True else ' = "ieee"')
    found, lines = looks(tmp_path, f"steps(first)\ntorch.backends.{line}\nmodel[0].weight.abs().sum()\ntorch.backends.{off}\nsteps(first)\n")
    assert [step for step, _ in losses(lines)] == [1, 2]
    assert found[f"torch.backends.{name}"][1:3] == [(2, value, 2), (2, False if value is True else "ieee", 4)]


def test_threads_are_told_when_they_are_chosen(tmp_path):
    found, _ = looks(tmp_path, "torch.set_num_threads(2)\nsteps(first, 2)\ntorch.set_num_threads(1)\nsteps(first)\n")
    assert found["torch.num_threads"] == [(0, 1, None), (1, 2, 1), (3, 1, 3), (3, 1, 3)]


def test_generators_that_nobody_seeds_are_told_with_their_line(tmp_path):
    found, _ = looks(
        tmp_path,
        """random.Random(6)
steps(first)
random.Random()
numpy.random.default_rng()
tempfile.NamedTemporaryFile().close()
""",
    )
    assert found["seed.python.generator"] == [(0, 6, 1), (1, "from the system", 3)]
    assert found["seed.numpy.default_rng"] == [(1, "from the system", 4)]


def test_states_that_are_put_back_follow_from_the_seed_and_those_from_elsewhere_are_told_with_their_line(tmp_path):
    code = """before = random.getstate(), numpy.random.get_state(legacy=False), torch.get_rng_state()
torch.manual_seed(7)
steps(first)
random.setstate(before[0])
numpy.random.set_state(before[1])
torch.set_rng_state(before[2])
with torch.random.fork_rng():
    steps(first)
"""
    found, lines = looks(tmp_path, code)
    assert [value for _, value, _ in found["torch.initial_seed"]] == [7, 7]
    assert [line["gap"] for line in lines if "gap" in line] == []
    others = """random.setstate(random.Random(5).getstate())
numpy.random.set_state(numpy.random.RandomState(5).get_state())
other = torch.Generator().manual_seed(5).get_state()
own = torch.get_rng_state()
torch.set_rng_state(other)
torch.randn(1)
torch.set_rng_state(own)
steps(first)
"""
    (tmp_path / "others").mkdir()
    found, lines = looks(tmp_path / "others", others)
    assert found["torch.initial_seed"][1:3] == [(1, 5, 5), (1, 7, 7)]
    before = BEGIN.count("\n")
    assert [(line["gap"], line["reason"].partition(" ")[0]) for line in lines if "gap" in line] == [
        ("the seed of Python's generator", f"train.py:{before + 1}"),
        ("the seed of NumPy's generator", f"train.py:{before + 2}"),
    ]


def test_an_optimizer_that_follows_another_goes_on_counting_steps_and_losses(tmp_path):
    found, lines = looks(
        tmp_path,
        """steps(first, 3)
second = torch.optim.Adam(model[2].parameters(), lr=0.01)
steps(second, 3)
steps(first)
""",
    )
    assert [step for step, _ in losses(lines)] == [1, 2, 3, 4, 5, 6, 7]
    assert found["optimizer2.type"] == [(4, "Adam", 2)]


def test_values_of_an_optimizer_are_told_with_the_line_that_made_their_group_unless_they_came_later(tmp_path):
    found, _ = looks(
        tmp_path,
        """def make(**values):
    return torch.optim.AdamW(
        model[0].parameters(), lr=0.5, **values
    )
second = make(betas=(0.8, 0.9))
second.add_param_group({"params": model[2].parameters(), "lr": 0.25})
second.param_groups[0]["weight_decay"] = 0.125
torch.optim.lr_scheduler.StepLR(second, step_size=1, gamma=0.5)
steps(second)
for rate in (0.0625, 0.5):
    second.param_groups[0]["lr"] = rate
    steps(second)
""",
    )
    assert [where for _, _, where in found["optimizer.lr"]] == [2, None, None, None]
    # The class has no momentum, so that the line that chose it is the place.
    for name in ("type", "lr", "beta1", "momentum", "parameters", "default_lr"):
        assert found[f"optimizer.{name}"][0][2] == 2, name
    assert found["optimizer.group2.lr"][0] == (1, 0.25, 6)
    # What set these is not seen.
    assert found["optimizer.weight_decay"][0] == (1, 0.125, None)
    assert found["optimizer.initial_lr"][0] == (1, 0.5, None)


def test_an_optimizer_that_is_made_and_never_used_is_not_kept(tmp_path):
    code = """import gc, weakref
unused = weakref.ref(torch.optim.SGD(torch.nn.Linear(2, 2).parameters(), lr=0.1))
gc.collect()
assert unused() is None
steps(first)
"""
    found, _ = looks(tmp_path, code)
    assert [name for name in found if name.startswith("optimizer2")] == []


def test_a_model_that_is_left_in_evaluation_is_told(tmp_path):
    found, _ = looks(tmp_path, "steps(first)\nmodel.eval()\nsteps(first)\nmodel[0].train()\nsteps(first)\n")
    assert [(step, value) for step, value, _ in found["model.training"]] == [(1, True), (2, False), (3, "1 of 4 modules")]


def test_batches_of_a_sampler_of_the_programs_own_have_a_digest_of_their_order(tmp_path):
    _, lines = looks(
        tmp_path,
        """class Blocks:
    def __iter__(self):
        yield from torch.randperm(8).split(4)
    def __len__(self):
        return 2
class ItsOwnIterator(Blocks):
    def __iter__(self):
        self.left = iter(Blocks())
        return self
    def __next__(self):
        return next(self.left)
class Stream(torch.utils.data.IterableDataset):
    def __iter__(self):
        yield from torch.randn(8, 4)
data = torch.utils.data.TensorDataset(torch.randn(8, 4))
for [inputs] in torch.utils.data.DataLoader(data, batch_sampler=Blocks()):
    steps(first, inputs=inputs)
for inputs in torch.utils.data.DataLoader(Stream(), batch_size=4):
    steps(first, inputs=inputs)
for [inputs] in torch.utils.data.DataLoader(data, batch_sampler=ItsOwnIterator()):
    steps(first, inputs=inputs)
""",
    )
    assert [line["position"] for line in lines if line.get("kind") == "dataOrder"] == [0, 1]
    assert [line["gap"] for line in lines if "gap" in line] == ["the order of the data"]
    settings = observed(lines)
    assert (settings["loader.sampler"], settings["loader2.sampler"]) == ("Blocks", "Stream")


def test_the_digest_of_a_model_that_a_function_trained_covers_its_buffers(tmp_path):
    code = """
    from reprise.trainer import digest_of
    def train():
        model = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.BatchNorm1d(4))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(2):
            optimizer.zero_grad()
            model(torch.randn(8, 4)).square().mean().backward()
            optimizer.step()
        run.log_text(digest_of(model.state_dict()))
    train()
    """
    _, lines = looks(tmp_path, textwrap.dedent(code))
    [told] = [line["text"] for line in lines if "text" in line]
    assert observed(lines)["digest.finalWeights"] == told


def test_models_that_are_trained_one_after_another_are_not_kept_alive_and_all_are_in_the_digest(tmp_path):
    code = """
    import gc, weakref
    from reprise.trainer import digest_of
    def train():
        model = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.BatchNorm1d(4))
        extra = torch.nn.Parameter(torch.ones(()))
        optimizer = torch.optim.SGD([*model.parameters(), extra], lr=0.1)
        for _ in range(2):
            optimizer.zero_grad()
            (extra * model(torch.randn(8, 4))).square().mean().backward()
            optimizer.step()
        run.log_text(digest_of(model.state_dict()), digest_of({"parameter0": extra.detach()}))
        return [weakref.ref(one) for one in (model, optimizer, extra, *model.parameters(), *model.buffers())]
    for fold in range(3):
        gone = train()
        gc.collect()
        assert [one() for one in gone] == [None] * len(gone)
    """
    _, lines = looks(tmp_path, textwrap.dedent(code))
    parts = [line["text"] for line in lines if "text" in line]
    assert len(set(parts)) == 6
    assert observed(lines)["digest.finalWeights"] == hashlib.sha256("\n".join(parts).encode()).hexdigest()
    # Each has the names of its model, as if it were alone.
    weights = [line["tensors"]["weights"][0] for line in lines if "tensors" in line]
    assert weights == [["0.weight", "0.bias", "1.weight", "1.bias", "parameter0"]] * 6


def test_models_whose_optimizers_take_turns_have_one_digest_in_the_order_of_the_optimizers(tmp_path):
    code = """
    from reprise.trainer import digest_of
    second, other = model, torch.nn.Linear(4, 1)
    pairs = [(one, torch.optim.SGD(one.parameters(), lr=0.1)) for one in (other, second)]
    for _ in range(2):
        for one, optimizer in pairs:
            optimizer.zero_grad()
            one(torch.randn(8, 4)).square().mean().backward()
            optimizer.step()
    run.log_text(*(digest_of(one.state_dict()) for one in (other, second)))
    """
    _, lines = looks(tmp_path, textwrap.dedent(code))
    parts = [line["text"] for line in lines if "text" in line]
    assert observed(lines)["digest.finalWeights"] == hashlib.sha256("\n".join(parts).encode()).hexdigest()
