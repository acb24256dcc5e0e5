"""The trainer of the study torch/laptop, as a worker runs it."""

import json
import os
import subprocess
import sys

import pytest

pytest.importorskip("torch")
pytestmark = pytest.mark.usefixtures("warm")

SPLIT = {"train": 0.334, "validation": 0.167, "test": 0.499, "seed": 1, "groupBy": None}
DET = {"order": "fixed", "algorithms": "deterministic", "autotune": False, "tf32": False}


def events(folder, resume=None, **parameters):
    """The events of a short run in the deterministic arm, which leaves a checkpoint after its first epoch."""
    request = {
        "parameters": {"epochs": 2, "learningRate": 1.0, "batchSize": 300, **parameters},
        "seed": 3,
        "mode": "deterministic",
        "arm": {"name": "det", "execution": DET},
        "repeat": 0,
        "outputDirectory": str(folder),
        "dataset": {"name": "digits", "split": SPLIT},
        "resume": resume and {"checkpointPath": resume},
        "checkpointEveryEpochs": 1,
        "backend": "cpu",
    }
    (folder / "request.json").write_text(json.dumps(request))
    # Descriptor 3 is where a worker reads.
    words = ["sh", "-c", 'exec 3>"$0"; exec "$1" -m reprise.trainers.laptop', str(folder / "events"), sys.executable]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ) as process:
        process.stdin.write((json.dumps(request) + "\n").encode())
        process.stdin.flush()
        code = process.wait()
        assert code == 0, process.stderr.read().decode()
    return [json.loads(line) for line in (folder / "events").read_text().splitlines()]


def of(kind, found):
    return [event for event in found if event["type"] == kind]


def test_a_run_that_goes_on_from_a_checkpoint_ends_with_the_same_bits(tmp_path):
    (tmp_path / "rest").mkdir()
    whole = events(tmp_path)
    rest = events(tmp_path / "rest", of("checkpoint", whole)[0]["path"])
    assert of("done", rest)[0]["digest"] == of("done", whole)[0]["digest"]
    assert of("predictions", rest) == of("predictions", whole)
    kinds = {event["kind"] for event in of("digest", whole)}
    assert kinds == {"configuration", "dataset", "initialWeights", "dataOrder", "step", "epoch", "finalWeights", "predictions"}
    looks = {event["name"]: event for event in of("observation", whole)}
    assert looks["torch.use_deterministic_algorithms"] == {**looks["torch.use_deterministic_algorithms"], "value": True, "observer": "reprise"}
