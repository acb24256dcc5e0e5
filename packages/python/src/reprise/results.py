"""What the API answers, as a notebook has it: dicts as they came, with names for what is asked most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterable, Mapping

from .wire import decode

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
        """`queued`, `running`, `succeeded`, `failed` or `cancelled`."""
        return self["status"]

    @property
    def params(self) -> dict[str, Any]:
        return self["params"]

    @property
    def metrics(self) -> dict[str, float | None]:
        """Each metric at the selected epoch, else its last value."""
        values = {}
        for key, summary in self["summary"].items():
            selected = summary["selected"]
            values[key] = decode(summary["last"] if selected is None else selected)
        return values

    def history(self, key: str) -> tuple[list[int], list[float | None]]:
        """Steps and values of one metric, all of them."""
        return self._api.history(self, key)

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
        try:
            import pandas
        except ImportError as error:
            raise ImportError("to_pandas() needs pandas (pip install pandas); table() gives the same as dicts") from error
        return pandas.DataFrame(self.table())


class Verification(dict):  # type: ignore[type-arg]
    """A run and its repetition compared, as `GET /verifications/{id}` answers it."""

    @property
    def verdict(self) -> str | None:
        """`bit-identical`, `within-tolerance`, `different` or `incomparable`; None where the repetition failed."""
        return self["verdict"]


class Comparison(dict):  # type: ignore[type-arg]
    """Groups of runs compared, as `POST /comparisons` answers it."""
