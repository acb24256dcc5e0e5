"""
All figures that the Python package is held to, measured anew and printed as one table in Markdown, with the machine and its load. Takes
about five minutes, with a server of its own (Node, and a clone that `npx pnpm install` has been run in); Linux alone.

    PYTHONPATH=packages/python/src python packages/python/benchmarks/figures.py [--turns 3] [--only launch,outage]
"""

import argparse
import contextlib
import datetime
import json
import os
import platform
import resource
import shlex
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import capture
import digests
import logging_loop
import run_log
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..", "..")
# The outage, in seconds: what answers nothing is refused at first, and taken and left without an answer then.
REFUSED, SILENT = 30, 30
BEFORE, AFTER = 8, 12


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A server with its database and without a worker. `seconds()` is the processor time that all its processes have taken."""

    def __init__(self, folder):
        port = str(free_port())
        self.url = f"http://127.0.0.1:{port}"
        program = os.path.join(ROOT, "apps", "cli", "reprise.mjs")
        words = ["node", program, "start", "--port", port, "--data", folder, "--demo", "none", "--no-worker"]
        unlimited = {**os.environ, "REPRISE_REQUESTS_PER_MINUTE": "1000000"}
        self._process = subprocess.Popen(words, cwd=ROOT, env=unlimited, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while True:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/readyz"):
                return
            if self._process.poll() is not None:
                raise RuntimeError(f"the server ended with {self._process.returncode}")
            time.sleep(0.2)

    def get(self, path):
        with urllib.request.urlopen(f"{self.url}/api/v1{path}") as answer:
            return json.load(answer)

    def seconds(self):
        parents, times = {}, {}
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", encoding="utf-8") as file:
                fields = file.read().rpartition(")")[2].split()
                # Its own, and that of children that have ended.
                parents[int(name)], times[int(name)] = int(fields[1]), sum(map(int, fields[11:15]))
        own, before = {self._process.pid}, 0
        while len(own) > before:
            before = len(own)
            own |= {process for process, parent in parents.items() if parent in own}
        return sum(times.get(process, 0) for process in own) / os.sysconf("SC_CLK_TCK")

    def close(self):
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()


class Relay:
    """The way to a server, which can be refused (`refuse`), or take requests and answer none (`silent`)."""

    def __init__(self, url):
        self._port = int(url.rpartition(":")[2])
        self._listening = None
        self._open = []
        self._passes = True
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.listen(passes=True)

    def listen(self, passes):
        self.refuse()
        self._passes = passes
        self._listening = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._take, args=(self._listening,), daemon=True).start()

    def refuse(self):
        if self._listening is not None:
            # Wakes the thread that waits for the next one.
            self._listening.shutdown(socket.SHUT_RDWR)
            self._listening.close()
            self._listening = None
        while self._open:
            with contextlib.suppress(OSError):
                self._open[-1].shutdown(socket.SHUT_RDWR)
            self._open.pop().close()

    def _take(self, listening):
        with contextlib.suppress(OSError):
            while True:
                asking, _ = listening.accept()
                self._open.append(asking)
                if self._passes:
                    answering = socket.create_connection(("127.0.0.1", self._port))
                    self._open.append(answering)
                    for source, target in ((asking, answering), (answering, asking)):
                        threading.Thread(target=self._pass, args=(source, target), daemon=True).start()

    @staticmethod
    def _pass(source, target):
        with contextlib.suppress(OSError):
            while block := source.recv(65536):
                target.sendall(block)
            target.shutdown(socket.SHUT_WR)


SCRIPT = """
import torch
model = torch.nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(3):
    optimizer.zero_grad()
    model(torch.randn(8, 4)).square().mean().backward()
    optimizer.step()
"""


def launch(server, turns):
    """Way → (seconds, seconds of processor time) of a script that trains three steps: medians, in turns."""
    taken = {"alone": [], "free": [], "det": []}
    with tempfile.TemporaryDirectory() as folder:
        script = os.path.join(folder, "train.py")
        with open(script, "w", encoding="utf-8") as file:
            file.write(SCRIPT)
        where = {**os.environ, "REPRISE_URL": server.url, "REPRISE_SPOOL": os.path.join(folder, "spool")}
        # The first turn reads files that the others find in memory.
        for turn in range(turns + 1):
            for way, found in taken.items():
                launcher = [] if way == "alone" else ["-m", "reprise", "run", "--arm", way]
                began, spent = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
                subprocess.run([sys.executable, *launcher, script], env=where, check=True, capture_output=True)
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                if turn > 0:
                    found.append((time.perf_counter() - began, after.ru_utime + after.ru_stime - spent.ru_utime - spent.ru_stime))
    return {way: tuple(map(statistics.median, zip(*found))) for way, found in taken.items()}


def cost_of_loop(server, seconds, loops):
    """
    Milliseconds of the server's processor time that 300 steps of a run cost beyond one step: the median of loops in turns. What the server
    does while nothing is asked of it is not counted.
    """

    def spent(work):
        began, before = time.perf_counter(), server.seconds()
        work()
        return server.seconds() - before, time.perf_counter() - began

    def loop(steps):
        return lambda: logging_loop.train(logging_loop.Timed(server.url), steps, seconds)

    # A server that has just begun is still busy with itself.
    for _ in range(loops):
        loop(300)()
    idle, wall = spent(lambda: time.sleep(5))
    costs = []
    for _ in range(loops):
        (short, of_short), (long, of_long) = (spent(loop(steps)) for steps in (1, 300))
        costs.append(long - short - (of_long - of_short) * idle / wall)
    return 1000 * statistics.median(costs)


def outage(server):
    """Whether a run of twenty steps a second, to which no server answered for a minute in between, arrived as a whole; and in words."""
    relay = Relay(server.url)

    def cut():
        time.sleep(BEFORE)
        relay.refuse()
        time.sleep(REFUSED)
        relay.listen(passes=False)
        time.sleep(SILENT)
        relay.listen(passes=True)

    cutting = threading.Thread(target=cut)
    cutting.start()
    steps = 20 * (BEFORE + REFUSED + SILENT + AFTER)
    run, longest = logging_loop.train(logging_loop.Timed(relay.url), steps, 0.05)
    cutting.join()
    relay.refuse()
    kept = server.get(f"/runs/{run}/metrics?keys=loss&maxPoints=100000")["series"]["loss"]
    right = kept["steps"] == list(range(1, steps + 1)) and kept["values"] == [1 / step for step in kept["steps"]]
    order = "each once, in order" if right else "**not as logged**"
    told = f"{len(kept['steps'])} of {steps} steps, {order}; run {server.get(f'/runs/{run}')['status']}; slowest `log` {longest:.2f} ms"
    return right, told


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.partition(":")[2].strip() for line in file if line.startswith("model name")), platform.processor())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{model}, {os.cpu_count()} processors, {memory:.0f} GiB, Python {platform.python_version()}, PyTorch {torch.__version__}"


def commit():
    """What was measured, and whether it was changed since."""
    say = ["git", "-C", HERE, "describe", "--always", "--dirty", "--exclude=*"]
    return subprocess.run(say, capture_output=True, text=True, check=True).stdout.strip()


def rows(only, turns, url):
    """(what, asked, measured, whether that is met), as they are measured. `url()` is a server."""
    if "log" in only:
        found = run_log.measure()
        yield "`run.log`, p99 of 20,000 calls, no server", "25 µs", f"{found['p99']:.1f} µs (median {found['median']:.1f})", found["p99"] <= 25
    if "digests" in only:
        found = digests.measure()
        slowest = min(found["state, SHA-256"], found["rows"])
        told = f"{found['state, SHA-256']:.2f} GB/s SHA-256, {found['rows']:.2f} rows"
        yield "digests of 64 MiB on the processor", "1.4 GB/s", told, slowest >= 1.4
    for name, words in (("cnn", "small CNN"), ("resnet18", "ResNet-18")):
        if "capture" in only:
            found = capture.measure(name, turns)
            added = found["run"]["median"] / found["alone"]["median"] - 1
            told = f"{100 * found['hooks']:.2f} % in hooks ({1e3 * found['alone']['median']:.1f} ms a step, {100 * added:+.1f} % as a run)"
            yield f"capture, {words}, share of a step's processor time", "1 %", told, found["hooks"] <= 0.01
    if "launch" in only:
        found = launch(url(), turns)
        for arm in ("free", "det"):
            added, spent = (one - alone for one, alone in zip(found[arm], found["alone"]))
            told = f"{added:.2f} s ({spent:.2f} s of processor time; alone {found['alone'][0]:.2f} s)"
            yield f"launch, arm {arm}, added to a script of three steps", "0.7 s", told, added <= 0.7
    for seconds, words in ((0.0, "no pause"), (0.01, "10 ms a step")):
        if "loop" in only:
            cost = cost_of_loop(url(), seconds, 4 * turns)
            # Less than nothing is noise that is larger than the cost.
            told = f"{cost:.0f} ms" if cost >= 0 else f"{cost:.0f} ms: not to be told from an idle server"
            yield f"loop of 300 steps, {words}: server's processor time", "30 ms", told, cost <= 30
    if "outage" in only:
        right, told = outage(url())
        whole = BEFORE + REFUSED + SILENT + AFTER
        yield f"no server for {REFUSED + SILENT} s by the clock, of a run of {whole} s", "nothing lost", told, right


def main():
    parts = ["log", "digests", "capture", "launch", "loop", "outage"]
    parser = argparse.ArgumentParser()
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--only", default=",".join(parts), help=f"parts, of {', '.join(parts)}")
    options = parser.parse_args()
    began, load = time.monotonic(), os.getloadavg()[0]
    print(f"{datetime.date.today()}, {machine()}; load {load:.1f} before; commit {commit()}; `{shlex.join(['python', *sys.argv])}`\n", flush=True)
    print("| | asked | measured | |\n|---|---|---|---|", flush=True)
    with contextlib.ExitStack() as closing:
        # Runs say where they are to be found.
        closing.enter_context(contextlib.redirect_stderr(closing.enter_context(open(os.devnull, "w", encoding="utf-8"))))
        started = []

        def url():
            if not started:
                folder = closing.enter_context(tempfile.TemporaryDirectory())
                started.append(Server(folder))
                closing.callback(started[0].close)
            return started[0]

        for what, asked, measured, is_met in rows(options.only.split(","), options.turns, url):
            print(f"| {what} | {asked} | {measured} | {'met' if is_met else '**missed**'} |", flush=True)
    print(f"\nLoad {os.getloadavg()[0]:.1f} after, of which one is this program's; {time.monotonic() - began:.0f} s.")


if __name__ == "__main__":
    main()
