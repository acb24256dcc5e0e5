"""
Ten small trainings into which `planted.py` and `drawn.py` plant their faults: the fault that REPRISE_FAULT names, in the layer that
REPRISE_FAULT_AT names.

    python trainings.py pictures
"""

import os
import sys
from types import SimpleNamespace

import torch
from torch import nn
from torch.nn import functional

from more_models import MODELS

CASES, BATCH, STEPS = 64, 16, 4


class Pictures(nn.Module):
    """Classes of pictures: convolutions with batch statistics, dropout."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.stages = nn.ModuleList(nn.Conv2d(8, 8, 3, padding=1, groups=groups) for groups in (1, 2))
        self.norms = nn.ModuleList(nn.BatchNorm2d(8) for _ in range(2))
        self.drop = nn.Dropout(0.2)
        self.head = nn.Linear(8, 4)

    def forward(self, inputs):
        hidden = functional.silu(self.stem(inputs))
        for stage, norm in zip(self.stages, self.norms):
            hidden = hidden + functional.relu(norm(stage(hidden)))
        return self.head(self.drop(hidden.mean((2, 3))))


class Block(nn.Module):
    """Attention over a sequence."""

    def __init__(self, width):
        super().__init__()
        self.before = nn.LayerNorm(width)
        self.project = nn.Linear(width, 3 * width)
        self.mix = nn.Linear(width, width)
        self.scores_of = lambda query, key: query @ key.transpose(1, 2) * width**-0.5
        self.weights_of = lambda scores: scores.softmax(-1)

    def forward(self, hidden):
        query, key, value = self.project(self.before(hidden)).chunk(3, -1)
        return hidden + self.mix(self.weights_of(self.scores_of(query, key)) @ value)


class Words(nn.Module):
    """Classes of sequences: an embedding and two blocks of attention."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(50, 16)
        self.blocks = nn.ModuleList(Block(16) for _ in range(2))
        self.head = nn.Linear(16, 4)

    def forward(self, tokens):
        hidden = self.embed(tokens)
        for block in self.blocks:
            hidden = block(hidden)
        return self.head(hidden.amax(1))


class Signals(nn.Module):
    """Classes of signals: a recurrent cell over centred values."""

    def __init__(self):
        super().__init__()
        self.cell = nn.GRUCell(6, 12)
        self.head = nn.Linear(12, 4)
        self.register_buffer("mean", torch.zeros(6))
        self.momentum = 0.1

    def forward(self, signal):
        self.mean.lerp_(signal.mean((0, 1)).detach(), self.momentum)
        state = signal.new_zeros(len(signal), 12)
        for at in range(signal.shape[1]):
            state = self.cell(signal[:, at] - self.mean, state)
        return self.head(state)


class Decoder(nn.Module):
    """Pictures from codes: a transposed convolution, group statistics, interpolation."""

    def __init__(self):
        super().__init__()
        self.grow = nn.ConvTranspose2d(6, 8, 4)
        self.norm = nn.GroupNorm(2, 8)
        self.enlarge = nn.Upsample(scale_factor=2, mode="bilinear")
        self.paint = nn.Conv2d(8, 3, 1)

    def forward(self, code):
        return self.paint(self.enlarge(functional.elu(self.norm(self.grow(code[:, :, None, None])))))


class Lookup(nn.Module):
    """Means of rows that are looked up: threads meet where their gradients are added."""

    def __init__(self):
        super().__init__()
        self.rows = nn.Parameter(torch.randn(40, 64))
        self.head = nn.Linear(64, 4)

    def forward(self, index):
        return self.head(self.rows[index].tanh().mean(1))


TRAININGS = {model.__name__.lower(): model for model in (Pictures, Words, Signals, Decoder, Lookup, *MODELS)}
JUDGES = {
    "decoder": functional.mse_loss,
    "volumes": functional.smooth_l1_loss,
    "bags": functional.nll_loss,
    "tiles": functional.l1_loss,
}
OPTIMIZERS = {
    "words": (torch.optim.AdamW, {"lr": 0.01}),
    "decoder": (torch.optim.AdamW, {"lr": 0.01}),
    "tones": (torch.optim.RMSprop, {"lr": 0.002}),
    "phrases": (torch.optim.NAdam, {"lr": 0.01}),
    "volumes": (torch.optim.Adagrad, {"lr": 0.01}),
    "tiles": (torch.optim.Adamax, {"lr": 0.01}),
}


def cases_of(name):
    """Inputs and targets."""
    labels = torch.arange(CASES) % 4
    if name == "decoder":
        return torch.randn(CASES, 6), torch.randn(CASES, 3, 8, 8)
    if name == "volumes":
        return torch.randn(CASES, 1, 4, 4, 4), torch.randn(CASES, 2)
    if name == "tiles":
        return torch.randn(CASES, 3, 6, 6), torch.randn(CASES, 3, 12, 12)
    shapes = {"pictures": (3, 8, 8), "signals": (5, 6), "tones": (2, 16), "phrases": (4, 5)}
    counts = {"words": (50, 7), "lookup": (40, 256), "bags": (60, 9)}
    if name in shapes:
        return torch.randn(CASES, *shapes[name]), labels
    rows, length = counts[name]
    return torch.randint(rows, (CASES, length)), labels


def train(name, plant):
    """Trains; `plant(moment, it)` is called at every moment of it: built, ready, batch, judged, updated."""
    it = SimpleNamespace(step=0)
    it.model = TRAININGS[name]()
    plant("built", it)
    it.inputs, it.targets = cases_of(name)
    parameters = [{"params": [parameter]} for parameter in it.model.parameters()]
    it.max_norm = 0.5
    optimizer, options = OPTIMIZERS.get(name, (torch.optim.SGD, {"lr": 0.05, "momentum": 0.9}))
    it.optimizer = optimizer(parameters, **options)
    it.judge = JUDGES.get(name, functional.cross_entropy)
    plant("ready", it)
    inputs, targets = it.inputs, it.targets
    for it.step in range(1, STEPS + 1):
        index = torch.randperm(CASES)[:BATCH]
        it.inputs, it.targets = inputs[index], targets[index]
        plant("batch", it)
        it.found = it.model(it.inputs)
        it.loss = it.judge(it.found, it.targets)
        plant("judged", it)
        it.loss.backward()
        nn.utils.clip_grad_norm_(it.model.parameters(), it.max_norm)
        it.optimizer.step()
        plant("updated", it)
        it.optimizer.zero_grad()


if __name__ == "__main__":
    import drawn  # noqa: F401 - its faults are further ones
    from planted import planter

    # The least that can race.
    torch.set_num_threads(2)

    train(sys.argv[1], planter(os.environ.get("REPRISE_FAULT"), os.environ.get("REPRISE_FAULT_AT")))
