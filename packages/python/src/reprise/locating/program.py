"""
One of two processes in lockstep: `python -m reprise.locating.program '{…}' train.py …`. After every step it says digests of
its state as a line of JSON, and reads what to do: go on, or show the step's operations.
"""

import json
import os
import random
import runpy
import sys
import traceback

from ..hooks.imports import after
from ..hooks.settings import apply_to


class Channel:
    """Lines of JSON to and from the process that compares."""

    def __init__(self, reading, writing):
        # Programs that the script starts do not hold them open.
        for descriptor in (reading, writing):
            os.set_inheritable(descriptor, False)
        self._in = os.fdopen(reading, "r", encoding="utf-8")
        self._out = os.fdopen(writing, "w", encoding="utf-8")

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


def main(terms, words):
    channel = Channel(terms["reading"], terms["writing"])
    random.seed(terms["seed"])
    after("numpy", lambda numpy: numpy.random.seed(terms["seed"] % 2**32))
    traces = []

    def with_torch(torch):
        from .trace import Trace

        apply_to(torch, terms["execution"])
        torch.manual_seed(terms["seed"])

        def at_step(trace):
            channel.say(step=trace.step, state=trace.state(), algorithms=trace.algorithms, last=trace.has_ended)
            if channel.hear()["go"]:
                return
            _answer(channel, trace, torch)
            os._exit(0)

        trace = Trace(at_step)
        trace.install()
        traces.append(trace)

    after("torch", with_torch)
    script = os.path.abspath(words[0])
    sys.argv = list(words)
    sys.path[0] = os.path.dirname(script)
    error = None
    try:
        runpy.run_path(words[0], run_name="__main__")
    except SystemExit as left:
        error = None if left.code in (None, 0) else f"it ended with exit code {left.code}"
    except BaseException:
        error = traceback.format_exc()
    if error is None and traces:
        # Whatever came after the last step, and all of a program without an optimizer.
        traces[0].has_ended = True
        traces[0].end_step()
    channel.say(ended=True, error=error, torch=bool(traces))
    os._exit(0)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[2:])
