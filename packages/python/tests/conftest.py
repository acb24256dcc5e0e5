import json
import os
import sys

import pytest
from warm import Warm

# Of one small network, helpers that compile take longer to start than there is to compile.
os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")


@pytest.fixture(scope="session")
def warm_interpreter(tmp_path_factory):
    interpreter = Warm(str(tmp_path_factory.mktemp("warm")))
    yield interpreter
    interpreter.close()


@pytest.fixture
def warm(warm_interpreter, monkeypatch):
    """Programs that the test starts by `sys.executable`, and those that these start, find PyTorch imported already."""
    monkeypatch.setattr(sys, "executable", warm_interpreter.executable)


@pytest.fixture
def trained(tmp_path, monkeypatch):
    """Trains a request with the classification trainer, in this process, and returns its events; the settings of the arm end with the test."""
    import torch
    from classification_run import request_of

    from reprise.trainer import Run
    from reprise.trainers.classification.capabilities import NAME, VERSION
    from reprise.trainers.classification.train import train

    count = 0

    def run(parameters, **changes):
        nonlocal count
        count += 1
        path = tmp_path / f"events-{count}"
        with open(path, "wb") as file:
            monkeypatch.setattr("reprise.trainer.EVENTS", file.fileno())
            train(Run(request_of(tmp_path, parameters, **changes), NAME, VERSION))
        return [json.loads(line) for line in path.read_text().splitlines()]

    threads = torch.get_num_threads()
    yield run
    torch.use_deterministic_algorithms(False)
    torch.backends.cudnn.deterministic = False
    torch.set_num_threads(threads)
