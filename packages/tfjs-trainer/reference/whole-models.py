"""Loss and gradients of small networks in PyTorch, float64, for src/models/whole-models.test.ts.

Written from the papers and PyTorch's own layers, independently of the trainer. Usage: python whole-models.py > whole-models.data.json
(made with PyTorch 2.13, CPU). Values of tensor t, in the trainer's layout: a linear congruential generator started at
2654435761 (t + 1).
"""

import json

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)


def uniform(index, size):
    state, out = (2654435761 * (index + 1)) % 2**32, np.empty(size)
    for i in range(size):
        state = (1664525 * state + 1013904223) % 2**32
        out[i] = state / 2**31 - 1
    return out


def conv(i, o, k, s=1, g=1):
    return nn.Conv2d(i, o, k, s, (k - 1) // 2, groups=g, bias=False)


class Basic(nn.Module):
    def __init__(self, i, o, s, projection):
        super().__init__()
        self.main = nn.Sequential(conv(i, o, 3, s), nn.BatchNorm2d(o), nn.ReLU(), conv(o, o, 3), nn.BatchNorm2d(o))
        same = i == o and s == 1
        self.short = nn.Sequential(conv(i, o, 1, s), nn.BatchNorm2d(o)) if projection and not same else None
        self.pad, self.s, self.relu = o - i, s, nn.ReLU()

    def forward(self, x):
        short = self.short(x) if self.short else F.pad(x[:, :, :: self.s, :: self.s], (0, 0, 0, 0, 0, self.pad))
        return self.relu(self.main(x) + short)


class Preactivation(nn.Module):
    def __init__(self, i, o, s):
        super().__init__()
        self.before = nn.Sequential(nn.BatchNorm2d(i), nn.ReLU())
        self.main = nn.Sequential(conv(i, o, 3, s), nn.BatchNorm2d(o), nn.ReLU(), conv(o, o, 3))
        self.short = None if i == o and s == 1 else conv(i, o, 1, s)

    def forward(self, x):
        a = self.before(x)
        return self.main(a) + (self.short(a) if self.short else x)


def head(features, classes=3):
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(features, classes)]


def residual(stem, filters, counts, block):
    layers, i = list(stem), filters[0]
    for stage, (o, count) in enumerate(zip(filters, counts)):
        for b in range(count):
            layers.append(block(i, o, 2 if stage > 0 and b == 0 else 1))
            i = o
    return nn.Sequential(*layers, *head(i))


def norm(i, o, k, s, g, act):
    return [conv(i, o, k, s, g), nn.BatchNorm2d(o)] + ([act()] if act else [])


def rounded(v):
    n = max(8, int(v + 4) // 8 * 8)
    return n + 8 if n < 0.9 * v else n


class SqueezeExcite(nn.Module):
    def __init__(self, c):
        super().__init__()
        q = rounded(c // 4)
        self.weigh = nn.Sequential(nn.Linear(c, q), nn.ReLU(), nn.Linear(q, c), nn.Hardsigmoid())

    def forward(self, x):
        return x * self.weigh(x.mean((2, 3)))[:, :, None, None]


class Inverted(nn.Module):
    def __init__(self, i, k, e, o, se, act, s):
        super().__init__()
        layers = norm(i, e, 1, 1, 1, act) if e != i else []
        layers += norm(e, e, k, s, e, act) + ([SqueezeExcite(e)] if se else []) + norm(e, o, 1, 1, 1, None)
        self.main, self.keeps = nn.Sequential(*layers), s == 1 and i == o

    def forward(self, x):
        return x + self.main(x) if self.keeps else self.main(x)


def small(strides):
    """Strides with the first of the blocks left out, as the small stem does beside that of the first convolution."""
    first = strides.index(2)
    return strides[:first] + [1] + strides[first + 1 :]


def mobilenet_v1(a):
    rows = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + [(512, 1)] * 5 + [(1024, 2), (1024, 1)]
    i = rounded(32 * a)
    layers = norm(3, i, 3, 1, 1, nn.ReLU)
    for (filters, _), s in zip(rows, small([s for _, s in rows])):
        o = rounded(filters * a)
        layers += norm(i, i, 3, s, i, nn.ReLU) + norm(i, o, 1, 1, 1, nn.ReLU)
        i = o
    return nn.Sequential(*layers, *head(i))


def mobilenet_v2(a):
    table = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
    rows = [(t, c, s if b == 0 else 1) for t, c, n, s in table for b in range(n)]
    i = rounded(32 * a)
    layers = norm(3, i, 3, 1, 1, nn.ReLU6)
    for (t, c, _), s in zip(rows, small([s for _, _, s in rows])):
        o = rounded(c * a)
        layers.append(Inverted(i, 3, i * t, o, False, nn.ReLU6, s))
        i = o
    layers += norm(i, 1280, 1, 1, 1, nn.ReLU6)
    return nn.Sequential(*layers, *head(1280))


R, H = nn.ReLU, nn.Hardswish
v3_rows = [
    (3, 16, 16, 0, R, 1), (3, 64, 24, 0, R, 2), (3, 72, 24, 0, R, 1), (5, 72, 40, 1, R, 2), (5, 120, 40, 1, R, 1),
    (5, 120, 40, 1, R, 1), (3, 240, 80, 0, H, 2), (3, 200, 80, 0, H, 1), (3, 184, 80, 0, H, 1), (3, 184, 80, 0, H, 1),
    (3, 480, 112, 1, H, 1), (3, 672, 112, 1, H, 1), (5, 672, 160, 1, H, 2), (5, 960, 160, 1, H, 1), (5, 960, 160, 1, H, 1),
]


def mobilenet_v3(a):
    i = rounded(16 * a)
    layers = norm(3, i, 3, 1, 1, H)
    for (k, e, o, se, act, _), s in zip(v3_rows, small([row[5] for row in v3_rows])):
        layers.append(Inverted(i, k, rounded(e * a), rounded(o * a), se, act, s))
        i = rounded(o * a)
    layers += norm(i, 6 * i, 1, 1, 1, H)
    hidden = rounded(1280 * a)
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6 * i, hidden), H(), nn.Linear(hidden, 3))


def normalised(c, o, k=3, s=1):
    return [conv(c, o, k, s), nn.BatchNorm2d(o), nn.ReLU()]


networks = {
    "resnet-8": (residual(normalised(3, 8), [8, 16, 32], [1, 1, 1], lambda i, o, s: Basic(i, o, s, False)), [9, 10, 3]),
    "resnet-18": (
        residual(
            normalised(3, 4, 7, 2) + [nn.MaxPool2d(3, 2, 1)], [4, 8, 16, 32], [2, 2, 2, 2], lambda i, o, s: Basic(i, o, s, True)
        ),
        [34, 33, 3],
    ),
    "preact-resnet-18": (residual([conv(3, 4, 3)], [4, 8, 16, 32], [2, 2, 2, 2], Preactivation), [9, 8, 3]),
    "mobilenet-v1": (mobilenet_v1(0.05), [16, 15, 3]),
    "mobilenet-v2": (mobilenet_v2(0.05), [16, 15, 3]),
    "mobilenet-v3-large": (mobilenet_v3(0.05), [16, 15, 3]),
}


def trainer_layout(tensor):
    """[out, in, h, w] to [h, w, in, out], depthwise [c, 1, h, w] to [h, w, c, 1], [out, in] to [in, out]."""
    if tensor.ndim == 4:
        return tensor.permute(2, 3, 0, 1) if tensor.shape[1] == 1 else tensor.permute(2, 3, 1, 0)
    return tensor.t() if tensor.ndim == 2 else tensor


def fill(network):
    for index, (_, module, name) in enumerate(parameters(network)):
        tensor = getattr(module, name)
        with torch.no_grad():
            target = trainer_layout(tensor)
            values = torch.from_numpy(uniform(index, tensor.numel())).reshape(target.shape)
            if tensor.ndim >= 2:
                values = values * (6 / (tensor.numel() / tensor.shape[0])) ** 0.5
            elif isinstance(module, nn.BatchNorm2d) and name == "weight":
                values = 1 + values / 2
            else:
                values = values / 4
            target.copy_(values)


def parameters(network):
    for prefix, module in network.named_modules():
        for name, _ in module.named_parameters(recurse=False):
            yield prefix, module, name


kinks = {nn.ReLU: [0], nn.ReLU6: [0, 6], nn.Hardswish: [-3, 3], nn.Hardsigmoid: [-3, 3]}


def nearest_kink(network, x):
    """Distance of the value nearest to a kink of its activation: there, float32 may fall on the other side."""
    distances = []
    hooks = [
        module.register_forward_pre_hook(
            lambda _, given, at=at: distances.extend((given[0] - k).abs().min().item() for k in at)
        )
        for module in network.modules()
        for at in [kinks.get(type(module))]
        if at
    ]
    network(x)
    for hook in hooks:
        hook.remove()
    return min(distances)


def evaluate(network, shape, rows=6):
    fill(network)
    inputs = {}
    for index in range(1000, 1040):
        values = uniform(index, rows * int(np.prod(shape)))
        inputs[index] = torch.from_numpy(values).reshape(rows, *shape).permute(0, 3, 1, 2)
    index = max(inputs, key=lambda index: nearest_kink(network, inputs[index]))
    x = inputs[index]
    loss = F.cross_entropy(network(x), torch.arange(rows) % 3)
    loss.backward()
    gradients = []
    for tensor, (_, module, name) in enumerate(parameters(network)):
        g = trainer_layout(getattr(module, name).grad).reshape(-1).numpy()
        gradients.append([float(f"{np.linalg.norm(g):.7g}"), float(f"{g @ uniform(2000 + tensor, g.size):.7g}")])
    return {"inputShape": shape, "input": index, "loss": loss.item(), "gradients": gradients}


print("{")
print(",\n".join(f'  "{name}": {json.dumps(evaluate(*given))}' for name, given in networks.items()))
print("}")
