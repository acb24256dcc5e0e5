"""Programs in which libraries are absent although they are installed."""

_HIDING = """
import sys
class Without:
    def __init__(self, finder):
        self.finder = finder
    def __getattr__(self, name):
        return getattr(self.finder, name)
    def find_spec(self, name, path=None, target=None):
        spec = self.finder.find_spec(name, path, target)
        # A folder that happens to have its name is no library, and stays.
        return None if name.partition(".")[0] in LIBRARIES and spec is not None and spec.origin else spec
sys.meta_path[:] = map(Without, sys.meta_path)
"""


def without(*libraries):
    """What such a program begins with."""
    return _HIDING.replace("LIBRARIES", repr(libraries))
