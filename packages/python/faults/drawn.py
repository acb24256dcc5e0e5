"""
Further faults, in modules and operations that those of `planted.py` do not touch. `table.py --draw 25 --seed N` draws as
many of them, and the layer of each. Each place was written down before it was looked for.
"""

from planted import FAULTS, Place, fault, layer

_before = len(FAULTS)


# Data.


@fault("inputs through half precision", "tiles", "batch", Place("data", None, "aten._to_copy", "code-differs"))
def _(it, at):
    it.inputs = it.inputs.half().float()


@fault("a case twice in a batch", "phrases", "batch", Place("data", None, "aten", "code-differs"))
def _(it, at):
    it.inputs[1] = it.inputs[0]


@fault("a tone delayed", "tones", "batch", Place("data", None, "aten.roll", "code-differs"))
def _(it, at):
    it.inputs = it.inputs.roll(1, 2)


@fault("pictures mirrored", "tiles", "batch", Place("data", None, "aten.flip", "code-differs"))
def _(it, at):
    it.inputs = it.inputs.flip(3)


@fault("values cut at the edge", "volumes", "batch", Place("data", None, "aten.clamp", "code-differs"))
def _(it, at):
    it.inputs = it.inputs.clamp(-1.5, 1.5)


# Setup.


@fault("other initial values", "phrases", "built", Place("setup", None, "aten.uniform_", "code-differs", "{at}"), layers=("form.weight", "cell.weight_hh"))
def _(it, at):
    import torch

    torch.nn.init.uniform_(it.model.get_parameter(at), -0.1, 0.1)


@fault("a permutation drawn on the side", "bags", "batch", Place("data", None, "aten.randperm", "code-differs"))
def _(it, at):
    import torch

    torch.randperm(3)


# Forward: what a module is set to.


@fault("another eps of single cases", "tones", "batch", Place("forward", "norm", "aten.native_batch_norm", "arguments-differ"))
def _(it, at):
    it.model.norm.eps = 1e-4


@fault("another beta of softplus", "tones", "batch", Place("forward", "soft", "aten.softplus", "arguments-differ"))
def _(it, at):
    it.model.soft.beta = 1.1


@fault("another dilation", "tones", "batch", Place("forward", "wide", "aten.convolution", "arguments-differ"))
def _(it, at):
    it.model.wide.dilation, it.model.wide.padding = (1,), (1,)


@fault("another slope", "volumes", "batch", Place("forward", "leak", "aten.leaky_relu", "arguments-differ"))
def _(it, at):
    it.model.leak.negative_slope = 0.2


@fault("a norm that no longer learns its statistics", "volumes", "batch", Place("forward", "norm", "aten.native_batch_norm", "arguments-differ"))
def _(it, at):
    it.model.norm.eval()


@fault("channels dropped more often", "volumes", "batch", Place("forward", "drop", "aten.bernoulli_", "arguments-differ"))
def _(it, at):
    it.model.drop.p = 0.4


@fault("a pool that takes the greatest", "volumes", "batch", Place("forward", "pool", "aten.max_pool3d_with_indices", "code-differs"))
def _(it, at):
    import torch

    it.model.pool.forward = lambda hidden: torch.nn.functional.max_pool3d(hidden, 2)


@fault("rows averaged instead of added", "bags", "batch", Place("forward", "bag", "aten._embedding_bag", "arguments-differ"))
def _(it, at):
    it.model.bag.mode = "mean"


@fault("a lower cut", "bags", "batch", Place("forward", "cut", "aten.hardtanh", "arguments-differ"))
def _(it, at):
    it.model.cut.max_val = 1.0


@fault("other neighbours", "tiles", "batch", Place("forward", "near", "aten", "arguments-differ"))
def _(it, at):
    it.model.near.alpha = 2e-4


@fault("a border of zeros", "tiles", "batch", Place("forward", "border", "aten.constant_pad_nd", "code-differs"))
def _(it, at):
    import torch

    it.model.border.forward = lambda inputs: torch.nn.functional.pad(inputs, (1, 1, 1, 1))


@fault("another alpha", "tiles", "batch", Place("forward", "bend", "aten.celu", "arguments-differ"))
def _(it, at):
    it.model.bend.alpha = 1.1


@fault("a gate read the wrong way round", "phrases", "batch", Place("forward", "glu", "aten.flip", "code-differs"))
def _(it, at):
    exact = it.model.glu.forward
    it.model.glu.forward = lambda hidden: exact(hidden.flip(1))


@fault("another eps of the root mean square", "phrases", "batch", Place("forward", "scale", "aten", "arguments-differ"))
def _(it, at):
    it.model.scale.eps = 1e-3


# Forward: what a module computes from.


@fault(
    "a weight changed outside of PyTorch",
    "phrases",
    "batch",
    Place("forward", "{at}", "aten", "input-differs", "{at}.weight"),
    layers=("gate", "form", "head"),
)
def _(it, at):
    layer(it, at).weight.detach().numpy().reshape(-1)[0] += 1e-3


@fault("running statistics changed outside of PyTorch", "volumes", "batch", Place("forward", "norm", "aten", "input-differs", "norm.running_var"))
def _(it, at):
    it.model.norm.running_var.numpy()[0] += 1e-2


# Loss.


@fault("another beta of the smooth loss", "volumes", "ready", Place("loss", None, "aten.smooth_l1_loss", "arguments-differ"))
def _(it, at):
    import functools

    it.judge = functools.partial(it.judge, beta=0.9)


@fault("classes that weigh unequally", "bags", "ready", Place("data", None, "aten.lift_fresh", "code-differs"))
def _(it, at):
    import functools

    import torch

    it.judge = functools.partial(it.judge, weight=torch.tensor([1.0, 1.0, 1.0, 2.0]))


@fault("a sum in place of a mean", "tiles", "ready", Place("loss", None, "aten.sum", "code-differs"))
def _(it, at):
    it.judge = lambda found, targets: (found - targets).abs().sum() / targets.numel()


# Backward.


@fault(
    "a gradient cut by a hook",
    "phrases",
    "batch",
    Place("backward", None, "aten.clamp", "code-differs", "gradient of {at}"),
    layers=("gate.weight", "scale.weight", "head.bias"),
)
def _(it, at):
    it.model.get_parameter(at).register_hook(lambda gradient: gradient.clamp(-1e-4, 1e-4))


@fault("a layer that is frozen", "tiles", "batch", Place("backward", "paint", "aten.convolution_backward", "arguments-differ"))
def _(it, at):
    it.model.spread.requires_grad_(False)


# Optimizer.


@fault("another memory of squares", "tones", "batch", Place("optimizer", None, "aten.mul_", "arguments-differ", "square_avg"))
def _(it, at):
    for group in it.optimizer.param_groups:
        group["alpha"] = 0.9


@fault("a rate that decays", "volumes", "batch", Place("optimizer", None, "aten.addcdiv_", "arguments-differ"))
def _(it, at):
    for group in it.optimizer.param_groups:
        group["lr_decay"] = 0.1


@fault("another eps of the optimizer", "tiles", "batch", Place("optimizer", None, "aten", "arguments-differ"))
def _(it, at):
    for group in it.optimizer.param_groups:
        group["eps"] = 1e-3


@fault("a mean of gradients forgotten", "phrases", "updated", Place("data", None, "aten.zero_", "code-differs", "exp_avg of {at}"), layers=("form.bias", "gate.weight"))
def _(it, at):
    it.optimizer.state[it.model.get_parameter(at)]["exp_avg"].zero_()


@fault("gradients turned by a thread", "bags", "judged", Place("backward", None, "aten", "code-differs"))
def _(it, at):
    import threading

    weight = it.model.mix.weight

    def turn():
        weight.register_hook(lambda gradient: gradient.neg())

    thread = threading.Thread(target=turn)
    thread.start()
    thread.join()


NAMES = {one.name for one in FAULTS[_before:]}
