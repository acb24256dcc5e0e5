"""
Interpreters that have imported PyTorch already. Importing it, and what its optimizers import, takes three seconds of
processor time, and the tests of a training that is killed, resumed or traced start dozens of processes.

`Warm` starts one interpreter, which imports further modules where they are named, and forks a process for every request, and `Warm.executable` is a program that stands for
`python -m MODULE …` and `python SCRIPT …`: arguments, environment, working directory and open descriptors are those of
whoever starts it, and it ends as the process does, by exit code or signal. Whatever else is asked of it, a new
interpreter does. What a process finds otherwise than in a new interpreter: PyTorch is imported before it begins, and the
seed of hashes is that of the first.
"""

import importlib
import json
import os
import runpy
import signal
import socket
import struct
import subprocess
import sys
import threading
import traceback

# Of a request, in bytes and in descriptors.
LONGEST, MOST = 1 << 20, 64


class Warm:
    """The interpreter that forks, and the program that asks it: to be closed."""

    def __init__(self, folder, *modules):
        self.executable = os.path.join(folder, "python")
        address = os.path.join(folder, "warm")
        with open(self.executable, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{os.path.abspath(__file__)}" ask "{address}" "{self.executable}" "$@"\n')
        os.chmod(self.executable, 0o755)
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(address)
        listening.listen()
        words = [sys.executable, os.path.abspath(__file__), "serve", str(listening.fileno()), self.executable, *modules]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(words, env=environment, stdin=subprocess.PIPE, pass_fds=(listening.fileno(),))
        listening.close()

    def close(self):
        self._process.stdin.close()
        self._process.wait()


def _serve(descriptor, executable, *modules):
    # The first optimizer would import the second.
    for module in ("torch", "torch._dynamo", *modules):
        importlib.import_module(module)

    threading.Thread(target=lambda: (os.read(0, 1), os._exit(0)), daemon=True).start()
    listening = socket.socket(fileno=int(descriptor))
    while True:
        asked, _ = listening.accept()
        threading.Thread(target=_answer, args=(asked, listening, executable), daemon=True).start()


def _answer(asked, listening, executable):
    text, given, _, _ = socket.recv_fds(asked, LONGEST, MOST)
    size = struct.unpack("!I", text[:4])[0]
    while len(text) < 4 + size:
        text += asked.recv(LONGEST)
    request = json.loads(text[4:])
    child = os.fork()
    if child == 0:
        listening.close()
        asked.close()
        os._exit(_run(request, given, executable))
    for descriptor in given:
        os.close(descriptor)

    def end_with_asker():
        if not asked.recv(1):
            try:
                os.kill(child, signal.SIGKILL)
            except ProcessLookupError:
                pass

    threading.Thread(target=end_with_asker, daemon=True).start()
    _, status = os.waitpid(child, 0)
    try:
        asked.sendall(struct.pack("!i", status))
    except BrokenPipeError:
        # Whoever asked was killed, and the child with it.
        pass


def _run(request, given, executable):
    """What the interpreter does with its command line. Returns the exit code."""
    above = [os.dup(descriptor) for descriptor in given]
    room = max(request["descriptors"]) + 1 + MOST
    above = [_moved(descriptor, room) for descriptor in above]
    os.closerange(0, room)
    for descriptor, number in zip(above, request["descriptors"]):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    sys.executable = executable
    words = request["words"]
    folders = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    try:
        if words[0] == "-m":
            sys.path[:] = [os.getcwd(), *filter(None, folders), *sys.path[1:]]
            sys.argv = words[1:]
            runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        else:
            sys.path[:] = [os.path.dirname(os.path.abspath(words[0])), *filter(None, folders), *sys.path[1:]]
            sys.argv = words
            runpy.run_path(words[0], run_name="__main__")
        code = 0
    except SystemExit as left:
        code = left.code
        if isinstance(code, str):
            print(code, file=sys.stderr)
            code = 1
    except BaseException:
        traceback.print_exc()
        code = 1
    import atexit

    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return code or 0


def _moved(descriptor, room):
    import fcntl

    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD, room)
    os.close(descriptor)
    return moved


def _ask(address, executable, *words):
    if not words or (words[0].startswith("-") and words[0] != "-m"):
        os.execv(sys.executable, [sys.executable, *words])
    descriptors = sorted(number for number in map(int, os.listdir("/proc/self/fd")) if _is_open(number))
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(address)
        environment = dict(os.environ)
        request = {"words": words, "environment": environment, "folder": os.getcwd(), "descriptors": descriptors}
        text = json.dumps(request).encode()
        socket.send_fds(asking, [struct.pack("!I", len(text))], descriptors)
        asking.sendall(text)
        status = struct.unpack("!i", asking.recv(4))[0]
    if os.WIFSIGNALED(status):
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.WEXITSTATUS(status))


def _is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    {"serve": _serve, "ask": _ask}[sys.argv[1]](*sys.argv[2:])
