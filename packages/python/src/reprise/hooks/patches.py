"""Functions of libraries, replaced for as long as a run lives."""

import functools


class Patches:
    """What was replaced, so that it can be put back: in a notebook the next run has its own hooks."""

    def __init__(self):
        self._undo = []

    def wrap(self, owner, name, make):
        """Replaces `owner.name` by `make(original)`, which is called as the original is. Nothing where there is no such name."""
        original = getattr(owner, name, None)
        if original is not None:
            self.put(owner, name, functools.wraps(original)(make(original)))

    def put(self, owner, name, value):
        """Replaces an attribute of an object or class."""
        own = getattr(owner, "__dict__", {})
        is_own, original = name in own, own.get(name)
        setattr(owner, name, value)

        def undo():
            # What somebody else has replaced since stays.
            if getattr(owner, name, None) is not value:
                return
            if is_own:
                setattr(owner, name, original)
            else:
                # It came from a class above, or from the object's own class.
                delattr(owner, name)

        self._undo.append(undo)

    def then(self, undo):
        """`undo()` is called when all is put back."""
        self._undo.append(undo)

    def remove(self):
        """Puts everything back, the last first."""
        while self._undo:
            self._undo.pop()()
