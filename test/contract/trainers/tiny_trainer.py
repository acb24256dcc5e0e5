"""A whole trainer in plain Python: reads one request on stdin, trains, writes events on descriptor 3."""

import hashlib
import json
import math
import os
import platform
import signal
import struct
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(HERE, "capabilities.json"), encoding="utf-8") as file:
    CAPABILITIES = {**json.load(file), "resume": False}


def line(text):
    os.write(3, (text + "\n").encode())


def emit(**event):
    line(json.dumps(event, allow_nan=False))


def wire(x):
    if math.isfinite(x):
        return x
    return "NaN" if math.isnan(x) else ("Infinity" if x > 0 else "-Infinity")


def refuse(message):
    emit(type="error", kind="user", message=message)
    sys.exit(1)


def end_with_worker():
    """Stdin closes only when the worker is gone."""
    while os.read(0, 4096):
        pass
    os._exit(3)


def read_request():
    text = b""
    while not text.endswith(b"\n"):
        chunk = os.read(0, 65536)
        if not chunk:
            sys.exit(3)
        text += chunk
    threading.Thread(target=end_with_worker, daemon=True).start()
    return json.loads(text)


def points():
    for i in range(60):
        angle, radius = i * 2.4, 0.2 + i / 60
        yield f"point-{i}", (radius * math.cos(angle), radius * math.sin(angle)), i % 2


def main():
    request = read_request()
    known = CAPABILITIES["hyperparameters"]
    unknown = [key for key in request["parameters"] if key not in known]
    if unknown:
        refuse(f"unknown hyperparameter {', '.join(unknown)}")
    used = {key: info["default"] for key, info in known.items()} | request["parameters"]
    fault = used["fault"]
    signal.signal(signal.SIGTERM, signal.SIG_IGN if fault == "ignore-sigterm" else lambda *_: os._exit(0))

    rate = used["learningRate"]
    claimed = {**used, "learningRate": rate / 2} if fault == "other-value" else used
    emit(
        type="hello",
        name="tiny-python",
        version=CAPABILITIES["version"],
        effectiveParameters=claimed,
        backend={"requested": request["backend"], "used": "cpu"},
    )
    emit(type="environment", values={"tiny.runtime": f"python {platform.python_version()}"})
    cases = list(points())
    train, held = cases[:36], {"validation": cases[36:48], "test": cases[48:]}
    seed = request["seed"]
    weights = [math.sin(seed + 1), math.cos(seed + 1), 0.0]

    def digest():
        return hashlib.sha256(struct.pack("<3d", *weights)).hexdigest()

    def probability(x):
        z = weights[0] * x[0] + weights[1] * x[1] + weights[2]
        return 1 / (1 + math.exp(-z)) if z > -700 else 0.0

    emit(type="digest", kind="initialWeights", positions=[0], digests=[digest()])
    for epoch in range(1, used["epochs"] + 1):
        loss = 0.0
        for _, x, label in train:
            p = probability(x)
            loss -= math.log(max(p if label else 1 - p, 1e-300)) / len(train)
            gradient = p - label
            weights[0] -= rate * gradient * x[0]
            weights[1] -= rate * gradient * x[1]
            weights[2] -= rate * gradient
        if fault == "nan":
            loss = math.nan
        right = sum((probability(x) >= 0.5) == bool(label) for _, x, label in held["validation"])
        emit(type="metric", key="trainLoss", steps=[epoch], values=[wire(loss)])
        emit(type="metric", key="validationAccuracy", steps=[epoch], values=[right / len(held["validation"])])
        emit(type="digest", kind="epoch", positions=[epoch], digests=[digest()])
        emit(type="progress", done=epoch, total=used["epochs"], unit="epochs")
        if used["print"]:
            print(f'epoch {epoch}: {{"type":"metric"}} is only a print', flush=True)
            print(f"epoch {epoch}: a warning", file=sys.stderr, flush=True)
        if fault == "garbage":
            line("Epoch 1/3 [=====>      ] loss: 0.69")
        if fault == "unknown-event":
            emit(type="horoscope", sign="lion")
        if fault == "exit":
            raise ValueError("something is wrong with the data")
        time.sleep(used["pauseMs"] / 1000)

    for split in ("validation", "test"):
        scores = [probability(x) for _, x, _ in held[split]]
        emit(
            type="predictions",
            split=split,
            epoch=used["epochs"],
            ids=[name for name, _, _ in held[split]],
            labels=[label for _, _, label in held[split]],
            scores=[[1 - p, p] for p in scores],
            threshold=request["threshold"]["value"],
        )
    emit(type="digest", kind="finalWeights", positions=[0], digests=[digest()])
    emit(type="done", digest=digest(), selectedEpoch=used["epochs"])


if "--describe" in sys.argv:
    print(json.dumps(CAPABILITIES))
else:
    main()
