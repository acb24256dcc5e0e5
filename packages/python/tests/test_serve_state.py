"""A script as a worker starts it, which goes on from what `run.state` kept in an attempt before."""

import hashlib
import json
import os
import subprocess
import sys
import textwrap

import pytest

pytest.importorskip("torch")
pytestmark = pytest.mark.usefixtures("warm")

ARM = {"name": "det", "execution": {"order": "fixed", "algorithms": "deterministic", "autotune": False, "tf32": False}}

TRAINING = """
import argparse, torch, reprise

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int)
options = parser.parse_args()


def main():
    run = reprise.run()
    model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Dropout(0.5), torch.nn.Linear(8, 1))
    # The one that is given first makes its first step last.
    late, early = (torch.optim.SGD(part.parameters(), lr=0.1, momentum=0.9) for part in (model[2], model[0]))
    loader = torch.utils.data.DataLoader(torch.randn(12, 4), batch_size=4, shuffle=True)
    state = run.state(model=model, optimizer=[late, early], loader=loader)
    for epoch in state.epochs(options.epochs):
        for batch in state.batches():
            loss = model(batch).square().mean()
            for optimizer in (early, late):
                optimizer.zero_grad()
            loss.backward()
            early.step()
            late.step()
    print("restored" if state.restored else "from the beginning")


main()
"""


def served(folder, code, epochs=3, resume=None, every=1, cwd=None, module=None):
    """Its events, exit code and what it printed."""
    folder.mkdir(exist_ok=True)
    script = folder.parent / "train.py"
    script.write_text(textwrap.dedent(code))
    request = {
        **{"runId": "r", "attempt": 1, "parameters": {"epochs": epochs}, "seed": 3, "mode": "deterministic", "arm": ARM, "repeat": 0},
        **{"outputDirectory": str(folder), "resume": resume, "checkpointEveryEpochs": every, "backend": "cpu"},
    }
    program = [str(script)] if module is None else ["-m", module]
    about = {"trainer": "mine", "backend": "cpu", "template": [*program, "--epochs", "{epochs}"], "hyperparameters": ["epochs"]}
    serve = [sys.executable, "-m", "reprise", "serve", json.dumps(about), *program, "--epochs", str(epochs)]
    words = ["sh", "-c", 'exec 3>"$0"; exec "$@"', str(folder / "events"), *serve]
    # Of wandb itself, where it is installed.
    environment = {**os.environ, "WANDB_MODE": "offline", "WANDB_SILENT": "true", "WANDB_DIR": str(folder)}
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, cwd=cwd) as process:
        process.stdin.write((json.dumps(request) + "\n").encode())
        process.stdin.flush()
        printed = process.stdout.read().decode()
        code = process.wait()
    return [json.loads(line) for line in (folder / "events").read_text().splitlines()], code, printed


def of(kind, found):
    return [event for event in found if event["type"] == kind]


def rungs(found, kind):
    return {event["positions"][0]: event["digests"][0] for event in of("digest", found) if event["kind"] == kind}


def losses(found):
    return {event["steps"][0]: event["values"][0] for event in of("metric", found) if event["key"] == "loss"}


def resume_from(found, epoch):
    return next({"checkpointPath": event["path"], "step": event["step"]} for event in of("checkpoint", found) if event["epoch"] == epoch)


def test_a_script_goes_on_where_it_was_to_the_same_bits_and_the_same_record(tmp_path):
    whole, code, printed = served(tmp_path / "whole", TRAINING)
    assert (code, printed.strip()) == (0, "from the beginning")
    rest, code, printed = served(tmp_path / "rest", TRAINING, resume=resume_from(whole, 1))
    assert (code, printed.strip()) == (0, "restored")
    assert rest[0]["type"] == "hello"
    assert of("done", rest)[0]["digest"] == of("done", whole)[0]["digest"] is not None
    for first, second in ((losses(whole), losses(rest)), (rungs(whole, "epoch"), rungs(rest, "epoch"))):
        assert second == {position: value for position, value in first.items() if position > len(first) // 3}
    # Passes have the numbers that they have without an interruption.
    assert list(rungs(whole, "dataOrder")) == [0, 1, 2]
    assert rungs(rest, "dataOrder") == {position: digest for position, digest in rungs(whole, "dataOrder").items() if position > 0}
    assert of("capture-gap", rest) == []


@pytest.mark.parametrize("begins", ["before", "after"])
def test_values_that_wandb_counts_by_itself_go_on_where_it_was(tmp_path, begins):
    # At every start, at a step that wandb itself has not passed in a new process.
    init = 'wandb.init(); wandb.log({"size": 12}, step=0)'
    state = "    state = run.state("
    logging = TRAINING.replace("import argparse", "import wandb, argparse", 1)
    logging = logging.replace("    run = reprise.run()\n", f"    run = reprise.run()\n    {init if begins == 'before' else ''}\n")
    logging = logging.replace('    print("restored"', f'        wandb.log({{"mean": loss.item()}})\n    print("restored"')
    if begins == "after":
        logging = logging.replace("    for epoch in state", f"    {init}\n    for epoch in state")
    # After one that names a later step wandb counts on from there.
    logging = logging.replace('    print("restored"', '    wandb.log({"last": 1}, step=7)\n    wandb.log({"last": 2})\n    wandb.log({"last": 3})\n    print("restored"')
    assert logging.count(init) == 1 and state in logging

    def means(found, key="mean"):
        return {event["steps"][0]: event["values"][0] for event in of("metric", found) if event["key"] == key}

    whole, code, printed = served(tmp_path / "whole", logging)
    assert (code, list(means(whole))) == (0, [0, 1, 2]), printed
    rest, code, printed = served(tmp_path / "rest", logging, resume=resume_from(whole, 2))
    assert (code, means(rest)) == (0, {2: means(whole)[2]}), printed
    for found in (whole, rest):
        assert (means(found, "size"), means(found, "last"), of("capture-gap", found)) == ({0: 12}, {7: 2, 8: 3}, [])


def test_killed_behind_its_last_epoch_it_has_the_digest_of_its_weights_all_the_same(tmp_path):
    whole, _, _ = served(tmp_path / "whole", TRAINING)
    rest, code, printed = served(tmp_path / "rest", TRAINING, resume=resume_from(whole, 3))
    assert (code, printed.strip()) == (0, "restored")
    assert of("done", rest)[0]["digest"] == of("done", whole)[0]["digest"] is not None
    assert losses(rest) == {}


EVALUATED = """    for batch in torch.utils.data.DataLoader(torch.ones(4, 4), batch_size=2):
        run.log(mean=float(model.eval()(batch).detach().mean()))
    print("restored\""""


@pytest.mark.parametrize("place", ["behind its last epoch", "behind its last batch"])
def test_killed_with_no_step_left_to_make_its_record_is_that_of_an_undisturbed_run(tmp_path, place):
    evaluated = TRAINING.replace('    print("restored"', EVALUATED)
    if place == "behind its last batch":
        # What is kept after the last batch is made a checkpoint as well.
        evaluated = evaluated.replace("state.batches()", "state.batches(every=3)").replace(
            "            late.step()\n", "            late.step()\n        if epoch == 2:\n            import shutil; shutil.copyfile(state._path, 'behind.pt')\n"
        )
    whole, code, printed = served(tmp_path / "whole", evaluated, cwd=tmp_path)
    assert (code, of("capture-gap", whole)) == (0, []), printed
    resume = resume_from(whole, 3)
    if place == "behind its last batch":
        resume["checkpointPath"] = str(tmp_path / "behind.pt")
    rest, code, printed = served(tmp_path / "rest", evaluated, resume=resume, cwd=tmp_path)
    assert (code, printed.strip(), losses(rest), of("capture-gap", rest)) == (0, "restored", {}, [])
    assert of("done", rest)[0]["digest"] == of("done", whole)[0]["digest"] is not None
    assert [event for event in of("metric", rest) if event["key"] == "mean"] == [event for event in of("metric", whole) if event["key"] == "mean"]


def test_code_that_was_changed_between_the_attempts_is_said(tmp_path):
    whole, _, _ = served(tmp_path / "whole", TRAINING)
    rest, code, _ = served(tmp_path / "rest", TRAINING.replace("square()", "abs()"), resume=resume_from(whole, 2))
    assert code == 0
    [gap] = of("capture-gap", rest)
    assert gap["what"] == "the code of the steps up to 6"
    assert gap["reason"].startswith("An attempt before made them with another train.py.")


def test_a_training_of_which_no_step_was_seen_is_told_so_in_its_last_attempt_too(tmp_path):
    unseen = TRAINING.replace("early.step()", "pass").replace("late.step()", "pass")
    whole, _, _ = served(tmp_path / "whole", unseen)
    evaluated = unseen.replace('    print("restored"', EVALUATED)
    rest, code, printed = served(tmp_path / "rest", evaluated, resume=resume_from(whole, 3))
    assert (code, printed.strip()) == (0, "restored")
    assert all("any step of an optimizer" in [gap["what"] for gap in of("capture-gap", found)] for found in (whole, rest))


def test_a_module_has_the_version_of_its_file_as_a_script_has(tmp_path):
    code = "print('no training')"
    for module in (None, "train"):
        found, _, printed = served(tmp_path / str(module), code, cwd=tmp_path, module=module)
        assert of("hello", found)[0]["version"] == hashlib.sha256(code.encode()).hexdigest()[:8], printed


def test_a_script_that_no_longer_calls_run_state_does_not_mix_two_trainings(tmp_path):
    whole, _, _ = served(tmp_path / "whole", TRAINING)
    without = TRAINING.replace("run.state(", "reprise.recorder.NoRun().state(")
    rest, code, _ = served(tmp_path / "rest", without, resume=resume_from(whole, 1))
    assert (code, losses(rest), of("done", rest)) == (1, {}, [])
    [error] = of("error", rest)
    assert error["kind"] == "user"
    assert error["message"].startswith("The program did not go on from its checkpoint after step 3")
    nothing, code, _ = served(tmp_path / "nothing", "print('no training')", resume=resume_from(whole, 2))
    assert (code, [event["kind"] for event in of("error", nothing)], of("done", nothing)) == (1, ["user"], [])


FIRST = {
    "steps": """    other = torch.nn.Linear(4, 1)
    warming = torch.optim.SGD(other.parameters(), lr=0.1)
    for _ in range(2):
        other(torch.ones(1, 4)).sum().backward()
        warming.step()
""",
    "values": "    for step in range(3):\n        run.log(mean=step, step=step)\n",
}


@pytest.mark.parametrize("first", FIRST)
def test_a_script_that_trains_before_its_state_has_no_checkpoint_that_its_next_attempt_would_end_at(tmp_path, first):
    early = TRAINING.replace("    state = run.state(", f"{FIRST[first]}    state = run.state(")
    whole, code, printed = served(tmp_path / "whole", early)
    assert (code, printed.strip(), of("checkpoint", whole), len(of("done", whole))) == (0, "from the beginning", [], 1)
    [gap] = of("capture-gap", whole)
    assert (gap["what"], gap["step"]) == ("checkpoints to go on from", 6 if first == "steps" else 3)
    without, _, _ = served(tmp_path / "without", early, every=None)
    assert of("capture-gap", without) == []
    # Before any step a value is one of the configuration.
    at_first, _, _ = served(tmp_path / "at-first", TRAINING.replace("    state = run.state(", "    run.log(size=12)\n    state = run.state("))
    assert len(of("checkpoint", at_first)) == 3


def test_a_checkpoint_that_is_gone_or_torn_is_said(tmp_path):
    whole, _, _ = served(tmp_path / "whole", TRAINING)
    at = resume_from(whole, 1)
    with open(at["checkpointPath"], "r+b") as file:
        file.truncate(os.path.getsize(at["checkpointPath"]) // 2)
    torn, code, printed = served(tmp_path / "torn", TRAINING, resume=at)
    assert (code, of("done", torn)) == (1, [])
    assert "cannot be read" in printed and "the run must begin anew" in printed
    os.remove(at["checkpointPath"])
    gone, code, _ = served(tmp_path / "gone", TRAINING, resume=at)
    assert (code, [event["kind"] for event in of("error", gone)]) == (1, ["infrastructure"])
