"""
The faults, each with the place where `python -m reprise locate` has to find it. A fault meets the third step of a training,
or what it is trained with, in a layer that is drawn.
"""

from typing import NamedTuple


class Place(NamedTuple):
    """What has to be said; `{at}` is the layer that was drawn. None: nothing that has to be."""

    phase: str
    module: "str | None"
    operation: str
    kind: str
    tensor: "str | None" = None


class Fault(NamedTuple):
    name: str
    training: str
    moment: str
    plant: object
    places: "tuple[Place, ...]"
    layers: "tuple[str, ...]" = ("",)
    # What one process alone has in its environment, where both have the fault.
    variables: "dict[str, str] | None" = None


FAULTS = []


def fault(name, training, moment, *places, layers=("",), variables=None):
    """Registers a function of (training, layer) as a fault."""

    def register(plant):
        FAULTS.append(Fault(name, training, moment, plant, places, layers, variables))
        return plant

    return register


def planter(name, at):
    """What the training calls at its moments: plants the fault of this name, where there is one."""
    found = next((one for one in FAULTS if one.name == name), None)

    def plant(moment, it):
        if found is not None and moment == found.moment and it.step in (0, 3):
            found.plant(it, at)

    return plant


def layer(it, at):
    return it.model.get_submodule(at)


# Data.


@fault("cases in another order", "pictures", "ready", Place("data", None, "aten.index.Tensor", "input-differs"))
def _(it, at):
    # As a file would have them: no operation of PyTorch sees it.
    it.inputs.numpy()[:] = it.inputs.numpy()[::-1].copy()


@fault(
    "unseeded noise of NumPy on a batch",
    "decoder",
    "batch",
    Place("data", None, "aten.lift_fresh", "input-differs"),
    variables={},
)
def _(it, at):
    import numpy
    import torch

    it.inputs = it.inputs + torch.from_numpy(numpy.random.default_rng().normal(0, 1e-3, it.inputs.shape).astype("float32"))


@fault("one label wrong", "signals", "batch", Place("data", None, "aten.select", "code-differs"))
def _(it, at):
    it.targets[0] = (int(it.targets[0]) + 1) % 4


@fault(
    "words in the order of a set",
    "words",
    "batch",
    Place("data", None, "aten.lift_fresh", "input-differs"),
    variables={"PYTHONHASHSEED": "12345"},
)
def _(it, at):
    import torch

    it.inputs[0] = torch.tensor([len(word) * 7 % 50 for word in list({"a", "bb", "ccc", "dddd", "eeeee", "ffffff", "ggggggg"})])


# Setup.


@fault("other initial values of an embedding", "words", "built", Place("setup", None, "aten.normal_", "code-differs", "embed.weight"))
def _(it, at):
    import torch

    torch.nn.init.normal_(it.model.embed.weight, std=0.99)


@fault("a random number drawn on the side", "pictures", "batch", Place("data", None, "aten.rand", "code-differs"))
def _(it, at):
    import torch

    torch.rand(())


# Forward.


@fault("another eps of group statistics", "decoder", "batch", Place("forward", "norm", "aten.native_group_norm", "arguments-differ"))
def _(it, at):
    it.model.norm.eps = 2e-5


@fault(
    "another momentum of running statistics",
    "pictures",
    "batch",
    Place("forward", "{at}", "aten.native_batch_norm", "arguments-differ", "{at}.running_mean"),
    layers=("norms.0", "norms.1"),
)
def _(it, at):
    layer(it, at).momentum = 0.11


@fault("a buffer that forgets slower", "signals", "batch", Place("forward", "Signals", "aten.lerp_", "arguments-differ", "mean"))
def _(it, at):
    it.model.momentum = 0.09


@fault(
    "scores of attention in half precision",
    "words",
    "batch",
    Place("forward", "{at}", "aten._to_copy", "code-differs"),
    layers=("blocks.0", "blocks.1"),
)
def _(it, at):
    exact = layer(it, at).scores_of
    layer(it, at).scores_of = lambda query, key: exact(query, key).bfloat16().float()


@fault(
    "noise added in place to weights of attention",
    "words",
    "batch",
    Place("forward", "{at}", "aten.add", "code-differs"),
    layers=("blocks.0", "blocks.1"),
)
def _(it, at):
    exact = layer(it, at).weights_of
    layer(it, at).weights_of = lambda scores: exact(scores) + 1e-6


@fault("a mean in another order of additions", "pictures", "batch", Place("forward", "Pictures", "aten.mean", "code-differs"))
def _(it, at):
    import types

    import torch

    def forward(self, inputs):
        hidden = torch.nn.functional.silu(self.stem(inputs))
        for stage, norm in zip(self.stages, self.norms):
            hidden = hidden + torch.nn.functional.relu(norm(stage(hidden)))
        return self.head(self.drop(hidden.sum(3).sum(2) / 64))

    it.model.forward = types.MethodType(forward, it.model)


@fault("another probability of dropout", "pictures", "batch", Place("forward", "drop", "aten.bernoulli_", "arguments-differ"))
def _(it, at):
    it.model.drop.p = 0.25


@fault("corners aligned when enlarged", "decoder", "batch", Place("forward", "enlarge", "aten.upsample_bilinear2d", "arguments-differ"))
def _(it, at):
    it.model.enlarge.align_corners = True


@fault(
    "a weight changed through NumPy",
    "signals",
    "batch",
    Place("forward", "cell", "aten", "input-differs", "cell.{at}"),
    layers=("weight_ih", "bias_hh"),
)
def _(it, at):
    getattr(it.model.cell, at).detach().numpy().reshape(-1)[0] += 1e-3


@fault("another kernel of convolution", "pictures", "batch", Place("forward", "stem", "aten.convolution", "settings-differ"))
def _(it, at):
    import torch

    torch.backends.mkldnn.enabled = False


# Loss.


@fault("smoothed labels", "words", "ready", Place("loss", None, "aten", "code-differs"))
def _(it, at):
    import functools

    it.judge = functools.partial(it.judge, label_smoothing=0.01)


@fault("a loss scaled", "decoder", "judged", Place("loss", None, "aten.mul", "code-differs"))
def _(it, at):
    it.loss = it.loss * 1.001


@fault("a penalty on the answers", "signals", "judged", Place("loss", None, "aten.pow", "code-differs"))
def _(it, at):
    it.loss = it.loss + 1e-4 * it.found.pow(2).sum()


# Backward.


@fault(
    "a hook on a gradient",
    "words",
    "batch",
    Place("backward", None, "aten.mul", "code-differs", "gradient of {at}"),
    layers=("blocks.0.mix.weight", "blocks.1.project.bias", "head.weight"),
)
def _(it, at):
    it.model.get_parameter(at).register_hook(lambda gradient: gradient * 1.001)


@fault(
    "threads that meet in rows looked up",
    "lookup",
    "ready",
    Place("backward", "Lookup", "aten.index_put", "nondeterministic-operation", "gradient of rows"),
    variables={},
)
def _(it, at):
    """PyTorch plants it by itself."""


@fault("gradients that are not set to zero", "decoder", "batch", Place("backward", None, "aten.add", "code-differs", "gradient of"))
def _(it, at):
    import torch

    for parameter in it.model.parameters():
        parameter.grad = torch.full_like(parameter, 1e-3)


# Optimizer.


@fault("another norm of clipping", "pictures", "ready", Place("optimizer", None, "aten.mul", "arguments-differ"))
def _(it, at):
    it.max_norm = 0.1


@fault("a schedule one step early", "signals", "batch", Place("optimizer", None, "aten", "arguments-differ"))
def _(it, at):
    for group in it.optimizer.param_groups:
        group["lr"] *= 0.9


@fault(
    "decay of one weight alone",
    "decoder",
    "ready",
    Place("optimizer", None, "aten.mul", "arguments-differ", "{at}"),
    layers=("paint.weight", "grow.bias", "norm.weight"),
)
def _(it, at):
    one = it.model.get_parameter(at)
    next(group for group in it.optimizer.param_groups if group["params"][0] is one)["weight_decay"] = 0.5


@fault(
    "a momentum forgotten",
    "pictures",
    "updated",
    Place("data", None, "aten.zero_", "code-differs", "momentum_buffer of {at}"),
    layers=("stem.weight", "norms.1.bias", "head.weight"),
)
def _(it, at):
    it.optimizer.state[it.model.get_parameter(at)]["momentum_buffer"].zero_()


@fault("another second moment", "words", "batch", Place("optimizer", None, "aten.mul_", "arguments-differ", "exp_avg_sq"))
def _(it, at):
    for group in it.optimizer.param_groups:
        group["betas"] = (0.9, 0.99)


@fault(
    "a thread that writes to a weight",
    "words",
    "batch",
    Place("forward", "head", "aten", "input-differs", "head.{at}"),
    layers=("weight", "bias"),
)
def _(it, at):
    import threading

    import torch

    def write():
        with torch.no_grad():
            it.model.get_parameter(f"head.{at}").view(-1)[0] += 1e-3

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
