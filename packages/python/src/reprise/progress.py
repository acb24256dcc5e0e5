"""A bar of runs that have ended, through tqdm where it is installed."""

from __future__ import annotations

import contextlib
import sys
from typing import Any, Callable, Iterator, Mapping


def is_notebook() -> bool:
    return "ipykernel" in sys.modules


@contextlib.contextmanager
def bar(sweep: Mapping[str, Any], shows: bool) -> Iterator[Callable[[Mapping[str, Any]], None]]:
    """What is to be called with the sweep whenever it was looked at; without a bar it does nothing."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        tqdm = None
    if tqdm is None or not shows:
        yield lambda now: None
        return
    with tqdm(total=sweep["totalRuns"], desc=sweep["name"], unit="run") as shown:

        def advance(now: Mapping[str, Any]) -> None:
            counts = now["runCounts"]
            shown.total = now["totalRuns"]
            # However they ended.
            shown.n = sum(counts.values()) - counts["queued"] - counts["running"]
            shown.set_postfix_str(now["status"], refresh=True)

        yield advance
