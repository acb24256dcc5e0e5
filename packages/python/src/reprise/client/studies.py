"""Studies of a server: begun, followed, ended, kept."""

from __future__ import annotations

import time
from typing import Any, Callable, Mapping

from ..connection import Connection
from ..foreign_runs import import_runs
from ..parameters import exact
from ..progress import bar, is_notebook
from ..results import Sweep
from ..wire import Named, quoted

# How a study ends; of runs there is `pruned` as well.
ENDED = ("succeeded", "failed", "cancelled")


class Studies(Connection):
    """Studies as a whole."""

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

    def declare(self, sweep: Named, metrics: Mapping[str, Mapping[str, Any]]) -> Sweep:
        """
        Says what the metrics of a study are: `{"val/acc": {"unit": "percent", "direction": "maximize"}}`, with `label`, `range`
        (`{"low": 0, "high": 100}`) or `split` as well. It replaces what was declared so before; the document of the study and
        its digest stay as they are. Returns the study.
        """
        return self._sweep(self.call("PATCH", f"/sweeps/{quoted(sweep)}", {"metrics": metrics}))

    def archive(self, sweep: Named, path: str) -> None:
        """The whole study as an RO-Crate, a zip."""
        content = self.call("GET", f"/sweeps/{quoted(sweep)}/crate")
        with open(path, "wb") as file:
            file.write(content)

    def restore(self, path: str) -> dict[str, Any]:
        """Reads an archived study back."""
        with open(path, "rb") as file:
            return self.call("POST", "/sweeps/import", file.read(), content_type="application/zip")

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
