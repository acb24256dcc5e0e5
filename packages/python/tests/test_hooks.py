"""What hooks see of seeds, optimizers and loaders, and that they go away without a trace."""

import copy
import random
import sys

import pytest

from reprise.hooks.data import Loaders
from reprise.hooks.optimizers import Optimizers
from reprise.hooks.patches import Patches
from reprise.hooks.seeds import SeedCalls
from reprise.hooks.settings import Watch, in_effect

torch = pytest.importorskip("torch")


@pytest.fixture
def patches():
    own = Patches()
    yield own
    own.remove()


def test_calls_that_seed_are_told_with_their_line(patches):
    told = []
    seeds = SeedCalls(lambda *look: told.append(look), None, patches)
    seeds.watch_python()
    seeds.watch_torch(torch)
    random.seed(3)
    torch.manual_seed(torch.tensor(4))
    line = test_calls_that_seed_are_told_with_their_line.__code__.co_firstlineno
    assert [(name, value, where.rsplit("/", 1)[-1]) for name, value, where in told] == [
        ("seed.python", 3, f"test_hooks.py:{line + 5}"),
        ("seed.torch", 4, f"test_hooks.py:{line + 6}"),
    ]


def test_a_state_that_is_read_again_stays_known_and_what_is_told_of_others_is_true(patches):
    began, told = random.getstate(), []
    SeedCalls(lambda *_: None, lambda what, why: told.append(why), patches).watch_python()
    random.setstate(random.Random(5).getstate())
    kept = random.getstate()
    random.random()
    long_ago = random.getstate()
    for _ in range(998):
        random.random()
        last = random.getstate()
    # A thousand are known, and the first is read again.
    random.setstate(kept)
    assert random.getstate() == kept
    random.setstate(last)
    random.random()
    random.getstate()
    assert len(told) == 1 and "a state that was not read from it during this run:" in told[0]
    random.setstate(kept)
    assert len(told) == 1
    random.setstate(long_ago)
    assert "a state that is not among the last 1,000 that were read from it during this run:" in told[1]
    patches.remove()
    # A further run of the process, as of a notebook, knows nothing of how a state came about before it.
    SeedCalls(lambda *_: None, lambda what, why: told.append(why), patches).watch_python()
    random.setstate(kept)
    assert "was not read from it during this run" in told[2]
    random.setstate(began)


def test_seeding_is_as_it_was_when_the_run_is_over(patches):
    before = random.seed, torch.manual_seed
    seeds = SeedCalls(lambda *_: None, None, patches)
    seeds.watch_python()
    seeds.watch_torch(torch)
    assert (random.seed, torch.manual_seed) != before
    patches.remove()
    assert (random.seed, torch.manual_seed) == before


def test_variables_of_cuda_are_told_when_it_begins_with_the_step_and_not_before(patches, monkeypatch):
    told = []
    began = []
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: bool(began))
    monkeypatch.setattr(torch.cuda, "_lazy_init", lambda: began.append(True))
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":16:8")
    watch = Watch(torch, lambda step, name, value, where=None: told.append((step, name, value)), None, patches)
    watch.look(0, everything=True)
    assert ("torch.cuda.is_initialized", False) in [(name, value) for _, name, value in told]
    # A library sets it in the third step, before it uses the device for the first time.
    watch.look(3)
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.cuda._lazy_init()
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", "too late")
    watch.look(64)
    looks = [(step, value) for step, name, value in told if name == "CUBLAS_WORKSPACE_CONFIG"]
    assert looks == [(3, ":4096:8")]
    assert (3, "torch.cuda.is_initialized", True) in told


def test_a_seed_of_hashes_that_is_set_in_the_program_is_not_in_effect(monkeypatch):
    before = in_effect()
    monkeypatch.setenv("PYTHONHASHSEED", "12345")
    assert in_effect() == before != {"PYTHONHASHSEED": "12345"}


def _looks(make, steps):
    """What is told of `steps` steps of an optimizer, and at the end: {name: [(step, value), …]}"""
    told = {}
    optimizers = Optimizers(lambda step, name, value, where=None: told.setdefault(name, []).append((step, value)))
    weight = torch.nn.Parameter(torch.zeros(3))
    optimizer, after = make(weight)
    for step in range(1, steps + 1):
        optimizers.look(step, optimizer)
        after(step)
    optimizers.finish()
    return told


def test_values_of_an_optimizer_are_told_at_first_when_they_change_and_at_last():
    def make(weight):
        optimizer = torch.optim.Adam([weight], lr=0.1, betas=(0.85, 0.99), amsgrad=True)
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
        return optimizer, lambda step: scheduler.step()

    told = _looks(make, 4)
    assert told["optimizer.type"] == [(1, "Adam")]
    assert told["optimizer.lr"] == [(1, 0.1), (3, 0.05), (4, 0.05)]
    assert told["optimizer.beta1"][0] == (1, 0.85)
    assert told["optimizer.amsgrad"][0] == (1, True)
    # It has none: whoever asked for one is told so.
    assert told["optimizer.momentum"][0] == (1, None)


def test_a_learning_rate_that_is_a_tensor_is_told_when_it_is_changed_in_place():
    def make(weight):
        optimizer = torch.optim.SGD([weight], lr=torch.tensor(0.5))
        return optimizer, lambda step: optimizer.param_groups[0]["lr"].fill_(0.25) if step == 2 else None

    assert _looks(make, 3)["optimizer.lr"] == [(1, 0.5), (3, 0.25), (3, 0.25)]


def test_further_groups_tell_only_what_is_not_as_in_the_first():
    def make(weight):
        bias = torch.nn.Parameter(torch.zeros(1))
        groups = [{"params": [weight]}, {"params": [bias], "weight_decay": 0.0}]
        return torch.optim.SGD(groups, lr=0.1, weight_decay=0.01), lambda step: None

    told = _looks(make, 2)
    assert told["optimizer.weight_decay"][0] == (1, 0.01)
    assert told["optimizer.group2.weight_decay"][0] == (1, 0.0)
    assert "optimizer.group2.lr" not in told


@pytest.mark.parametrize("is_copied", [False, True])
def test_a_group_that_is_added_to_an_earlier_optimizer_lends_its_line_to_no_other(patches, is_copied):
    weight, bias = torch.nn.Parameter(torch.zeros(3)), torch.nn.Parameter(torch.zeros(1))
    told = {}
    optimizers = Optimizers(lambda step, name, value, where=None: told.setdefault(name, where))
    optimizer = None if is_copied else torch.optim.SGD([weight], lr=0.1)
    optimizers.install(torch, patches)
    if is_copied:
        optimizer = copy.deepcopy(torch.optim.SGD([weight], lr=0.1))
    optimizer.add_param_group({"params": [bias], "weight_decay": 0.5})
    line = sys._getframe().f_lineno - 1
    optimizers.look(1, optimizer)
    assert (told["optimizer.type"], told["optimizer.lr"]) == (None, None)
    assert told["optimizer.group2.weight_decay"].endswith(f"test_hooks.py:{line}")


def _passes(patches, *batch_samplers, **settings):
    """Rungs and gaps of one pass over each, as (position, digest) and texts."""
    rungs, gaps = [], []
    rung = lambda kind, position, digest: rungs.append((position, digest))
    Loaders(lambda *_: None, rung, lambda what, why: gaps.append(why), lambda: 0, patches).install(torch)
    for sampler in batch_samplers:
        for _ in torch.utils.data.DataLoader(Anything(), batch_sampler=sampler, collate_fn=len):
            pass
    return rungs, gaps


class Anything(torch.utils.data.Dataset):
    def __getitem__(self, index):
        return index

    def __len__(self):
        return 4


def test_a_pass_that_cannot_be_counted_has_no_digest_and_keeps_its_position(patches):
    keys = [["a", "b"], ["c"]]
    rungs, [why, *_] = _passes(patches, [[0, 1], [2]], [[0, 1], keys[0]], [[(0, 32), (1, 32)]], [[0, 1], [2]])
    assert [position for position, _ in rungs] == [0, 3]
    assert rungs[0][1] == rungs[1][1]
    assert "drew list, which is read as no list of numbers" in why


def test_batches_of_a_list_or_a_tensor_have_a_digest_and_no_class_of_a_library_is_patched(patches):
    before = torch.Tensor.__iter__
    rungs, gaps = _passes(patches, [[0, 1], [2, 3]], torch.arange(4).view(2, 2), torch.tensor([[2, 3], [0, 1]]))
    digests = [digest for _, digest in rungs]
    assert digests[0] == digests[1] != digests[2]
    assert (gaps, torch.Tensor.__iter__) == ([], before)


def test_a_class_gives_up_what_it_had_from_the_one_above(patches):
    class Base:
        def draw(self):
            return "own"

    class Sub(Base):
        pass

    before = Base.draw
    for owner in (Base, Sub):
        patches.wrap(owner, "draw", lambda original: lambda own: f"hook {original(own)}")
    assert Sub().draw() == "hook hook own"
    patches.remove()
    assert Base.draw is before
    assert "draw" not in vars(Sub)


def _fails(*_):
    raise OSError(28, "No space left on device")


def test_cuda_begins_where_nothing_can_be_told(patches, monkeypatch):
    began, gaps = [], []
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: bool(began))
    monkeypatch.setattr(torch.cuda, "_lazy_init", lambda: began.append(True))
    Watch(torch, _fails, lambda *gap: gaps.append(gap), patches)
    torch.cuda._lazy_init()
    assert began == [True]
    assert gaps == [("the beginning of CUDA", "[Errno 28] No space left on device")]


def test_a_generator_is_made_where_the_folder_of_the_program_is_gone(patches, monkeypatch):
    gaps = []
    SeedCalls(lambda *_: None, lambda *gap: gaps.append(gap), patches).watch_python()
    monkeypatch.setattr("reprise.hooks.seeds.is_own", _fails)
    assert random.Random(3).random() == 0.23796462709189137
    assert gaps == [("a call that seeds", "[Errno 28] No space left on device")]
