"""
`python -m reprise serve`: a program that knows nothing of Reprise as a trainer of a worker. What its hooks see becomes
events of the trainer protocol; what it prints stays its log.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from typing import Any

from . import files, session, trainer
from .environment import packages, version
from .hooks import parsers
from .program import Program
from .recorder import Recorder
from .state import FILE as STATE

_NOT_ARGPARSE = "The program does not read its command line with argparse: hyperparameters are what it was given."
_LOOK = ("step", "name", "value", "observer", "where", "rank")


class Events:
    """In place of a spool and its sender: every report of the recorder is an event of the protocol."""

    attempt = 1

    def __init__(self, run: trainer.Run, backend: str, environment: dict[str, Any]) -> None:
        self.about = {"id": run.request["runId"], "startedAt": time.time()}
        # What `run.state` keeps lies there; what another attempt goes on from is a checkpoint, see `go_on`.
        self.path = run.output_directory
        self._run = run
        # Steps of attempts before this one, as long as the program has not gone on from them.
        self._before: int | None = None
        # Whether the program has called `run.state`, and whether it had trained before that: what goes on from a checkpoint would do so again.
        self._has_state = False
        self._trained_first = False
        self._told_trained_first = False
        self._backend = backend
        self._environment = environment
        # The first event is hello, which waits for the values that the program's parser gives it.
        self._waiting: list[dict[str, Any]] | None = []

    def go_on(self) -> None:
        """Puts the checkpoint of an attempt before where `run.state` finds it."""
        resume = self._run.request["resume"]
        if resume is None:
            return
        try:
            shutil.copyfile(resume["checkpointPath"], os.path.join(self.path, STATE))
        except OSError as error:
            self._run.emit("error", kind="infrastructure", message=f"The checkpoint to go on from cannot be read: {error}")
            sys.exit(1)
        self._before = resume["step"]

    def resumed(self) -> None:
        """`run.state` has gone on from the checkpoint."""
        self._before = None

    def state_made(self) -> None:
        """The program has called `run.state`."""
        self._has_state = True

    def _began_anew(self) -> None:
        """
        What is recorded of the run up to the checkpoint stays with it: a program that begins anew would add to that the steps of
        another training. It ends at once, wherever it is.
        """
        self._run.emit(
            "error",
            kind="user",
            message=f"The program did not go on from its checkpoint after step {self._before}: it trained before it had called run.state.",
            hint="Call run.state before the first step, as the attempt before had done. A run that is retried begins anew.",
        )
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(1)

    def start(self) -> None:
        """As a sender: nothing waits to be sent."""

    def leave(self, status: str) -> None:
        """As a sender: everything has been said, and nothing goes on from here."""
        state = os.path.join(self.path, STATE)
        if os.path.exists(state):
            os.remove(state)

    def checkpoint(self, path: str, step: int, epoch: int) -> None:
        """What `run.state` keeps after an epoch, as a checkpoint where the study asks for one: from there a step can be traced."""
        every = self._run.request["checkpointEveryEpochs"]
        if every is None or epoch % every != 0:
            return
        if self._trained_first:
            self._tell_trained_first(step)
            return
        self._as_given()
        copy = os.path.join(self.path, f"checkpoint-{epoch}.pt")
        shutil.copyfile(path, copy)
        self._emit("checkpoint", path=copy, step=step, epoch=epoch)

    def _tell_trained_first(self, step: int) -> None:
        """Such a program is not recorded from the middle on, see `_began_anew`: without a checkpoint its next attempt begins anew."""
        if self._told_trained_first:
            return
        self._told_trained_first = True
        reason = (
            "The program had made or logged steps before it called run.state, and would again when it goes on. "
            "No state is a checkpoint: an attempt after this one begins anew."
        )
        self.write({"gap": "checkpoints to go on from", "reason": reason, "step": step})

    def hello(self, effective: dict[str, Any], disclosures: list[str]) -> None:
        """Says what the program uses, and then what has been seen until now. Once."""
        if self._waiting is None:
            return
        waiting, self._waiting = self._waiting, None
        run = self._run
        run.hello(effective, self._backend, disclosures, told_environment=False)
        run.environment(**self._environment)
        for event in waiting:
            run.emit(**event)

    def _emit(self, type: str, **event: Any) -> None:
        if self._waiting is None:
            self._run.emit(type, **event)
        else:
            self._waiting.append({"type": type, **event})

    def _as_given(self) -> None:
        self.hello(self._run.parameters, [_NOT_ARGPARSE])

    def write(self, line: dict[str, Any]) -> None:
        """One report, in the form in which a spool keeps it."""
        if (self._before is not None or not self._has_state) and _is_of_training(line):
            if self._before is not None:
                self._began_anew()
            self._trained_first = True
        if "text" in line:
            os.write(2 if line["stream"] == "stderr" else 1, f"{line['text']}\n".encode())
        if "metrics" in line:
            # It trains: whatever it reads of its command line it has read.
            self._as_given()
            for key, value in line["metrics"].items():
                self._emit("metric", key=key, steps=[line["step"]], values=[value])
        if "digest" in line:
            place = {"kind": line["kind"], "positions": [line["position"]]}
            self._emit("digest", **place, digests=[line["digest"]], algorithm=line["algorithm"])
        for part, (names, joined) in line.get("tensors", {}).items():
            place = {"kind": "step", "part": part, "names": names, "positions": [line["position"]]}
            self._emit("tensor-digests", **place, digests=[joined], algorithm=line["algorithm"])
        if "name" in line:
            self._emit("observation", **{key: value for key, value in line.items() if key in _LOOK})
        if "predictions" in line:
            self._emit("predictions", **line["predictions"])
        if "file" in line:
            told = line["file"]
            self._emit("file", name=told["name"], path=files.place(self.path, told["sha256"]), step=line["step"])
        if "gap" in line:
            self._emit("capture-gap", what=line["gap"], reason=line["reason"], step=line["step"])
        if "end" in line:
            self._end(line["end"]["body"])

    def write_loss(self, step: int, value: float, now: float) -> None:
        """A report of one finite loss."""
        self.write({"step": step, "metrics": {"loss": value}, "time": now - self.about["startedAt"]})

    def _end(self, body: dict[str, Any]) -> None:
        self._as_given()
        if body["status"] == "cancelled" and "error" in body:
            # Its exit code would say that all went well.
            self._run.emit("error", kind="infrastructure", message=body["error"])
        # Of a crash the worker learns by exit code and traceback.
        if body["status"] != "succeeded":
            return
        run = self._run
        # What is asked of a GPU is asked when the program has begun to use it.
        run.environment(**{**self._environment, **trainer.environment()})
        seconds = time.time() - self.about["startedAt"]
        run.emit("done", digest=body["digest"], selectedEpoch=None, phases={"total": seconds})


def _is_of_training(line: dict[str, Any]) -> bool:
    """Whether a report is of a step that was made, or of the end of a training."""
    if "metrics" in line:
        return bool(line["step"] > 0)
    return line.get("kind") in ("step", "epoch") or line.get("end", {}).get("body", {}).get("status") == "succeeded"


def _request() -> dict[str, Any]:
    """The request of the worker, whose end is watched from now on; the program's own stdin is empty."""
    worker = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    # Programs that this one starts need neither.
    os.set_inheritable(trainer.EVENTS, False)
    return trainer.read_request(worker)


def serve(words: list[str]) -> None:
    """Runs a program as one run. `words`: what the worker says of the template, as JSON, and the filled-in command line."""
    about = json.loads(words[0])
    program = Program(words[1:])
    if not program.is_there():
        sys.exit(f"There is no file {program.file}")
    request = _request()
    run = trainer.Run(request, about["trainer"], version(program.source()))
    events = Events(run, about["backend"], packages())
    events.go_on()
    recorder = Recorder(events, sender=events)
    template = Program(about["template"]).arguments

    def at_parse(parser: Any, parse: Any, is_whole: bool) -> Any:
        parsed = parse()
        try:
            places = parsers.places(parser, template)
            namespace = parsed[0]
            effective = {
                name: parsers.effective(places[name], namespace, run.parameters.get(name)) for name in about["hyperparameters"]
            }
            events.hello(effective, [])
        except parsers.UnknownOption:
            # A parser for a part of the command line; another one follows.
            pass
        except Exception as error:
            recorder.gap("what the program's parser gave it", str(error))
        return parsed

    parsers.on_parse(at_parse)
    session.attach(recorder, run.execution, run.seed)
    try:
        program.run_as(recorder)
    except Exception:
        # The traceback stands on stderr already, from the program's own file on.
        sys.exit(1)
