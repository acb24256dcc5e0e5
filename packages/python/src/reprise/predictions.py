"""Scores of the cases of a split, as a run reports them."""

from __future__ import annotations

from typing import Any, Iterable, Sequence

from .trainer import wire


class ReportsPredictions:
    """What runs of every kind have in common here: `_take(body)` is given what POST /runs/{id}/predictions takes."""

    def _take(self, body: dict[str, Any]) -> None:
        raise NotImplementedError

    def predictions(
        self,
        ids: Iterable[object],
        labels: Iterable[int],
        scores: Iterable[Any],
        classes: Sequence[str],
        positive_class: int | None = None,
        threshold: float | None = None,
        split: str = "test",
        epoch: int = 0,
    ) -> None:
        """
        Scores of every case of a split ("validation" or "test"), [cases, classes], or of two classes those of the second
        alone, [cases]. Told again, they replace those before.
        """
        rows = wire(list(scores))
        if len(classes) == 2 and rows and not isinstance(rows[0], list):
            rows = [[1 - score, score] for score in rows]
        self._take(
            {
                "split": split,
                "epoch": epoch,
                "classes": list(classes),
                "positiveClass": positive_class,
                "threshold": threshold,
                "ids": [str(case) for case in ids],
                "labels": [int(label) for label in labels],
                "scores": rows,
            }
        )
