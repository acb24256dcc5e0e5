"""Digests of a run, and the looks at its settings."""

import hashlib
import json

from ...hooks.optimizers import Optimizers
from ...hooks.patches import Patches
from ...hooks.settings import Watch, in_effect
from ...trainer import memory_of, setting


def digest_of_json(value):
    """SHA-256 over a value as JSON with sorted keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def digest_of_scores(scores):
    """SHA-256 over the scores [cases, classes], double precision, of every part in its order."""
    total = hashlib.sha256()
    for rows in scores.values():
        total.update(memory_of(rows.contiguous()))
    return total.hexdigest()


def watch(torch, run):
    """
    A `Watch` of settings and the `Optimizers`, which tell the run of what they see, as Reprise's own code, and the `Patches`
    that are to be removed when the run has ended; variables that are in effect are told at once.
    """

    def seen(step, name, value, where=None):
        place = {} if where is None else {"where": where}
        run.emit("observation", step=step, name=name, value=setting(value), observer="reprise", **place)

    def gap(what, reason):
        run.emit("capture-gap", what=what, reason=reason)

    for name, value in in_effect().items():
        seen(None, name, value)
    patches = Patches()
    return Watch(torch, seen, gap, patches), Optimizers(seen), patches


class StepEvents:
    """A model and the events of its run, as `StepDigests` asks for them: model and recorder in one."""

    def __init__(self, model, run):
        self._model = model
        self._run = run

    def parameters(self):
        """Name → parameter."""
        return dict(self._model.named_parameters())

    def versions(self):
        """A number that grows whenever a parameter is changed in place."""
        return sum(parameter._version for parameter in self._model.parameters())

    def gap(self, what, reason):
        """What could not be seen of the run."""
        self._run.emit("capture-gap", what=what, reason=reason)

    def rung(self, kind, position, digest, algorithm):
        """A rung of the digest ladder."""
        self._run.digest(kind, position, digest, algorithm)

    def tensors(self, step, parts, algorithm):
        """Digests of single tensors at a step: part → names, and their digests in one string."""
        for part, (names, digests) in parts.items():
            place = {"kind": "step", "part": part, "names": names, "positions": [step]}
            self._run.emit("tensor-digests", **place, digests=[digests], algorithm=algorithm)
