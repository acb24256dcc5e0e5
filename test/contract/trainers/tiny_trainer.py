"""A whole trainer in plain Python, on the helper: reads one request, trains, reports. It misbehaves on request."""

import hashlib
import json
import math
import os
import platform
import signal
import struct
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "..", "packages", "python", "src"))

from reprise.trainer import EVENTS, serve  # noqa: E402

with open(os.path.join(HERE, "capabilities.json"), encoding="utf-8") as file:
    CAPABILITIES = {**json.load(file), "resume": False}


def points():
    for i in range(60):
        angle, radius = i * 2.4, 0.2 + i / 60
        yield f"point-{i}", (radius * math.cos(angle), radius * math.sin(angle)), i % 2


def train(run):
    used = {key: info["default"] for key, info in CAPABILITIES["hyperparameters"].items()} | run.parameters
    fault = used["fault"]
    if fault == "ignore-sigterm":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)

    rate = used["learningRate"]
    run.hello({**used, "learningRate": rate / 2} if fault == "other-value" else used)
    run.environment(**{"tiny.runtime": f"python {platform.python_version()}"})
    cases = list(points())
    fitted, held = cases[:36], {"validation": cases[36:48], "test": cases[48:]}
    weights = [math.sin(run.seed + 1), math.cos(run.seed + 1), 0.0]

    def digest():
        return hashlib.sha256(struct.pack("<3d", *weights)).hexdigest()

    def probability(x):
        z = weights[0] * x[0] + weights[1] * x[1] + weights[2]
        return 1 / (1 + math.exp(-z)) if z > -700 else 0.0

    run.digest("initialWeights", 0, digest())
    for epoch in range(1, used["epochs"] + 1):
        loss = 0.0
        for _, x, label in fitted:
            p = probability(x)
            loss -= math.log(max(p if label else 1 - p, 1e-300)) / len(fitted)
            gradient = p - label
            weights[0] -= rate * gradient * x[0]
            weights[1] -= rate * gradient * x[1]
            weights[2] -= rate * gradient
        if fault == "nan":
            loss = math.nan
        right = sum((probability(x) >= 0.5) == bool(label) for _, x, label in held["validation"])
        run.metrics(epoch, trainLoss=loss, validationAccuracy=right / len(held["validation"]))
        run.digest("epoch", epoch, digest())
        run.progress(epoch, used["epochs"])
        if used["print"]:
            print(f'epoch {epoch}: {{"type":"metric"}} is only a print', flush=True)
            print(f"epoch {epoch}: a warning", file=sys.stderr, flush=True)
        if fault == "garbage":
            os.write(EVENTS, b"Epoch 1/3 [=====>      ] loss: 0.69\n")
        if fault == "unknown-event":
            run.emit("horoscope", sign="lion")
        if fault == "exit":
            raise ValueError("something is wrong with the data")
        time.sleep(used["pauseMs"] / 1000)

    for split in ("validation", "test"):
        scores = [[1 - p, p] for p in (probability(x) for _, x, _ in held[split])]
        names, labels = [name for name, _, _ in held[split]], [label for _, _, label in held[split]]
        run.predictions(split, used["epochs"], names, labels, scores, run.request["threshold"]["value"])
    run.done(digest(), used["epochs"])


serve("tiny-python", CAPABILITIES["version"], train, CAPABILITIES)
