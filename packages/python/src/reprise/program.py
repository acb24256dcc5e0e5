"""A program that knows nothing of Reprise, run in this process: a script with its arguments, or a module (`-m train`)."""

from __future__ import annotations

import argparse
import os
import runpy
import sys


class _Module(argparse.Action):
    """`-m NAME …`: all that stands behind it is the program's, in place of a script with its arguments (`const`)."""

    def __call__(self, parser, namespace, values, option_string=None):
        script, arguments = self.const
        script.required = arguments.required = False
        namespace.script, namespace.arguments = option_string, values


def take(parser: argparse.ArgumentParser) -> None:
    """Makes a parser take a program behind its options, as `python` does: see `parse`."""
    script = parser.add_argument("script", help="the training script")
    arguments = parser.add_argument("arguments", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    parser.add_argument("-m", action=_Module, const=(script, arguments), nargs=argparse.REMAINDER, help="a module in place of a script, with its arguments")


def parse(parser: argparse.ArgumentParser, words: list[str]) -> tuple[argparse.Namespace, Program]:
    """The options of a parser that takes a program, and the program."""
    start = words.index("-m") + 1 if "-m" in words else len(words)
    # All these are the program's: argparse would end them at `--`, and look for options of its own among them. No word has a NUL.
    options = parser.parse_args([*words[:start], *(f"\0{word}" for word in words[start:])])
    return options, Program([options.script, *(word.lstrip("\0") for word in options.arguments)])


class Program:
    """`words` as behind `python`: `train.py --lr 0.1` or `-m train --lr 0.1`."""

    def __init__(self, words: list[str]) -> None:
        is_module = words[:1] == ["-m"] and len(words) > 1
        self.module = words[1] if is_module else None
        # The file of a module is known when it runs.
        self.file = None if is_module else words[0]
        # How it is named behind `python`.
        self.words = words[: 1 + is_module]
        self.arguments = words[1 + is_module :]
        self.name = words[1] if is_module else os.path.basename(words[0])

    def is_there(self) -> bool:
        """Whether its file is there; of a module, that is seen when it runs."""
        return self.file is None or os.path.isfile(self.file)

    def source(self) -> str | None:
        """The file whose lines are its own: of a module where that lies below the working directory, else None."""
        if self.module is None:
            return self.file
        path = os.path.join(os.getcwd(), *self.module.split("."))
        return next(filter(os.path.isfile, (f"{path}.py", os.path.join(path, "__main__.py"))), None)

    def code(self) -> tuple[str | None, str | None]:
        """Its file, and the folder that its imports begin in where that is not the file's: of a module the working directory."""
        return self.source(), None if self.module is None else os.getcwd()

    def run(self) -> None:
        """Runs it as `python` does: it is the main module, and finds what lies beside it."""
        if self.file is not None:
            sys.argv = [self.file, *self.arguments]
            sys.path[0] = os.path.dirname(os.path.abspath(self.file))
            runpy.run_path(self.file, run_name="__main__")
        else:
            sys.argv = [self.name, *self.arguments]
            sys.path[0] = os.getcwd()
            runpy.run_module(self.module, run_name="__main__", alter_sys=True)

    def run_as(self, recorder) -> None:
        """Runs it as the run of `recorder`, which ends as the program does; what it raises is raised."""
        source = self.source()
        try:
            self.run()
        except SystemExit as error:
            if error.code in (None, 0):
                recorder.finish()
            else:
                recorder.finish("failed", f"The script ended with exit code {error.code}.")
            raise
        except BaseException as error:
            recorder.failed(error, source)
            raise
        recorder.finish()
