"""A callback for Keras, on any of its backends."""

from __future__ import annotations

from typing import Any

from keras.callbacks import Callback

from ..hooks.told import number
from ..trainer import digest_of
from . import begin


class RepriseCallback(Callback):  # type: ignore[misc]
    """
    Tells the run what Keras reports of every epoch, counted from 1, with a digest of all weights; the last is that of the run.

    Where no run has begun, one begins with the callback: `options` are those of `reprise.capture`.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self._run = begin(options)
        self._last: str | None = None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        values = {name: number(value) for name, value in (logs or {}).items()}
        self._run.log({name: value for name, value in values.items() if value is not None}, step=epoch + 1)
        self._last = self._digest()
        self._run.rung("epoch", epoch + 1, self._last)

    def on_train_end(self, logs: Any = None) -> None:
        if self._last is not None:
            self._run.final_weights(self._last)

    def _digest(self) -> str:
        weights = self.model.get_weights()
        names = [f"{index:04d}.{variable.path}" for index, variable in enumerate(self.model.weights)]
        return digest_of(dict(zip(names, weights)))
