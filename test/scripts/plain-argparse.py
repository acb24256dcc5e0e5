"""A training in plain Python: one weight, gradient descent. What it reports it reports by `reprise.run()`."""

import argparse
import math
import time

import reprise

parser = argparse.ArgumentParser(description="Finds one number.")
parser.add_argument("--learning-rate", type=float, default=0.5, help="step size")
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--pause", type=float, default=0.0, help="seconds after each epoch")
parser.add_argument("--momentum", action="store_true")
options = parser.parse_args()

run = reprise.run()
weight, velocity = math.sin(options.seed + 1), 0.0
for epoch in range(1, options.epochs + 1):
    velocity = options.learning_rate * (weight - 2) + (0.9 * velocity if options.momentum else 0.0)
    weight -= velocity
    run.log(trainLoss=(weight - 2) ** 2, step=epoch)
    time.sleep(options.pause)
cases = [index / 10 for index in range(40)]
scores = [1 / (1 + math.exp(weight - case)) for case in cases]
run.predictions(cases, [int(case > 2) for case in cases], scores, classes=["low", "high"], positive_class=1)
print(weight)
