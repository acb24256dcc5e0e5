"""The two processes in lockstep, from outside."""

import json
import os
import subprocess
import sys
import tempfile

# Of what a process printed, where it failed.
LAST_LINES = 20
# Where a process writes the events of the trainer protocol; nobody reads them but for an error.
EVENTS = "events.jsonl"


class Side:
    """
    One process. `words` are the script or module (`-m train`) and its arguments, `variables` those of its environment.
    `request` is what a program that speaks the trainer protocol reads on stdin, `state` a file that `run.state` goes on from.
    """

    def __init__(self, terms, words, variables, folder, name, request=None, state=None):
        self._outputs = os.path.join(folder, name)
        os.mkdir(self._outputs)
        there_reading, writing = os.pipe()
        reading, there_writing = os.pipe()
        self._said = os.path.join(folder, f"{name}.txt")
        self._folder = folder
        self.name = name
        ends = {"reading": there_reading, "writing": there_writing}
        document = json.dumps({**terms, **ends, "outputs": self._outputs, "state": state, "protocol": request is not None})
        with open(self._said, "wb") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "reprise.locating.program", document, *words],
                env=variables,
                stdin=subprocess.DEVNULL if request is None else subprocess.PIPE,
                stdout=said,
                stderr=said,
                pass_fds=(there_reading, there_writing),
            )
        os.close(there_reading)
        os.close(there_writing)
        self._in = os.fdopen(reading, "r", encoding="utf-8")
        self._out = os.fdopen(writing, "w", encoding="utf-8")
        if request is not None:
            # It stays open: a program whose worker is gone ends.
            self._process.stdin.write((json.dumps({**request, "outputDirectory": self._outputs}) + "\n").encode())
            self._process.stdin.flush()

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
        """What it printed last; of a program that speaks the protocol, the error that it told where it told one."""
        told = self._told_error()
        if told is not None:
            return told
        with open(self._said, encoding="utf-8", errors="replace") as said:
            return "".join(said.readlines()[-LAST_LINES:])

    def _told_error(self):
        path = os.path.join(self._outputs, EVENTS)
        if not os.path.exists(path):
            return None
        with open(path, encoding="utf-8", errors="replace") as events:
            errors = [json.loads(line) for line in events if line.startswith('{"type": "error"') and line.endswith("\n")]
        return None if not errors else " ".join(filter(None, (errors[0]["message"], errors[0].get("hint"))))

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
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._in.close()
        self._out.close()


def folder():
    return tempfile.TemporaryDirectory(prefix="reprise-locate-")
