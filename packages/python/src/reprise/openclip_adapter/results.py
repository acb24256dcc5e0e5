"""What the program says of itself: params.txt, out.log and checkpoints/results.jsonl."""

import json
import re

from ..trainer import UserError
from .flags import SWITCHES, VALUES


def read_params(path):
    """params.txt: a line `name: value` for every setting that the program really had."""
    with open(path, encoding="utf-8") as file:
        return dict(line.rstrip("\n").split(": ", 1) for line in file if ": " in line)


def effective(parameters, params):
    """
    Hyperparameters with the values in params.txt, and sentences about those that were left unset. One that was given as null
    stays so in the record. A difference from what was asked for ends the run.
    """
    used, unset = dict(parameters), []
    for name, _, key in [*VALUES, *SWITCHES]:
        if key not in params:
            raise UserError(f"params.txt has no {key}: this version of OpenCLIP is not known to the adapter")
        asked, got = parameters.get(name), params[key]
        switch = (name, _, key) in SWITCHES
        value = got == "True" if switch else got if name == "precision" else float(got) if got != "None" else None
        if isinstance(value, float) and value.is_integer() and not isinstance(asked, float):
            value = int(value)
        if asked is not None and value != asked:
            raise UserError(f"{name} was set to {asked}, but OpenCLIP used {got}")
        if asked is None:
            unset.append(f"{name} was left unset: OpenCLIP's own default is {got}.")
        if asked is not None or name not in parameters:
            used[name] = value
    return used, unset


RESULTS = {"clip_val_loss": "validationLoss", "image_to_text_R@1": "validationImageToTextRecall",
           "text_to_image_R@1": "validationTextToImageRecall"}
TRAINING_LINE = re.compile(r"Train Epoch: (\d+) .*Contrastive_loss: \S+ \((\S+)\)")


class Follower:
    """Reads what the program appends to its files, and reports whole lines once."""

    def __init__(self, run, folder):
        self.run, self.folder, self.read, self.losses = run, folder, {}, {}

    def lines(self, path):
        if not path.exists():
            return []
        with open(path, encoding="utf-8") as file:
            file.seek(self.read.get(path, 0))
            text = file.read()
        whole = text[: text.rfind("\n") + 1]
        self.read[path] = self.read.get(path, 0) + len(whole.encode())
        return whole.splitlines()

    def report(self, final=False):
        for line in self.lines(self.folder / "out.log"):
            match = TRAINING_LINE.search(line)
            if match:
                self.losses[int(match[1]) + 1] = float(match[2])
        newest = max(self.losses, default=0)
        for epoch in [epoch for epoch in self.losses if epoch < newest or final]:
            self.run.metrics(epoch, trainLoss=self.losses.pop(epoch))
        for line in self.lines(self.folder / "checkpoints" / "results.jsonl"):
            result = json.loads(line)
            epoch = int(result["epoch"])
            found = {ours: result[theirs] for theirs, ours in RESULTS.items() if theirs in result}
            if epoch > 0:
                self.run.metrics(epoch, **found)
                self.run.progress(epoch, self.run.parameters["epochs"])
