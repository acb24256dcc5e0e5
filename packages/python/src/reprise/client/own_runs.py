"""Runs that are trained here, by the program that asks."""

from __future__ import annotations

from typing import Any, Mapping

from ..connection import Connection
from ..environment import environment as environment_of
from ..environment import program
from ..logged_run import LoggedRun
from ..parameters import exact, flat
from ..results import Run, Runs
from ..wire import Moment, Named, id_of, moment, quoted


class OwnRuns(Connection):
    """Runs that are begun, or taken from a plan, to be trained here."""

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
                raise TypeError("resume= takes a run as it is: omit parameters, seed and study")
            return LoggedRun(self, self.call("POST", f"/runs/{quoted(resume)}/attempts", {**lease, **here}))
        body: dict[str, Any] = {"params": flat(params), **exact({"seed": seed, **lease, **fields}), **here}
        if sweep_id is not None:
            body["sweepId"] = id_of(sweep_id)
        if started_at is not None:
            body["startedAt"] = moment(started_at)
        return LoggedRun(self, self.call("POST", "/runs", body))

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
