"""
Reports of a run, on disk first: written at once, sent by a thread, lost neither with the server nor with the process.

A run has a folder: `run.json` (what it was begun with, and what the server made of it), a file of lines for every process
that reports, and `sent.json` (how far each was sent). Every batch carries a key made of run, file and place, under which
the server knows it again, so that it may be sent twice.
"""

import datetime
import json
import os
import socket
import sys
import threading
import time
import uuid

from . import files
from .connection import Connection, RepriseError
from .digest import SHA256
from .state import FILE as STATE

# Of one file at a time: small enough to be sent again.
BATCH_BYTES = 256 * 1024
# Reports hold no circles to be looked for.
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
# Reports that the server did not take, a line each, with its reason.
REFUSED = "refused.jsonl"
# How long reports wait for their batch: soon at first, and then for fewer requests.
SOON, LONGEST = 1.0, 3.0
# The server takes a run of which it hears nothing for lost after ten minutes.
HEARTBEAT_SECONDS = 60.0


def folder():
    """Where runs are kept until they are sent: REPRISE_SPOOL, else below the user's data."""
    home = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
    return os.environ.get("REPRISE_SPOOL") or os.path.join(home, "reprise", "runs")


def _write(path, document):
    """Replaces a file as a whole: a reader sees the old or the new one."""
    draft = f"{path}.{os.getpid()}"
    with open(draft, "w", encoding="utf-8") as file:
        json.dump(document, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)


def _read(path, otherwise):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return otherwise


class Spool:
    """The folder of one run."""

    def __init__(self, path):
        self.path = path
        self.about = _read(os.path.join(path, "run.json"), {})
        self.id = self.about["id"]
        self._file = None
        self._process = None

    @classmethod
    def begin(cls, body=None, resume=None):
        """A folder for a run that begins now, `body` as in POST /runs, or for one of another machine, by its id."""
        run = str(uuid.uuid4())
        path = os.path.join(folder(), run)
        os.makedirs(path)
        what = {"body": body} if resume is None else {"run": {"id": resume}}
        about = {"id": run, **what, "startedAt": time.time(), "process": os.getpid(), "host": socket.gethostname()}
        _write(os.path.join(path, "run.json"), about)
        return cls(path)

    @classmethod
    def of(cls, run):
        """The folder of a run by its own or the server's id; None where this machine has none."""
        return next((spool for spool in _all() if run in (spool.id, spool.about.get("run", spool.about)["id"])), None)

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
        _write(os.path.join(self.path, "run.json"), self.about)

    def write(self, line):
        """One report, by one call of the system: what was written before a process is killed is there."""
        self._append(_encode(line))

    def write_value(self, step, key, value, seconds):
        """A report of one finite value, as `write` has it, in the least time: it is made at every step."""
        self._append(f'{{"step":{step},"metrics":{{"{key}":{value!r}}},"time":{seconds:.6f}}}')

    def _append(self, line):
        if self._process != os.getpid():
            # A forked process has a file of its own.
            self._process = os.getpid()
            path = os.path.join(self.path, f"{self.attempt:04d}-{self._process}.jsonl")
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.write(self._file, f"{line}\n".encode())

    def files(self):
        return sorted(name for name in os.listdir(self.path) if name.endswith(".jsonl") and name != REFUSED)

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
        names = set(os.listdir(self.path))
        kept = names & {REFUSED}
        kept |= {files.PREFIX + sha256 for sha256 in _refused_files(self.path)} & names
        if self.about.get("ended") != "succeeded" and STATE in names:
            kept |= {"run.json", *(name for name in names if name.startswith("state"))}
        for name in names - kept:
            os.unlink(os.path.join(self.path, name))
        if not kept:
            os.rmdir(self.path)


def _refused_files(path):
    """Digests of files that the server did not take: they are kept."""
    try:
        with open(os.path.join(path, REFUSED), encoding="utf-8") as lines:
            return {line["body"]["sha256"] for line in map(json.loads, lines) if line["what"] == "file"}
    except FileNotFoundError:
        return set()


class Sender:
    """Sends what a spool holds, in its order, as often as it must."""

    def __init__(self, spool, api=None):
        self.spool = spool
        self.api = api or Connection(timeout=10.0, retries=0)
        self._sent = _read(os.path.join(spool.path, "sent.json"), {})
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopped = False
        self._thread = None
        self._heard = time.monotonic()

    def begin(self):
        """Announces the run or its next attempt where that is still to be done. Raises ConnectionError where no server answers."""
        about = self.spool.about
        if about.get("resume"):
            path, key = f"/runs/{about['run']['id']}/attempts", f"attempt {self.spool.attempt}"
            body = {"environment": about["environment"]}
        elif "run" in about:
            return about["run"]
        else:
            path, body, key = "/runs", dict(about["body"]), "begin"
            if time.time() - about["startedAt"] > 60:
                body["startedAt"] = _instant(about["startedAt"])
        run = self.api.call("POST", path, body, key=self._key(key))
        kept = {name: run[name] for name in ("id", "sweepId", "seed", "arm", "repeat", "attempt", "execution")}
        self.spool.note(run=kept, url=self.api.url, resume=False)
        return kept

    def send(self):
        """Sends all there is. Raises ConnectionError where no server answers; what is refused is set aside and told."""
        with self._lock:
            self.begin()
            end = None
            for name in self.spool.files():
                end = self._send_file(name) or end
            if end is not None and end["attempt"] == self.spool.attempt:
                self._post("finish", end["body"], self._key(f"finish {self.spool.attempt}"))

    def start(self):
        """Sends after SOON, and every LONGEST seconds from then on."""
        self._thread = threading.Thread(target=self._work, name="reprise-sender", daemon=True)
        self._thread.start()

    def stop(self, seconds=10.0):
        """Sends the rest, for so many seconds at most. True when everything has arrived."""
        self._stopped = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(seconds)
            if self._thread.is_alive():
                return False
        try:
            self.send()
        except (ConnectionError, RepriseError):
            return False
        return True

    def leave(self, status):
        """Sends the rest of a run that has ended, and says where it is to be found."""
        self.spool.note(ended=status)
        if self.stop():
            run = self.spool.about["run"]
            print(f"Reprise: {status}, {self.api.url}/runs/{run['id']}", file=sys.stderr)
            self.spool.remove()
        else:
            print(
                f"Reprise: {status}; no server took the rest of it, which is kept in {self.spool.path}. "
                "Send it later: python -m reprise sync",
                file=sys.stderr,
            )

    def _work(self):
        seconds = SOON
        while not self._stopped:
            self._wake.wait(seconds)
            seconds = LONGEST
            try:
                self.send()
                # A long epoch is no dead program.
                if time.monotonic() - self._heard > HEARTBEAT_SECONDS:
                    self._post("heartbeat", None, None)
            except ConnectionError:
                pass
            except RepriseError as error:
                print(f"Reprise: {error}", file=sys.stderr)
                return

    def _key(self, place):
        return str(uuid.uuid5(uuid.UUID(self.spool.id), place))

    def _keep(self):
        _write(os.path.join(self.spool.path, "sent.json"), self._sent)

    def _send_file(self, name):
        """
        Sends what the file holds now; what is written meanwhile goes with the next. Returns the end of the run where the
        file tells of it and it was not sent yet.
        """
        end = None
        state = self._sent.setdefault(name, {"offset": 0, "until": None})
        with open(os.path.join(self.spool.path, name), "rb") as file:
            size = os.fstat(file.fileno()).st_size
            while state["offset"] < size:
                file.seek(state["offset"])
                wanted = BATCH_BYTES if state["until"] is None else state["until"] - state["offset"]
                block = file.read(wanted)
                if b"\n" not in block:
                    # One report that is longer than a batch.
                    block += file.readline()
                block = block[: block.rfind(b"\n") + 1]
                if not block:
                    break
                if state["until"] is None:
                    # The same cut the next time, so that the same key stands for the same content.
                    state["until"] = state["offset"] + len(block)
                    self._keep()
                lines = [json.loads(line) for line in block.splitlines()]
                end = next((line["end"] for line in lines if "end" in line), end)
                for index, (what, body) in enumerate(_posts(lines)):
                    self._post(what, body, self._key(f"{name}:{state['offset']}:{index}"))
                for line in lines:
                    if "file" in line:
                        self._put(line["file"], line["step"])
                state.update(offset=state["until"], until=None)
                self._keep()
        return end

    def _put(self, file, step):
        """Hands a file over. One that the server does not take stays where it is kept, with its name and digest in the log."""
        run, path = self.spool.about["run"], files.place(self.spool.path, file["sha256"])
        self._heard = time.monotonic()
        told = f"file {file['name']}: {file['bytes']} bytes, SHA-256 {file['sha256']}"
        try:
            files.send(self.api, run["id"], run["attempt"], file, step, path)
            return
        except FileNotFoundError:
            told = f"{told}; its copy is gone from {self.spool.path}"
        except RepriseError as error:
            if error.status >= 500 or error.status == 429:
                raise ConnectionError(str(error)) from None
            if error.status in (401, 403, 404) or error.type == "stale-attempt":
                raise
            with open(os.path.join(self.spool.path, REFUSED), "a", encoding="utf-8") as refused:
                refused.write(json.dumps({"what": "file", "why": str(error), "body": file}) + "\n")
            print(f"Reprise: a file was refused, and is kept in {path}: {error}", file=sys.stderr)
            told = f"{told}; the server did not store it: {error.detail}"
        line = {"text": told, "stream": "stdout", "at": _instant(time.time())}
        self._post("metrics", {"logs": [line]}, self._key(f"refused {file['name']} {file['sha256']}"))

    def _post(self, what, body, key):
        run = self.spool.about["run"]
        self._heard = time.monotonic()
        try:
            self.api.call("POST", f"/runs/{run['id']}/{what}", body, attempt=run["attempt"], key=key)
        except RepriseError as error:
            # Away, or the same report is still being worked on: again in a moment.
            if error.status >= 500 or error.status == 429 or (error.status == 409 and error.type == "conflict"):
                raise ConnectionError(str(error)) from None
            if error.status in (401, 403, 404) or error.type == "stale-attempt":
                raise
            refused, rest = _parted(body, [wrong.get("path", "") for wrong in error.errors])
            with open(os.path.join(self.spool.path, REFUSED), "a", encoding="utf-8") as file:
                file.write(json.dumps({"what": what, "why": str(error), "body": refused}) + "\n")
            print(f"Reprise: a report was refused, and is kept in {self.spool.path}: {error}", file=sys.stderr)
            if rest is not None:
                self._post(what, rest, str(uuid.uuid5(uuid.UUID(key), "rest")))


def _parted(body, paths):
    """
    What of a report is wrong, and the rest of it, which is right: one name that cannot be takes nothing else with it. The
    rest is None where it cannot be told apart.
    """
    wrong, rest = {}, dict(body or {})
    for part, items in list(rest.items()):
        entries = items.items() if isinstance(items, dict) else enumerate(items) if isinstance(items, list) else ()
        bad = [key for key, _ in entries if any(f"{path}.".startswith(f"{part}.{key}.") for path in paths)]
        if bad:
            wrong[part] = {key: items[key] for key in bad} if isinstance(items, dict) else [items[key] for key in bad]
            rest[part] = (
                {key: item for key, item in items.items() if key not in bad}
                if isinstance(items, dict)
                else [item for index, item in enumerate(items) if index not in bad]
            )
    named = all(any(path.startswith(f"{part}.") for part in wrong) for path in paths)
    return (wrong, rest) if wrong and named and any(rest.values()) else (body, None)


def _instant(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat()


def _posts(lines):
    """The requests that tell of these lines: metrics with digests and logs, observations, then predictions."""
    series, digests, tensors, logs, looks, gaps = {}, {}, [{}], [], [], []
    for line in lines:
        for key, value in line.get("metrics", {}).items():
            stretch = series.setdefault(key, {"steps": [], "values": [], "wallTimes": []})
            stretch["steps"].append(line["step"])
            stretch["values"].append(value)
            stretch["wallTimes"].append(line["time"])
        if "digest" in line:
            # Lines that an earlier version left have no algorithm.
            by = {"algorithm": line.get("algorithm", SHA256)}
            rungs = digests.setdefault((line["kind"], *by.values()), {"kind": line["kind"], "positions": [], "digests": [], **by})
            rungs["positions"].append(line["position"])
            rungs["digests"].append(line["digest"])
        for part, (names, joined) in line.get("tensors", {}).items():
            by = {"algorithm": line.get("algorithm", SHA256)}
            key = (part, *by.values())
            if key in tensors[-1] and tensors[-1][key]["names"] != names:
                tensors.append({})
            empty = {"kind": "step", "part": part, "names": names, "positions": [], "digests": [], **by}
            stretch = tensors[-1].setdefault(key, empty)
            stretch["positions"].append(line["position"])
            stretch["digests"].append(joined)
        if "text" in line:
            logs.append({"text": line["text"], "stream": line["stream"], "at": _instant(line["at"])})
        if "name" in line:
            looks.append({key: line[key] for key in ("step", "name", "value", "observer", "where", "rank") if key in line})
        if "gap" in line:
            gaps.append({"what": line["gap"], "reason": line["reason"], "step": line["step"]})
    # Of one request all digests of a part have the same names; the first has everything else as well.
    rest = {"series": series, "digests": list(digests.values()), "logs": logs}
    for stretches in tensors:
        body = {**rest, "tensorDigests": list(stretches.values())}
        rest = {}
        if any(body.values()):
            yield "metrics", body
    if looks or gaps:
        yield "observations", {"observations": looks, "gaps": gaps}
    for line in lines:
        if "predictions" in line:
            yield "predictions", line["predictions"]


def _all():
    """Spools of all runs that this machine keeps, oldest first."""
    try:
        names = os.listdir(folder())
    except FileNotFoundError:
        return []
    spools = [Spool(os.path.join(folder(), name)) for name in names if os.path.exists(os.path.join(folder(), name, "run.json"))]
    return sorted(spools, key=lambda spool: spool.about["startedAt"])


def unsent():
    """Spools of runs whose process is gone, oldest first."""
    return [spool for spool in _all() if not spool.is_alive() and ("run" not in spool.about or spool.files())]


def sync(url=None):
    """Sends what earlier runs left behind. Returns how many runs were sent, and how many remain."""
    sent, left = 0, 0
    for spool in unsent():
        sender = Sender(spool, Connection(url, timeout=30.0, retries=2))
        try:
            sender.send()
        except (ConnectionError, RepriseError) as error:
            print(f"Reprise: run {spool.id} remains in {spool.path}: {error}", file=sys.stderr)
            left += 1
            continue
        spool.remove()
        sent += 1
    return sent, left
