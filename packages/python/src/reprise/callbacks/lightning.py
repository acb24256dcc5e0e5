"""A logger for Lightning, whichever of its two names is installed."""

from __future__ import annotations

import argparse
import os
from typing import Any

try:
    from lightning.pytorch.loggers import Logger
except ImportError:
    from pytorch_lightning.loggers import Logger  # type: ignore[assignment]

from ..hooks.told import flatten, number, told_metrics, told_parameters
from . import begin


class RepriseLogger(Logger):  # type: ignore[misc]
    """
    Tells the run what modules log (`self.log("val_loss", …)`), under these names and at Lightning's steps, and their
    hyperparameters as reported.

    Where no run has begun, one begins with the logger: `options` are those of `reprise.capture`. The seed is that of
    `seed_everything` where that was called before.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__()
        seed = os.environ.get("PL_GLOBAL_SEED")
        self._run = begin(options, **({} if seed is None else {"seed": int(seed)}))

    @property
    def name(self) -> str:
        return "reprise"

    @property
    def version(self) -> str:
        """The run's id."""
        return self._run.id

    @property
    def experiment(self) -> Any:
        """The run itself, as `reprise.run()` has it."""
        return self._run

    def log_metrics(self, metrics: dict[str, Any], step: int | None = None) -> None:
        # Lightning adds the epoch to whatever is logged.
        told_metrics("lightning", [(name, value) for name, value in metrics.items() if name != "epoch" and number(value) is not None], step)

    def log_hyperparams(self, params: Any, *args: Any, **kwargs: Any) -> None:
        given = vars(params) if isinstance(params, argparse.Namespace) else params
        told_parameters("lightning", flatten(given, "."), ".hparams")
