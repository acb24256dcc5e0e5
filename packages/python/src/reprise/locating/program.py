"""
One of two processes in lockstep: `python -m reprise.locating.program '{…}' train.py …`. After every step it says digests of
its state as a line of JSON, and reads what to do: go on, or show the step's operations.
"""

import fcntl
import json
import os
import random
import shutil
import sys
import traceback

from .. import recorder
from ..hooks.imports import after
from ..hooks.settings import apply_to
from ..program import Program
from ..state import FILE, State
from .processes import EVENTS

# Where a program that speaks the trainer protocol writes; whatever else is open lies above.
PROTOCOL, FREE = 3, 10


class Channel:
    """Lines of JSON to and from the process that compares."""

    def __init__(self, reading, writing):
        # Programs that the script starts do not hold them open, and the protocol's descriptor is free.
        above = [fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, FREE) for descriptor in (reading, writing)]
        os.close(reading)
        os.close(writing)
        self._in = os.fdopen(above[0], "r", encoding="utf-8")
        self._out = os.fdopen(above[1], "w", encoding="utf-8")

    def say(self, **message):
        self._out.write(json.dumps(message) + "\n")
        self._out.flush()

    def hear(self):
        line = self._in.readline()
        if not line:
            os._exit(1)
        return json.loads(line)


def _answer(channel, trace, library):
    """Shows the operations of the step that has just ended, until nothing more is asked."""
    from .distance import distance, read_values, write_values

    while True:
        asked = channel.hear()
        if "trace" in asked:
            with open(asked["trace"], "w", encoding="utf-8") as file:
                for record in trace.told():
                    file.write(json.dumps(record) + "\n")
            channel.say(written=len(trace.records))
        elif "values" in asked:
            values = trace.records[asked["record"]]["values"][asked["output"]]
            channel.say(kept=write_values(library, asked["values"], values))
        elif "distance" in asked:
            own = trace.records[asked["record"]]["values"][asked["output"]]
            channel.say(distance=None if own is None else distance(library, read_values(library, asked["distance"], own), own))
        elif "documentation" in asked:
            channel.say(text=library.use_deterministic_algorithms.__doc__, version=library.__version__)
        else:
            return


class Traced(recorder.NoRun):
    """In place of the run of this process: it keeps no report, goes on from a state, and ends steps that the program tells."""

    # As of a run that has ended: a state that is to be kept is not.
    ended = True
    rank = steps_before = 0

    def __init__(self, outputs, traces):
        self.spool = self
        self.path = outputs
        self.attempt = 0
        self.resumed = False
        self._traces = traces

    def __bool__(self):
        return True

    def rung(self, kind, position, digest):
        pass

    def place(self):
        return 0, []

    def go_on(self, steps, passes):
        self.steps = self.steps_before = steps

    def trained_before(self, optimizers):
        pass

    def step(self, model=None, loss=None):
        for trace in self._traces:
            trace.end_step()

    def state(self, loader=None, **parts):
        found = State(self, parts, loader)
        self.resumed = found.restored
        return found


def main(terms, words):
    channel = Channel(terms["reading"], terms["writing"])
    if terms["protocol"]:
        events = os.open(os.path.join(terms["outputs"], EVENTS), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        if events != PROTOCOL:
            os.dup2(events, PROTOCOL, inheritable=False)
            os.close(events)
    if terms["state"] is not None:
        shutil.copyfile(terms["state"], os.path.join(terms["outputs"], FILE))
    random.seed(terms["seed"])
    after("numpy", lambda numpy: numpy.random.seed(terms["seed"] % 2**32))
    traces = []
    run = Traced(terms["outputs"], traces)
    recorder.stand_in(run)

    def with_torch(torch):
        from .trace import Trace

        apply_to(torch, terms["execution"])
        torch.manual_seed(terms["seed"])

        def at_step(trace):
            resumed = terms["protocol"] or run.resumed
            channel.say(step=trace.step, state=trace.state(), algorithms=trace.algorithms, last=trace.has_ended, resumed=resumed)
            if channel.hear()["go"]:
                return
            _answer(channel, trace, torch)
            os._exit(0)

        trace = Trace(at_step)
        trace.install()
        traces.append(trace)

    after("torch", with_torch)
    error = None
    try:
        Program(words).run()
    except SystemExit as left:
        error = None if left.code in (None, 0) else f"it ended with exit code {left.code}"
    except BaseException:
        error = traceback.format_exc()
    if error is None and traces:
        # Whatever came after the last step, and all of a program without an optimizer.
        traces[0].has_ended = True
        traces[0].end_step()
    channel.say(ended=True, error=error, torch=bool(traces), resumed=True)
    os._exit(0)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[2:])
