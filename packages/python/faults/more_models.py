"""Five further models for `trainings.py`, of modules that its own do not have."""

from torch import nn
from torch.nn import functional


class Tones(nn.Module):
    """Classes of tones: convolutions in one dimension, statistics of single cases, pools."""

    def __init__(self):
        super().__init__()
        self.lift = nn.Conv1d(2, 8, 5, padding=2)
        self.norm = nn.InstanceNorm1d(8, affine=True)
        self.bend = nn.PReLU(8)
        self.thin = nn.MaxPool1d(2)
        self.wide = nn.Conv1d(8, 8, 3, padding=2, dilation=2)
        self.soft = nn.Softplus()
        self.head = nn.Linear(8, 4)

    def forward(self, inputs):
        hidden = self.thin(self.bend(self.norm(self.lift(inputs))))
        return self.head(functional.adaptive_avg_pool1d(self.soft(self.wide(hidden)), 1).squeeze(2))


class Phrases(nn.Module):
    """Classes of sequences: a long short-term memory cell, a gate, a bilinear form."""

    def __init__(self):
        super().__init__()
        self.cell = nn.LSTMCell(5, 10)
        self.gate = nn.Linear(10, 20)
        self.glu = nn.GLU()
        self.form = nn.Bilinear(10, 5, 6)
        self.scale = nn.RMSNorm(6)
        self.head = nn.Linear(6, 4)

    def forward(self, phrase):
        state = (phrase.new_zeros(len(phrase), 10), phrase.new_zeros(len(phrase), 10))
        for at in range(phrase.shape[1]):
            state = self.cell(phrase[:, at], state)
        return self.head(self.scale(self.form(self.glu(self.gate(state[0])), phrase[:, -1])))


class Volumes(nn.Module):
    """A value for every volume: convolutions in three dimensions, batch statistics, pools."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv3d(1, 4, 3, padding=1)
        self.norm = nn.BatchNorm3d(4)
        self.leak = nn.LeakyReLU(0.1)
        self.pool = nn.AvgPool3d(2)
        self.drop = nn.Dropout3d(0.2)
        self.head = nn.Linear(32, 2)

    def forward(self, inputs):
        hidden = self.drop(self.pool(self.leak(self.norm(self.stem(inputs)))))
        return self.head(hidden.flatten(1))


class Bags(nn.Module):
    """Classes of bags of words: sums of rows, an activation with corners, log-probabilities."""

    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(60, 12, mode="sum")
        self.bend = nn.Hardswish()
        self.mix = nn.Linear(12, 12)
        self.cut = nn.Hardtanh(-2.0, 2.0)
        self.head = nn.Linear(12, 4)

    def forward(self, tokens):
        return self.head(self.cut(self.mix(self.bend(self.bag(tokens))))).log_softmax(1)


class Tiles(nn.Module):
    """Pictures made larger: reflected borders, shuffled pixels, responses normalised among neighbours."""

    def __init__(self):
        super().__init__()
        self.border = nn.ReflectionPad2d(1)
        self.spread = nn.Conv2d(3, 8, 3)
        self.bend = nn.CELU(1.0)
        self.near = nn.LocalResponseNorm(3)
        self.shuffle = nn.PixelShuffle(2)
        self.paint = nn.Conv2d(2, 3, 1)

    def forward(self, inputs):
        return self.paint(self.shuffle(self.near(self.bend(self.spread(self.border(inputs))))))


MODELS = (Tones, Phrases, Volumes, Bags, Tiles)
