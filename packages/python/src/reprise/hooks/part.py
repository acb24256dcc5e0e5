"""Models that are trained together, without keeping them alive."""

import weakref

from ..trainer import digest_of


class _Part:
    """
    Tensors of one outermost module, or of no module. Kept are the dicts in which its modules have them, not the modules: as long
    as its owner lives.
    """

    def __init__(self, owner, is_module, places, gone):
        self.owner = weakref.ref(owner, gone)
        self.is_module = is_module
        # Prefix of names, parameters, buffers, names of buffers that are no part of the state.
        self.places = places

    def parameters(self):
        found, told = {}, set()
        for prefix, parameters, _, _ in self.places:
            for name, one in parameters.items():
                if one is not None and id(one) not in told:
                    told.add(id(one))
                    found[f"{prefix}{name}"] = one
        return found

    def state(self):
        owner = self.owner()
        if self.is_module and owner is not None:
            return {name: one for name, one in owner.state_dict().items() if hasattr(one, "detach")}
        return {
            f"{prefix}{name}": one.detach()
            for prefix, parameters, buffers, left_out in self.places
            for name, one in (*parameters.items(), *buffers.items())
            if one is not None and name not in left_out
        }


class Stage:
    """Parts of a training that are changed by optimizers which take turns; `gone(stage)` is called when nothing holds them any more."""

    def __init__(self, gone):
        self._gone = gone
        self._digest = None
        self.parts = []
        # The last one that changed it.
        self.step = 0
        self.is_over = False

    def add_module(self, module):
        named = module.named_modules(remove_duplicate=False)
        places = [
            (f"{name}." if name else "", one._parameters, one._buffers, one._non_persistent_buffers_set) for name, one in named
        ]
        self.parts.append(_Part(module, True, places, self._after))

    def add_loose(self, parameters, optimizer):
        """Parameters in no module live as long as their optimizer."""
        before = sum(len(part.parameters()) for part in self.parts if not part.is_module)
        named = {f"parameter{before + index}": one for index, one in enumerate(parameters)}
        self.parts.append(_Part(optimizer, False, [("", named, {}, ())], self._after))

    def leave_out(self, modules):
        """Leaves out modules (by id) that are part of another now. Returns those that stay."""
        self.parts = [part for part in self.parts if id(part.owner()) not in modules]
        return self.modules()

    def modules(self):
        return [module for part in self.parts if part.is_module and (module := part.owner()) is not None]

    def _after(self, _):
        if all(part.owner() is None for part in self.parts):
            self._gone(self)

    def end(self):
        """Keeps the digest of what it was, and nothing else."""
        try:
            self._digest = self.digest()
        finally:
            self.is_over = True
            self.parts = []

    def digest(self):
        """SHA-256 of weights and buffers, as they are or were at the end; None where that failed."""
        return self._digest if self.is_over else digest_of(self.state())

    def state(self):
        """Name → tensor of weights and buffers, in the order of the models."""
        return self._named(_Part.state)

    def parameters(self):
        """Name → parameter, under the names of the model; numbered where there are several."""
        return self._named(_Part.parameters)

    def _named(self, tensors_of):
        several = sum(part.is_module for part in self.parts) > 1
        return {
            f"{index}.{name}" if several and part.is_module else name: one
            for index, part in enumerate(self.parts)
            for name, one in tensors_of(part).items()
        }
