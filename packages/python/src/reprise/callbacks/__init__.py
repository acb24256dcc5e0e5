"""Callbacks of training frameworks: each tells the run of this process what its framework reports, and begins one where there is none."""

from __future__ import annotations

from typing import Any, Mapping

from ..capture import capture
from ..recorder import Recorder, current


def begin(options: Mapping[str, Any], **defaults: Any) -> Recorder:
    """The run of this process, or a new one by `capture(**options)`; `defaults` are what the framework knows of it."""
    run = current()
    if isinstance(run, Recorder) and not run.ended:
        return run
    return capture(**{**defaults, **options})
