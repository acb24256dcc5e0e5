import os
import signal
import subprocess
import sys
import textwrap

import pytest
from test_capture import NOWHERE, PACKAGE, ends, lines_of

from reprise import KeyedSampler, keyed_generator
from reprise.recorder import Recorder
from reprise.resume_check import _compare
from reprise.spool import Spool

pytestmark = pytest.mark.usefixtures("warm")

TRAINING = """
import os, random, signal, sys
import numpy, torch
import reprise

kill_at = sys.argv[1]
workers = int(sys.argv[2])
run = reprise.run()

class Cases(torch.utils.data.Dataset):
    def __len__(self):
        return 24
    def __getitem__(self, index):
        # Augmentation draws from the state of the worker, or of the process where there is none.
        return torch.randn(4) + index + random.random()

model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.BatchNorm1d(8), torch.nn.Dropout(0.5), torch.nn.Linear(8, 1))
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5)
loader = torch.utils.data.DataLoader(Cases(), batch_size=4, shuffle=True, num_workers=workers, multiprocessing_context="fork" if workers else None)

state = run.state(model=model, optimizer=optimizer, scheduler=scheduler, loader=loader)
for epoch in state.epochs(3):
    for number, batch in enumerate(state.batches(every=2)):
        loss = (model(batch + numpy.random.rand()) - 1).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if f"{epoch}:{number + 1}" == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
    scheduler.step()
print("restored" if state.restored else "from the beginning")
"""


def launch(folder, code, *words, command=("run",)):
    script = folder / "train.py"
    script.write_text(textwrap.dedent(code))
    return subprocess.run(
        [sys.executable, "-m", "reprise", command[0], "--url", NOWHERE, "--arm", "det", *command[1:], str(script), *words],
        env={**os.environ, "REPRISE_SPOOL": str(folder / "spool"), "PYTHONPATH": PACKAGE, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def only_run(folder):
    [path] = (folder / "spool").iterdir()
    return path, lines_of(path)


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_run_killed_within_an_epoch_ends_with_the_bits_of_one_that_was_not(tmp_path, workers):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir()
    broken.mkdir()
    answer = launch(whole, TRAINING, "never", workers)
    assert answer.returncode == 0, answer.stderr
    assert launch(broken, TRAINING, "1:5", workers).returncode == -signal.SIGKILL
    path, _ = only_run(broken)
    assert (path / "state.pt").exists()
    again = launch(broken, TRAINING, "never", workers, command=("run", "--resume", path.name))
    assert (again.returncode, again.stdout.strip()) == (0, "restored"), again.stderr
    ran, resumed = only_run(whole)[1], only_run(broken)[1]
    assert ends(resumed)[-1] == ends(ran)[-1]
    # Random states that Reprise itself puts back are none from elsewhere.
    assert not [line["gap"] for line in resumed if line.get("gap", "").startswith("the seed of")]
    for lines in (ran, resumed):
        # A step that was made twice has the same loss twice: the later report supersedes the first.
        found = {line["step"]: line["metrics"]["loss"] for line in lines if "loss" in line.get("metrics", {})}
        assert list(found) == list(range(1, 19))
    by_epoch = [{line["position"]: line["digest"] for line in lines if line.get("kind") == "epoch"} for lines in (ran, resumed)]
    assert by_epoch[0] == by_epoch[1] and list(by_epoch[0]) == [1, 2, 3]


FOR_CHECK = """
import torch
import reprise

run = reprise.run()
model = torch.nn.Sequential(torch.nn.Linear(4, 1), torch.nn.Dropout(0.5))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
state = run.state(model=model, optimizer=optimizer)
for epoch in state.epochs(5):
    loss = model(torch.randn(8, 4)).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""


def test_a_script_checks_whether_it_resumes(tmp_path):
    good = launch(tmp_path, FOR_CHECK, command=("check-resume",))
    assert good.returncode == 0, good.stderr
    assert good.stdout.startswith("Resumed to the bit.")
    assert "model, optimizer, random state of" in good.stdout
    none = launch(tmp_path, "print('no epochs')", command=("check-resume",))
    assert none.returncode == 1
    assert "run.state(...).epochs(n)" in none.stderr


def test_a_check_names_what_differs_by_as_little_as_a_sign_of_zero():
    import torch

    first = {"model": {"weight": torch.zeros(2)}, "optimizer": {"state": [torch.ones(2)], "lr": 0.1}, "random": (1, [2, 3])}
    same = {"model": {"weight": torch.zeros(2)}, "optimizer": {"state": [torch.ones(2)], "lr": 0.1}, "random": (1, [2, 3])}
    assert _compare(first, same) == ([], ["model", "optimizer", "random"])
    same["model"]["weight"] = -torch.zeros(2)
    same["random"] = (1, [2, 4])
    assert _compare(first, same)[0] == ["model", "random"]


def test_alone_the_same_lines_train_and_keep_nothing(tmp_path, monkeypatch):
    import torch

    import reprise

    monkeypatch.chdir(tmp_path)
    model = torch.nn.Linear(2, 1)
    state = reprise.run().state(model=model, optimizer=[torch.optim.SGD(model.parameters(), lr=0.1)], scaler=None)
    passes = [list(state.batches([1, 2, 3], every=1)) for _ in state.epochs(2)]
    assert (passes, state.restored, os.listdir()) == ([[1, 2, 3], [1, 2, 3]], False, [])
    with pytest.raises(TypeError, match="loss is a float: a part of a state has state_dict"):
        reprise.run().state(model=model, loss=0.5)


def test_processes_of_one_run_have_states_of_their_own_and_stop_at_one_place(tmp_path, monkeypatch):
    import torch

    monkeypatch.setenv("REPRISE_SPOOL", str(tmp_path))
    model = torch.nn.Linear(2, 1)

    def state_of(rank):
        recorder = Recorder(spool)
        recorder.rank = rank
        return recorder.state(model=model)

    spool = Spool.begin({})
    for rank in (0, 1):
        next(epochs := state_of(rank).epochs(3))
        next(epochs)
        if rank == 0:
            next(epochs)
    assert {"state.pt", "state-1.pt"} <= set(os.listdir(spool.path))
    assert state_of(0).epoch == 2
    with pytest.raises(ValueError, match="rank 0 at epoch 2, batch 0, rank 1 at epoch 1, batch 0"):
        state_of(1)
    spool.remove()
    assert sorted(os.listdir(spool.path)) == ["run.json", "state-1.pt", "state.pt"]


def test_the_order_of_data_follows_from_seed_and_epoch_alone():
    sampler = KeyedSampler(100, seed=3)
    first = list(sampler)
    sampler.set_epoch(1)
    second = list(sampler)
    assert sorted(first) == sorted(second) == list(range(100))
    assert first != second != list(KeyedSampler(100, seed=4, epoch=1))
    assert second == list(KeyedSampler(100, seed=3, epoch=1))
    seeds = {keyed_generator(*key).initial_seed() for key in [(0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0), (0, 0, None)]}
    assert len(seeds) == 5
