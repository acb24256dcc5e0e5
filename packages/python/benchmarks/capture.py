"""
What `python -m reprise run` adds to a step: processor time of the same training's thread alone and under the launcher, in
turns, and the share of it that is spent in Reprise's hooks, which does not depend on what else the machine does.

    PYTHONPATH=src python benchmarks/capture.py [--turns 5]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import reprise

STEPS = {"cnn": 400, "resnet18": 12}


def timed(function, spent):
    """The function, whose processor time is added up."""

    def call(*args):
        began = time.thread_time()
        try:
            return function(*args)
        finally:
            spent[0] += time.thread_time() - began

    return call


def train(name):
    """Prints the median processor time of a step, in seconds, without the first tenth."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    if name == "cnn":
        layers = [nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU()]
        model, batch = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10)), 32
    else:
        from reprise.trainers.classification.models.resnet import ResNet

        model, batch = ResNet(18, 10, stem="cifar"), 8
    spent = [0.0]
    if reprise.run():
        from reprise.hooks.torch import TorchHooks

        for hook in ("_before_backward", "_before_step", "_step_of"):
            setattr(TorchHooks, hook, timed(getattr(TorchHooks, hook), spent))
    optimizer = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9)
    inputs, labels = torch.randn(batch, 3, 32, 32), torch.randint(10, (batch,))
    ends, hooked = [time.thread_time()], [0.0]
    for _ in range(STEPS[name]):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(inputs), labels).backward()
        optimizer.step()
        ends.append(time.thread_time())
        hooked.append(spent[0])
    first = STEPS[name] // 10
    times = [after - before for before, after in zip(ends, ends[1:])][first:]
    print(json.dumps({"mean": sum(times) / len(times), "median": statistics.median(times), "hooks": (hooked[-1] - hooked[first]) / sum(times)}))


def measure(name, turns):
    """`alone` and `run`: of each the least `mean` and `median` step of all turns, in seconds; `hooks`: their median share of a step."""
    found = {"alone": [], "run": []}
    with tempfile.TemporaryDirectory() as spool:
        nowhere = {**os.environ, "REPRISE_URL": "http://127.0.0.1:9", "REPRISE_SPOOL": spool}
        for _ in range(turns):
            for kind, launcher in (("alone", []), ("run", ["-m", "reprise", "run"])):
                words = [sys.executable, *launcher, os.path.abspath(__file__), "--train", name]
                said = subprocess.run(words, env=nowhere, capture_output=True, text=True, check=True).stdout
                found[kind].append(json.loads(said.splitlines()[-1]))
    least = {kind: {figure: min(one[figure] for one in found[kind]) for figure in ("mean", "median")} for kind in found}
    return {**least, "hooks": statistics.median(one["hooks"] for one in found["run"])}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--train", choices=sorted(STEPS))
    options = parser.parse_args()
    if options.train:
        train(options.train)
        return
    for name in STEPS:
        found = measure(name, options.turns)
        for figure in ("mean", "median"):
            alone, run = found["alone"][figure], found["run"][figure]
            print(f"{name}, {figure} step, best of {options.turns}: {1e3 * alone:.3f} ms alone, {1e3 * run:.3f} ms as a run, {100 * (run / alone - 1):+.2f} %")
        print(f"{name}, in hooks: {100 * found['hooks']:.2f} % of a step")


if __name__ == "__main__":
    main()
