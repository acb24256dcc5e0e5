"""
What a training in PyTorch goes on from after it was stopped: weights, optimizer, schedule, random states, place in the data.

Resumed, it makes the bits that it would have made undisturbed: random states are those of the moment, and batches of an
epoch that had been begun are drawn again and passed over, so that workers of a loader are where they were.
"""

from __future__ import annotations

import os
import random
import sys
from typing import TYPE_CHECKING, Any, Iterable, Iterator, Mapping

from .environment import sources
from .trainer import digest_of

if TYPE_CHECKING:
    from .recorder import Recorder

FILE = "state.pt"


class State:
    """
    The state of one run; see `Recorder.state`. `restored` says whether there was one to go on from, and `epoch` the number
    of whole epochs that it has behind it.
    """

    def __init__(self, recorder: Recorder | None, parts: Mapping[str, Any], loader: Any = None) -> None:
        self._parts = dict(_named(parts))
        self._loader = loader
        self._recorder = recorder
        self._path = None if recorder is None else os.path.join(recorder.spool.path, _file_of(recorder.rank))
        self._batch = 0
        self._pass_began: dict[str, Any] | None = None
        self._epoch_began: dict[str, Any] | None = None
        self._at_save: dict[str, Any] | None = None
        # Passes over data before this epoch: those of one that had been begun are made again.
        self._passes: int | None = None
        self._stepped: list[str] = []
        self._is_kept = False
        self._is_last = False
        # As they are when they are imported: a file that is edited later changes nothing of this process.
        self._sources = {} if recorder is None else sources()
        self.epoch = 0
        self.restored = False
        if getattr(loader, "persistent_workers", False) and recorder is not None:
            recorder.gap("random states of loader workers", "persistent_workers keeps them over epochs, where nothing can read them.")
        if recorder is not None and self._path is not None and os.path.exists(self._path):
            self._restore(recorder, self._path)
            self.restored = True
        elif recorder is not None and recorder.rank > 0 and recorder.spool.attempt > 0:
            _expect_place(os.path.join(recorder.spool.path, FILE), {"epoch": 0, "batch": 0}, recorder.rank)

    def epochs(self, count: int, every: int = 1) -> Iterator[int]:
        """
        Epochs that are still to be trained, counted from 0, in place of `range(count)`. After each the run has a digest of
        the weights, and after every `every`-th the state is kept. A sampler with `set_epoch` is told the epoch.
        """
        # What the program has drawn since state() was drawn before the first epoch as well.
        self._set_random_states(self._epoch_began if self._batch else self._at_save)
        if self.epoch >= count:
            self._trained_before()
        for epoch in range(self.epoch, count):
            self.epoch = epoch
            self._is_last = epoch + 1 == count
            set_epoch = getattr(getattr(self._loader, "sampler", None), "set_epoch", None)
            if set_epoch is not None:
                set_epoch(epoch)
            if self._batch == 0:
                self._epoch_began = self._random_states()
                self._passes = None if self._recorder is None else self._recorder.place()[0]
            yield epoch
            self.epoch = epoch + 1
            self._batch = 0
            self._end_epoch(keeps=self.epoch % every == 0)

    def batches(self, loader: Iterable[Any] | None = None, every: int | None = None) -> Iterator[Any]:
        """
        Batches of the epoch that are still to be trained, in place of the loader (default: that given to `state`). The
        state is kept after every `every`-th batch; default: only after the epoch.
        """
        passed = self._batch
        if self._pass_began is not None and passed:
            self._set_random_states(self._pass_began)
        self._pass_began = self._random_states()
        has_more = False
        for index, batch in enumerate(self._loader if loader is None else loader, 1):
            if index < passed:
                continue
            if index == passed:
                # The next batch is drawn from here on.
                self._set_random_states(self._at_save)
                continue
            has_more = True
            yield batch
            self._batch = index
            _stop_where_told(self.epoch, index)
            if every is not None and index % every == 0:
                self.save()
        if self._is_last and not has_more:
            # It was kept after the last batch of all.
            self._trained_before()

    def _trained_before(self) -> None:
        """Where an attempt before has made all steps, none will show which weights are the final ones."""
        if self.restored and self._recorder is not None and self._recorder.steps == self._recorder.steps_before:
            self._recorder.trained_before([self._parts[name] for name in self._stepped if name in self._parts])

    def save(self) -> None:
        """Keeps the state now. The file is replaced as a whole: a process that is killed leaves the state before."""
        if self._recorder is None or self._path is None or self._recorder.ended:
            return
        import torch

        from .hooks import loggers

        passes, optimizers = self._recorder.place()
        document = {
            "parts": {name: part.state_dict() for name, part in self._parts.items()},
            "random": self._random_states(),
            "epochBegan": self._epoch_began,
            "passBegan": self._pass_began if self._batch else None,
            "epoch": self.epoch,
            "batch": self._batch,
            "steps": self._recorder.steps,
            "passes": self._passes if self._batch and self._passes is not None else passes,
            "stepped": self._order_of_steps(optimizers),
            "wandb": loggers.wandb_step(),
            "sources": self._sources,
        }
        draft = f"{self._path}.{os.getpid()}"
        try:
            with open(draft, "wb") as file:
                torch.save(document, file)
                file.flush()
                os.fsync(file.fileno())
            if not self._is_kept:
                # What cannot be read again is no state to resume from; the first one shows it.
                torch.load(draft, map_location="cpu", weights_only=True)
            os.replace(draft, self._path)
            self._is_kept = True
            if self._batch == 0:
                self._recorder.kept(self._path, self.epoch)
        except Exception as error:
            if os.path.exists(draft):
                os.unlink(draft)
            self._recorder.gap("a state to resume from", f"it cannot be kept: {error}")

    def _end_epoch(self, keeps: bool) -> None:
        if self._recorder is None:
            return
        weights = {
            name if len(self._modules()) == 1 else f"{part}.{name}": value
            for part, module in self._modules().items()
            for name, value in module.state_dict().items()
        }
        if weights:
            self._recorder.rung("epoch", self.epoch, digest_of(weights))
        if keeps:
            self.save()
        _stop_where_told(self.epoch, 0)

    def _modules(self) -> dict[str, Any]:
        torch = sys.modules.get("torch")
        return {} if torch is None else {name: part for name, part in self._parts.items() if isinstance(part, torch.nn.Module)}

    def _restore(self, recorder: Recorder, path: str) -> None:
        import torch

        from .hooks import loggers

        try:
            document = torch.load(path, map_location="cpu", weights_only=True)
        except Exception as error:
            raise ValueError(f"The state kept in {path} cannot be read ({error}): the run must begin anew.") from error
        missing = sorted(set(document["parts"]) ^ set(self._parts))
        if missing:
            raise ValueError(
                f"state() was given {', '.join(self._parts)}; the state kept in {path} is of {', '.join(document['parts'])}. "
                f"Give the same parts, or begin a new run without resume."
            )
        for name, part in self._parts.items():
            part.load_state_dict(document["parts"][name])
        self.epoch, self._batch = document["epoch"], document["batch"]
        self._pass_began, self._epoch_began = document["passBegan"], document["epochBegan"]
        if recorder.rank > 0:
            _expect_place(os.path.join(os.path.dirname(path), FILE), document, recorder.rank)
        self._at_save = document["random"]
        # An epoch that had been begun begins again, up to the batch that is next.
        self._set_random_states(self._epoch_began if self._batch else self._at_save)
        # States that an earlier version kept have none of the rest.
        self._passes = document.get("passes", 0)
        recorder.go_on(document["steps"], self._passes)
        loggers.wandb_goes_on(document.get("wandb", 0))
        self._stepped = document.get("stepped", [])
        self._compare_sources(recorder, document.get("sources", {}))

    def _order_of_steps(self, optimizers: list[Any]) -> list[str]:
        """Names of the parts that are optimizers, in the order of their first steps."""
        stepped = [name for one in optimizers for name, part in self._parts.items() if part is one]
        return [*stepped, *(name for name in self._stepped if name not in stepped)]

    def _compare_sources(self, recorder: Recorder, before: Mapping[str, str]) -> None:
        """Says where the steps until now were made by another code: what the run's environment names made only the later ones."""
        changed = [name for name, digest in before.items() if self._sources.get(name, digest) != digest]
        if changed:
            recorder.gap(
                f"the code of the steps up to {recorder.steps}",
                f"An attempt before made them with another {', '.join(sorted(changed))}. Environment and commit are of the attempt that goes on.",
            )

    def _generators(self) -> dict[str, Any]:
        """Generators of the loader's own, by name."""
        owners = {"loader": self._loader, "sampler": getattr(self._loader, "sampler", None)}
        found = {name: getattr(owner, "generator", None) for name, owner in owners.items()}
        return {name: generator for name, generator in found.items() if generator is not None}

    def _random_states(self) -> dict[str, Any]:
        states: dict[str, Any] = {"python": random.getstate()}
        numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
        if numpy is not None:
            kind, words, *rest = numpy.random.get_state()
            states["numpy"] = (kind, words.tolist(), *rest)
        if torch is not None:
            states["torch"] = torch.get_rng_state()
            if torch.cuda.is_available() and torch.cuda.is_initialized():
                states["cuda"] = torch.cuda.get_rng_state_all()
            states["generators"] = {name: generator.get_state() for name, generator in self._generators().items()}
        return states

    def _set_random_states(self, states: Mapping[str, Any] | None) -> None:
        if states is None:
            return
        version, words, gauss = states["python"]
        random.setstate((version, tuple(words), gauss))
        if "numpy" in states:
            import numpy

            kind, words, *rest = states["numpy"]
            numpy.random.set_state((kind, numpy.array(words, dtype="uint32"), *rest))
        if "torch" in states:
            import torch

            torch.set_rng_state(states["torch"])
            if "cuda" in states:
                torch.cuda.set_rng_state_all(states["cuda"])
            for name, generator in self._generators().items():
                generator.set_state(states["generators"][name])


def _file_of(rank: int) -> str:
    """Processes of one run have random states of their own."""
    return FILE if rank == 0 else f"state-{rank}.pt"


def _expect_place(path: str, own: Mapping[str, Any], rank: int) -> None:
    """Raises ValueError where rank 0 was stopped with another place kept: together the two would be no training."""
    import torch

    first = torch.load(path, map_location="cpu", weights_only=True) if os.path.exists(path) else {"epoch": 0, "batch": 0}
    places = [f"epoch {one['epoch']}, batch {one['batch']}" for one in (first, own)]
    if places[0] != places[1]:
        raise ValueError(
            f"The processes were stopped while they kept their states: rank 0 at {places[0]}, rank {rank} at {places[1]}. "
            "This run cannot be resumed; begin another."
        )


def _named(parts: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each part under one name; of a list `optimizer.0`, `optimizer.1`. None is left out."""
    for name, part in parts.items():
        several = isinstance(part, (list, tuple))
        for place, one in enumerate(part if several else [part]):
            if one is None:
                continue
            if not (hasattr(one, "state_dict") and hasattr(one, "load_state_dict")):
                raise TypeError(f"{name} is a {type(one).__name__}: a part of a state has state_dict() and load_state_dict().")
            yield (f"{name}.{place}" if several else name), one


def _stop_where_told(epoch: int, batch: int) -> None:
    """Under `python -m reprise check-resume` the process is killed at a place that REPRISE_KILL_AT names."""
    if os.environ.get("REPRISE_KILL_AT") == f"{epoch}:{batch}":
        import signal

        os.kill(os.getpid(), signal.SIGKILL)
