"""A callback for the Trainer of Hugging Face's transformers."""

from __future__ import annotations

import dataclasses
from typing import Any

from transformers import TrainerCallback

from ..hooks.told import number, told_metrics, told_parameters
from ..recorder import Recorder
from . import begin

# Of what the Trainer reports beside results: where it is, how fast, and with which learning rate.
BESIDE_RESULTS = ("epoch", "learning_rate", "total_flos", "step")
SPEEDS = ("_runtime", "_per_second", "_jit_compilation_time")


class RepriseCallback(TrainerCallback):  # type: ignore[misc]
    """
    Tells the run losses and evaluations under the names that the Trainer gives them in its own integrations
    (`train/loss`, `eval/accuracy`), at its global step, and the training arguments that are not the default.

    Where no run has begun, one begins with the Trainer: `options` are those of `reprise.capture`, and the seed is that of
    the training arguments unless it is given.
    """

    def __init__(self, **options: Any) -> None:
        self._options = options
        self._run: Recorder | None = None

    def on_init_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self._run is not None:
            return
        self._run = begin(self._options, seed=args.seed)
        told_parameters("huggingface", _chosen(args), ".args")

    # A callback that is added later hears nothing of the beginning.
    on_train_begin = on_init_end

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
        results = {}
        for name, value in (logs or {}).items():
            plain = number(value)
            is_result = name not in BESIDE_RESULTS and not name.endswith(SPEEDS)
            if plain is not None and is_result:
                results[_named(name)] = plain
        if results and self._run is not None:
            told_metrics("huggingface", results.items(), state.global_step)


def _named(name: str) -> str:
    """`eval_loss` is `eval/loss`, and what has no such beginning is of training."""
    for part in ("eval", "test"):
        if name.startswith(f"{part}_"):
            return f"{part}/{name[len(part) + 1 :]}"
    return f"train/{name}"


def _chosen(args: Any) -> list[tuple[str, Any]]:
    """Training arguments that are not as they would be by themselves."""
    chosen = []
    for field in dataclasses.fields(args):
        if not field.init or field.name.endswith("_dir") or "token" in field.name:
            continue
        value = getattr(args, field.name)
        is_default = field.default is not dataclasses.MISSING and value == field.default
        if not is_default and isinstance(value, (bool, int, float, str)):
            chosen.append((field.name, value))
    return chosen
