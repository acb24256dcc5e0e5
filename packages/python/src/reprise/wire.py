"""Values as they travel, and back."""

from __future__ import annotations

import datetime
import math
import urllib.parse
from typing import Any, Iterable, Mapping, Union

from .trainer import wire

NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}

# A sweep or run: its id, or the answer that has it.
Named = Union[str, Mapping[str, Any]]
# A datetime (one without a zone is meant in that of this machine), or ISO 8601 text with a zone.
Moment = Union[datetime.datetime, str]


def decode(value: Any) -> float | None:
    """The number behind its form on the wire; None stays None."""
    return None if value is None else NOT_FINITE[value] if isinstance(value, str) else float(value)


def finite(value: Any) -> Any:
    """One number on the wire, of Python, NumPy or a tensor."""
    return wire(float(value)) if not isinstance(value, float) or not math.isfinite(value) else value


def merged(argument: str, given: Any, named: Mapping[str, Any]) -> dict[str, Any]:
    """What was given as a dict and by keyword; a metric may be called as the argument for the dict is."""
    if given is None:
        return dict(named)
    return {**given, **named} if isinstance(given, dict) else {argument: given, **named}


def moment(value: Moment) -> str:
    """A time as the wire has it."""
    if isinstance(value, datetime.datetime):
        return (value if value.tzinfo else value.astimezone()).isoformat()
    return value


def id_of(thing: Named) -> str:
    return thing["id"] if isinstance(thing, Mapping) else str(thing)


def quoted(thing: Named) -> str:
    """An id as part of an address."""
    return urllib.parse.quote(id_of(thing), safe="")


def each(names: Iterable[str]) -> list[str]:
    """Names as one parameter each, so that they may hold commas."""
    given = list(names)
    return given * 2 if len(given) == 1 else given
