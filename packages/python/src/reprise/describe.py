"""
`python -m reprise describe train.py`: what a training program takes, from its own argument parser, without training.

The program runs up to the moment at which it parses its arguments, and ends there.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
from typing import Any

from . import crash
from .environment import version
from .hooks import parsers
from .hooks.imports import after
from .program import Program, parse, take

_OTHERWISE = "If it reads its command line otherwise, set `describe: false` for this trainer in the worker's file."


def _is_importing(thread: int) -> bool:
    frame = sys._current_frames().get(thread)
    while frame is not None and frame.f_code.co_filename != "<frozen importlib._bootstrap>":
        frame = frame.f_back
    return frame is not None


def _limit(seconds: float, message: str) -> None:
    """Ends the process when it has run for so many seconds beside its imports, which take as long as they take."""
    main = threading.get_ident()

    def watch() -> None:
        spent, last = 0.0, time.monotonic()
        while spent < seconds:
            time.sleep(0.05)
            now = time.monotonic()
            if not _is_importing(main):
                spent += now - last
            last = now
        os.write(2, f"{message}\n".encode())
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _capabilities(program: Program, description: str, hyperparameters: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": program.name.rsplit(".", 1)[0],
        "version": version(program.source()),
        "description": description,
        "tasks": ["classification", "contrastive"],
        "backends": ["cpu"],
        "deviceClass": "cpu",
        "summationOrders": ["fixed", "free"],
        "hyperparameters": hyperparameters,
        "metrics": [],
        "datasets": [],
        "replay": False,
        "resume": False,
        "nondeterminismSource": None,
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m reprise describe",
        description="Prints what a training program takes, as JSON, from its own argument parser. Nothing is trained. "
        "Options may have placeholders (--lr {learningRate}): then these alone are told, under their names.",
    )
    parser.add_argument("--seconds", type=float, default=60.0, help="how long it may take until its first parse, not counting imports")
    take(parser)
    return parser


def describe(words: list[str]) -> None:
    """Describes a program, and ends this process: with 0 where that could be done."""
    options, program = parse(_parser(), words)
    if not program.is_there():
        sys.exit(f"python -m reprise describe: there is no file {program.file}")
    asked = parsers.placeholders(program.arguments)
    # What the program prints is no part of the answer.
    answer = os.dup(1)
    os.dup2(2, 1)

    def tell(description: str, hyperparameters: dict[str, Any]) -> None:
        text = json.dumps(_capabilities(program, description, hyperparameters), allow_nan=False, indent=2)
        with open(answer, "w", encoding="utf-8", closefd=False) as file:
            file.write(text + "\n")
        # At once: nothing that stands behind the parse runs, not even what the program does when it ends.
        os._exit(0)

    def fail(message: str) -> None:
        os.write(2, f"{program.name}: {message}\n".encode())
        os._exit(2)

    def without_parser(what: str) -> None:
        if not asked:
            fail(f"{what} without parsing its arguments with argparse, so nothing is known about them.")
        anything = {"type": "any", "description": "", "default": None, "nullable": True}
        tell("Its command line is not argparse's: any value is handed over as it is.", {name: anything for name in asked})

    def at_parse(parser: argparse.ArgumentParser, parse: Any, is_whole: bool) -> Any:
        # A parser that takes a part of the words, and leaves the rest to another.
        if not asked and not is_whole and not parser.add_help:
            return parse()
        try:
            places = parsers.places(parser, program.arguments) if asked else {it.dest: parsers.Place(it) for it in parsers.actions(parser)}
        except parsers.UnknownOption as error:
            if is_whole:
                fail(f"{error}.")
            return parse()
        tell(parser.description or "", {name: parsers.hyperparameter(parser, place) for name, place in places.items()})

    def with_torch(torch: Any) -> None:
        from torch.optim.optimizer import register_optimizer_step_pre_hook

        register_optimizer_step_pre_hook(lambda *_: without_parser("it began to train"))
        torch.Tensor.backward = lambda *_, **__: without_parser("it began to train")

    parsers.on_parse(at_parse)
    after("torch", with_torch)
    late = f"{program.name}: it parsed no arguments with argparse in {options.seconds:g} s after its imports. {_OTHERWISE}"
    _limit(options.seconds, late)
    try:
        program.run()
    except SystemExit as error:
        if error.code not in (None, 0):
            if isinstance(error.code, str):
                os.write(2, f"{error.code}\n".encode())
            fail(f"it ended with exit code {error.code if isinstance(error.code, int) else 1} before it parsed its arguments with argparse. {_OTHERWISE}")
    except Exception as error:
        os.write(2, ("\n".join(crash.last_lines(error, program.source())) + "\n").encode())
        os._exit(1)
    without_parser("it ended")
