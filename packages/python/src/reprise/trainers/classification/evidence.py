"""Digests of a run, and the looks at its settings."""

import hashlib
import json

from ...hooks.optimizers import Optimizers
from ...hooks.patches import Patches
from ...hooks.settings import Watch, variables
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
    A `Watch` of settings and the `Optimizers`, which tell the run of what they see, as Reprise's own code; the variables are
    told at once.
    """

    def seen(step, name, value, where=None):
        place = {} if where is None else {"where": where}
        run.emit("observation", step=step, name=name, value=setting(value), observer="reprise", **place)

    def gap(what, reason):
        run.emit("capture-gap", what=what, reason=reason)

    for name, value in variables().items():
        seen(None, name, value)
    return Watch(torch, seen, gap, Patches()), Optimizers(seen)
