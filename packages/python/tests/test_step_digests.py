import copy
import gc
import hashlib
import threading
import weakref

import pytest

torch = pytest.importorskip("torch")

from reprise.digest import algorithm_of, tensor_digest
from reprise.hooks import model as found_models
from reprise.hooks.digests import BUDGET, StepDigests, budget
from reprise.hooks.model import Model
from reprise.hooks.part import Part
from reprise.hooks.torch import TorchHooks
from reprise.reports import requests
from reprise.trainer import digest_of


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
    parts = found.follow(optimizer)
    digests = StepDigests(found, reports, BUDGET, clock=reports.clock)
    for step in range(1, steps + 1):
        loss = (model(torch.randn(8, 3)) * free).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        reports.now += seconds
        found.step = step
        for part in parts:
            part.step = step
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


class Run(Reports):
    """In place of a run: what hooks tell of it."""

    cost, steps, steps_before = 0.0, 0, 0

    def __init__(self):
        super().__init__()
        self.gaps = set()
        self.lines = []
        self.modes = []
        self.final = None

    def seen(self, step, name, value, where=None):
        if name == "model.training":
            self.modes.append((step, value))

    def gap(self, what, why):
        self.gaps.add(what)

    def log_text(self, *lines):
        self.lines.extend(lines)

    def loss(self, step, value):
        pass

    def final_weights(self, digest):
        self.final = digest

    def names(self):
        return {step: parts["weights"][0] for step, parts in self.parts.items()}


@pytest.fixture
def looked_at(monkeypatch):
    """Calls `train(run, hooks)` while hooks look at every step, and returns what they have told."""
    monkeypatch.setenv("REPRISE_DIGEST_BUDGET", "inf")

    def look(train):
        run = Run()
        hooks = TorchHooks(torch, run)
        torch.manual_seed(0)
        hooks.install()
        try:
            train(run, hooks)
            hooks.finish()
        finally:
            hooks.remove()
        return run

    return look


def normed():
    return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))


def stepped(optimizer, *modules, count=1):
    for _ in range(count):
        values = torch.randn(8, 3)
        for module in modules:
            values = module(values)
        optimizer.zero_grad()
        values.square().mean().backward()
        optimizer.step()


def joined(digests):
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def test_a_step_has_the_same_digest_whatever_digests_may_cost(looked_at, monkeypatch):
    def train(run, hooks):
        pairs = [(model, torch.optim.SGD(model.parameters(), lr=0.1)) for model in (normed(), normed())]
        for _ in range(2):
            for batch in torch.utils.data.DataLoader(torch.randn(40, 3), batch_size=8):
                for model, optimizer in pairs:
                    stepped(optimizer, lambda _, model=model, batch=batch: model(batch))
            # No version counts this.
            for model, _ in pairs:
                for parameter in model.parameters():
                    parameter.data.copy_(0.5 * parameter.data)

    every = looked_at(train).rungs
    monkeypatch.setenv("REPRISE_DIGEST_BUDGET", "1e-12")
    few = looked_at(train).rungs
    assert sorted(every) == list(range(1, 11)) and 1 in few
    assert {step: every[step] for step in few} == few


@pytest.mark.parametrize("models", [1, 2])
def test_steps_that_another_thread_makes_have_no_digest_and_models_of_several_threads_none_together(looked_at, models):
    digests = []

    def train(run, hooks):
        trained = [normed() for _ in range(models)]
        optimizers = [torch.optim.SGD(model.parameters(), lr=0.1) for model in trained]
        stepped(optimizers[0], trained[0])
        beside = threading.Thread(target=stepped, args=(optimizers[-1], trained[-1]))
        beside.start()
        beside.join()
        stepped(optimizers[0], trained[0], count=2)
        digests.append(digest_of(trained[0].state_dict()))

    run = looked_at(train)
    assert (sorted(run.rungs), run.final) == ([1], digests[0] if models == 1 else None)
    assert run.gaps == {"digests of steps", *(["the final weights"] if models == 2 else [])}


def test_every_model_that_the_program_tells_of_is_looked_at(looked_at):
    digests = []

    def train(run, hooks):
        for _ in range(2):
            model = normed()
            for _ in range(2):
                model(torch.randn(4, 3)).square().mean().backward()
                with torch.no_grad():
                    for parameter in model.parameters():
                        parameter -= 0.1 * parameter.grad
                run.steps += 1
                hooks.told_step(model)
            digests.append(digest_of(model.state_dict()))
        del model
        assert run.gaps == set()
        run.steps += 1
        hooks.told_step(None)

    run = looked_at(train)
    # Of the last step nobody knows what it has changed.
    assert run.gaps == {"the weights after a step"}
    assert run.names() == dict.fromkeys((1, 2, 3, 4), ["0.weight", "0.bias", "1.weight", "1.bias"])
    assert sorted(run.rungs) == [1, 2, 3, 4] and len(set(run.rungs.values())) == 4
    assert run.final == joined(digests)


@pytest.mark.parametrize("shares", ["nothing", "a backbone", "a backbone in a wrapper"])
def test_a_model_that_was_trained_before_is_in_no_step_and_in_the_last_digest_whether_it_is_there_or_not(looked_at, shares):
    def told(keeps):
        kept, gone = [], []

        def train(run, hooks):
            backbone = torch.nn.Linear(3, 3)
            for _ in range(3):
                assert [one() for one in gone if not keeps] == [None] * len(gone) * (not keeps)
                model = normed()
                trained = {"nothing": [model], "a backbone": [backbone, model]}.get(shares) or [torch.nn.Sequential(backbone, model)]
                stepped(torch.optim.SGD([one for module in trained for one in module.parameters()], lr=0.1), *trained, count=2)
                gone.extend(weakref.ref(one) for one in (model, *model.parameters(), *model.buffers()))
                if keeps:
                    kept.append((model, trained))
                del model, trained

        run = looked_at(train)
        return run.rungs, run.names(), run.final, run.gaps

    rungs, names, final, gaps = told(keeps=False)
    assert (rungs, names, final, gaps) == told(keeps=True)
    own = ["0.weight", "0.bias", "1.weight", "1.bias"]
    assert names == dict.fromkeys(range(1, 7), own if shares == "nothing" else ["0.weight", "0.bias", *(f"1.{name}" for name in own)])
    assert (len(final), gaps) == (64, set())


def counted(model, *left_out):
    """Digest of what of a model counts, where others share tensors with it."""
    return joined(f"{name} {digest_of({'': one})}" for name, one in sorted(model.state_dict().items()) if not name.startswith(left_out))


@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("case", ["an encoder", "a frozen encoder", "statistics of a frozen encoder", "heads that take turns"])
def test_what_models_share_counts_in_the_last_of_them_as_it_is_in_the_end(looked_at, case, keeps):
    kept = []

    def train(run, hooks):
        encoder = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.BatchNorm1d(3))
        models = [torch.nn.Sequential(encoder, torch.nn.Linear(3, 1)) for _ in range(2)]
        if "frozen" in case:
            encoder.requires_grad_(False).train(case != "a frozen encoder")
        optimizers = [torch.optim.SGD([one for one in model.parameters() if one.requires_grad], lr=0.1) for model in models]
        order = [0, 1, 0, 1] if "turns" in case else [0, 0, 1, 1]
        heads = [model[1] for model in models]
        for place, number in enumerate(order):
            stepped(optimizers[number], models[number])
            if not keeps and number not in order[place + 1 :]:
                models[number] = None
        kept.extend(torch.nn.Sequential(encoder, head) for head in heads)

    run = looked_at(train)
    first, last = kept
    assert (run.final, run.gaps) == (joined([counted(first, "0."), counted(last)]), set())


@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("further", ["its encoder", "its encoder with a new layer", "what it wrapped", "its encoder in another wrapper", "its weight and another"])
def test_what_is_trained_further_has_no_last_digest_where_what_it_was_of_is_gone(looked_at, further, keeps):
    kept, digests = [], []

    def train(run, hooks):
        if is_loose := further == "its weight and another":
            weight, free = (torch.nn.Parameter(torch.ones(3)) for _ in range(2))
            first = before = torch.optim.SGD([weight], lr=0.1)
            stepped(before, lambda values: values * weight)
            after, modules = torch.optim.SGD([weight, free], lr=0.1), [lambda values: values * weight * free]
        else:
            encoder, head = torch.nn.Sequential(torch.nn.Linear(3, 3)), torch.nn.Linear(3, 1)
            first = torch.nn.Sequential(encoder, *([] if further == "what it wrapped" else [head]))
            before = torch.optim.SGD(first.parameters(), lr=0.1)
            stepped(before, first)
            if further == "its encoder with a new layer":
                encoder.append(torch.nn.Linear(3, 3))
            modules = [torch.nn.Sequential(encoder, torch.nn.Identity(), torch.nn.Linear(3, 3).requires_grad_(False))] if "another" in further else [encoder]
            after = before if further == "what it wrapped" else torch.optim.SGD(encoder.parameters(), lr=0.1)
        if keeps:
            kept.append(first)
        del first, before
        stepped(after, *modules)
        digests.append(joined([digest_of({"parameter0": weight}), digest_of({"parameter0": free})]) if is_loose else "")

    run = looked_at(train)
    if keeps:
        assert (run.final, run.gaps) == (digests[0] or digest_of(kept[0].state_dict()), set())
    else:
        assert (run.final, run.gaps) == (None, {"the final weights"})


def test_models_that_share_a_layer_have_one_digest_whenever_garbage_was_collected(looked_at):
    def train(collected):
        encoder, models = torch.nn.Linear(3, 3), []
        for number in range(2):
            models.append(torch.nn.Sequential(encoder, torch.nn.Linear(3, 1)))
            if number < collected:
                gc.collect()
        for model in models:
            stepped(torch.optim.SGD(model.parameters(), lr=0.1), model)

    finals = [looked_at(lambda run, hooks, collected=collected: train(collected)).final for collected in range(3)]
    assert finals[0] is not None
    assert finals == finals[:1] * 3


@pytest.mark.parametrize("changed", [0, 1])
def test_a_layer_that_is_put_in_place_of_one_that_was_shared_counts(looked_at, changed):
    digests = []

    def train(run, hooks):
        encoder = torch.nn.Linear(3, 3)
        models = [torch.nn.Sequential(encoder, torch.nn.Linear(3, 1)) for _ in range(2)]
        for model in models:
            stepped(torch.optim.SGD(model.parameters(), lr=0.1), model)
        models[changed][0] = copy.deepcopy(encoder)
        stepped(torch.optim.SGD(models[changed].parameters(), lr=0.1), models[changed])
        digests.extend(digest_of(model.state_dict()) for model in models)

    assert looked_at(train).final == joined(digests)


@pytest.mark.parametrize("shares", [True, False])
def test_of_models_that_are_gone_no_tensor_is_kept_in_any_form(looked_at, shares):
    def entries(hooks):
        parts = [one for one in gc.get_objects() if type(one) is Part and one._gone.__self__ is hooks._model]
        return sum(len(value) for part in parts for value in vars(part).values() if isinstance(value, (dict, list)))

    def train(run, hooks):
        counts, encoder = [], normed()
        for _ in range(6):
            model = torch.nn.Sequential(*([encoder] if shares else []), torch.nn.Linear(4 if shares else 3, 3))
            stepped(torch.optim.SGD(model.parameters(), lr=0.1), model)
            counts.append(entries(hooks))
        assert len(set(counts[2:])) == 1, counts
        assert run.gaps == set()

    looked_at(train)


@pytest.mark.parametrize("keeps", [True, False])
def test_the_same_tensors_in_another_optimizer_or_wrapper_are_the_same_model(looked_at, keeps):
    kept, weights = [], []

    def train(run, hooks):
        free, encoder = torch.nn.Parameter(torch.ones(3)), torch.nn.Linear(3, 3)
        for _ in range(3):
            model = torch.nn.Sequential(encoder)
            optimizers = [torch.optim.SGD(tensors, lr=0.1) for tensors in ([free], model.parameters())]
            stepped(optimizers[0], lambda values: values * free)
            stepped(optimizers[1], model)
            if keeps:
                kept.append((model, *optimizers))
            del model, optimizers
        weights.extend([digest_of({"parameter0": free}), digest_of(torch.nn.Sequential(encoder).state_dict())])

    run = looked_at(train)
    assert (run.final, run.gaps) == (joined(weights), set())


def test_a_trained_model_that_is_wrapped_later_is_looked_at_in_its_wrapper(looked_at):
    def train(run, hooks):
        backbone, head = torch.nn.Linear(3, 3), torch.nn.Linear(3, 1)
        first, second = (torch.optim.SGD(one.parameters(), lr=0.1) for one in (backbone, head))
        stepped(first, backbone)
        model = torch.nn.Sequential(backbone, head)
        stepped(second, model)
        # It comes back, as in a second stage.
        stepped(first, model, count=3)

    run = looked_at(train)
    both = ["0.weight", "0.bias", "1.weight", "1.bias"]
    assert run.names() == {1: ["weight", "bias"], **dict.fromkeys(range(2, max(run.names()) + 1), both)}
    assert (sorted(run.rungs), run.gaps) == (list(range(1, run.steps + 1)), set())


def test_steps_whose_model_is_never_told_are_a_gap(looked_at):
    def train(run, hooks):
        run.steps += 1
        hooks.told_step(None)

    assert looked_at(train).gaps == {"the weights after a step"}


def test_a_step_that_changed_nothing_that_is_known_is_a_gap():
    run = Run()
    assert not StepDigests(Model(torch), run, BUDGET).after_step(1, None)
    assert (run.gaps, run.rungs) == ({"the weights after a step"}, {})


def test_a_model_that_an_optimizer_is_given_later_is_looked_at_from_then_on(looked_at):
    digests = []

    def train(run, hooks):
        body, head = torch.nn.Linear(3, 3), normed()
        optimizer = torch.optim.SGD(body.parameters(), lr=0.1)
        stepped(optimizer, body, head)
        optimizer.add_param_group({"params": head.parameters()})
        stepped(optimizer, body, head)
        digests.extend(digest_of(one.state_dict()) for one in (body, head))

    run = looked_at(train)
    assert {step: len(names) for step, names in run.names().items()} == {1: 2, 2: 6}
    assert run.final == joined(digests)


def test_models_that_take_turns_are_digested_together_however_many_steps_each_makes(looked_at):
    def train(run, hooks):
        pairs = [(count, model, torch.optim.SGD(model.parameters(), lr=0.1)) for count, model in ((2, normed()), (1, normed()))]
        for _ in range(3):
            for count, model, optimizer in pairs:
                stepped(optimizer, model, count=count)

    # A digest is taken after the first optimizer of a step: in step 3 that is the second one, which is new; in step 6 the second has
    # changed nothing since step 4.
    assert {step: len(names) for step, names in looked_at(train).names().items()} == {1: 4, 2: 4, 3: 4, 4: 8, 5: 8, 6: 4, 7: 8}


def test_modules_that_are_not_looked_for_are_a_gap_and_what_is_in_none_has_no_mode(looked_at, monkeypatch):
    monkeypatch.setattr(found_models, "SEARCHES", 2)

    def train(run, hooks):
        stepped(torch.optim.SGD([(free := torch.nn.Parameter(torch.ones(3)))], lr=0.1), lambda values: values * free, count=2)
        assert run.modes == []
        first = normed()
        stepped(torch.optim.SGD(first.parameters(), lr=0.1), first)
        assert (run.gaps, run.modes) == (set(), [(3, True)])
        second = normed()
        stepped(torch.optim.SGD(second.parameters(), lr=0.1), second)

    run = looked_at(train)
    assert run.gaps == {"the modules of a model"}
    assert run.modes == [(3, True)]
    assert run.names()[4] == ["parameter0", "parameter1", "parameter2", "parameter3"]


AFTER = "weights after the last step of an optimizer"


def in_place(model):
    with torch.no_grad():
        next(model.parameters()).mul_(0.5)


def swapped(model):
    """As where an average is evaluated, and the weights are put back."""
    kept = {name: value.clone() for name, value in model.state_dict().items()}
    model.load_state_dict({name: torch.zeros_like(value) for name, value in kept.items()})
    model.load_state_dict(kept)


def statistics(model):
    model(torch.randn(8, 3))


@pytest.mark.parametrize("is_gone", [False, True])
@pytest.mark.parametrize("optimizers", [1, 2])
@pytest.mark.parametrize(("change", "is_told"), [(in_place, True), (swapped, False), (statistics, False), (lambda model: None, False)])
def test_weights_that_are_changed_after_the_last_step_are_a_gap(looked_at, change, is_told, optimizers, is_gone):
    kept = []

    def train(run, hooks):
        models = [normed() for _ in range(optimizers)]
        pairs = [(model, torch.optim.SGD(model.parameters(), lr=0.1)) for model in models]
        for _ in range(3):
            for model, optimizer in pairs:
                stepped(optimizer, model)
        del model, optimizer, pairs
        change(models[-1])
        if not is_gone:
            kept.extend(models)

    run = looked_at(train)
    # Of several optimizers the last step has no digest of all that they have changed: that weights were written to stands in the log.
    assert (AFTER in run.gaps) is (is_told and optimizers == 1)
    assert ["Weights were written to" in line for line in run.lines] == [True] * (optimizers == 2 and change in (in_place, swapped))


@pytest.mark.parametrize("way", ["clipped", "an average", "told"])
def test_what_a_loop_does_to_its_weights_after_each_step_is_no_gap(looked_at, way):
    kept = []

    def train(run, hooks):
        model = torch.nn.ModuleDict({"model": normed(), "average": normed().requires_grad_(way == "clipped")})
        optimizer = torch.optim.SGD([one for one in model.parameters() if one.requires_grad], lr=0.1)
        for _ in range(3):
            stepped(optimizer, model["model"])
            with torch.no_grad():
                for average, parameter in zip(model["average"].parameters(), model["model"].parameters()):
                    parameter.clamp_(-0.1, 0.1) if way == "clipped" else average.lerp_(parameter, 0.5)
            if way == "told":
                run.steps += 1
                hooks.told_step(model)
        kept.append(model)

    assert looked_at(train).gaps == set()


def test_weights_that_the_last_step_did_not_change_are_no_gap(looked_at):
    def train(run, hooks):
        first, second = normed(), torch.nn.Linear(4, 3)
        for _ in range(2):
            stepped(torch.optim.SGD(first.parameters(), lr=0.1), first)
        in_place(first)
        stepped(torch.optim.SGD(second.parameters(), lr=0.1), first, second)

    # It was written to between steps, and was none of the last one.
    assert looked_at(train).gaps == set()
