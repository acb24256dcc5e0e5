"""
Reports of a run, on disk first: written at once, so that they are lost neither with the server nor with the process.

A run has a folder: `run.json` (what it was begun with, and what the server made of it), a file of lines for every process
that reports, and `sent.json` (how far each was sent: see `sender`).
"""

import errno
import io
import json
import os
import socket
import sys
import threading
import time
import uuid
import weakref

from . import files
from .state import FILE as STATE

# Reports hold no circles to be looked for.
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
# Reports that the server did not take, a line each, with its reason.
REFUSED = "refused.jsonl"
# Of reports that the disk does not take, so many bytes wait in memory.
WAITING_BYTES = 64 * 1024 * 1024
# What a disk, a quota or a limit of the process says that leaves no room.
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def folder():
    """Where runs are kept until they are sent: REPRISE_SPOOL, else below the user's data."""
    home = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
    return os.environ.get("REPRISE_SPOOL") or os.path.join(home, "reprise", "runs")


def replace(path, document):
    """Replaces a file as a whole: a reader sees the old or the new one."""
    draft = f"{path}.{os.getpid()}"
    try:
        with open(draft, "w", encoding="utf-8") as file:
            json.dump(document, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError:
        if os.path.exists(draft):
            os.unlink(draft)
        raise


def read(path, otherwise):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return otherwise


class Spool:
    """The folder of one run. `about`: what its `run.json` is to hold, where the disk had no room for that."""

    def __init__(self, path, about=None):
        self.path = path
        self.about = read(os.path.join(path, "run.json"), {}) if about is None else about
        self._is_made = about is None
        self.id = self.about["id"]
        self._began = self.about.get("startedAt", 0.0)
        self._file = None
        self._lock = threading.RLock()
        # What the disk did not take; how many reports were too many to wait, and of how many of these a gap tells.
        self._waiting = bytearray()
        self.lost = 0
        self._lost_told = 0
        # What the server refused, as lines for REFUSED that the disk did not take.
        self._refused = bytearray()
        self._is_told = False
        if hasattr(os, "register_at_fork"):
            forget = weakref.WeakMethod(self._forget_file)
            os.register_at_fork(after_in_child=lambda: (forget() or int)())

    @classmethod
    def begin(cls, body=None, resume=None, is_shared=False):
        """
        A folder for a run that begins now, `body` as in POST /runs, or for one of another machine, by its id. On a full disk the run
        begins without it, and that is said, unless other processes report to it as well (`is_shared`). Raises OSError where it cannot be.
        """
        run = str(uuid.uuid4())
        what = {"body": body} if resume is None else {"run": {"id": resume}}
        about = {"id": run, **what, "startedAt": time.time(), "process": os.getpid(), "host": socket.gethostname()}
        spool = cls(os.path.join(folder(), run), about)
        try:
            spool._make()
        except OSError as error:
            if error.errno not in NO_ROOM or is_shared or resume is not None:
                raise
            spool.tell_full(error)
        return spool

    def _make(self):
        os.makedirs(self.path, exist_ok=True)
        replace(os.path.join(self.path, "run.json"), self.about)
        self._is_made = True

    @property
    def is_kept(self):
        """Whether the run has its folder, which another process can read: not where the disk had no room for it until now."""
        return self._is_made

    def handed(self):
        """What tells the interpreter that is started in place of this one of the run: see `taken`."""
        return self.path if self._is_made else json.dumps({"path": self.path, "about": self.about})

    @classmethod
    def taken(cls, handed):
        """The run that `handed` told of."""
        if not handed.startswith("{"):
            return cls(handed)
        spool = cls(**json.loads(handed))
        spool._is_told = True
        return spool

    @classmethod
    def of(cls, run):
        """The folder of a run by its own or the server's id; None where this machine has none."""
        return next((spool for spool in every() if run in (spool.id, spool.about.get("run", spool.about)["id"])), None)

    def begin_attempt(self, environment):
        """This process goes on with the run. What it reports counts after all that was reported before."""
        self.note(environment=environment, process=os.getpid(), host=socket.gethostname(), attempt=self.attempt + 1, ended=None, resume="run" in self.about)

    @property
    def attempt(self):
        """How often the run was resumed from this folder."""
        return self.about.get("attempt", 0)

    def note(self, **facts):
        """Keeps facts of the run as a whole."""
        self.about = {**self.about, **facts}
        self._make()

    def write(self, line):
        """
        One report, by one call of the system: what was written before a process is killed is there. Where the disk takes none, it
        waits in memory, in its order, and that is said once.
        """
        self._put(f"{_encode(line)}\n".encode(), "end" in line)

    def write_loss(self, step, value, now):
        """A report of one finite loss, as `write` has it, in the least time: it is made at every step."""
        self._put(b'{"step":%d,"metrics":{"loss":%a},"time":%.6f}\n' % (step, value, now - self._began))

    def _put(self, line, is_end=False):
        # What a full disk takes in part is ended before another thread writes.
        with self._lock:
            done = 0
            try:
                if not self._waiting:
                    done = os.write(self._open() if self._file is None else self._file, line)
                    if done == len(line):
                        return
            except OSError as error:
                self.tell_full(error)
            if done == len(line) - 1:
                # It is there as a whole, but for its end.
                self._waiting += b"\n"
            elif len(self._waiting) > WAITING_BYTES and not is_end:
                self.lost += 1
                return
            else:
                # What was written in part ends there, and is passed over; the whole follows.
                self._waiting += line if self._waiting else b"\n" + line
            self.flush()

    def flush(self):
        """Writes what waits, as far as the disk takes it. Returns how many bytes wait on."""
        with self._lock:
            try:
                while self._waiting:
                    del self._waiting[: os.write(self._open() if self._file is None else self._file, self._waiting[:65536])]
                if self.lost > self._lost_told:
                    self._put(self._gap())
            except OSError as error:
                self.tell_full(error)
            return len(self._waiting)

    def close(self):
        """Nothing more is reported: how many reports are missing is told behind those that wait, though the disk takes none."""
        with self._lock:
            self.flush()
            if self.lost > self._lost_told:
                self._waiting += self._gap()

    def _gap(self):
        count, self._lost_told = self.lost - self._lost_told, self.lost
        why = f"The disk took none for so long that {count} reports were more than memory was to keep."
        return f"{_encode({'gap': 'reports', 'reason': why, 'step': None})}\n".encode()

    def refuse(self, what, why, body):
        """Keeps what the server did not take: on disk, else in memory, and then on disk as soon as there is room."""
        with self._lock:
            self._refused += f"{_encode({'what': what, 'why': why, 'body': body})}\n".encode()
        self.flush_refused()

    def flush_refused(self):
        """Writes what was refused and waits, as far as the disk takes it. Returns how many reports wait on."""
        with self._lock:
            try:
                if self._refused and not self._is_made:
                    self._make()
                while self._refused:
                    with open(os.path.join(self.path, REFUSED), "ab", buffering=0) as file:
                        del self._refused[: file.write(self._refused)]
            except OSError as error:
                self.tell_full(error)
            return self._refused.count(b"\n")

    def tell_full(self, error):
        """Says once that the disk takes nothing."""
        if not self._is_told:
            self._is_told = True
            say(
                f"{self.path} cannot be written to ({error}). The training goes on; reports wait in memory until there "
                "is room again, and are sent then or when it ends."
            )

    def _name(self):
        return f"{self.attempt:04d}-{os.getpid()}.jsonl"

    def _open(self):
        if not self._is_made:
            self._make()
        self._file = os.open(os.path.join(self.path, self._name()), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        return self._file

    def _forget_file(self):
        """A forked process has a file of its own."""
        self._file = None
        self._lock = threading.RLock()
        self._waiting.clear()
        self._refused.clear()
        self.lost = self._lost_told = 0

    def _names(self):
        """Of all that is in the folder, where there is one."""
        return set(os.listdir(self.path)) if os.path.isdir(self.path) else set()

    def files(self):
        names = {name for name in self._names() if name.endswith(".jsonl") and name != REFUSED}
        return sorted(names | {self._name()} if self._waiting else names)

    def reports(self, name):
        """One of `files()`, open to be read: what is on disk, and behind it what waits in memory."""
        path = os.path.join(self.path, name)
        with self._lock:
            if not self._waiting or name != self._name():
                return open(path, "rb")
            kept = b""
            if os.path.exists(path):
                with open(path, "rb") as file:
                    kept = file.read()
            return io.BytesIO(kept + self._waiting)

    def is_alive(self):
        """Whether the process that trains the run is still there; False on another machine than its own."""
        if self.about.get("ended") or self.about["host"] != socket.gethostname():
            return False
        try:
            os.kill(self.about["process"], 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True

    def remove(self):
        """
        Removes what was sent. What was refused stays, and so does the state of a run that has not succeeded, with what
        resumes it.
        """
        names = self._names()
        kept = names & {REFUSED}
        kept |= {files.PREFIX + sha256 for sha256 in self._refused_files()} & names
        if self.about.get("ended") != "succeeded" and STATE in names:
            kept |= {"run.json", *(name for name in names if name.startswith("state"))}
        for name in names - kept:
            os.unlink(os.path.join(self.path, name))
        if not kept and os.path.isdir(self.path):
            os.rmdir(self.path)

    def _refused_files(self):
        """Digests of files that the server did not take: they are kept."""
        told = b""
        if os.path.exists(os.path.join(self.path, REFUSED)):
            with open(os.path.join(self.path, REFUSED), "rb") as file:
                told = file.read()
        return {line["body"]["sha256"] for line in whole(told + self._refused) if line["what"] == "file"}


def whole(block):
    """The reports in it. A line that a full disk took in part is none: it follows as a whole."""
    for line in block.splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            pass


def say(text):
    """Tells the user. A log on the disk that is full takes nothing either, which stops no training."""
    try:
        print(f"Reprise: {text}", file=sys.stderr)
    except OSError:
        pass


def every():
    """Spools of all runs that this machine keeps, oldest first."""
    try:
        names = os.listdir(folder())
    except FileNotFoundError:
        return []
    spools = [Spool(os.path.join(folder(), name)) for name in names if os.path.exists(os.path.join(folder(), name, "run.json"))]
    return sorted(spools, key=lambda spool: spool.about["startedAt"])


def unsent():
    """Spools of runs whose process is gone, oldest first."""
    return [spool for spool in every() if not spool.is_alive() and ("run" not in spool.about or spool.files())]
