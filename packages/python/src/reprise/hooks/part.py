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
        # Nothing holds it any more: its place in the order in which parts ended. None: it is there.
        self.ended = None
        # Then its tensors, which others may hold.
        self._left = {}
        # Digests of single tensors when it ended, by their names.
        self._kept = {}
        # Name → all places, as (part, name), of a tensor that other parts have as well.
        self.shared = {}
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

    def end(self, order):
        """Keeps the digests of what it is, and nothing else. `order`: a number greater than that of any that ended before."""
        self.ended = order
        try:
            kept = self.digests({})
            self._left = {name: weakref.ref(one) for name, one in self.tensors().items()}
            self._digest, self._kept = self.digest(), kept
        finally:
            self.is_over = True
            self._places = []

    def leave(self):
        """Its tensors are those of another part from now on."""
        self.is_over = True
        self._places = []

    def tensors(self):
        """Name → parameter or buffer of its state; after its end those that others hold."""
        if self.is_over:
            return {name: one for name, one in ((name, kept()) for name, kept in self._left.items()) if one is not None}
        return {
            f"{prefix}{name}": one
            for prefix, parameters, buffers, left_out in self._places
            for name, one in (*parameters.items(), *buffers.items())
            if one is not None and name not in left_out
        }

    def is_as(self, other):
        """Whether it has the tensors that another had, which is over, under the same names."""
        own, left = self.tensors(), other.tensors()
        return own.keys() == left.keys() == other.digests({}).keys() and all(own[name] is one for name, one in left.items())

    def digests(self, known):
        """Name → SHA-256 of each tensor, as it is or was at the end. `known`: those of tensors by their ids, which are added to."""
        if self.is_over:
            return self._kept
        for one in (tensors := self.tensors()).values():
            if id(one) not in known:
                known[id(one)] = digest_of({"": one})
        return {name: known[id(one)] for name, one in tensors.items()}

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
        return {name: one.detach() for name, one in self.tensors().items()}
