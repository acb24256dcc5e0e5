"""
What a program's own argument parser knows of its options, seen at the moment it parses.

A template names the options: `--lr {learningRate}` gives the hyperparameter `learningRate` the type, default, choices and
help of `--lr`. Which option stands for which placeholder argparse itself decides, by parsing the template.
"""

from __future__ import annotations

import argparse
import functools
import re
from typing import Any, Callable, Iterable, NamedTuple

from ..trainer import wire

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][\w.-]*)\}")
_PARSE = argparse.ArgumentParser.parse_known_args
_TYPES = {int: "integer", float: "number", str: "string", None: "string"}


class Place(NamedTuple):
    """Where a template puts a value: the option that takes it, as its whole value or as a part of one (`lr={lr}`)."""

    action: argparse.Action
    is_whole: bool = True


class UnknownOption(Exception):
    """A placeholder that no option of the parser takes."""


def placeholders(words: Iterable[str]) -> list[str]:
    """The names in braces, in their order, each once."""
    return list(dict.fromkeys(name for word in words for name in _PLACEHOLDER.findall(word.replace("{{", "").replace("}}", ""))))


def on_parse(callback: Callable[[argparse.ArgumentParser, Callable[[], Any], bool], Any]) -> None:
    """
    From now on `callback(parser, parse, is_whole)` is called in place of every parse that a program makes, and gives what
    `parse()` gives. `is_whole`: what the parser does not know is an error to the program, not left for another parser.
    """
    known, whole = argparse.ArgumentParser.parse_known_args, argparse.ArgumentParser.parse_args
    # Subparsers, and `parse_args` itself, parse within a parse.
    depth = {"calls": 0, "whole": 0}

    @functools.wraps(known)
    def parse_known_args(parser, *args, **kwargs):
        if depth["calls"]:
            return known(parser, *args, **kwargs)
        depth["calls"] += 1
        try:
            return callback(parser, lambda: known(parser, *args, **kwargs), depth["whole"] > 0)
        finally:
            depth["calls"] -= 1

    @functools.wraps(whole)
    def parse_args(parser, *args, **kwargs):
        depth["whole"] += 1
        try:
            return whole(parser, *args, **kwargs)
        finally:
            depth["whole"] -= 1

    argparse.ArgumentParser.parse_known_args = parse_known_args
    argparse.ArgumentParser.parse_args = parse_args


def actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """All options and arguments of a parser, those of its subcommands included."""
    found = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found += [inner for sub in action.choices.values() for inner in actions(sub)]
        elif not isinstance(action, (argparse._HelpAction, argparse._VersionAction)):
            found.append(action)
    return found


def places(parser: argparse.ArgumentParser, words: list[str]) -> dict[str, Place]:
    """Placeholder → its place, for the words of a template. Raises UnknownOption naming what none takes."""
    own = actions(parser)
    by_option = {option: action for action in own for option in action.option_strings}
    found: dict[str, Place] = {}
    rest: list[str] = []
    for index, word in enumerate(words):
        name = _PLACEHOLDER.fullmatch(word)
        option = by_option.get(rest[-1]) if name and rest else None
        if option is None:
            rest.append(word)
        elif option.nargs == 0:
            found[name[1]] = Place(option)
        else:
            is_last = index + 1 == len(words) or words[index + 1].startswith("-")
            # One list for an option of so many values.
            rest += [word] * (option.nargs if isinstance(option.nargs, int) and is_last else 1)
    by_name = {action.dest: action for action in own}
    for dest, value in _parsed_as_it_stands(parser, rest).items():
        items = [str(item) for item in (value if isinstance(value, list) else [value])]
        for name in placeholders(items):
            if dest in by_name:
                found.setdefault(name, Place(by_name[dest], all(item == f"{{{name}}}" for item in items)))
    missing = [name for name in placeholders(words) if name not in found]
    if missing:
        raise UnknownOption(f"its parser has no option that takes {', '.join('{' + name + '}' for name in missing)}")
    return found


def _parsed_as_it_stands(parser: argparse.ArgumentParser, words: list[str]) -> dict[str, Any]:
    """What the parser makes of these words where no value is converted, checked or missed."""
    kind = argparse.ArgumentParser
    kept = {name: getattr(kind, name) for name in ("_get_value", "_check_value", "error", "parse_known_args")}

    def refuse(_parser, message):
        raise UnknownOption(f"its parser says: {message}")

    kind._get_value = lambda _parser, _action, text: text
    kind._check_value = lambda _parser, _action, _value: None
    kind.error = refuse
    # No parse of the program: whoever watches those does not see it.
    kind.parse_known_args = _PARSE
    try:
        parsed, left = kind.parse_known_args(parser, words)
        if left:
            raise UnknownOption(f"its parser does not know {' '.join(left)}")
        return vars(parsed)
    finally:
        for name, function in kept.items():
            setattr(kind, name, function)


def _is_list(action: argparse.Action) -> bool:
    return action.nargs in ("+", "*") or isinstance(action, argparse._AppendAction) or (isinstance(action.nargs, int) and action.nargs > 0)


def _is_compared(place: Place) -> bool:
    """Whether what a program gets is the value that was given: a type of its own makes another thing of it."""
    action = place.action
    is_rest = action.nargs in (argparse.REMAINDER, argparse.PARSER)
    return place.is_whole and not is_rest and (action.nargs == 0 or action.type in _TYPES)


def hyperparameter(parser: argparse.ArgumentParser, place: Place) -> dict[str, Any]:
    """What stands at a place as a trainer announces a hyperparameter."""
    action = place.action
    if not place.is_whole or action.nargs in (argparse.REMAINDER, argparse.PARSER):
        return {"type": "any", "description": _help(parser, action), "default": None, "nullable": True}
    kind = "boolean" if action.nargs == 0 else _TYPES.get(action.type, "any")
    choices = list(action.choices) if action.choices is not None and action.nargs != 0 else []
    if _is_list(action):
        kind = {"integer": "integerList", "number": "numberList"}.get(kind, "any")
    default = _plain(used(action, action.default))
    said = [_help(parser, action)]
    if choices and kind != "string":
        said.append(f"One of {', '.join(map(str, choices))}.")
    if action.type is bool:
        kind = "string"
        said.append("Any text but an empty one is true.")
    announced = {"type": kind, "description": " ".join(filter(None, said)), "default": default, "nullable": default is None}
    if choices and kind == "string":
        announced["choices"] = [str(choice) for choice in choices]
    if _is_list(action) and isinstance(action.nargs, int) and kind != "any":
        announced.update(minimumItems=action.nargs, maximumItems=action.nargs)
    if action.required:
        announced["required"] = True
    return announced


def used(action: argparse.Action, value: Any) -> Any:
    """The value of an option as its hyperparameter: of a switch, whether it is on."""
    if isinstance(action, argparse._StoreConstAction):
        return value == action.const
    return value


def effective(place: Place, namespace: argparse.Namespace, given: Any) -> Any:
    """The value that a program got from its parser; `given` where it makes a thing of its own of that (None: nothing was)."""
    if not place.is_whole or (given is not None and not _is_compared(place)):
        return given
    return _plain(used(place.action, getattr(namespace, place.action.dest, None)))


def _plain(value: Any) -> Any:
    """A value of an option as JSON has it."""
    if value is argparse.SUPPRESS:
        return None
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return wire(value) if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def _help(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    if not action.help or action.help is argparse.SUPPRESS:
        return ""
    try:
        return parser._get_formatter()._expand_help(action)
    except (KeyError, TypeError, ValueError):
        return action.help
