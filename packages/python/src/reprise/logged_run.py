"""A run that is trained here and reported as it goes, each report when it is made."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any, Iterable, Mapping

from . import crash
from .connection import Connection, RepriseError
from .heartbeat import Heartbeat
from .predictions import ReportsPredictions
from .digest import SHA256
from .trainer import digest_of, setting
from .wire import Moment, merged, moment

if TYPE_CHECKING:
    from types import TracebackType


class LoggedRun(ReportsPredictions):
    """
    A run that is trained here. As a context manager it ends by itself: succeeded, failed with the exception's message, or
    cancelled when it is interrupted. Set `digest` and `selected_epoch` before. Until then a thread says that it is alive.
    Every report says of which attempt it is: where another has taken its place, RepriseError has type `stale-attempt`.
    """

    digest_of = staticmethod(digest_of)

    def __init__(self, api: Connection, run: Mapping[str, Any]) -> None:
        self.api = api
        self.run = run
        self.id: str = run["id"]
        self.sweep_id: str = run["sweepId"]
        self.params: dict[str, Any] = run["params"]
        self.seed: int = run["seed"]
        self.attempt: int = run["attempt"]
        self.digest: str | None = None
        self.selected_epoch: int | None = None
        self.ended = False
        self._heartbeat = Heartbeat(self._beat)

    def _post(self, what: str, body: Mapping[str, Any]) -> Any:
        if not self._heartbeat.is_of_this_process() and not self.ended:
            self._heartbeat = Heartbeat(self._beat)
        return self.api.call("POST", f"/runs/{self.id}/{what}", body, attempt=self.attempt)

    def _end(self, what: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        self.run = self._post(what, body)
        self.ended = True
        self._heartbeat.stop()
        return self.run

    def _beat(self) -> float | None:
        """Says that the run is alive. Returns the seconds until the next time; None when it is told to no more."""
        if self.ended:
            return None
        try:
            answer = self.api.call("POST", f"/runs/{self.id}/heartbeat", attempt=self.attempt)
        except RepriseError as error:
            return None if error.status in (400, 404, 409) else 5.0
        return answer["leaseSeconds"] / 3

    def log(self, step: int, metrics: Any = None, **named: Any) -> None:
        """Metrics of one epoch or step, by keyword or, for names such as "recall (TPR)", as a dict."""
        self._post("metrics", {"step": step, "metrics": merged("metrics", metrics, named)})

    def series(self, histories: Any = None, **named: Any) -> None:
        """Whole histories: key=(steps, values), or a dict of such."""
        series = merged("histories", histories, named)
        stretches = {key: {"steps": list(steps), "values": values} for key, (steps, values) in series.items()}
        self._post("metrics", {"series": stretches})

    def log_text(self, *lines: object, at: Moment | None = None, stream: str = "stdout") -> None:
        """Lines for the run's log, printed at `at` (a datetime; default: now)."""
        printed = {} if at is None else {"at": moment(at)}
        self._post("metrics", {"logs": [{"text": str(line), "stream": stream, **printed} for line in lines]})

    def digests(self, kind: str, positions: Iterable[int], digests: Iterable[str], algorithm: str = SHA256) -> None:
        """
        Rungs of the digest ladder: `epoch`, `step`, `initialWeights`, `finalWeights`, … The first three may be by another
        `algorithm`, of a name of your own: digests by two are not compared.
        """
        stretch = {"kind": kind, "positions": list(positions), "digests": list(digests), "algorithm": algorithm}
        self._post("metrics", {"digests": [stretch]})

    def observe(self, name: str, value: Any, step: int | None = None) -> None:
        """
        One look at a setting of this process, after `step` steps (None: it belongs to no step): a flag such as
        `torch.backends.cudnn.benchmark`, `seed`, an environment variable (None: it is not set), a digest of a random state
        (`rng.torch`). Give what is read at that moment where the setting lives, never what was asked for. It is your
        program's word, so Reprise tells it as reported, holds it against arm and seed, and marks the run where it
        contradicts them or changes.
        """
        look = {"step": step, "name": name, "value": setting(value)}
        self._post("observations", {"observations": [look]})

    def observations(self) -> dict[str, Any]:
        """All looks at settings of this run, as `Reprise.observations` has them."""
        return self.api.call("GET", f"/runs/{self.id}/observations")

    def embedding(self, epoch: int, vector: Any) -> None:
        """Last-layer weights after an epoch."""
        self._post("metrics", {"embeddings": [{"epoch": epoch, "vector": vector}]})

    def probe(self, epoch: int, activations: Iterable[Iterable[float]]) -> None:
        """Activations of the same cases before the last layer, a row per case, after an epoch."""
        rows = [list(row) for row in activations]
        vector = [value for row in rows for value in row]
        probe = {"of": "probe", "epoch": epoch, "shape": [len(rows), len(rows[0])], "vector": vector}
        self._post("metrics", {"embeddings": [probe]})

    def _take(self, body: dict[str, Any]) -> None:
        self._post("predictions", body)

    def file(self, path: str, name: str | None = None, step: int | None = None) -> None:
        """A file that is stored with the run under `name` (default: that of the file). Of several of one name the last stays."""
        total, size = hashlib.sha256(), 0
        with open(path, "rb") as content:
            while chunk := content.read(1 << 20):
                total.update(chunk)
                size += len(chunk)
            content.seek(0)
            query = {"sha256": total.hexdigest(), **({} if step is None else {"step": step})}
            self.api.upload(f"/runs/{self.id}/files/{name or os.path.basename(path)}", content, size, query, self.attempt)

    def tell(self, value: float | None = None, step: int | None = None, metrics: Any = None, **named: Any) -> Mapping[str, Any]:
        """
        Ends a run that was asked for with the value of the study's objective. Without `step` the values are final ones of
        the whole run, and no points of its histories. Further metrics by keyword, or as a dict.
        """
        body = {"metrics": merged("metrics", metrics, named), **{key: item for key, item in {"value": value, "step": step}.items() if item is not None}}
        return self._end("tell", body)

    def prune(self, step: int) -> Mapping[str, Any]:
        """
        Ends a run that a sampler gives up after `step`: it is `pruned`, keeps its histories, counts as no failure, and is in
        no analysis.
        """
        return self.finish("pruned", prunedAtStep=step)

    def finish(
        self, status: str = "succeeded", error: str | None = None, ended_at: Moment | None = None, **fields: Any
    ) -> Mapping[str, Any]:
        """Ends the run; `ended_at` (a datetime) where training ended before."""
        body: dict[str, Any] = {"status": status, **fields}
        if ended_at is not None:
            body["endedAt"] = moment(ended_at)
        if error is not None:
            body["error"] = error
        if status == "succeeded":
            body = {"digest": self.digest, "selectedEpoch": self.selected_epoch, **body}
        return self._end("finish", body)

    def __enter__(self) -> LoggedRun:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.ended:
            return
        if error is None:
            self.finish()
        elif isinstance(error, Exception):
            self.finish("failed", crash.message(error), lastLines=crash.last_lines(error))
        else:
            self.finish("cancelled")
