"""Runs of a server: found, read, verified, located."""

from __future__ import annotations

import time
from typing import Any, Callable, Iterable, Mapping

from ..connection import Connection
from ..results import Localization, Run, Runs, Verification
from ..wire import Named, decode, each, id_of, quoted


class RunsOfServer(Connection):
    """Runs that a server holds, whoever trained them."""

    def runs(
        self,
        sweep: Named | None = None,
        filter: str | None = None,
        status: str | None = None,
        arm: str | None = None,
        purpose: str | None = None,
        metrics: Iterable[str] | str | None = None,
    ) -> Runs:
        """
        All runs, page by page, as the API answers them. `filter` as in "metrics.testAuc > 0.9 and params.optimizer = 'adam'",
        "diverged = false", "metrics.testAuc is nan", "params.momentum is not null" or "metrics.`val.acc` > 0.9"; numbers, True
        and False stand without quotes and are no text. Where it finds nothing, a warning says why if that can be told.
        Their summaries hold at most 50 metrics, or those of the list `metrics`, or with "all" every one.
        """
        query = {
            "sweepId": None if sweep is None else id_of(sweep),
            "filter": filter,
            "status": status,
            "arm": arm,
            "purpose": purpose,
            "metrics": metrics if metrics is None or isinstance(metrics, str) else each(metrics),
            "limit": 1000,
        }
        return Runs(Run(answer, self) for answer in self._pages("/runs", query))

    def run(self, run: Named) -> Run:
        return Run(self.call("GET", f"/runs/{quoted(run)}"), self)

    def table(self, sweep: Named, **query: Any) -> list[dict[str, Any]]:
        """
        One flat dict per run: its identity, hyperparameters as `params.x`, metrics at the selected epoch as `metrics.x`, and
        whether its training diverged (`diverged`, with `divergedKey` and `divergedStep`: the metric that shows it, and where).
        """
        return self.runs(sweep, **{"metrics": "all", **query}).table()

    def frame(self, sweep: Named, **query: Any) -> Any:
        """`table` as a pandas DataFrame."""
        return self.runs(sweep, **{"metrics": "all", **query}).to_pandas()

    def histories(
        self, run: Named, keys: Iterable[str] | None = None, max_points: int | None = None, superseded: bool = False
    ) -> dict[str, tuple[list[int], list[float | None]]]:
        """
        Metric key → (steps, values), by step with one value each, whole unless `max_points` is given. With `superseded`, the
        reports instead that a later one of the same step replaced; they count nowhere.
        """
        query: dict[str, Any] = {"keys": None if keys is None else each(keys), "maxPoints": max_points}
        if superseded:
            query["superseded"] = "true"
        answer = self.call("GET", f"/runs/{quoted(run)}/metrics", query=query)
        series = answer["superseded" if superseded else "series"]
        return {key: (points["steps"], [decode(value) for value in points["values"]]) for key, points in series.items()}

    def history(self, run: Named, key: str, max_points: int | None = None) -> tuple[list[int], list[float | None]]:
        """Steps and values of one metric."""
        return self.histories(run, [key], max_points).get(key, ([], []))

    def system(self, run: Named, attempt: int | None = None) -> dict[str, Any] | None:
        """
        What an attempt (default: the last) asked of its machine: `wallTimes` in seconds, `series` with columns such as
        `cpuPercent` (100 is one processor) and `residentMemoryBytes`, `gpus`, `peakResidentMemoryBytes`, `notes`. None
        where nothing could be read.
        """
        return self.call("GET", f"/runs/{quoted(run)}/system-metrics", query={"attempt": attempt})

    def observations(self, run: Named) -> dict[str, Any]:
        """
        Settings that were read inside the process of a run: `settings`, each in short with `first`, `last`, what arm and seed
        `requested`, and its `departure` (None where it was as requested and stayed so); and `stretches` of equal values by
        step. Empty where nobody looked, which says nothing of how the run was executed.
        """
        return self.call("GET", f"/runs/{quoted(run)}/observations")

    def verify(self, run: Named, timeout: float = 600.0, every: float = 0.5, worker: str | None = None) -> Verification:
        """Trains a run again (on `worker`: a name, or "other" than its own), waits, and returns the verification with its verdict."""
        body = None if worker is None else {"worker": worker}
        verification = self.call("POST", f"/runs/{quoted(run)}/verify", body)
        deadline = time.monotonic() + timeout
        while verification["status"] not in ("ended", "failed"):
            if time.monotonic() > deadline:
                raise TimeoutError(f"verification {verification['id']} is still {verification['status']}")
            time.sleep(every)
            verification = self.call("GET", f"/verifications/{verification['id']}")
        return Verification(verification)

    def locate(
        self,
        run: Named,
        other: Named | None = None,
        tries: int | None = None,
        timeout: float = 3_600.0,
        every: float = 1.0,
        report: Callable[[str], object] | None = None,
    ) -> Localization:
        """
        Has a worker train a run and another of its configuration side by side (without `other` the run twice), every operation
        of PyTorch traced, waits, and returns in which they part: `found["result"]["parted"]`, None where they did not.
        `report` is called with every change of state.

        Raises RepriseError where the server refuses it, RuntimeError where it could not be located, TimeoutError after `timeout` seconds.
        """
        body: dict[str, Any] = {} if other is None else {"other": id_of(other)}
        if tries is not None:
            body["tries"] = tries
        found = self.call("POST", f"/runs/{quoted(run)}/locate", body)
        deadline, told = time.monotonic() + timeout, None
        while found["status"] in ("queued", "running"):
            if report is not None and found["status"] != told:
                told = found["status"]
                report(told)
            if time.monotonic() > deadline:
                raise TimeoutError(f"localization {found['id']} is still {found['status']}")
            time.sleep(every)
            found = self.call("GET", f"/localizations/{found['id']}")
        if found["status"] == "failed":
            raise RuntimeError(found["explanation"])
        return Localization(found)
