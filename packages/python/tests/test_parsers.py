import argparse
import pathlib

import pytest

from reprise.hooks import parsers


def parser():
    made = argparse.ArgumentParser(description="A training.")
    made.add_argument("data", nargs="?", default="data")
    made.add_argument("-b", "--batch-size", type=int, default=32, help="of %(type)s, by default %(default)s")
    made.add_argument("--lr", "--learning-rate", type=float, default=0.1, dest="rate")
    made.add_argument("--optimizer", default="sgd", choices=["sgd", "adam"])
    made.add_argument("--depth", type=int, choices=[8, 20], default=8)
    made.add_argument("--hidden", type=int, nargs="+", default=[64, 64])
    made.add_argument("--size", type=int, nargs=2, default=(32, 32))
    made.add_argument("--amsgrad", action="store_true")
    made.add_argument("--no-norm", action="store_false", dest="norm")
    made.add_argument("--out", type=pathlib.Path, default=pathlib.Path("out"))
    made.add_argument("--flip", type=bool, default=True)
    return made


def announced(*words):
    made = parser()
    return {name: parsers.hyperparameter(made, place) for name, place in parsers.places(made, list(words)).items()}


@pytest.mark.parametrize(
    ("words", "name", "expected"),
    [
        (["--lr", "{lr}"], "lr", {"type": "number", "default": 0.1}),
        (["--learning-rate={lr}"], "lr", {"type": "number", "default": 0.1}),
        (["--learning", "{lr}"], "lr", {"type": "number", "default": 0.1}),
        (["-b", "{batchSize}"], "batchSize", {"type": "integer", "default": 32, "description": "of int, by default 32"}),
        (["--optimizer", "{o}"], "o", {"type": "string", "choices": ["sgd", "adam"], "default": "sgd"}),
        (["--depth", "{depth}"], "depth", {"type": "integer", "description": "One of 8, 20."}),
        (["--hidden", "{units}"], "units", {"type": "integerList", "default": [64, 64]}),
        (["--size", "{size}"], "size", {"type": "integerList", "minimumItems": 2, "maximumItems": 2, "default": [32, 32]}),
        (["--amsgrad", "{amsgrad}"], "amsgrad", {"type": "boolean", "default": False}),
        (["--no-norm", "{noNorm}"], "noNorm", {"type": "boolean", "default": False}),
        (["--out", "{out}"], "out", {"type": "any", "default": "out"}),
        (["--flip", "{flip}"], "flip", {"type": "string", "description": "Any text but an empty one is true."}),
        (["{data}"], "data", {"type": "string", "default": "data"}),
    ],
)
def test_a_placeholder_is_what_the_option_that_takes_it_is(words, name, expected):
    found = announced(*words)
    assert list(found) == [name]
    assert {key: found[name][key] for key in expected} == expected


def test_what_no_option_takes_is_named():
    with pytest.raises(parsers.UnknownOption, match=r"does not know --lrr"):
        parsers.places(parser(), ["--lrr", "{x}", "--lr", "{lr}"])


def test_a_program_gets_what_it_was_given_and_of_a_switch_whether_it_is_on():
    made = parser()
    words = ["--lr", "{lr}", "--no-norm", "{noNorm}", "--out", "{out}", "--hidden", "{hidden}"]
    places = parsers.places(made, words)
    namespace = made.parse_args(["--lr", "1", "--no-norm", "--out", "there", "--hidden", "8", "4"])
    given = {"lr": 1, "noNorm": True, "out": "there", "hidden": [8, 4]}
    assert {name: parsers.effective(places[name], namespace, given[name]) for name in places} == given
    unset = made.parse_args([])
    assert {name: parsers.effective(places[name], unset, None) for name in places} == {
        "lr": 0.1,
        "noNorm": False,
        "out": "out",
        "hidden": [64, 64],
    }


def test_of_a_part_of_an_option_only_what_was_given_is_known():
    made = argparse.ArgumentParser()
    made.add_argument("overrides", nargs="*", help="any of them")
    made.add_argument("rest", nargs=argparse.REMAINDER)
    places = parsers.places(made, ["lr={lr}", "epochs={epochs}"])
    assert parsers.hyperparameter(made, places["lr"])["type"] == "any"
    namespace = made.parse_args(["lr=0.1", "epochs=3"])
    assert [parsers.effective(places[name], namespace, given) for name, given in (("lr", 0.1), ("epochs", None))] == [0.1, None]


def test_options_of_subcommands_are_found():
    made = argparse.ArgumentParser()
    sub = made.add_subparsers(dest="what").add_parser("train")
    sub.add_argument("--epochs", type=int, default=3)
    places = parsers.places(made, ["train", "--epochs", "{epochs}"])
    assert parsers.hyperparameter(made, places["epochs"])["type"] == "integer"
