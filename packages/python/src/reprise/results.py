"""What the API answers, as a notebook has it: dicts as they came, with names for what is asked most."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Iterable, Mapping

from . import plots, show
from .wire import NOT_FINITE, decode

if TYPE_CHECKING:
    from .client import Reprise

COLUMNS = ("id", "configurationLabel", "seed", "arm", "repeat", "mode", "status", "digest", "durationMs")


class Sweep(dict):  # type: ignore[type-arg]
    """A study, as `GET /sweeps/{id}` answers it."""

    def __init__(self, answer: Mapping[str, Any], api: Reprise) -> None:
        super().__init__(answer)
        self._api = api

    @property
    def id(self) -> str:
        return self["id"]

    @property
    def name(self) -> str:
        return self["name"]

    @property
    def status(self) -> str:
        """`queued`, `running`, `paused`, `succeeded`, `failed` or `cancelled`."""
        return self["status"]

    def runs(self, **query: Any) -> Runs:
        """Its runs, as `Reprise.runs` finds them."""
        return self._api.runs(self, **query)

    def analysis(self, name: str = "determinism", metric: str | None = None) -> Analysis:
        """One of its analyses, as `Reprise.analysis` has it; by itself whether its runs repeat."""
        return self._api.analysis(self, name, metric)

    def plot(self, metric: str | None = None, axes: Any = None) -> Any:
        """
        Repeats of every configuration and seed on one metric (default: that which the study is told by), through
        matplotlib. Returns the axes.
        """
        return plots.determinism(self.analysis(metric=metric), self["spec"].get("arms") or [], axes)

    def _repr_html_(self) -> str:
        return show.sweep(self, f"{self._api.url}/sweeps/{self.id}")


class Run(dict):  # type: ignore[type-arg]
    """A run, as `GET /runs/{id}` or a list of runs answers it."""

    def __init__(self, answer: Mapping[str, Any], api: Reprise) -> None:
        super().__init__(answer)
        self._api = api

    @property
    def id(self) -> str:
        return self["id"]

    @property
    def status(self) -> str:
        """`queued`, `running`, `succeeded`, `failed`, `cancelled` or `pruned`."""
        return self["status"]

    @property
    def params(self) -> dict[str, Any]:
        return self["params"]

    @property
    def metrics(self) -> dict[str, float | None]:
        """Each metric at the selected epoch, else its last value."""
        return {key: decode(show.selected(summary)) for key, summary in self["summary"].items()}

    def history(self, key: str) -> tuple[list[int], list[float | None]]:
        """Steps and values of one metric, all of them."""
        return self._api.history(self, key)

    def plot(self, key: str, axes: Any = None) -> Any:
        """The history of one metric, through matplotlib. Returns the axes."""
        return Runs([self]).plot(key, axes)

    def _repr_html_(self) -> str:
        return show.run(self, self._api.url)

    def row(self) -> dict[str, Any]:
        """The run in one flat dict: see `Reprise.table`."""
        diverged = self.get("diverged") or {"key": None, "step": None}
        return {
            **{key: self[key] for key in COLUMNS},
            "diverged": diverged["key"] is not None,
            "divergedKey": diverged["key"],
            "divergedStep": diverged["step"],
            **{f"params.{key}": value for key, value in self.params.items()},
            **{f"metrics.{key}": value for key, value in self.metrics.items()},
        }


class Runs(list):  # type: ignore[type-arg]
    """A list of runs."""

    def __init__(self, runs: Iterable[Run]) -> None:
        super().__init__(runs)

    def table(self) -> list[dict[str, Any]]:
        """A flat dict per run: see `Reprise.table`."""
        return [run.row() for run in self]

    def to_pandas(self) -> Any:
        """`table` as a pandas DataFrame."""
        return _pandas().DataFrame(self.table())

    def histories(self, keys: Iterable[str] | None = None) -> Histories:
        """Histories of all these runs, whole, several runs at a time: run id → metric key → (steps, values)."""
        keys = None if keys is None else list(keys)
        with ThreadPoolExecutor(max_workers=8) as threads:
            found = threads.map(lambda run: run._api.histories(run, keys), self)
            return Histories(zip((run.id for run in self), found))

    def plot(self, key: str, axes: Any = None) -> Any:
        """The history of one metric of every run, in the colours of their arms, through matplotlib. Returns the axes."""
        histories = self.histories([key])
        curves = [(run, *histories[run.id].get(key, ([], []))) for run in self]
        return plots.histories(curves, key, axes)

    def _repr_html_(self) -> str:
        return show.runs(self, self[0]._api.url) if self else "<p>no runs</p>"


class Histories(dict):  # type: ignore[type-arg]
    """Run id → metric key → (steps, values)."""

    def to_pandas(self) -> Any:
        """A row per value: `run`, `metric`, `step`, `value`."""
        rows = [
            (run, key, step, value)
            for run, series in self.items()
            for key, (steps, values) in series.items()
            for step, value in zip(steps, values)
        ]
        return _pandas().DataFrame(rows, columns=["run", "metric", "step", "value"])


class Verdict(dict):  # type: ignore[type-arg]
    """A sentence that states a result, with its `tone` and, line by line, how it is known (`basis`)."""

    def __str__(self) -> str:
        return self["sentence"]

    def _repr_html_(self) -> str:
        return show.verdict(self)


class Analysis(dict):  # type: ignore[type-arg]
    """An analysis of a study, as `GET /sweeps/{id}/analyses/{name}` answers it."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        super().__init__(answer)
        if "headline" in self:
            self["headline"] = Verdict(self["headline"])
        self["verdicts"] = [Verdict(verdict) for verdict in self.get("verdicts", [])]

    @property
    def verdicts(self) -> list[Verdict]:
        """What it says: the study in one sentence, where it has one, and its further sentences."""
        return [*([self["headline"]] if "headline" in self else []), *self["verdicts"]]

    def to_pandas(self) -> Any:
        """Its table as a pandas DataFrame, as it is exported."""
        return _frame(self["table"]["rows"], [column["key"] for column in self["table"]["columns"]])

    def _repr_html_(self) -> str:
        return show.analysis(self)


class Verification(dict):  # type: ignore[type-arg]
    """A run and its repetition compared, as `GET /verifications/{id}` answers it."""

    @property
    def verdict(self) -> str | None:
        """`bit-identical`, `within-tolerance`, `different` or `incomparable`; None where the repetition failed."""
        return self["verdict"]

    def _repr_html_(self) -> str:
        return show.verification(self)


class Localization(dict):  # type: ignore[type-arg]
    """Two runs, or one twice, traced side by side, as `GET /localizations/{id}` answers it."""

    @property
    def parted(self) -> dict[str, Any] | None:
        """The first operation in which they part: `step`, `phase`, `module`, `operation`, `tensor`, `ulp`, …; None where they did not."""
        return None if self["result"] is None else self["result"]["parted"]


class Comparison(dict):  # type: ignore[type-arg]
    """Groups of runs compared, as `POST /comparisons` answers it."""

    @property
    def verdicts(self) -> list[Verdict]:
        """A sentence per pair of groups and metric."""
        return [Verdict(one["verdict"]) for one in self["comparisons"]]

    def to_pandas(self) -> Any:
        """Groups on each metric as a pandas DataFrame."""
        return _frame(self["summaries"])

    def plot(self, metric: str | None = None, axes: Any = None) -> Any:
        """Means of the groups with their intervals on one metric (default: the first), through matplotlib. Returns the axes."""
        return plots.comparison(self, metric, axes)

    def _repr_html_(self) -> str:
        return show.comparison(self)


def _frame(rows: Iterable[Mapping[str, Any]], columns: list[str] | None = None) -> Any:
    """Rows as a pandas DataFrame, with numbers that are not finite as numbers."""
    cells = [{key: NOT_FINITE.get(cell, cell) if isinstance(cell, str) else cell for key, cell in row.items()} for row in rows]
    return _pandas().DataFrame(cells, columns=columns)


def _pandas() -> Any:
    try:
        import pandas
    except ImportError as error:
        raise ImportError("to_pandas() and frame() need pandas (pip install pandas); table() gives dicts") from error
    return pandas
