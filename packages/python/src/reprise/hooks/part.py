"""Tensors of a training that live and are digested together, without keeping their model alive."""

import hashlib
import operator
import weakref

from ..trainer import digest_of


_version = operator.attrgetter("_version")


class Left(weakref.ref):
    """A tensor that may live on where its part is gone: it counts in `part`, under `names`. `gone(left)` is called when nothing holds it."""

    __slots__ = ("key", "names", "part")

    def __new__(cls, tensor, part, names, gone):
        return super().__new__(cls, tensor, gone)

    def __init__(self, tensor, part, names, gone):
        super().__init__(tensor, gone)
        self.key, self.part, self.names = id(tensor), part, names


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
        # In the order of all parts of a training.
        self.place = None
        self.is_over = False
        # From its end on: digests of single tensors by their names, how many of them may live on, and whether another part has some of them.
        self.kept = {}
        self.left = 0
        self.is_shared = False
        # Whether parameters were written to between steps, as where a loop clips them: what it does after the last one is then the same.
        self.is_written = False
        # Parameters whose versions are counted, and the count after the last step; None: none is known.
        self._counted = self._count = None
        # Prefix of names, parameters, buffers, names of buffers that are no part of the state.
        self._places = []
        # Id → weak reference.
        self._inner = {}

    def look(self, module):
        """The tensors are those that the module has now, whatever is added to its parts later."""
        named = list(module.named_modules(remove_duplicate=False))
        self._places = [
            (f"{name}." if name else "", one._parameters, one._buffers, one._non_persistent_buffers_set) for name, one in named
        ]
        self._inner = {id(one): weakref.ref(one) for _, one in named if one is not module}
        self._counted = self._count = None
        return self

    def take(self, parameters):
        """The tensors are parameters of no module."""
        self.is_module = False
        self._places = [("", {f"parameter{index}": one for index, one in enumerate(parameters)}, {}, ())]
        return self

    def _after(self, _):
        self._gone(self)

    def end(self):
        """Keeps the digests of what it is, and nothing else. Returns (tensor, names) of each."""
        self.is_over = True
        try:
            named = self.named()
            self.kept = {name: digest for one, names in named for name, digest in dict.fromkeys(names, digest_of({"": one})).items()}
            self._digest = digest_of(self.state())
        finally:
            self._places = []
            self._counted = None
        return named

    def leave(self):
        """Its tensors are those of another part from now on."""
        self.is_over = True
        self._places, self._inner = [], {}
        self._counted = None

    def settle(self):
        """Its digest, of which nothing more can change."""
        digest = self.digest()
        self.kept, self._inner = {}, {}
        return digest

    def held(self, module):
        """Whether a module was inside it."""
        known = self._inner.get(id(module))
        return known is not None and known() is module

    def _versions(self):
        if self._counted is None:
            self._counted = tuple(self.parameters().values())
        return sum(map(_version, self._counted))

    def before_step(self):
        if not self.is_written and self.is_changed():
            self.is_written = True

    def after_step(self):
        self._count = None if self.is_written else self._versions()

    def is_changed(self):
        """Whether parameters were written to since the last step, of one that nothing had written to between steps. No version counts what `.data` changes."""
        return self._count is not None and not self.is_over and self._count != self._versions()

    def tensors(self):
        """Name → parameter or buffer of its state; nothing after its end."""
        return {
            f"{prefix}{name}": one
            for prefix, parameters, buffers, left_out in self._places
            for name, one in (*parameters.items(), *buffers.items())
            if one is not None and name not in left_out
        }

    def named(self):
        """Each of its tensors, with all its names."""
        found = {}
        for name, one in self.tensors().items():
            found.setdefault(id(one), (one, []))[1].append(name)
        return list(found.values())

    def digest(self, kept=None):
        """
        SHA-256 of weights and buffers, as they are or were at the end; None where that failed. Where another part has some of them: of
        the digests `kept` of those that count in this one, "" where none does.
        """
        if kept is None and not self.is_shared:
            return self._digest if self.is_over else digest_of(self.state())
        lines = [f"{name} {digest}" for name, digest in sorted((self.kept if kept is None else kept).items())]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest() if lines else ""

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
