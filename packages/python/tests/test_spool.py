import json
import os
import resource
import signal
import subprocess
import sys
import threading
import textwrap

import pytest

from reprise import sender as senders
from reprise import spool as spools
from reprise.connection import RepriseError
from reprise.recorder import Recorder
from reprise.sender import Sender
from reprise.spool import Spool


class Server:
    """Keeps what is posted by idempotency key, and is away as often as it is told to."""

    url = "http://server"

    def __init__(self):
        self.posts = {}
        self.away = 0

    def call(self, method, path, body=None, attempt=None, key=None, **_):
        if self.away > 0:
            self.away -= 1
            # It may have worked before the answer was lost.
            self.posts.setdefault(key, (path, body))
            raise ConnectionError("away")
        kept = self.posts.setdefault(key, (path, body))
        assert kept == (path, body), "one key stands for one content"
        return {name: 1 for name in ("id", "sweepId", "seed", "arm", "repeat", "attempt", "execution")}

    def steps(self):
        bodies = [body for path, body in self.posts.values() if path.endswith("/metrics")]
        return sorted(step for body in bodies for step in body["series"]["loss"]["steps"])


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("REPRISE_SPOOL", str(tmp_path))
    return tmp_path


def test_everything_arrives_once_however_often_the_server_is_away(monkeypatch):
    monkeypatch.setattr(senders, "BATCH_BYTES", 300)
    server = Server()
    recorder = Recorder(Spool.begin({}), server)
    for step in range(1, 101):
        recorder.log(loss=1 / step, step=step)
        if step % 7 == 0:
            server.away = step % 3
            try:
                # A sender of its own, as after a restart.
                Sender(Spool(recorder.spool.path), server).send()
            except ConnectionError:
                pass
    server.away = 0
    Sender(Spool(recorder.spool.path), server).send()
    assert server.steps() == list(range(1, 101))


def test_a_minute_without_a_server_loses_nothing_keeps_the_order_and_is_not_spent_asking():
    """By a clock that passes when the sender waits: two minutes with ten steps a second, of which no server answers in the second half of the first and the first half of the second."""
    now, tries, arrived = 0.0, 0, {}

    class Away(Server):
        def call(self, method, path, *args, **kwargs):
            nonlocal tries
            if 30 <= now < 90:
                tries += 1
                raise ConnectionError("away")
            return super().call(method, path, *args, **kwargs)

    def pause(seconds):
        nonlocal now
        for _ in range(round(10 * seconds)):
            now = round(now + 0.1, 1)
            recorder.log(loss=now, step=round(10 * now))
        arrived[now] = len(server.steps())
        sender._stopped = now >= 120

    server = Away()
    recorder = Recorder(Spool.begin({}), server)
    sender = recorder.sender = Sender(recorder.spool, server, clock=lambda: now, pause=pause)
    sender._work()
    recorder.finish()
    sent = [step for path, body in server.posts.values() if path.endswith("/metrics") for step in body["series"]["loss"]["steps"]]
    assert sent == list(range(1, 1 + round(10 * now)))
    # All of it is there with the first request after the minute, not only when the run ends.
    assert max(kept for at, kept in arrived.items() if at < 90) < 300 and min(kept for at, kept in arrived.items() if at > 94) > 900
    assert tries <= 60 / senders.LONGEST


def test_a_report_of_a_forked_process_arrives_too():
    server = Server()
    recorder = Recorder(Spool.begin({}), server)
    recorder.log(loss=1.0, step=1)
    child = os.fork()
    if child == 0:
        recorder.log(loss=0.5, step=2)
        os._exit(0)
    os.waitpid(child, 0)
    recorder.sender.send()
    assert server.steps() == [1, 2]


def test_what_was_reported_before_kill_9_is_there():
    code = """
    import os, signal
    from reprise.recorder import Recorder
    from reprise.spool import Spool
    recorder = Recorder(Spool.begin({}))
    for step in range(1, 1001):
        recorder.log(loss=0.1, step=step)
    os.kill(os.getpid(), signal.SIGKILL)
    """
    child = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False)
    assert child.returncode == -signal.SIGKILL
    (left,) = spools.unsent()
    server = Server()
    Sender(left, server).send()
    assert server.steps() == list(range(1, 1001))


def test_reports_that_come_while_others_are_sent_wait_for_the_next_time():
    recorder = Recorder(Spool.begin({}))

    class Busy(Server):
        def call(self, method, path, *args, **kwargs):
            answer = super().call(method, path, *args, **kwargs)
            recorder.log(loss=0.5, step=2)
            return answer

    recorder.log(loss=1.0, step=1)
    server = Busy()
    sender = Sender(recorder.spool, server)
    sender.begin()
    sender.send()
    assert sum(path.endswith("/metrics") for path, _ in server.posts.values()) == 1


def test_a_line_that_is_half_written_waits_for_its_end():
    server = Server()
    recorder = Recorder(Spool.begin({}), server)
    recorder.log(loss=1.0, step=1)
    whole = json.dumps({"step": 2, "metrics": {"loss": 0.5}, "time": 1.0}) + "\n"
    path = os.path.join(recorder.spool.path, recorder.spool.files()[0])
    with open(path, "a") as file:
        file.write(whole[:20])
    recorder.sender.send()
    assert server.steps() == [1]
    with open(path, "a") as file:
        file.write(whole[20:])
    recorder.sender.send()
    assert server.steps() == [1, 2]


class Refusing(Server):
    def call(self, method, path, body=None, attempt=None, key=None, **_):
        if path.endswith("/metrics"):
            raise RepriseError(400, {"detail": "no such step"})
        return super().call(method, path, body, attempt, key)


def test_what_is_refused_is_kept_when_the_rest_has_arrived():
    server = Refusing()
    recorder = Recorder(Spool.begin({}), server)
    recorder.log(loss=1.0, step=1)
    recorder.finish()
    assert any(path.endswith("/finish") for path, _ in server.posts.values())
    assert os.listdir(recorder.spool.path) == [spools.REFUSED]
    with open(os.path.join(recorder.spool.path, spools.REFUSED)) as file:
        (kept,) = [json.loads(line) for line in file]
    assert kept["body"]["series"]["loss"]["values"] == [1.0]
    assert spools.unsent() == []


def test_one_name_that_is_refused_takes_nothing_else_with_it():
    class Strict(Server):
        def call(self, method, path, body=None, attempt=None, key=None, **_):
            bad = [name for name in (body or {}).get("series", {}) if "\n" in name]
            if bad:
                raise RepriseError(400, {"detail": "wrong", "errors": [{"path": f"series.{name}", "message": "cannot be printed"} for name in bad]})
            return super().call(method, path, body, attempt, key)

    server = Strict()
    recorder = Recorder(Spool.begin({}), server)
    recorder.log({"loss": 1.0, "val.acc ": 0.5, "two\nlines": 2.0}, step=1)
    recorder.finish()
    (body,) = [body for path, body in server.posts.values() if path.endswith("/metrics")]
    assert sorted(body["series"]) == ["loss", "val.acc"]
    with open(os.path.join(recorder.spool.path, spools.REFUSED)) as file:
        (kept,) = [json.loads(line) for line in file]
    assert list(kept["body"]["series"]) == ["two\nlines"]


def test_predictions_arrive_however_long_they_are(monkeypatch):
    monkeypatch.setattr(senders, "BATCH_BYTES", 300)
    server = Server()
    recorder = Recorder(Spool.begin({}), server)
    recorder.log(loss=1.0, step=1)
    recorder.predictions(range(100), [0, 1] * 50, [0.25] * 100, ["benign", "malignant"], positive_class=1)
    recorder.log(loss=0.5, step=2)
    recorder.finish()
    (body,) = [body for path, body in server.posts.values() if path.endswith("/predictions")]
    assert (len(body["ids"]), body["scores"][0], body["split"], body["positiveClass"]) == (100, [0.75, 0.25], "test", 1)
    assert server.steps() == [1, 2]


class Limit:
    """A limit to the size of every file, which any user may set: writing beyond it fails as on a full disk."""

    def __init__(self):
        self.before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(self):
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, self.before[1]))

    def give_room(self):
        resource.setrlimit(resource.RLIMIT_FSIZE, self.before)


class Disk:
    """A small disk of its own, in memory, that can be filled."""

    def __init__(self, path):
        self.path = path

    def fill(self):
        with open(self.path / "filler", "ab", buffering=0) as file:
            for block in (bytes(4096), b"."):
                try:
                    while True:
                        file.write(block)
                except OSError:
                    pass

    def give_room(self):
        (self.path / "filler").unlink()


@pytest.fixture(params=["limit", "disk"])
def disk(request, folder, monkeypatch):
    if request.param == "limit":
        limit = Limit()
        yield limit
        limit.give_room()
        return
    path = folder / "disk"
    path.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(path)], check=False).returncode:
        pytest.skip("this user may not mount a small disk, to fill it")
    monkeypatch.setenv("REPRISE_SPOOL", str(path))
    yield Disk(path)
    subprocess.run(["umount", "--lazy", str(path)], check=True)


def full_after_one_report(disk):
    """A server, and the recorder of a run whose disk is full once its first step has been reported."""
    server = Server()
    recorder = Recorder(Spool.begin({}), server)
    recorder.log(loss=1.0, step=1)
    disk.fill()
    return server, recorder


def test_a_full_disk_stops_no_training_and_loses_no_report(disk, capfd):
    server, recorder = full_after_one_report(disk)
    # The first of them fit into the room that the last block of the file still has, and one of them in part.
    for step in range(2, 301):
        recorder.log(loss=1 / step, step=step)
    recorder.gap("a step", "a reason")
    recorder.sender._send_what_can_be()
    # Reports are not copied, and not sent, as long as no account of them can be kept.
    assert [path for path, _ in server.posts.values()] == ["/runs"]
    disk.give_room()
    recorder.log(loss=0.0, step=301)
    recorder.sender._send_what_can_be()
    assert server.steps() == list(range(1, 302))
    assert capfd.readouterr().err.count("The training goes on") == 1


def test_a_report_that_a_full_disk_took_but_for_its_end_is_there_once():
    spool, limit = Spool.begin({}), Limit()
    last = {"text": "b"}
    spool.write({"text": "a" * (4096 - 2 * len(json.dumps(last, separators=(",", ":"))))})
    limit.fill()
    spool.write(last)
    limit.give_room()
    spool.write({"text": "c"})
    with spool.reports(spool.files()[0]) as file:
        assert [line["text"][0] for line in spools.whole(file.read())] == ["a", "b", "c"]


def test_a_report_that_a_full_disk_took_in_part_is_not_merged_with_that_of_another_thread(monkeypatch):
    spool, limit, write = Spool.begin({}), Limit(), os.write
    last = {"text": "b"}
    spool.write({"text": "a" * (4096 - 2 * len(json.dumps(last, separators=(",", ":"))))})
    beside = threading.Thread(target=spool.write, args=({"text": "c"},))

    def meanwhile(file, line):
        done = write(file, line)
        if done < len(line) and beside.ident is None:
            limit.give_room()
            beside.start()
            beside.join(0.2)
        return done

    monkeypatch.setattr(os, "write", meanwhile)
    limit.fill()
    spool.write(last)
    beside.join()
    with spool.reports(spool.files()[0]) as file:
        assert sorted(line["text"][0] for line in spools.whole(file.read())) == ["a", "b", "c"]


def test_a_run_whose_disk_stays_full_arrives_as_a_whole_where_a_server_answers(disk, capfd):
    server, recorder = full_after_one_report(disk)
    for step in range(2, 301):
        recorder.log(loss=1 / step, step=step)
    recorder.file(__file__)
    recorder.finish()
    assert server.steps() == list(range(1, 301))
    gaps = [gap["what"] for path, body in server.posts.values() if path.endswith("/observations") for gap in body["gaps"]]
    assert gaps == ["file test_spool.py"]
    assert [body["status"] for path, body in server.posts.values() if path.endswith("/finish")] == ["succeeded"]
    assert not os.path.exists(recorder.spool.path)


def test_what_is_lost_with_a_full_disk_and_no_server_is_said_and_the_rest_is_sent_later(disk, capfd, monkeypatch):
    monkeypatch.setattr(spools, "WAITING_BYTES", 4096)
    server = Server()
    server.away = 10
    recorder = Recorder(Spool.begin({}), server)
    recorder.log(loss=1.0, step=1)
    disk.fill()
    for step in range(2, 301):
        recorder.log(loss=1 / step, step=step)
    recorder.finish()
    said = capfd.readouterr().err
    assert "found no room there, and are lost" in said
    disk.give_room()
    server.away = 0
    [left] = spools.every()
    Sender(left, server).send()
    steps = server.steps()
    assert steps == list(range(1, len(steps) + 1)) and 1 < len(steps) < 300


@pytest.mark.parametrize("room", [True, False], ids=["room again", "full to the end"])
def test_reports_that_are_more_than_memory_keeps_are_counted_as_a_gap(disk, monkeypatch, room):
    monkeypatch.setattr(spools, "WAITING_BYTES", 4096)
    server = Server()
    recorder = Recorder(Spool.begin({}), server)
    disk.fill()
    for step in range(1, 301):
        recorder.log(loss=1 / step, step=step)
    if room:
        disk.give_room()
    recorder.finish()
    kept = server.steps()
    assert kept == list(range(1, len(kept) + 1))
    [gap] = [gap for path, body in server.posts.values() if path.endswith("/observations") for gap in body["gaps"]]
    assert gap == {"what": "reports", "reason": f"The disk took none for so long that {300 - len(kept)} reports were more than memory was to keep.", "step": None}


def test_what_is_refused_on_a_full_disk_does_not_keep_the_run_from_ending(disk, capfd):
    server = Refusing()
    recorder = Recorder(Spool.begin({}), server)
    disk.fill()
    for step in range(1, 301):
        recorder.log(loss=1 / step, step=step)
    recorder.finish()
    assert [body["status"] for path, body in server.posts.values() if path.endswith("/finish")] == ["succeeded"]
    said = capfd.readouterr().err
    assert "what the server refused found no room" in said and "no server took" not in said


def test_what_is_refused_on_a_full_disk_is_kept_as_soon_as_there_is_room(disk):
    recorder = Recorder(Spool.begin({}), Refusing())
    disk.fill()
    for step in range(1, 301):
        recorder.spool.refuse("metrics", "no such step", {"step": step})
    disk.give_room()
    recorder.log(loss=1.0, step=1)
    recorder.finish()
    with open(os.path.join(recorder.spool.path, spools.REFUSED)) as file:
        kept = [json.loads(line)["body"] for line in file]
    assert [body["step"] for body in kept[:-1]] == list(range(1, 301)) and "series" in kept[-1]


def test_sync_keeps_the_reports_that_are_refused_until_there_is_room_for_them(monkeypatch, capfd):
    server = Refusing()
    server.away = 10
    recorder = Recorder(Spool.begin({}), server)
    for step in range(1, 301):
        recorder.log(loss=1 / step, step=step)
    recorder.finish()
    server.away = 0
    monkeypatch.setattr(senders, "Connection", lambda *_, **__: server)
    limit = Limit()
    limit.fill()
    try:
        assert senders.sync() == (0, 1)
    finally:
        limit.give_room()
    assert "what the server refused finds no room there (entries: 1)" in capfd.readouterr().err
    assert senders.sync() == (1, 0)
    with open(os.path.join(recorder.spool.path, spools.REFUSED)) as file:
        [kept] = [json.loads(line) for line in file]
    assert kept["body"]["series"]["loss"]["steps"] == list(range(1, 301))


def test_a_run_that_begins_on_a_full_disk_arrives_as_a_whole(disk, capfd):
    server = Server()
    disk.fill()
    # Longer than what the limit leaves.
    recorder = Recorder(Spool.begin({"name": "n" * 5000}), server)
    for step in range(1, 4):
        recorder.log(loss=1 / step, step=step)
    recorder.finish()
    assert server.steps() == [1, 2, 3]
    assert not os.path.exists(recorder.spool.path)
    assert capfd.readouterr().err.count("The training goes on") == 1


@pytest.mark.parametrize("launcher", [[], ["-m", "reprise", "run"]], ids=["capture", "launcher"])
def test_a_script_trains_where_nothing_can_be_kept_and_no_server_answers(tmp_path, launcher):
    script = tmp_path / "train.py"
    script.write_text("import reprise\nreprise.capture()\nreprise.run().log(loss=1.0, step=1)\nprint('trained')\n")
    nowhere = {"REPRISE_URL": "http://127.0.0.1:9", "PYTHONPATH": os.path.dirname(os.path.dirname(spools.__file__))}
    done = subprocess.run(
        [sys.executable, *launcher, str(script)],
        env={**os.environ, **nowhere, "REPRISE_SPOOL": str(tmp_path / "spool")},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1])),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "trained\n"), done.stderr
    assert done.stderr.count("The training goes on") == 1
    assert "there is no room to keep it" in done.stderr
