"""Calls that seed a generator, with the line they come from: a program that seeds itself is not seeded by its arm."""

import os
import random
import sys

from .callers import is_of_reprise, is_own, place

# Of the states that a program reads so many are known, the last ones.
_STATES = 1_000


class SeedCalls:
    """Patches the functions that seed, so that `seen(name, value, where)` hears of each call by the program's own code."""

    def __init__(self, seen, gap, patches):
        self._seen = seen
        self._gap = gap
        self._patches = patches
        self._process = os.getpid()
        self._inside = False

    def watch_python(self):
        self._wrap(random, "seed", "seed.python")
        self._patches.wrap(random.Random, "seed", self._of_own_generator)
        self._follow_states(random, "getstate", "setstate", hash, "the seed of Python's generator")

    def watch_numpy(self, numpy):
        self._wrap(numpy.random, "seed", "seed.numpy")
        self._wrap(numpy.random, "default_rng", "seed.numpy.default_rng")
        self._follow_states(numpy.random, "get_state", "set_state", _key_of_numpy, "the seed of NumPy's generator")

    def watch_torch(self, torch):
        # Every script's own name of it: `from torch import manual_seed` comes after this.
        for module in (torch, torch.random):
            self._wrap(module, "manual_seed", "seed.torch")
            self._wrap(module, "seed", "seed.torch")
        for name in ("manual_seed", "manual_seed_all"):
            self._wrap(torch.cuda, name, "seed.torch.cuda")

    def _wrap(self, module, name, told_as):
        def make(original):
            def seeding(*args, **kwargs):
                # One that seeds others in turn is told once.
                inside, self._inside = self._inside, True
                try:
                    result = original(*args, **kwargs)
                finally:
                    self._inside = inside
                if not inside:
                    self._tell(told_as, args, kwargs)
                return result

            return seeding

        self._patches.wrap(module, name, make)

    def _follow_states(self, module, getter, setter, key, what):
        """
        A state that was read in this run and is put back follows from its seed as before. Of any other no seed is known, one of an
        earlier run of the process included, which is told as a gap; Reprise's own are of the same run.
        """
        read, known = getattr(module, getter), {}
        which = "was not read from it during this run"

        def getting(original):
            def get(*args, **kwargs):
                nonlocal which
                state = original(*args, **kwargs)
                try:
                    # One that is read again is among the last ones again.
                    now = key(read())
                    known.pop(now, None)
                    known[now] = True
                    if len(known) > _STATES:
                        which = f"is not among the last {_STATES:,} that were read from it during this run"
                        del known[next(iter(known))]
                except Exception as error:
                    self._gap(what, str(error))
                return state

            return get

        def putting(original):
            def put(*args, **kwargs):
                original(*args, **kwargs)
                try:
                    if os.getpid() != self._process or is_of_reprise(sys._getframe(1).f_code.co_filename) or key(read()) in known:
                        return
                    where = place()
                    if where is not None:
                        self._gap(what, f"{where} gave it a state that {which}: whether it follows from the seed is not known.")
                except Exception as error:
                    self._gap(what, str(error))

            return put

        self._patches.wrap(module, getter, getting)
        self._patches.wrap(module, setter, putting)

    def _of_own_generator(self, original):
        """A generator that the program makes for itself, not one of a library such as that of names of temporary files."""

        def seed(own, *args, **kwargs):
            original(own, *args, **kwargs)
            try:
                frame = sys._getframe(1)
                if frame.f_code is random.Random.__init__.__code__:
                    frame = frame.f_back
                is_told = not self._inside and frame is not None and is_own(frame.f_code.co_filename)
            except Exception as error:
                self._gap("a call that seeds", str(error))
                return
            if is_told:
                self._tell("seed.python.generator", args, kwargs)

        return seed

    def _tell(self, name, args, kwargs):
        try:
            # Workers of a loader seed themselves, each in its own way.
            if os.getpid() != self._process:
                return
            where = place(2)
            if where is None:
                return
            value = args[0] if args else next(iter(kwargs.values()), None)
            value = value if isinstance(value, (int, str)) or value is None else _number(value)
            self._seen(name, "from the system" if value is None else value, where)
        except Exception as error:
            self._gap("a call that seeds", str(error))


def _key_of_numpy(state):
    kind, words, *rest = state
    return hash((kind, words.tobytes(), *rest))


def _number(value):
    """The number of a NumPy or PyTorch scalar; else what it is written as."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return repr(value)[:200]
