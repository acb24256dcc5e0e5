"""
What a loop that logs asks of the server: its requests, and how long they take together, with the way there and back. Needs
a server (REPRISE_URL).

    PYTHONPATH=packages/python/src python packages/python/benchmarks/logging_loop.py [--steps 300] [--step-ms 10]
"""

import argparse
import tempfile
import time

from reprise import session, spool
from reprise.connection import Connection
from reprise.recorder import Recorder

parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=300)
parser.add_argument("--step-ms", type=float, default=10.0, help="how long a step takes beside logging")
options = parser.parse_args()


class Timed(Connection):
    """Keeps how long each request took."""

    def __init__(self):
        super().__init__()
        self.taken = []

    def call(self, method, path, *args, **kwargs):
        began = time.perf_counter()
        try:
            return super().call(method, path, *args, **kwargs)
        finally:
            self.taken.append((path.rsplit("/", 1)[-1], 1000 * (time.perf_counter() - began)))


with tempfile.TemporaryDirectory() as folder:
    spool.folder = lambda: folder
    server = Timed()
    body = {"study": "benchmark of logging", "seed": 0, "mode": session.MODES["free"]}
    recorder = Recorder(spool.Spool.begin(body), server)
    recorder.sender.begin()
    recorder.sender.start()
    for step in range(1, options.steps + 1):
        recorder.log({"loss": 1 / step, "accuracy": 1 - 1 / step}, step=step)
        time.sleep(options.step_ms / 1000)
    recorder.finish()

reports = [milliseconds for what, milliseconds in server.taken if what == "metrics"]
print(f"{len(reports)} requests with metrics, {sum(reports):.1f} ms together")
print("all requests:", ", ".join(f"{what} {milliseconds:.1f} ms" for what, milliseconds in server.taken))
