"""
What a loop that logs asks of the server: its requests, and how long they take together, with the way there and back. Needs
a server (REPRISE_URL).

    PYTHONPATH=packages/python/src python packages/python/benchmarks/logging_loop.py [--steps 300] [--step-ms 10]
"""

import argparse
import os
import tempfile
import time

from reprise import session
from reprise.connection import Connection
from reprise.recorder import Recorder
from reprise.spool import Spool


class Timed(Connection):
    """Keeps how long each request took, in milliseconds."""

    def __init__(self, url=None):
        super().__init__(url, timeout=5.0, retries=0)
        self.taken = []

    def call(self, method, path, *args, **kwargs):
        began = time.perf_counter()
        try:
            return super().call(method, path, *args, **kwargs)
        finally:
            self.taken.append((path.rsplit("/", 1)[-1], 1000 * (time.perf_counter() - began)))


def train(server, steps, seconds):
    """
    One run that logs two metrics a step, and takes so many seconds a step beside that. Returns its id, and the longest call of
    `log` in milliseconds.
    """
    longest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        os.environ["REPRISE_SPOOL"] = folder
        recorder = Recorder(Spool.begin({"study": "benchmark of logging", "seed": 0, "mode": session.MODES["free"]}), server)
        recorder.sender.begin()
        recorder.sender.start()
        for step in range(1, steps + 1):
            began = time.perf_counter()
            recorder.log({"loss": 1 / step, "accuracy": 1 - 1 / step}, step=step)
            longest = max(longest, time.perf_counter() - began)
            time.sleep(seconds)
        recorder.finish()
    return recorder.id, 1000 * longest


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--step-ms", type=float, default=10.0, help="how long a step takes beside logging")
    options = parser.parse_args()
    server = Timed()
    train(server, options.steps, options.step_ms / 1000)
    reports = [milliseconds for what, milliseconds in server.taken if what == "metrics"]
    print(f"{len(reports)} requests with metrics, {sum(reports):.1f} ms together")
    print("all requests:", ", ".join(f"{what} {milliseconds:.1f} ms" for what, milliseconds in server.taken))


if __name__ == "__main__":
    main()
