import hashlib
import json
import os
from pathlib import Path

import numpy
from test_capture import lines_of

import reprise
from reprise import trainer
from reprise.recorder import Recorder
from reprise.reports import requests
from reprise.serve import Events
from reprise.spool import Spool


def test_a_script_runs_alone_as_well():
    run = reprise.run()
    run.log(val_acc=0.9, step=1)
    run.log({"recall (TPR)": 0.9})
    run.log_text("a line")
    run.observe("torch.backends.cudnn.benchmark", True)
    run.predictions(["a", "b"], [0, 1], [0.2, 0.9], ["benign", "malignant"])
    run.file("no such file")
    assert not run


def test_predictions_and_files_are_reported(tmp_path, monkeypatch):
    monkeypatch.setenv("REPRISE_SPOOL", str(tmp_path / "spool"))
    run = Recorder(Spool.begin({}))
    run.predictions(["a", 2], numpy.array([0, 1]), numpy.array([0.25, 0.75]), ["benign", "malignant"], positive_class=1, groups={"patient": numpy.array([7, 7])})
    figure = tmp_path / "figure.png"
    figure.write_bytes(b"figure")
    run.file(str(figure))
    lines = lines_of(Path(run.spool.path))
    posts = dict(requests(lines))
    assert posts["predictions"]["labels"] == [0, 1]
    assert posts["predictions"]["ids"] == ["a", "2"]
    assert posts["predictions"]["groups"] == {"patient": ["7", "7"]} and "subgroups" not in posts["predictions"]
    assert posts["predictions"]["scores"] == [[0.75, 0.25], [0.25, 0.75]]
    [line] = [line for line in lines if "file" in line]
    assert line == {"file": {"name": "figure.png", "sha256": hashlib.sha256(b"figure").hexdigest(), "bytes": 6}, "step": 0}
    figure.write_bytes(b"another")
    assert (Path(run.spool.path) / f"file-{line['file']['sha256']}").read_bytes() == b"figure"


def test_a_digest_is_told_as_a_look_of_reprise_where_its_code_computed_it_and_only_there(tmp_path, monkeypatch):
    monkeypatch.setenv("REPRISE_SPOOL", str(tmp_path))
    monkeypatch.setenv("REPRISE_URL", "http://127.0.0.1:9")
    ends, looks = [], []
    for tell in (lambda run: setattr(run, "digest", "ab" * 32), lambda run: run.final_weights("cd" * 32)):
        run = Recorder(Spool.begin({}))
        tell(run)
        run.finish()
        lines = lines_of(Path(run.spool.path))
        ends += [line["end"]["body"]["digest"] for line in lines if "end" in line]
        looks.append([(line["value"], line["observer"]) for line in lines if line.get("name") == "digest.finalWeights"])
    assert ends == ["ab" * 32, "cd" * 32]
    assert looks == [[], [("cd" * 32, "reprise")]]


def test_a_gap_that_nothing_takes_stops_nothing_and_is_said_once(tmp_path, monkeypatch, capsys):
    worker, pipe = os.pipe()
    monkeypatch.setattr(trainer, "EVENTS", pipe)
    request = {
        **{"runId": "r", "parameters": {}, "seed": 0, "mode": "deterministic", "repeat": 0, "backend": "cpu"},
        **{"arm": {"name": "det", "execution": {}}, "outputDirectory": str(tmp_path)},
    }
    events = Events(trainer.Run(request, "a program", "1"), "cpu", {})
    events.hello({}, [])
    run = Recorder(events, sender=events)
    os.close(worker)
    run.gap("a step", "a reason")
    run.gap("a loss", "a reason")
    # As if the worker were there again: what nothing took is told then.
    with open(tmp_path / "events", "wb") as file:
        os.dup2(file.fileno(), pipe)
    run.gap("a step", "a reason")
    os.close(pipe)
    assert [json.loads(line)["what"] for line in (tmp_path / "events").read_text().splitlines()] == ["a step"]
    assert capsys.readouterr().err.count("cannot be written") == 1
