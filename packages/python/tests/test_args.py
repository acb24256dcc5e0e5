import argparse

import pytest

from reprise.hooks.args import parameters, watch
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
