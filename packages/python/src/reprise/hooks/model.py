"""The models behind the optimizers, found by their parameters among everything that lives in the process."""

import gc
import hashlib
import operator
import os

from .stage import Stage

_version = operator.attrgetter("_version")
# Each search goes over all objects of the process, which takes a tenth of a second: for the optimizers of a training, not for
# one that every case has. What later ones change is told without its modules.
SEARCHES = 32


class Model:
    """
    What the optimizers of a process change, by stages: models whose optimizers take turns are of one stage, that of an optimizer
    which comes later is of the next one, as in cross-validation. No model is kept alive: of one that is gone its digest is
    kept, and nothing else. `gap(what, why)` hears where that fails; without it nothing is kept.
    """

    def __init__(self, torch, gap=None):
        self._torch = torch
        self._gap = gap
        self._process = os.getpid()
        self._stages = []
        self._searches = 0
        self._optimised = None
        # The last one that was made.
        self.step = 0

    def __bool__(self):
        return bool(self._stages)

    def follow(self, optimizer, takes_turns):
        """The stages of what `optimizer` changes, which has made its first step: in turns with those before it, or after them."""
        return self._take([one for group in optimizer.param_groups for one in group["params"]], optimizer, takes_turns)

    def follow_module(self, module):
        """The stages of a module that the program names, where no optimizer tells of it."""
        return self._take(list(module.parameters()), module, False)

    def _take(self, parameters, owner, takes_turns):
        held = self._held()
        if any(id(one) not in held for one in parameters):
            self._optimised = None
            is_new = not takes_turns or not self._stages or self._stages[-1].is_over
            stage = Stage(self._gone) if is_new else self._stages[-1]
            if is_new:
                self._stages.append(stage)
            if self._searches < SEARCHES:
                self._searches += 1
                self._add_modules(stage, parameters)
            held = self._held()
            loose = [one for one in parameters if id(one) not in held]
            if loose:
                stage.add_loose(loose, owner)
            self._stages = [one for one in self._stages if one.is_over or one.parts]
            held = self._held()
        stages = tuple({id(held[id(one)]): held[id(one)] for one in parameters}.values())
        for stage in stages:
            stage.step = self.step
        return stages

    def _held(self):
        """Id of a parameter → the stage that it is of."""
        return {id(one): stage for stage in self._stages for one in stage.parameters().values()}

    def _add_modules(self, stage, parameters):
        found = self._search({id(one): place for place, one in reversed(list(enumerate(parameters)))})
        inner = {id(child) for module in found for child in module.modules() if child is not module}
        known = set()
        for one in self._stages:
            known.update(map(id, one.leave_out(inner)))
        for module in found:
            if id(module) not in known:
                stage.add_module(module)

    def _search(self, places):
        """The outermost modules that hold parameters (id → place), in the order of their first places."""
        module_type = self._torch.nn.Module
        is_module = {}
        first, found = {}, []
        for thing in gc.get_objects():
            kind = type(thing)
            if kind not in is_module:
                # The class itself, because an instance may say that it is of another.
                is_module[kind] = issubclass(kind, module_type)
            if is_module[kind]:
                place = min((places.get(id(one), len(places)) for one in thing.parameters()), default=len(places))
                if place < len(places):
                    first[id(thing)] = place
                    found.append(thing)
        inner = {id(child) for module in found for child in module.modules() if child is not module}
        return sorted((module for module in found if id(module) not in inner), key=lambda module: first[id(module)])

    def _gone(self, stage):
        """Its last model is gone: in another process, such as one of a loader, that says nothing."""
        if os.getpid() != self._process:
            return
        self._optimised = None
        if self._gap is None:
            self._stages = [one for one in self._stages if one is not stage]
            return
        try:
            stage.end()
        except Exception as error:
            self._gap("the final weights", str(error))

    def forget(self):
        """The run is over."""
        self._stages = []
        self._optimised = None

    def digest(self):
        """
        SHA-256 of the weights and buffers of everything that was optimised, as they are, or were when nothing held them any
        more; None where there is nothing. Of several stages it is that of their digests, in their order.
        """
        digests = [stage.digest() for stage in self._stages]
        if len(digests) > 1 and None not in digests:
            return hashlib.sha256("\n".join(digests).encode()).hexdigest()
        return digests[0] if len(digests) == 1 else None

    def parameters(self):
        """Name → parameter, under the names of the model, of what the last step or the one before it has changed and is there."""
        return self._named(Stage.parameters)

    def state(self):
        """Name → tensor of the modules that hold these, buffers included."""
        return self._named(Stage.state)

    def _named(self, tensors_of):
        stages = self._changing()
        before = ["" if len(stages) == 1 else f"stage{self._stages.index(stage)}." for stage in stages]
        return {f"{prefix}{name}": one for prefix, stage in zip(before, stages) for name, one in tensors_of(stage).items()}

    def training(self):
        """Whether its modules are in training mode, by which they drop units and keep statistics: "3 of 5 modules" where some are."""
        modes = [one.training for stage in self._changing() for module in stage.modules() for one in module.modules()]
        on = sum(modes)
        return f"{on} of {len(modes)} modules" if 0 < on < len(modes) else on > 0

    def _changing(self):
        return [stage for stage in self._stages if stage.step >= self.step - 1 and not stage.is_over]

    def versions(self):
        """Numbers that change whenever a parameter is changed in place, or goes."""
        if self._optimised is None:
            self._optimised = tuple(one for stage in self._stages for one in stage.parameters().values())
        return len(self._optimised), sum(map(_version, self._optimised))
