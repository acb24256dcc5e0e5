"""Processor milliseconds that a trial of Optuna costs, ask and tell, on SQLite, beside `ask-tell.ts`.

``python ask-tell-optuna.py 100,1000 100`` prints, for each number of trials, the mean of the 100 that follow it.
"""

import json
import os
import sys
import tempfile
import time

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
sizes = [int(size) for size in sys.argv[1].split(",")]
measured = int(sys.argv[2])

with tempfile.TemporaryDirectory() as folder:
    study = optuna.create_study(
        storage="sqlite:///" + os.path.join(folder, "study.db"),
        sampler=optuna.samplers.RandomSampler(seed=0),
    )

    def trial(number: int) -> None:
        asked = study.ask()
        asked.suggest_float("learningRate", 1e-5, 1e-1, log=True)
        asked.suggest_float("dropout", 0, 1)
        asked.suggest_int("hiddenUnits", 16, 512, step=16)
        asked.suggest_categorical("optimizer", ["adam", "sgd", "rmsprop"])
        study.tell(asked, float(number % 7))

    costs: dict[int, float] = {}
    number = 0
    for size in sizes:
        while number < size:
            trial(number)
            number += 1
        began = time.process_time()
        for _ in range(measured):
            trial(number)
            number += 1
        costs[size] = 1000 * (time.process_time() - began) / measured
print(json.dumps(costs))
