"""The run of this process: what its hooks and its program report."""

import os
import sys
import time

from .spool import Sender, Spool, finite
from .trainer import setting

_current = None


class NoRun:
    """In place of a run where none has begun: the same script runs with and without the launcher."""

    id = None

    def log(self, metrics=None, step=None, **named):
        pass

    def log_text(self, *lines, stream="stdout"):
        pass

    def observe(self, name, value, step=None):
        pass

    def __bool__(self):
        return False


def current():
    """The run of this process. Where none has begun, one that takes every report, keeps none, and is false."""
    return NoRun() if _current is None else _current


class Recorder:
    """One run, from its beginning to its end. Every report is on disk when the call returns, and sent in the background."""

    def __init__(self, spool, api=None):
        self.spool = spool
        self.id = spool.id
        self.steps = 0
        self.ended = False
        self.digest = None
        self._process = os.getpid()
        self._started = spool.about["startedAt"]
        self._gaps = set()
        self.sender = Sender(spool, api)

    @classmethod
    def begin(cls, body, api=None):
        global _current
        _current = cls(Spool.begin(body), api)
        return _current

    @classmethod
    def resume(cls, path, api=None):
        """The run of this folder, begun by this process before it replaced its program."""
        global _current
        _current = cls(Spool(path), api)
        return _current

    def log(self, metrics=None, step=None, **named):
        """Metrics of one step, by keyword or as a dict; without `step` of the last one that was made."""
        values = {**({} if metrics is None else metrics), **named}
        at = self.steps if step is None else int(step)
        self.spool.write(
            {
                "step": at,
                "metrics": {key: finite(value) for key, value in values.items()},
                "time": time.time() - self._started,
            }
        )

    def log_text(self, *lines, stream="stdout"):
        """Lines for the run's log."""
        for line in lines:
            self.spool.write({"text": str(line), "stream": stream, "at": time.time()})

    def observe(self, name, value, step=None):
        """One look of the program's own at a setting: it is told as reported."""
        self._look(step, name, value, "program")

    def seen(self, step, name, value):
        """One look of Reprise's own code at a setting: it is told as observed."""
        self._look(step, name, value, "reprise")

    def _look(self, step, name, value, observer):
        self.spool.write({"step": step, "name": name, "value": setting(value), "observer": observer})

    def rung(self, kind, position, digest):
        """A rung of the digest ladder."""
        self.spool.write({"kind": kind, "position": position, "digest": digest})

    def gap(self, what, why):
        """What could not be seen, once each: it stands in the run's log."""
        if what in self._gaps:
            return
        self._gaps.add(what)
        self.log_text(f"Reprise did not see {what}: {why}", stream="stderr")

    def finish(self, status="succeeded", error=None):
        """Ends the run, and says where it is to be found."""
        if self.ended or os.getpid() != self._process:
            return
        self.ended = True
        body = {"status": status}
        if status == "succeeded":
            body["digest"] = self.digest
        if error is not None:
            body["error"] = error[:10_000]
        self.spool.write({"end": body})
        if self.sender.stop():
            run = self.spool.about["run"]
            print(f"Reprise: {status}, {self.sender.api.url}/runs/{run['id']}", file=sys.stderr)
            self.spool.remove()
        else:
            print(
                f"Reprise: {status}; no server took the rest of it, which is kept in {self.spool.path}. "
                "Send it later: python -m reprise sync",
                file=sys.stderr,
            )
