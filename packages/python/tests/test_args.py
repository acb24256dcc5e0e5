import pytest

from reprise.hooks.args import parameters


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
