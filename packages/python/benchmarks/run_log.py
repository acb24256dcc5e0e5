"""
What a call of `run.log` costs the training: percentiles over many calls, with a sender that finds no server, as in the
worst case. Prints microseconds.

    PYTHONPATH=packages/python/src python packages/python/benchmarks/run_log.py
"""

import os
import tempfile
import time

CALLS = 20_000


def measure():
    """Name → microseconds of a call."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["REPRISE_SPOOL"] = folder
        from reprise.connection import Connection
        from reprise.recorder import Recorder
        from reprise.spool import Spool

        recorder = Recorder(Spool.begin({}), Connection("http://127.0.0.1:9", retries=0))
        recorder.sender.start()
        taken = []
        for step in range(CALLS):
            began = time.perf_counter_ns()
            recorder.log({"loss": 0.123456789, "accuracy": 0.9}, step=step)
            taken.append(time.perf_counter_ns() - began)
        recorder.ended = True
        recorder.sender.stop()
    taken.sort()
    shares = (("median", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("slowest", 1.0))
    return {name: taken[min(int(share * CALLS), CALLS - 1)] / 1000 for name, share in shares}


if __name__ == "__main__":
    for name, microseconds in measure().items():
        print(f"{name:8} {microseconds:8.1f} µs")
