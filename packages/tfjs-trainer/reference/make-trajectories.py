"""Reference trajectories of optimizers and learning-rate schedules, computed by PyTorch in float64.

    python make-trajectories.py > trajectories.data.json

The problem is small and written down with the results: a weight of six numbers and a bias of two, whose gradient in
step t is  drift[t] + curvature * (parameter - target), so that a wrong parameter also changes every later gradient.
Weight decay is given to the weight only (two parameter groups), as the trainer does for all biases and norms unless it decays all parameters.
Where the trainer's schedule has no counterpart in torch.optim.lr_scheduler, the entry names its formula instead.
"""

import json
import math
import platform
import sys

import torch
from torch.optim import SGD, Adam, AdamW
from torch.optim.lr_scheduler import ConstantLR, CosineAnnealingLR, LinearLR, SequentialLR, StepLR

torch.set_default_dtype(torch.float64)
STEPS = 40
WEIGHTS, BIASES = 6, 2
COUNT = WEIGHTS + BIASES

problem = {
    "initial": [round(math.cos(1.7 * i), 3) for i in range(COUNT)],
    "target": [round(0.5 * math.sin(2.3 * i), 3) for i in range(COUNT)],
    "curvature": [round(0.1 + 0.45 * i, 3) for i in range(COUNT)],
    "drift": [[round(0.8 * math.sin(0.37 * (t + 1) * (i + 1)), 3) for i in range(COUNT)] for t in range(STEPS)],
}

OPTIMIZERS = {
    "sgd": dict(make=lambda g: SGD(g, lr=0.05), options={"optimizer": "sgd"}, lr=0.05),
    "sgd with momentum": dict(
        make=lambda g: SGD(g, lr=0.05, momentum=0.9), options={"optimizer": "sgd", "momentum": 0.9}, lr=0.05
    ),
    "sgd with Nesterov momentum": dict(
        make=lambda g: SGD(g, lr=0.05, momentum=0.9, nesterov=True),
        options={"optimizer": "sgd", "momentum": 0.9, "nesterov": True},
        lr=0.05,
    ),
    "sgd with momentum and weight decay": dict(
        make=lambda g: SGD(g, lr=0.05, momentum=0.9),
        options={"optimizer": "sgd", "momentum": 0.9, "weightDecay": 0.1},
        lr=0.05,
    ),
    "sgd with weight decay of all parameters": dict(
        make=lambda g: SGD(g, lr=0.05, momentum=0.9),
        options={"optimizer": "sgd", "momentum": 0.9, "weightDecay": 0.1, "decayedParameters": "all"},
        lr=0.05,
    ),
    "adam": dict(make=lambda g: Adam(g, lr=0.05), options={"optimizer": "adam"}, lr=0.05),
    "adam with weight decay": dict(
        make=lambda g: Adam(g, lr=0.05), options={"optimizer": "adam", "weightDecay": 0.1}, lr=0.05
    ),
    "adam with amsgrad": dict(
        make=lambda g: Adam(g, lr=0.05, betas=(0.9, 0.9), amsgrad=True),
        options={"optimizer": "adam", "amsgrad": True, "beta2": 0.9},
        lr=0.05,
    ),
    "adamw": dict(
        make=lambda g: AdamW(g, lr=0.05, weight_decay=0.0),
        options={"optimizer": "adamw", "weightDecay": 0.2},
        lr=0.05,
    ),
    "adamw with the CLIP settings": dict(
        make=lambda g: AdamW(g, lr=0.05, betas=(0.9, 0.98), eps=1e-6, weight_decay=0.0),
        options={"optimizer": "adamw", "weightDecay": 0.2, "beta2": 0.98, "epsilon": 1e-6},
        lr=0.05,
    ),
    "adamw with amsgrad": dict(
        make=lambda g: AdamW(g, lr=0.05, betas=(0.9, 0.9), amsgrad=True, weight_decay=0.0),
        options={"optimizer": "adamw", "amsgrad": True, "beta2": 0.9, "weightDecay": 0.2},
        lr=0.05,
    ),
    "sgd with clipping": dict(
        make=lambda g: SGD(g, lr=0.05, momentum=0.9),
        options={"optimizer": "sgd", "momentum": 0.9, "clipNorm": 1.5},
        lr=0.05,
    ),
    "adam with clipping": dict(
        make=lambda g: Adam(g, lr=0.05), options={"optimizer": "adam", "clipNorm": 1.5}, lr=0.05
    ),
}


def optimizer_trajectory(entry):
    initial = torch.tensor(problem["initial"])
    weight = torch.nn.Parameter(initial[:WEIGHTS].clone())
    bias = torch.nn.Parameter(initial[WEIGHTS:].clone())
    target, curvature = torch.tensor(problem["target"]), torch.tensor(problem["curvature"])
    decay = entry["options"].get("weightDecay", 0.0)
    groups = [
        {"params": [weight], "weight_decay": decay},
        {"params": [bias], "weight_decay": decay if entry["options"].get("decayedParameters") == "all" else 0.0},
    ]
    optimizer = entry["make"](groups)
    rows = []
    clipped = 0
    for drift in problem["drift"]:
        now = torch.cat([weight.detach(), bias.detach()])
        gradient = torch.tensor(drift) + curvature * (now - target)
        weight.grad, bias.grad = gradient[:WEIGHTS].clone(), gradient[WEIGHTS:].clone()
        if "clipNorm" in entry["options"]:
            norm = torch.nn.utils.clip_grad_norm_([weight, bias], entry["options"]["clipNorm"])
            clipped += int(norm > entry["options"]["clipNorm"])
        optimizer.step()
        rows.append(torch.cat([weight.detach(), bias.detach()]).tolist())
    result = {"options": entry["options"], "learningRate": entry["lr"], "parameters": rows}
    if "clipNorm" in entry["options"]:
        assert 0 < clipped < STEPS, "a clipping reference must clip some steps and not others"
        result["clippedSteps"] = clipped
    return result


PER_EPOCH, EPOCHS = 5, 10
TOTAL = PER_EPOCH * EPOCHS


def rates(make):
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = SGD([parameter], lr=0.4)
    scheduler = make(optimizer)
    values = []
    for _ in range(TOTAL):
        values.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return values


def warmed(steps, after):
    """Linear warm-up whose last step reaches the peak, then another schedule counted from its own start."""
    return lambda o: SequentialLR(
        o, [LinearLR(o, start_factor=1 / steps, total_iters=steps - 1), after(o)], milestones=[steps]
    )


def openclip_cosine(base, warmup, total):
    """OpenCLIP's cosine_lr, per step: linear over the warm-up, then half a cosine over the steps that remain."""
    return [
        base * (t + 1) / warmup if t < warmup else 0.5 * (1 + math.cos(math.pi * (t - warmup) / (total - warmup))) * base
        for t in range(total)
    ]


SCHEDULES = {
    "constant": ({"scheduler": "constant"}, "torch ConstantLR, factor 1", lambda: rates(lambda o: ConstantLR(o, factor=1.0))),
    "step": (
        {"scheduler": "step", "decayEvery": 3, "decayFactor": 0.2},
        "torch StepLR, step_size in steps",
        lambda: rates(lambda o: StepLR(o, step_size=3 * PER_EPOCH, gamma=0.2)),
    ),
    "cosine": (
        {"scheduler": "cosine"},
        "torch CosineAnnealingLR over all steps",
        lambda: rates(lambda o: CosineAnnealingLR(o, T_max=TOTAL)),
    ),
    "warm-up, then constant": (
        {"scheduler": "constant", "warmupSteps": 8},
        "torch LinearLR",
        lambda: rates(lambda o: LinearLR(o, start_factor=1 / 8, total_iters=7)),
    ),
    "warm-up, then cosine": (
        {"scheduler": "cosine", "warmupSteps": 8},
        "torch SequentialLR of LinearLR and CosineAnnealingLR",
        lambda: rates(warmed(8, lambda o: CosineAnnealingLR(o, T_max=TOTAL - 8))),
    ),
    "warm-up, then cosine, as OpenCLIP": (
        {"scheduler": "cosine", "warmupSteps": 8},
        "OpenCLIP cosine_lr: base (t + 1) / w for t < w, then base (1 + cos(pi (t - w) / (T - w))) / 2",
        lambda: openclip_cosine(0.4, 8, TOTAL),
    ),
    "warm-up, then step": (
        {"scheduler": "step", "warmupSteps": 8, "decayEvery": 3, "decayFactor": 0.2},
        "base (t + 1) / w for t < w, then base f^floor(t / (3 stepsPerEpoch)): reductions count from the start of training",
        lambda: [0.4 * (t + 1) / 8 if t < 8 else 0.4 * 0.2 ** (t // (3 * PER_EPOCH)) for t in range(TOTAL)],
    ),
}

json.dump(
    {
        "made": {"torch": torch.__version__, "python": platform.python_version(), "dtype": "float64"},
        "problem": {**problem, "weights": WEIGHTS},
        "optimizers": {name: optimizer_trajectory(entry) for name, entry in OPTIMIZERS.items()},
        "schedules": {
            "stepsPerEpoch": PER_EPOCH,
            "totalSteps": TOTAL,
            "learningRate": 0.4,
            "cases": {
                name: {"options": options, "source": source, "rates": compute()}
                for name, (options, source, compute) in SCHEDULES.items()
            },
        },
    },
    sys.stdout,
)
sys.stdout.write("\n")
