"""The two processes in lockstep, from outside."""

import json
import os
import subprocess
import sys
import tempfile

# Of what a process printed, where it failed.
LAST_LINES = 20


class Side:
    """One process. `words` are the script and its arguments, `variables` those of its environment."""

    def __init__(self, terms, words, variables, folder, name):
        there_reading, writing = os.pipe()
        reading, there_writing = os.pipe()
        self._said = os.path.join(folder, f"{name}.txt")
        self._folder = folder
        self.name = name
        document = json.dumps({**terms, "reading": there_reading, "writing": there_writing})
        with open(self._said, "wb") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "reprise.locating.program", document, *words],
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                pass_fds=(there_reading, there_writing),
            )
        os.close(there_reading)
        os.close(there_writing)
        self._in = os.fdopen(reading, "r", encoding="utf-8")
        self._out = os.fdopen(writing, "w", encoding="utf-8")

    def tell(self, **message):
        self._out.write(json.dumps(message) + "\n")
        self._out.flush()

    def hear(self):
        """The next message. Raises RuntimeError where the process is gone, with what it printed last."""
        line = self._in.readline()
        if line:
            return json.loads(line)
        self._process.wait()
        raise RuntimeError(f"the {self.name} process ended with exit code {self._process.returncode}.\n{self.last_lines()}")

    def ask(self, **message):
        self.tell(**message)
        return self.hear()

    def last_lines(self):
        with open(self._said, encoding="utf-8", errors="replace") as said:
            return "".join(said.readlines()[-LAST_LINES:])

    def trace(self):
        """The operations of the step that has just ended."""
        path = os.path.join(self._folder, f"{self.name}.jsonl")
        self.ask(trace=path)
        with open(path, encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def close(self):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._in.close()
        self._out.close()


def folder():
    return tempfile.TemporaryDirectory(prefix="reprise-locate-")
