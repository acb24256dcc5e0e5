"""
Sends what the folder of a run holds, in its order, by a thread, as often as it must. Every batch carries a key made of run,
file and place, under which the server knows it again, so that it may be sent twice.
"""

import os
import threading
import time
import uuid

from . import files
from .connection import Connection, RepriseError
from .reports import instant, parted, requests
from .spool import REFUSED, read, replace, say, unsent, whole

# Of one file at a time: small enough to be sent again.
BATCH_BYTES = 256 * 1024
# How long reports wait for their batch: soon at first, and then for fewer requests.
SOON, LONGEST = 1.0, 3.0
# The server takes a run of which it hears nothing for lost after ten minutes.
HEARTBEAT_SECONDS = 60.0


class Sender:
    """
    Sends what a spool holds, in its order, as often as it must. `clock` tells seconds, and `pause(seconds)` lets so many pass; default: the
    machine's, until it is told to stop.
    """

    def __init__(self, spool, api=None, clock=time.monotonic, pause=None):
        self.spool = spool
        self.api = api or Connection(timeout=10.0, retries=0)
        self._sent = read(os.path.join(spool.path, "sent.json"), {})
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._clock, self._pause = clock, self._wake.wait if pause is None else pause
        self._stopped = False
        self._thread = None
        self._heard = clock()

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
                body["startedAt"] = instant(about["startedAt"])
        run = self.api.call("POST", path, body, key=self._key(key))
        kept = {name: run[name] for name in ("id", "sweepId", "seed", "arm", "repeat", "attempt", "execution")}
        self._note(run=kept, url=self.api.url, resume=False)
        return kept

    def _note(self, **facts):
        """What the disk does not take is known to this process alone: the server knows the request again by its key."""
        try:
            self.spool.note(**facts)
        except OSError as error:
            self.spool.tell_full(error)

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
        """Sends the rest, for so many seconds at most. Returns what became of it instead; None when everything has arrived."""
        self._stopped = True
        self._wake.set()
        self.spool.close()
        if self._thread is not None:
            self._thread.join(seconds)
            if self._thread.is_alive():
                return f"the server did not take the rest of it within {seconds:.0f} s"
        try:
            self.send()
        except ConnectionError:
            return "no server took the rest of it"
        except RepriseError as error:
            return f"the server refused the rest of it ({error})"
        except OSError as error:
            return f"the rest of it could not be sent ({error})"
        return None

    def leave(self, status):
        """Sends the rest of a run that has ended, and says where it is to be found."""
        self._note(ended=status)
        spool, kept = self.spool, self.stop()
        refused = spool.flush_refused()
        if refused:
            say(f"what the server refused found no room in {spool.path}, and is lost (entries: {refused}).")
        if kept is None:
            say(f"{status}, {self.api.url}/runs/{spool.about['run']['id']}")
            spool.remove()
            return
        waiting = spool.flush()
        if not spool.is_kept:
            say(f"{status}; {kept}, and there is no room to keep it in {spool.path}: it is lost.")
            return
        say(f"{status}; {kept}, which is kept in {spool.path}. Send it later: python -m reprise sync")
        if waiting:
            before = f", like {spool.lost} reports that were too many to wait" if spool.lost else ""
            say(f"the last {waiting} bytes of its reports found no room there, and are lost{before}.")

    def _work(self):
        seconds = SOON
        while not self._stopped:
            self._pause(seconds)
            seconds = LONGEST
            try:
                self._send_what_can_be()
                # A long epoch is no dead program.
                if self._clock() - self._heard > HEARTBEAT_SECONDS and "run" in self.spool.about:
                    self._post("heartbeat", None, None)
            except ConnectionError:
                pass
            except RepriseError as error:
                say(error)
                return

    def _send_what_can_be(self):
        """
        A disk that takes nothing keeps no account of what was sent: nothing is, until it does, or the run ends, but that there is
        a run.
        """
        self.spool.flush_refused()
        try:
            if self.spool.flush():
                self.begin()
            else:
                self.send()
        except ConnectionError:
            raise
        except OSError as error:
            self.spool.tell_full(error)

    def _key(self, place):
        return str(uuid.uuid5(uuid.UUID(self.spool.id), place))

    def _keep(self):
        try:
            replace(os.path.join(self.spool.path, "sent.json"), self._sent)
        except OSError:
            # At the end this process knows it, and no other will ask if all arrives.
            if not self._stopped:
                raise

    def _send_file(self, name):
        """
        Sends what the file holds now; what is written meanwhile goes with the next. Returns the end of the run where the
        file tells of it and it was not sent yet.
        """
        end = None
        state = self._sent.setdefault(name, {"offset": 0, "until": None})
        with self.spool.reports(name) as file:
            size = file.seek(0, os.SEEK_END)
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
                    try:
                        self._keep()
                    except OSError:
                        state["until"] = None
                        raise
                lines = list(whole(block))
                end = next((line["end"] for line in lines if "end" in line), end)
                for index, (what, body) in enumerate(requests(lines)):
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
        self._heard = self._clock()
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
            self.spool.refuse("file", str(error), file)
            say(f"a file was refused, and is kept in {path}: {error}")
            told = f"{told}; the server did not store it: {error.detail}"
        line = {"text": told, "stream": "stdout", "at": instant(time.time())}
        self._post("metrics", {"logs": [line]}, self._key(f"refused {file['name']} {file['sha256']}"))

    def _post(self, what, body, key):
        run = self.spool.about["run"]
        self._heard = self._clock()
        try:
            self.api.call("POST", f"/runs/{run['id']}/{what}", body, attempt=run["attempt"], key=key)
        except RepriseError as error:
            # Away, or the same report is still being worked on: again in a moment.
            if error.status >= 500 or error.status == 429 or (error.status == 409 and error.type == "conflict"):
                raise ConnectionError(str(error)) from None
            if error.status in (401, 403, 404) or error.type == "stale-attempt":
                raise
            refused, rest = parted(body, [wrong.get("path", "") for wrong in error.errors])
            self.spool.refuse(what, str(error), refused)
            say(f"a report was refused, and is kept in {self.spool.path}: {error}")
            if rest is not None:
                self._post(what, rest, str(uuid.uuid5(uuid.UUID(key), "rest")))


def _send_again(sender):
    """
    Sends what is left of a run. Raises OSError where what was refused finds no room on the disk: its reports are then unsent as
    before, because they are its only copy, and their keys tell the server that it had the others.
    """
    spool = sender.spool
    account, refused = (os.path.join(spool.path, name) for name in ("sent.json", REFUSED))
    sent, size = read(account, {}), os.path.getsize(refused) if os.path.exists(refused) else 0
    try:
        sender.send()
    finally:
        waiting = spool.flush_refused()
        if waiting:
            if os.path.exists(refused):
                os.truncate(refused, size)
            replace(account, sent)
            raise OSError(f"what the server refused finds no room there (entries: {waiting})")


def sync(url=None):
    """Sends what earlier runs left behind. Returns how many runs were sent, and how many remain."""
    sent, left = 0, 0
    for spool in unsent():
        sender = Sender(spool, Connection(url, timeout=30.0, retries=2))
        try:
            _send_again(sender)
        except (OSError, RepriseError) as error:
            # No server, or a disk that keeps no account of what was sent.
            say(f"run {spool.id} remains in {spool.path}: {error}")
            left += 1
            continue
        spool.remove()
        sent += 1
    return sent, left
