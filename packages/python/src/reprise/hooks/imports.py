"""Calls back when a module is first imported, without importing it."""

import importlib.util
import sys


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
        self._then(module)


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

        def then(module):
            # Only now: whether a module is there is often asked before it is imported.
            for callback in self.waiting.pop(name, ()):
                callback(module)

        spec.loader = _Announcing(spec.loader, then)
        return spec


_finder = _Finder()


def after(name, callback):
    """Calls `callback(module)` once: at once where the module `name` is imported already, else when it is."""
    module = sys.modules.get(name)
    if module is not None:
        callback(module)
        return
    _finder.waiting.setdefault(name, []).append(callback)
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)


def add(finder):
    """A finder that answers before all others, and whose modules are announced too."""
    sys.meta_path.insert(sys.meta_path.index(_finder) + 1, finder)
