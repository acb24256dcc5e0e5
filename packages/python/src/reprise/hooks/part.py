"""Tensors of a training that live and are digested together, without keeping their model alive."""

import weakref

from ..trainer import digest_of


class Part:
    """
    Tensors of one outermost module, or of no module, as long as `owner` lives: the module, or an optimizer. Kept are the dicts in
    which the modules have them, not the modules. `gone(part)` is called when nothing holds the owner any more.
    """

    def __init__(self, owner, step, gone):
        self._gone = gone
        self._digest = None
        self.owner = weakref.ref(owner, self._after)
        self.is_module = True
        # The steps that changed it first and last.
        self.first = self.step = step
        self.is_over = False
        # Prefix of names, parameters, buffers, names of buffers that are no part of the state.
        self._places = []

    def look(self, module):
        """The tensors are those that the module has now, whatever is added to its parts later."""
        named = module.named_modules(remove_duplicate=False)
        self._places = [
            (f"{name}." if name else "", one._parameters, one._buffers, one._non_persistent_buffers_set) for name, one in named
        ]
        return self

    def take(self, parameters):
        """The tensors are parameters of no module."""
        self.is_module = False
        self._places = [("", {f"parameter{index}": one for index, one in enumerate(parameters)}, {}, ())]
        return self

    def _after(self, _):
        self._gone(self)

    def end(self):
        """Keeps the digest of what it was, and nothing else."""
        try:
            self._digest = self.digest()
        finally:
            self.is_over = True
            self._places = []

    def leave(self):
        """Its tensors are those of another part from now on."""
        self.is_over = True
        self._places = []

    def digest(self):
        """SHA-256 of weights and buffers, as they are or were at the end; None where that failed."""
        return self._digest if self.is_over else digest_of(self.state())

    def parameters(self):
        """Name → parameter, under the names of the module."""
        found, told = {}, set()
        for prefix, parameters, _, _ in self._places:
            for name, one in parameters.items():
                if one is not None and id(one) not in told:
                    told.add(id(one))
                    found[f"{prefix}{name}"] = one
        return found

    def state(self):
        """Name → tensor of weights and buffers."""
        owner = self.owner()
        if self.is_module and owner is not None:
            return {name: one for name, one in owner.state_dict().items() if hasattr(one, "detach")}
        return {
            f"{prefix}{name}": one.detach()
            for prefix, parameters, buffers, left_out in self._places
            for name, one in (*parameters.items(), *buffers.items())
            if one is not None and name not in left_out
        }
