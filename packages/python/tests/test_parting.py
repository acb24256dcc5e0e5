"""Where two traces part, told from traces that are written down here."""

from reprise.locating.causes import cause_of, documented
from reprise.locating.compare import aligned, parting


def tensor(digest, storage=None, name="self", kind="float32[2]"):
    return {"name": name, "digest": digest, "kind": kind, "storage": storage}


def operation(op, outputs, inputs=(), **more):
    return {
        "op": op,
        "phase": "forward",
        "module": "",
        "differentiated": False,
        "by engine": False,
        "view": False,
        "random": None,
        "settings": {},
        "arguments": {},
        "scalar": None,
        "inputs": list(inputs),
        "outputs": list(outputs),
        **more,
    }


def test_the_same_in_and_something_else_out_is_a_nondeterministic_operation():
    before = operation("relu", [tensor("r")])
    a, b = (operation("index_put", [tensor(digest)], [tensor("g")]) for digest in "xy")
    found = parting([before, a], [before, b])
    assert found == {"pair": (1, 1), "output": 0, "class": "nondeterministic-operation"}


def test_what_a_call_was_given_decides_of_what_kind_it_is():
    def kind(**differing):
        a, b = (operation("op", [tensor(digest)], [tensor("in")]) for digest in "xy")
        b.update(differing)
        return parting([a], [b])

    assert kind(arguments={"eps": "1e-05"})["arguments"] == {"eps": (None, "1e-05")}
    assert kind(random="other")["class"] == "random-state-differs"
    assert kind(settings={"torch.num_threads": 2})["settings"] == {"torch.num_threads": (None, 2)}
    assert kind(inputs=[tensor("other")]) == {"pair": (0, 0), "output": 0, "class": "input-differs", "input": 0}
    assert kind(inputs=[tensor("in", kind="float32[3]")])["class"] == "code-differs"


def test_memory_that_a_random_operation_fills_is_not_what_it_was_given():
    def drawn(was, became, state):
        return operation("normal_", [tensor(became)], [tensor(was)], random=state)

    assert parting([drawn("garbage", "x", "s")], [drawn("rubbish", "x", "s")]) is None
    assert parting([drawn("garbage", "x", "s")], [drawn("rubbish", "y", "t")])["class"] == "random-state-differs"


def test_an_operation_of_one_side_alone_is_named_only_where_what_differs_comes_of_it():
    first = operation("conv", [tensor("c", 1)])
    looked_at = operation("item", [], [tensor("c", 1)], scalar="3")
    noise = operation("add", [tensor("n", 2)], [tensor("c", 1)])
    exact = operation("relu", [tensor("x", 3)], [tensor("c", 1)])
    noisy = operation("relu", [tensor("y", 3)], [tensor("n", 2)])
    assert parting([first, exact], [first, noise, noisy]) == {"pair": (None, 1), "class": "code-differs"}
    other = operation("relu", [tensor("z", 3)], [tensor("c", 1)])
    assert parting([first, exact], [first, looked_at, other])["class"] == "nondeterministic-operation"


def test_a_change_is_told_with_what_stands_in_its_place():
    first = operation("conv", [tensor("c", 1)])
    mean = operation("mean", [tensor("m", 2)], [tensor("c", 1)])
    total = operation("sum", [tensor("s", 2)], [tensor("c", 1)])
    share = operation("div", [tensor("d", 3)], [tensor("s", 2)])
    head = [operation("mm", [tensor(digest, 4)], [tensor(given, storage)]) for digest, given, storage in (("h", "m", 2), ("i", "d", 3))]
    assert parting([first, mean, head[0]], [first, total, share, head[1]])["pair"] == (1, 1)


def test_what_the_backward_pass_computes_by_itself_comes_of_the_forward_pass():
    loss = operation("mse", [tensor("l", 1)], phase="loss", differentiated=True)
    scaled = operation("mul", [tensor("s", 2)], [tensor("l", 1)], phase="loss", differentiated=True)
    engine = {"phase": "backward", "by engine": True}
    seed = operation("ones_like", [tensor("one", 3)], phase="backward")
    times = operation("mul", [tensor("t", 4)], [tensor("one", 3)], **engine)
    ends = [operation("mse_backward", [tensor(digest, 5)], [tensor(given, at)], **engine) for digest, given, at in (("x", "one", 3), ("y", "t", 4))]
    assert parting([loss, seed, ends[0]], [loss, scaled, seed, times, ends[1]]) == {"pair": (None, 1), "class": "code-differs"}


def test_steps_that_share_little_are_aligned_in_order():
    names = [operation(op, []) for op in "abcde"]
    assert aligned(names, [names[0], *names[2:]]) == [(0, 0), (1, None), (2, 1), (3, 2), (4, 3)]


DOCUMENTATION = """Sets whether ...

    The following normally-nondeterministic operations will act
    deterministically when ``mode=True``:

        * :class:`torch.nn.Conv2d` when called on CUDA tensor
        * :func:`torch.Tensor.index_put` with ``accumulate=False``
        * :func:`torch.Tensor.index_put` with ``accumulate=True`` when called on a CPU
          tensor
        * :func:`torch.Tensor.__getitem__` when attempting to differentiate a CPU tensor

    The following normally-nondeterministic operations will throw a
    :class:`RuntimeError` when ``mode=True``:

        * :func:`torch.cumsum` when called on a CUDA tensor when dtype is floating point or complex

    In addition, several operations fill uninitialized memory
"""


def test_causes_come_from_the_documentation_of_the_version_that_runs():
    assert [entry["name"] for entry in documented(DOCUMENTATION)] == [
        "torch.nn.Conv2d",
        "torch.Tensor.index_put",
        "torch.Tensor.index_put",
        "torch.Tensor.__getitem__",
        "torch.cumsum",
    ]
    (cause,) = cause_of("aten.index_put_.default", "cpu", {"accumulate": "True"}, DOCUMENTATION)
    assert cause == {
        "name": "torch.Tensor.index_put",
        "condition": "with accumulate=True when called on a CPU tensor",
        "deterministic": True,
    }
    assert cause_of("aten.convolution_backward.default", "cpu", {}, DOCUMENTATION) == []
    assert cause_of("aten.convolution_backward.default", "cuda", {}, DOCUMENTATION)[0]["name"] == "torch.nn.Conv2d"
    assert cause_of("aten.cumsum.default", "cuda", {}, DOCUMENTATION)[0]["deterministic"] is False
    assert documented(None) == []
