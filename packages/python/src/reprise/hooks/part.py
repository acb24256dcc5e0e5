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
        # The step after which nothing held it any more; None: it is there. Then its tensors, which others may hold, weakly.
        self.ended = None
        self._left = []
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

    def end(self, step):
        """Keeps the digest of what it was after `step`, and nothing else."""
        self.ended = step
        self._left = [weakref.ref(one) for one in self.tensors()]
        try:
            self._digest = self.digest()
        finally:
            self.is_over = True
            self._places = []

    def leave(self):
        """Its tensors are those of another part from now on."""
        self.is_over = True
        self._places = []

    def tensors(self):
        """Parameters and buffers that are there, also after its end."""
        if self.is_over:
            return [one for one in (kept() for kept in self._left) if one is not None]
        return [one for _, *kinds, _ in self._places for kind in kinds for one in kind.values() if one is not None]

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


class Shared:
    """
    Tensors that a part, `later`, has in common with an earlier one. `changed`: ids of parameters that the first step of `later`
    changed.
    """

    def __init__(self, earlier, later, tensors, changed):
        self.parts = earlier, later
        self._is_changed = any(id(one) in changed for one in tensors)
        # Of an inference tensor PyTorch counts no changes.
        self._versions = [(weakref.ref(one), one._version) for one in tensors if not one.is_inference()]

    def look(self):
        """Sees what was changed in place since then, of tensors that are still there."""
        if not self._is_changed:
            now = ((kept(), version) for kept, version in self._versions)
            self._is_changed = any(one is not None and one._version != version for one, version in now)

    def is_mixed(self):
        """Whether one part depends on when it was freed, because the other changed these tensors after its last step."""
        self.look()
        earlier, later = self.parts
        apart = earlier.first != later.first and earlier.step != later.step
        return self._is_changed and (apart or _ended_before(earlier, later) or _ended_before(later, earlier))


def _ended_before(one, other):
    return one.ended is not None and one.ended < other.step
