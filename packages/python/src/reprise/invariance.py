"""Whether a model scores a case alike in whatever company it is scored."""

from __future__ import annotations

import hashlib
from typing import Any, Sequence

from .trainer import memory_of


def batch_invariance(model: Any, cases: Any, sizes: Sequence[int] = (1, 8, 64)) -> dict[str, Any]:
    """
    Scores the same cases [cases, …] in batches of each size, and compares the bits of the scores.

    :param model: a PyTorch module, or any function from a batch to scores, a row per case; a module is put into evaluation mode
        for it, and gradients are off
    :param cases: a tensor, whose first dimension counts cases
    :param sizes: batch sizes, the first of which the others are compared with
    :returns: `digests` (size → SHA-256 of all scores), `invariant` (whether they are equal), and for each other size under
        `differences` how many `cases` have other scores, the largest absolute `difference` of a score and how many `decisions`
        (the largest score of a row) are others
    :raises ValueError: without cases, or for a size below 1
    """
    import torch

    if len(cases) == 0:
        raise ValueError("cases: there are none")
    wrong = [size for size in sizes if size < 1]
    if wrong or not sizes:
        raise ValueError(f"sizes: {list(sizes)}: give batch sizes from 1 on")
    was_training = getattr(model, "training", None)
    if was_training:
        model.eval()
    try:
        with torch.no_grad():
            scores = {size: torch.cat([model(batch) for batch in cases.split(size)]).cpu().contiguous() for size in sizes}
    finally:
        if was_training:
            model.train()
    digests = {size: hashlib.sha256(memory_of(rows)).hexdigest() for size, rows in scores.items()}
    first = scores[sizes[0]].reshape(len(cases), -1)
    differences = {}
    for size in sizes[1:]:
        other = scores[size].reshape(len(cases), -1)
        unequal = (first != other) & ~(first.isnan() & other.isnan())
        differences[size] = {
            "cases": int(unequal.any(1).sum()),
            "difference": float((first.double() - other.double()).abs().nan_to_num(0.0).max()),
            "decisions": int((first.argmax(1) != other.argmax(1)).sum()),
        }
    return {"digests": digests, "invariant": len(set(digests.values())) == 1, "differences": differences}
