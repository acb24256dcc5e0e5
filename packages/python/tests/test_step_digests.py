import hashlib

import pytest

torch = pytest.importorskip("torch")

from reprise.digest import algorithm_of, tensor_digest
from reprise.hooks.digests import BUDGET, StepDigests, budget
from reprise.hooks.model import Model
from reprise.reports import requests


class Reports:
    """Takes what is reported, and has a clock that only this test moves."""

    def __init__(self):
        self.rungs = {}
        self.algorithms = set()
        self.parts = {}
        self.now = 0.0

    def clock(self):
        return self.now

    def rung(self, kind, position, digest, algorithm):
        assert kind == "step"
        self.algorithms.add(algorithm)
        self.now += self.cost
        self.rungs[position] = digest

    def tensors(self, step, parts, algorithm):
        self.algorithms.add(algorithm)
        self.parts[step] = parts


def train(steps, seconds=1.0, cost=0.0, seed=0, halt=None):
    torch.manual_seed(seed)
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 1))
    free = torch.nn.Parameter(torch.ones(()))
    optimizer = torch.optim.SGD([*model.parameters(), free], lr=0.1)
    reports = Reports()
    reports.cost = cost
    found = Model(torch)
    [stage] = found.follow(optimizer, takes_turns=False)
    digests = StepDigests(found, reports, BUDGET, clock=reports.clock)
    for step in range(1, steps + 1):
        loss = (model(torch.randn(8, 3)) * free).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        reports.now += seconds
        stage.step = found.step = step
        digests.after_step(step, loss.detach())
    if halt is not None:
        halt(model)
    digests.finish()
    return reports


def test_equal_trainings_have_equal_digests_and_others_part_at_the_first_step():
    first, second, other = train(5), train(5), train(5, seed=1)
    assert first.rungs == second.rungs and first.parts == second.parts
    assert sorted(first.rungs) == [1, 2, 3, 4, 5]
    assert all(first.rungs[step] != other.rungs[step] for step in first.rungs)


def test_a_digest_says_by_what_it_is_and_that_of_a_device_is_of_another_kind():
    assert train(3).algorithms == {"sha256"}
    inside, outside, unreal = torch.ones(2), None, torch.ones(2, device="meta")
    assert algorithm_of([inside, outside]) == "sha256"
    assert algorithm_of([inside, unreal]) == "rows32"
    assert tensor_digest("w", inside, "rows32") != tensor_digest("w", inside) == tensor_digest("w", inside, "sha256")


def test_every_parameter_is_named_those_outside_of_modules_too():
    names, joined = train(1).parts[1]["gradient"]
    assert names == ["0.weight", "0.bias", "1.weight", "1.bias", "2.weight", "2.bias", "parameter0"]
    assert len(joined) == 8 * len(names)
    assert train(1).parts[1]["loss"][0] == ["loss"]


def test_digests_keep_within_their_share_and_the_steps_of_the_slower_run_are_common():
    # A digest takes as long as a step: one of every 128 steps is the least power of two below one per cent.
    slow, fast = train(400, cost=1.0), train(400, cost=0.1)
    assert sorted(slow.rungs) == [1, 128, 256, 384, 400]
    assert set(slow.rungs) <= set(fast.rungs)
    assert all(fast.rungs[step] == slow.rungs[step] for step in slow.rungs)


def test_the_last_step_has_no_digest_where_its_weights_are_gone():
    def restore(model):
        model.load_state_dict({name: value.clone() for name, value in model.state_dict().items()})

    assert 400 in train(400, cost=1.0).rungs
    assert 400 not in train(400, cost=1.0, halt=restore).rungs


def test_a_tensor_that_is_not_there_has_a_digest_of_its_own():
    names, joined = train(1).parts[1]["weights"]
    none = hashlib.sha256(b"loss\0none").hexdigest()[:8]
    assert none != joined[:8] and len(names) == 7


def test_requests_have_one_list_of_names_a_part():
    lines = [
        {"position": 1, "tensors": {"weights": (["a"], "00")}, "algorithm": "sha256"},
        {"position": 2, "tensors": {"weights": (["a"], "01")}, "algorithm": "sha256"},
        {"position": 2, "tensors": {"weights": (["a"], "02")}, "algorithm": "rows32"},
        {"position": 2, "kind": "step", "digest": "00" * 16, "algorithm": "rows32"},
        {"position": 3, "tensors": {"weights": (["a", "b"], "0203")}, "algorithm": "sha256"},
        {"step": 3, "metrics": {"loss": 1.0}, "time": 0.5},
    ]
    first, second = [body for _, body in requests(lines)]
    assert first["tensorDigests"][0]["positions"] == [1, 2] and "loss" in first["series"]
    assert [one["algorithm"] for one in first["tensorDigests"]] == ["sha256", "rows32"]
    assert first["digests"] == [{"kind": "step", "positions": [2], "digests": ["00" * 16], "algorithm": "rows32"}]
    assert second == {
        "tensorDigests": [
            {"kind": "step", "part": "weights", "names": ["a", "b"], "positions": [3], "digests": ["0203"], "algorithm": "sha256"}
        ]
    }


def test_a_budget_that_is_no_share_is_refused_by_name(monkeypatch):
    monkeypatch.setenv("REPRISE_DIGEST_BUDGET", "a lot")
    with pytest.raises(ValueError, match="REPRISE_DIGEST_BUDGET is 'a lot': give a share"):
        budget()
    monkeypatch.setenv("REPRISE_DIGEST_BUDGET", "inf")
    assert budget() == float("inf")


def test_steps_that_the_program_tells_have_digests_too():
    from reprise.hooks.torch import TorchHooks

    class Run(Reports):
        cost, steps = 0.0, 0

        def seen(self, step, name, value, where=None):
            pass

        def gap(self, what, why):
            raise AssertionError(f"{what}: {why}")

    torch.manual_seed(0)
    run, model = Run(), torch.nn.Linear(3, 1)
    hooks = TorchHooks(torch, run)
    try:
        for run.steps in (1, 2):
            model(torch.randn(4, 3)).square().mean().backward()
            with torch.no_grad():
                for parameter in model.parameters():
                    parameter -= 0.1 * parameter.grad
            hooks.told_step(model)
    finally:
        hooks.remove()
    assert run.rungs.keys() >= {1}
    assert run.parts[1]["weights"][0] == ["weight", "bias"]
