"""Scores of the cases of a split, as a run reports them."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, Sequence

from .trainer import case_columns, wire


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
        groups: Mapping[str, Iterable[object]] | None = None,
        subgroups: Mapping[str, Iterable[object]] | None = None,
    ) -> None:
        """
        Scores of every case of a split ("validation" or "test"), [cases, classes], or of two classes those of the second
        alone, [cases]. Told again, they replace those before.

        `groups` names what the cases came from, a value per case: `groups={"patient": patients}`. Intervals and tests then
        count patients, because several cases of one are not independent. `subgroups` names what results are shown apart
        for: `subgroups={"sex": sexes, "site": sites}`.
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
                **case_columns(groups=groups, subgroups=subgroups),
            }
        )
