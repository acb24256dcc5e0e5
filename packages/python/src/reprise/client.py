"""The client for notebooks: studies and runs of a server, and what they show."""

from __future__ import annotations

import json
import time
import warnings
from typing import Any, Callable, Iterable, Literal, Mapping

from .connection import Connection
from .environment import environment as environment_of
from .environment import program
from .foreign_runs import import_runs
from .logged_run import LoggedRun
from .parameters import exact, flat
from .progress import bar, is_notebook
from .results import Analysis, Comparison, Localization, Run, Runs, Sweep, Verification
from .wire import Moment, Named, decode, each, id_of, moment, quoted

# How a study ends; of runs there is `pruned` as well.
ENDED = ("succeeded", "failed", "cancelled")


class Reprise(Connection):
    """
    A server. `url` and `token` default to REPRISE_URL and REPRISE_TOKEN, then to a server on this machine. Sweeps and runs
    are given as their id, or as what a call answered.
    """

    # Studies

    def launch(self, spec: Mapping[str, Any] | str, preset: str | None = None) -> Sweep:
        """Creates a sweep from a dict, from YAML text, or from a YAML file, and queues its runs."""
        query = {"preset": preset}
        if isinstance(spec, Mapping):
            return self._sweep(self.call("POST", "/sweeps", exact(spec), query))
        text = str(spec)
        if "\n" not in text and text.endswith((".yaml", ".yml", ".json")):
            with open(text, encoding="utf-8") as file:
                text = file.read()
        return self._sweep(self.call("POST", "/sweeps", text.encode(), query, content_type="application/yaml"))

    def preview(self, spec: Mapping[str, Any]) -> dict[str, Any]:
        """What a spec would become: run count, first runs, warnings, errors."""
        return self.call("POST", "/sweeps/preview", exact(spec))

    def _sweep(self, answer: Mapping[str, Any]) -> Sweep:
        return Sweep(answer, self)

    def sweep(self, sweep: Named) -> Sweep:
        return self._sweep(self.call("GET", f"/sweeps/{quoted(sweep)}"))

    def sweeps(self) -> list[Sweep]:
        """All studies, the newest first."""
        return [self._sweep(answer) for answer in self._pages("/sweeps", {})]

    def wait(
        self,
        sweep: Named,
        timeout: float | None = None,
        every: float = 1.0,
        report: Callable[[str], object] | None = None,
        progress: bool | None = None,
    ) -> Sweep:
        """
        Waits until a sweep has ended and returns it. `report` is called with a line whenever counts change. `progress`
        shows a bar through tqdm, where that is installed; default: in notebooks without a `report`.
        """
        shows = report is None and is_notebook() if progress is None else progress
        with bar(self.sweep(sweep), shows) as advance:
            return self._wait(sweep, timeout, every, report, advance)

    def _wait(
        self,
        sweep: Named,
        timeout: float | None,
        every: float,
        report: Callable[[str], object] | None,
        advance: Callable[[Sweep], object],
    ) -> Sweep:
        deadline = None if timeout is None else time.monotonic() + timeout
        shown = None
        while True:
            now = self.sweep(sweep)
            advance(now)
            counts = now["runCounts"]
            line = f"{now['status']}: " + ", ".join(f"{n} {name}" for name, n in counts.items() if n)
            if report is not None and line != shown:
                report(line)
            shown = line
            if now["status"] in ENDED:
                return now
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutError(f"the sweep is still {line}")
            time.sleep(every)

    def cancel(self, sweep: Named) -> Sweep:
        return self._sweep(self.call("POST", f"/sweeps/{quoted(sweep)}/cancel"))

    # Runs

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

    def _pages(self, path: str, query: Mapping[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor = None
        while True:
            page = self.call("GET", path, query={**query, "cursor": cursor})
            found += page["items"]
            for hint in page.get("hints", []):
                warnings.warn(hint, stacklevel=3)
            cursor = page["nextCursor"]
            if cursor is None:
                return found

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

    # What a study shows

    def analysis(self, sweep: Named, name: str, metric: str | None = None) -> Analysis:
        """An analysis by name: `determinism`, `significance`, `runtime`, …; `metric` defaults to that which the study is told by."""
        return Analysis(self.call("GET", f"/sweeps/{quoted(sweep)}/analyses/{name}", query={"metric": metric}))

    def compare(self, sweep: Named, groups: Mapping[str, str], metrics: Iterable[str], **options: Any) -> Comparison:
        """Compares groups of runs. `groups` maps a name to a filter; further options as in POST /comparisons."""
        named = [{"name": name, "filter": filter} for name, filter in groups.items()]
        body = {"sweepId": id_of(sweep), "groups": named, "metrics": list(metrics), **options}
        return Comparison(self.call("POST", "/comparisons", body))

    def statistic(self, test: str, input: Mapping[str, Any], **options: Any) -> dict[str, Any]:
        """One statistical test on numbers of your own."""
        return self.call("POST", f"/statistics/{test}", {"input": input, "options": options})

    def export(
        self,
        sweep: Named,
        name: str,
        path: str | None = None,
        format: Literal["csv", "latex", "markdown", "json"] = "csv",
        metric: str | None = None,
    ) -> str:
        """A table as CSV, LaTeX, Markdown or JSON text; written to `path` where one is given."""
        query = {"format": format, "metric": metric}
        content = self.call("GET", f"/sweeps/{quoted(sweep)}/analyses/{name}", query=query)
        text = json.dumps(content) if isinstance(content, dict) else content.decode()
        if path is not None:
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.write(text)
        return text

    def archive(self, sweep: Named, path: str) -> None:
        """The whole study as an RO-Crate, a zip."""
        content = self.call("GET", f"/sweeps/{quoted(sweep)}/crate")
        with open(path, "wb") as file:
            file.write(content)

    def restore(self, path: str) -> dict[str, Any]:
        """Reads an archived study back."""
        with open(path, "rb") as file:
            return self.call("POST", "/sweeps/import", file.read(), content_type="application/zip")

    # Runs that another tracker recorded

    def import_runs(
        self,
        path: str,
        format: str | None = None,
        decisions: Mapping[str, Any] | None = None,
        into: str | None = None,
        dry_run: bool = False,
    ) -> dict[str, Any]:
        """
        Runs that MLflow, W&B, TensorBoard and others left in a folder, file or zip, as a study. `decisions` answers what
        is asked (`seed`, `arm`, `configuration`, `metric`, ...); what it leaves open is as proposed. With `dry_run`, the
        proposal and nothing written. A study that has runs of this source already gets those that are new (`into="new"`: another
        study).
        """
        return import_runs(self, path, format, decisions, into, dry_run)

    # Runs trained elsewhere

    def log_run(
        self,
        params: Any = None,
        seed: int = 0,
        sweep_id: Named | None = None,
        resume: Named | None = None,
        started_at: Moment | None = None,
        lease_seconds: float | None = None,
        environment: bool | Mapping[str, Any] = True,
        **fields: Any,
    ) -> LoggedRun:
        """
        Begins a run that is trained here, with the parameters `params` (a dict, nested as it may be, an argparse Namespace or
        a dataclass; `LoggedRun.params` has them with one name each): in the study named `study`, which begins where none is called so; with
        `sweep_id` in that study, of trainer `external`; or with `name` and `dataset` in a new one. Further `arm` or
        `mode`, `repeat`, `label`, `tags`, `notes`, `metrics` (what the study that begins declares of its metrics:
        `{"val/acc": {"unit": "percent", "direction": "maximize"}}`), and `started_at` (a datetime) where training began
        earlier. The run counts as lost when nothing is heard of this program for `lease_seconds` (10 minutes unless the
        server says otherwise).

        `environment` is what can change the result: versions of all packages, machine, and state of the program's code in
        git, read here and now; a dict adds to these, False leaves all out. Of a run that began earlier (`started_at`)
        nothing is read, because it may have been elsewhere.

        `resume` is a run that was begun before: its next attempt goes on from what was reported, and its seed and
        parameters are those of the run.
        """
        lease: dict[str, Any] = {} if lease_seconds is None else {"leaseSeconds": lease_seconds}
        here: dict[str, Any] = {}
        if environment is not False and started_at is None:
            here["environment"] = environment_of(program())
        if isinstance(environment, Mapping):
            here["environment"] = {**here.get("environment", {}), **environment}
        if resume is not None:
            if params or seed or fields or sweep_id is not None or started_at is not None:
                raise TypeError("resume= takes a run as it is: leave its parameters, seed and study out")
            return LoggedRun(self, self.call("POST", f"/runs/{quoted(resume)}/attempts", {**lease, **here}))
        body: dict[str, Any] = {"params": flat(params), **exact({"seed": seed, **lease, **fields}), **here}
        if sweep_id is not None:
            body["sweepId"] = id_of(sweep_id)
        if started_at is not None:
            body["startedAt"] = moment(started_at)
        return LoggedRun(self, self.call("POST", "/runs", body))

    def declare(self, sweep: Named, metrics: Mapping[str, Mapping[str, Any]]) -> Sweep:
        """
        Says what the metrics of a study are: `{"val/acc": {"unit": "percent", "direction": "maximize"}}`, with `label`, `range`
        (`{"low": 0, "high": 100}`) or `split` as well. It replaces what was declared so before; the document of the study and
        its digest stay as they are. Returns the study.
        """
        return self._sweep(self.call("PATCH", f"/sweeps/{quoted(sweep)}", {"metrics": metrics}))

    def ask(
        self,
        sweep: Named,
        params: Any = None,
        label: str | None = None,
        lease_seconds: float | None = None,
        environment: bool = True,
    ) -> LoggedRun | Runs:
        """
        Hands a configuration to a study of search `external`, or takes the next planned run of one that is trained
        here, with its `environment` as for `log_run`. Returns the run to train as a LoggedRun; where workers train, the
        runs that were queued.
        """
        given = {
            "params": None if params is None else flat(params),
            "label": label,
            "leaseSeconds": lease_seconds,
            "environment": environment_of(program()) if environment else None,
        }
        body = {key: value for key, value in given.items() if value is not None}
        answer = self.call("POST", f"/sweeps/{quoted(sweep)}/ask", body)
        return Runs(Run(run, self) for run in answer["added"]) if answer["run"] is None else LoggedRun(self, answer["run"])
