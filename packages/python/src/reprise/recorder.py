"""The run of this process: what its hooks and its program report."""

from __future__ import annotations

import math
import os
import time
from typing import Any, Callable, Iterable, Mapping, Sequence

from . import crash, files, ranks
from .connection import Connection
from .digest import SHA256
from .predictions import ReportsPredictions
from .sender import Sender
from .spool import NO_ROOM, Spool, say
from .state import State
from .trainer import FINAL_DIGEST, setting
from .wire import finite

_current: Recorder | NoRun | None = None


class NoRun:
    """In place of a run where none has begun: the same script runs with and without the launcher."""

    id: str | None = None
    steps = 0
    is_watched = False

    def log(self, metrics: Mapping[str, Any] | None = None, step: int | None = None, **named: Any) -> None:
        pass

    def step(self, model: Any = None, loss: Any = None) -> None:
        pass

    def log_text(self, *lines: object, stream: str = "stdout") -> None:
        pass

    def observe(self, name: str, value: Any, step: int | None = None) -> None:
        pass

    def gap(self, what: str, why: str) -> None:
        pass

    def predictions(self, ids: Any, labels: Any, scores: Any, classes: Sequence[str], **more: Any) -> None:
        pass

    def file(self, path: str, name: str | None = None, step: int | None = None) -> None:
        pass

    def state(self, loader: Any = None, **parts: Any) -> State:
        return State(None, parts, loader)

    def finish(self, status: str = "succeeded", error: str | None = None, last_lines: Iterable[str] = ()) -> None:
        pass

    def __bool__(self) -> bool:
        return False


def current() -> Recorder | NoRun:
    """The run of this process. Where none has begun, one that takes every report, keeps none, and is false."""
    return NoRun() if _current is None else _current


def stand_in(run: NoRun) -> None:
    """From now on `current()` is `run`, and the program begins none of its own."""
    global _current
    _current = run


def is_traced() -> bool:
    """Whether this process is traced in order to locate an operation: it is no run, and all that counts happens in it."""
    return bool(_current) and not isinstance(_current, Recorder)


def step(model: Any = None, loss: Any = None) -> None:
    """Counts a step of the run of this process that no hook sees: see `Recorder.step`."""
    current().step(model, loss)


class Recorder(ReportsPredictions):
    """One run, from its beginning to its end. Every report is on disk when the call returns, and sent in the background."""

    def __init__(self, spool: Spool, api: Connection | None = None, sender: Any = None) -> None:
        self.spool = spool
        self.steps = 0
        # Steps that an attempt before this one has made.
        self.steps_before = 0
        self.rank = ranks.rank()
        self.ended = False
        self.digest: str | None = None
        self._told = 0
        self._told_late = False
        self._told_unwritten = False
        self._has_result = False
        # The signal that asked the program to stop, where it handled one itself.
        self._stop: str | None = None
        self._hooks: list[Any] = []
        self._ends: list[Callable[[], None]] = []
        self._process = os.getpid()
        self._gaps: set[str] = set()
        self.sender = Sender(spool, api) if sender is None else sender

    @property
    def id(self) -> str:
        """The server's id of the run; where none has taken it yet, that of its folder. Either resumes it."""
        return self.spool.about.get("run", self.spool.about)["id"]

    def __repr__(self) -> str:
        return f"<run {self.id}: {self.steps} steps, {'ended' if self.ended else 'running'}>"

    def enter(self) -> None:
        """Makes this the run of the process."""
        global _current
        _current = self

    @property
    def is_watched(self) -> bool:
        """Whether hooks see the steps of this run, and tell `loss` themselves."""
        return bool(self._hooks)

    def attach(self, hooks: Any) -> None:
        """`hooks` are told of steps that the program tells (`told_step(model)`), and end before the run (`finish()`, `remove()`)."""
        self._hooks.append(hooks)

    def place(self) -> tuple[int, list[Any]]:
        """Passes over data that hooks have seen, and the optimizers in the order of their first steps."""
        for hooks in self._hooks:
            return hooks.place()
        return 0, []

    def go_on(self, steps: int, passes: int) -> None:
        """The training goes on from a state, after so many steps and passes."""
        self.steps = self.steps_before = steps
        for hooks in self._hooks:
            hooks.go_on(passes)
        resumed = getattr(self.sender, "resumed", None)
        if resumed is not None:
            resumed()

    def trained_before(self, optimizers: Sequence[Any]) -> None:
        """Nothing is left to be trained by these: an attempt before has made all their steps."""
        for hooks in self._hooks:
            hooks.trained_before(optimizers)

    def when_over(self, callback: Callable[[], None]) -> None:
        """`callback()` is called when the run ends."""
        self._ends.append(callback)

    def step(self, model: Any = None, loss: Any = None) -> None:
        """
        Counts one update that no optimizer of PyTorch made, or that is compiled: settings are looked at, the loss is
        reported, and the digest of the final weights is of `model`.
        """
        self._told += 1
        self.steps = max(self.steps, self.steps_before + self._told)
        for hooks in self._hooks:
            hooks.told_step(model)
        if loss is not None:
            self.log({"loss": loss})

    def _write(self, line: dict[str, Any]) -> None:
        if not self.ended:
            self.spool.write(line)
        elif not self._told_late:
            self._told_late = True
            say("the run has ended, and takes no more reports.")

    def log(self, metrics: Mapping[str, Any] | None = None, step: int | None = None, **named: Any) -> None:
        """
        Metrics of one step, by keyword or as a dict; without `step` of the last one that was made. Spaces around a name are
        no part of it.
        """
        if self.rank > 0:
            # One value a step: that of the first process.
            return
        values = {**({} if metrics is None else metrics), **named}
        self._has_result = self._has_result or bool(values)
        at = self.steps if step is None else int(step)
        self._write(
            {
                "step": at,
                "metrics": {key.strip(): finite(value) for key, value in values.items()},
                "time": time.time() - self.spool.about["startedAt"],
            }
        )

    def loss(self, step: int, value: float) -> None:
        """The loss of a step, as hooks see it: `log` in the least time."""
        if self.rank or self.ended or not math.isfinite(value):
            self.log({"loss": value}, step=step)
        else:
            self.spool.write_loss(step, value, time.time())

    def _take(self, body: dict[str, Any]) -> None:
        if self.rank == 0:
            self._has_result = True
            self._write({"predictions": body})

    def log_text(self, *lines: object, stream: str = "stdout") -> None:
        """Lines for the run's log."""
        for line in lines:
            self._write({"text": str(line), "stream": stream, "at": time.time()})

    def observe(self, name: str, value: Any, step: int | None = None) -> None:
        """One look of the program's own at a setting: it is told as reported."""
        self._look(step, name, value, "program")

    def seen(self, step: int | None, name: str, value: Any, where: str | None = None) -> None:
        """One look of Reprise's own code at a setting: it is told as observed. `where` is the line that set it."""
        self._look(step, name, value, "reprise", where)

    def _look(self, step: int | None, name: str, value: Any, observer: str, where: str | None = None) -> None:
        line = {"step": step, "name": name, "value": setting(value), "observer": observer}
        if where is not None:
            line["where"] = where
        if self.rank:
            line["rank"] = self.rank
        self._write(line)

    def rung(self, kind: str, position: int, digest: str, algorithm: str = SHA256) -> None:
        """A rung of the digest ladder: of one process, as processes that train together share their weights."""
        if self.rank == 0:
            self._write({"kind": kind, "position": position, "digest": digest, "algorithm": algorithm})

    def final_weights(self, digest: str) -> None:
        """
        The digest of the final weights, as Reprise's own code computed it: told as a look as well, by which the server tells it
        from one that the program sets.
        """
        self.digest = digest
        self.rung("finalWeights", 0, digest)
        if self.rank == 0:
            self.seen(self.steps, FINAL_DIGEST, digest)

    def tensors(self, step: int, parts: "dict[str, tuple[list[str], str]]", algorithm: str) -> None:
        """Digests of single tensors at a step: `loss`, `gradient`, `weights` → names, and their digests in one string."""
        if self.rank == 0:
            self._write({"position": step, "tensors": parts, "algorithm": algorithm})

    def gap(self, what: str, why: str) -> None:
        """What could not be seen, once each: it lowers what is known of the run. Where nothing takes the report, the training goes on without."""
        if what in self._gaps:
            return
        try:
            self._write({"gap": what[:250], "reason": why[:2_000] or "no reason was given", "step": self.steps})
            self._gaps.add(what)
        except OSError as error:
            if not self._told_unwritten:
                self._told_unwritten = True
                say(f"{what} was not seen, and that cannot be written: {error}")

    def file(self, path: str, name: str | None = None, step: int | None = None) -> None:
        """
        A file that the program has written, as it is now: a copy is kept, sent when a server answers, and stored with the run
        under `name` (default: that of the file). Of several of one name the last stays. The server takes files up to a size of
        its own (256 MiB unless it is set otherwise); of a larger one the run keeps name, size and SHA-256 in its log.

        Raises OSError where it cannot be read. Where the disk has no room for the copy, that is told as a gap.
        """
        if self.ended or self.rank > 0:
            return
        try:
            kept = files.keep(path, self.spool.path)
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            self.gap(f"file {name or os.path.basename(path)}", f"there is no room for a copy of it: {error}")
            return
        at = self.steps if step is None else int(step)
        self._write({"file": {"name": name or os.path.basename(path), "sha256": kept.sha256, "bytes": kept.size}, "step": at})

    def state(self, loader: Any = None, **parts: Any) -> State:
        """
        What the training goes on from when the run is resumed (`--resume`, `capture(resume=…)`), as it was kept last; made
        once, before the first epoch. `parts` have state_dict() and load_state_dict(): model, optimizer, scheduler, scaler, …,
        or lists of these; random states of Python, NumPy and PyTorch belong to it by themselves, those of generators of
        `loader` where it is given.

            state = run.state(model=model, optimizer=optimizer, loader=loader)
            for epoch in state.epochs(10):

        Raises ValueError where the state that was kept is of other parts.
        """
        made = getattr(self.sender, "state_made", None)
        if made is not None:
            made()
        return State(self, parts, loader)

    def stop_asked(self, name: str) -> None:
        """The program handles the signal of this name, which asks it to stop: whatever its exit code, it was stopped."""
        self._stop = name

    def kept(self, path: str, epoch: int) -> None:
        """The state after a whole epoch is kept in this file: of a run that a worker trains, the worker may want it as a checkpoint."""
        keep = getattr(self.sender, "checkpoint", None)
        if keep is not None and self.rank == 0:
            keep(path, self.steps, epoch)

    def failed(self, error: BaseException, script: str | None = None) -> None:
        """Ends the run with an exception: failed, or cancelled where it is an interruption. See `crash.last_lines`."""
        if not isinstance(error, Exception):
            self.finish("cancelled")
            return
        lines = crash.last_lines(error, script)
        self.log_text(*lines, stream="stderr")
        self.finish("failed", crash.message(error), lines)

    def finish(self, status: str = "succeeded", error: str | None = None, last_lines: Iterable[str] = ()) -> None:
        """Ends the run, and says where it is to be found. `last_lines`: of the traceback of a failed one."""
        if self.ended or os.getpid() != self._process:
            return
        for hooks in self._hooks:
            if status == "succeeded":
                hooks.finish()
            hooks.remove()
        self._hooks.clear()
        for callback in self._ends:
            callback()
        if self.rank > 0:
            # The first process ends the run; a failure of another stands in its log.
            self.ended = True
            ranks.leave(self.spool.path)
            return
        missing = ranks.wait_for_others(self.spool.path) if ranks.world() > 1 else []
        if missing:
            self.gap(f"the end of rank {', '.join(map(str, missing))}", "it had not come ten seconds after that of rank 0.")
        if status == "succeeded" and self._stop is not None:
            status = "cancelled"
            error = f"{self._stop} asked the program to stop; it handled that itself, and ended with exit code 0."
        if status == "succeeded" and not self._has_result and self.digest is None and self.steps == 0:
            self.gap("any result", "The program ended with exit code 0. It told no metric and no prediction, and made no step that was seen.")
        body: dict[str, Any] = {"status": status}
        if status == "succeeded":
            body["digest"] = self.digest
        if error is not None:
            body["error"] = error[:10_000]
            if last_lines:
                body["lastLines"] = list(last_lines)
        self._write({"end": {"attempt": self.spool.attempt, "body": body}})
        self.ended = True
        self.sender.leave(status)
