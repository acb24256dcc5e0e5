"""Digests of a run, and the looks at its settings."""

import hashlib
import json

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
    """A `Watch` that tells the run of what it sees, as Reprise's own code; the variables are told at once."""

    def seen(step, name, value):
        run.emit("observation", step=step, name=name, value=setting(value), observer="reprise")

    def gap(name, reason):
        run.log(f"Reprise did not see {name}: {reason}", level="warn")

    for name, value in variables().items():
        seen(None, name, value)
    return Watch(torch, seen, gap)
