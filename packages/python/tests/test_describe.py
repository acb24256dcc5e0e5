import json
import os
import subprocess
import sys
import textwrap

import pytest

SOURCE = os.path.join(os.path.dirname(__file__), "..", "src")


@pytest.fixture
def describe(tmp_path):
    """`python -m reprise describe` of a program of these lines, with these words."""

    def ask(lines, *words, **files):
        for name, text in {"train": lines, **files}.items():
            (tmp_path / f"{name}.py").write_text(textwrap.dedent(text))
        command = [sys.executable, "-m", "reprise", "describe", "--seconds", "1", "train.py", *words]
        environment = {**os.environ, "PYTHONPATH": os.path.abspath(SOURCE)}
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)

    return ask


PARSING = """
    import argparse
    print("a program that prints")
    parser = argparse.ArgumentParser(description="A training.")
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--data", required=True)
    {before}
    options = parser.parse_args()
    open("trained", "w").close()
"""


def test_tells_what_the_template_names_and_runs_nothing_behind_the_parse(describe, tmp_path):
    answer = describe(PARSING.format(before=""), "--lr", "{learningRate}", "--data", "images")
    described = json.loads(answer.stdout)
    assert (described["name"], described["description"]) == ("train", "A training.")
    assert described["hyperparameters"] == {
        "learningRate": {"type": "number", "description": "", "default": 0.1, "nullable": False}
    }
    assert "a program that prints" in answer.stderr
    assert not (tmp_path / "trained").exists()


def test_without_placeholders_all_options_are_told(describe):
    described = json.loads(describe(PARSING.format(before="")).stdout)
    assert list(described["hyperparameters"]) == ["lr", "data"]
    assert described["hyperparameters"]["data"]["required"] is True


def test_a_parser_for_a_part_of_the_words_is_passed_over(describe):
    lines = """
        import argparse
        first = argparse.ArgumentParser(add_help=False)
        first.add_argument("--config")
        _, rest = first.parse_known_args()
        second = argparse.ArgumentParser()
        second.add_argument("--epochs", type=int, default=3)
        second.parse_args(rest)
    """
    for words in ([], ["--epochs", "{epochs}"]):
        assert json.loads(describe(lines, *words).stdout)["hyperparameters"]["epochs"]["type"] == "integer"


@pytest.mark.parametrize(
    ("lines", "words", "said"),
    [
        (PARSING.format(before=""), ["--lr", "{lr}"], "the following arguments are required: --data"),
        (PARSING.format(before=""), ["--data", "x", "--rate", "{lr}"], "its parser does not know --rate {lr}"),
        ("import time\ntime.sleep(60)", [], "it parsed no arguments with argparse in 1 s after its imports"),
        ("raise SystemExit('no GPU')", [], "no GPU"),
        ("import nothing_of_this_name", ["{x}"], "ModuleNotFoundError"),
        ("print('done')", [], "it ended without parsing its arguments"),
    ],
)
def test_what_keeps_a_program_from_being_described_is_said(describe, lines, words, said):
    answer = describe(lines, *words)
    assert answer.returncode != 0
    assert answer.stdout == ""
    assert said in answer.stderr


def test_imports_do_not_count(describe):
    answer = describe("import slow\n" + textwrap.dedent(PARSING.format(before="")), slow="import time\ntime.sleep(1.5)")
    assert json.loads(answer.stdout)["hyperparameters"].keys() == {"lr", "data"}


def test_a_program_without_a_parser_takes_its_placeholders_as_they_are(describe):
    described = json.loads(describe("print('no parser')", "{lr}").stdout)
    assert described["hyperparameters"]["lr"]["type"] == "any"


def test_a_training_in_pytorch_that_parses_nothing_is_not_trained(describe, tmp_path):
    pytest.importorskip("torch")
    lines = """
        import torch
        weight = torch.zeros(1, requires_grad=True)
        (weight ** 2).backward()
        open("trained", "w").close()
    """
    assert "it began to train without parsing" in describe(lines).stderr
    assert not (tmp_path / "trained").exists()
