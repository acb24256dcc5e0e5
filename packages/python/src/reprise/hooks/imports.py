"""Calls back when a module is first imported, without importing it."""

import importlib.util
import sys
import types


def _is_lazy(module):
    """Whether it is loaded at the first look at it, as what `importlib.util.LazyLoader` makes, or wandb of NumPy."""
    kind = type(module)
    return issubclass(kind, types.ModuleType) and kind.__getattribute__ is not types.ModuleType.__getattribute__


class _Announcing:
    """A loader that does what the module's own does, and then says that the module is there."""

    def __init__(self, loader, then):
        self._loader = loader
        self._then = then

    def __getattr__(self, name):
        return getattr(self._loader, name)

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        # What asks the module for its loader finds its own.
        module.__spec__.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        if not _is_lazy(module):
            self._then(module)
            return
        # It is loaded, and has yet to be told so: until then what its own `__getattr__` gives is not found.
        kind = type(module)
        object.__setattr__(module, "__class__", types.ModuleType)
        try:
            self._then(module)
        finally:
            module.__class__ = kind


class _Finder:
    """Stands before all other finders, for the modules that somebody waits for."""

    def __init__(self):
        self.waiting = {}
        self._asking = set()

    def find_spec(self, name, path=None, target=None):
        if name not in self.waiting or name in self._asking:
            return None
        self._asking.add(name)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._asking.discard(name)
        if spec is None or spec.loader is None or not hasattr(spec.loader, "exec_module"):
            return spec

        self.announce(spec)
        return spec

    def announce(self, spec):
        def then(module):
            # Only now: whether a module is there is often asked before it is imported.
            for callback in self.waiting.pop(spec.name, ()):
                callback(module)

        spec.loader = _Announcing(spec.loader, then)


_finder = _Finder()


def after(name, callback):
    """Calls `callback(module)` once: at once where the module `name` is imported already, else when it is."""
    module = sys.modules.get(name)
    is_lazy = module is not None and _is_lazy(module)
    if module is not None and not is_lazy:
        callback(module)
        return
    if is_lazy and name not in _finder.waiting:
        _finder.announce(object.__getattribute__(module, "__dict__")["__spec__"])
    _finder.waiting.setdefault(name, []).append(callback)
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)


def add(finder):
    """A finder that answers before all others, and whose modules are announced too."""
    sys.meta_path.insert(sys.meta_path.index(_finder) + 1, finder)
