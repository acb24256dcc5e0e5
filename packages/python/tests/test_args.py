import argparse

import pytest

from reprise.hooks.args import parameters, seed_of, watch, without
from reprise.hooks.patches import Patches


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--lr", "0.1", "--batch-size=32"], {"lr": 0.1, "batch_size": 32}),
        (["-b", "64", "--amp"], {"b": 64, "amp": True}),
        (["--shift", "-0.5", "--bound", "-1e3"], {"shift": -0.5, "bound": -1000.0}),
        (["--pretrained", "False", "--name", "resnet18"], {"pretrained": False, "name": "resnet18"}),
        (["data/train", "--epochs", "3"], {"args.0": "data/train", "epochs": 3}),
        (["--gpu", "0", "--gpu", "1"], {"gpu": [0, 1]}),
        (["--tokens", str(2**53)], {"tokens": str(2**53)}),
        (["--gamma", "nan"], {"gamma": "nan"}),
        (["--api-key", "sk-123", "--wandb_token=abc"], {"api_key": "hidden", "wandb_token": "hidden"}),
        ([], {}),
    ],
)
def test_words_are_parameters(words, expected):
    assert parameters(words) == expected


def test_a_configuration_file_is_known_by_its_content_and_its_seed_is_that_of_the_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "tiny.yaml"

    def named(content):
        file.write_text(content)
        return parameters(["--config", "tiny.yaml", "--out", "results.yaml"])

    first, reseeded, edited = named("lr: 0.1\nSEED: 3\n"), named("lr: 0.1\nSEED: 4  # the other\n"), named("lr: 0.2\nSEED: 3\n")
    assert first == {"config": "tiny.yaml", "config.sha256": first["config.sha256"], "out": "results.yaml", "seed": 3}
    assert reseeded == {**first, "seed": 4}
    assert edited["config.sha256"] != first["config.sha256"]
    # Two seeds are none, and the script's own option goes first.
    assert "seed" not in named("train:\n  seed: 1\nsplit:\n  seed: 2\n")
    assert seed_of(None, parameters(["--config", "tiny.yaml", "--seed", "9"])) == 9
    assert [named(f'{{"lr": 0.1, "layers": {"[1, 2]" * 100_000}}}').get("config.sha256")] == [None]
    # What can be read once, such as a named pipe, is the program's.
    (tmp_path / "device.yaml").symlink_to("/dev/null")
    assert parameters(["device.yaml"]) == {"args.0": "device.yaml"}
    file.write_text('{\n  "seed": 5,\n  "lr": 0.1\n}')
    assert seed_of(None, parameters(["tiny.yaml"])) == 5


def test_words_that_are_no_hyperparameters_are_left_out_by_name():
    found = {"lr": 0.1, "config": "a.yaml", "config.sha256": "12", "out": "results/3"}
    assert without(found, ["config", "out"]) == ({"lr": 0.1}, {"config": "a.yaml", "config.sha256": "12", "out": "results/3"})
    assert without(found, []) == (found, {})
    with pytest.raises(ValueError, match="'output' cannot be ignored: the words of the script are lr, config, config.sha256, out"):
        without(found, ["output"])


def test_what_the_parser_of_the_script_answers_is_told_defaults_included():
    told = {}
    patches = Patches()
    watch(lambda step, name, value, where: told.setdefault(name, (value, where.rsplit("/", 1)[-1].split(":")[0])), None, patches)
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--layers", type=int, nargs="*", default=[64, 32])
    parser.add_argument("--api-key", default="mine")
    parser.parse_args(["--lr", "0.2"])
    parser.parse_args(["--lr", "0.3"])
    patches.remove()
    file = "test_args.py"
    assert told == {"args.lr": (0.2, file), "args.layers": ("[64, 32]", file), "args.api_key": ("hidden", file)}
