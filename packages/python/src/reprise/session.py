"""What makes a process a run, however it was begun: settings of its arm and seed, and hooks in libraries that it imports."""

import os
import random

from . import ranks
from .connection import Connection, RepriseError
from .environment import environment
from .hooks import args, loggers, stops
from .hooks.imports import after
from .hooks.patches import Patches
from .hooks.seeds import SeedCalls
from .hooks.settings import in_effect
from .recorder import Recorder
from .spool import Spool, say

# What the arms of a study are where no server says it: those that the server makes of its two modes.
EXECUTIONS = {
    "det": {"order": "fixed", "algorithms": "deterministic", "autotune": False, "tf32": False},
    "free": {"order": "free", "algorithms": "default", "autotune": True, "tf32": False},
}
MODES = {"det": "deterministic", "free": "nondeterministic"}


def server(url=None):
    """A server that is asked once and not waited for: the training goes on without it."""
    return Connection(url, timeout=5.0, retries=0)


def begin(body, url=None):
    """A run that begins now, `body` as in POST /runs, announced where a server answers. Raises RepriseError for a refusal."""
    recorder = Recorder(Spool.begin(body=body, is_shared=ranks.world() > 1), server(url))
    try:
        recorder.sender.begin()
    except RepriseError:
        # Nothing has been trained: there is nothing to keep.
        recorder.spool.remove()
        raise
    except ConnectionError:
        if recorder.spool.is_kept:
            say("no server answers; the run is stored and sent later (python -m reprise sync).")
        else:
            say("no server answers, and there is no room to store the run: unless one of the two changes, it is lost when it ends.")
    return recorder


def resume(run, script, folder=None, url=None):
    """
    The next attempt of the run with this id, of which what was reported stays; `script` is what trains it now, and `folder` where its code lies (see `environment.code`). Raises RepriseError where the server refuses
    it, ConnectionError where none answers and this machine does not keep the run, ValueError where a process trains it.
    """
    kept = Spool.of(run)
    if kept is not None and kept.is_alive() and kept.about["process"] != os.getpid():
        raise ValueError(f"run {run} is being trained by process {kept.about['process']}. End that first, or start another run.")
    spool = kept or Spool.begin(resume=run)
    spool.begin_attempt(environment(script, folder))
    recorder = Recorder(spool, server(url))
    try:
        recorder.sender.begin()
    except (RepriseError, ConnectionError) as error:
        if kept is None:
            spool.remove()
            raise
        if isinstance(error, RepriseError):
            spool.note(resume=None)
            raise
        say("no server answers; the run continues and is sent later (python -m reprise sync).")
    return recorder


def terms(recorder):
    """Arm, seed and execution of the run: as the server has them, else as it was begun with."""
    run = recorder.spool.about.get("run")
    if run is not None:
        return run["arm"], run["seed"], run["execution"]
    body = recorder.spool.about["body"]
    arm = next(arm for arm, mode in MODES.items() if mode == body["mode"])
    return arm, body["seed"], EXECUTIONS[arm]


def where(recorder):
    """Where the run is to be found, in words."""
    about = recorder.spool.about.get("run")
    if about is None and not recorder.spool.is_kept:
        return "kept in memory"
    return f"kept on this machine as {recorder.spool.id}" if about is None else f"{recorder.spool.about['url']}/runs/{about['id']}"


def _failing_open(recorder, library, hook):
    """What goes wrong in a hook is told as a gap, and is not the program's trouble."""

    def call(module):
        if recorder.ended:
            return
        try:
            hook(module)
        except Exception as error:
            recorder.gap(f"what {library} does", f"{type(error).__name__}: {error}")

    return call


def attach(recorder, execution, seed):
    """
    Makes the run that of this process: libraries are seeded, set and watched, those to come when they are imported, and
    what is reported is sent from now on.
    """
    recorder.enter()
    if recorder.rank == 0:
        recorder.sender.start()
    patches = Patches()
    seeds = SeedCalls(lambda name, value, where: recorder.seen(recorder.steps, name, value, where), recorder.gap, patches)
    recorder.when_over(patches.remove)
    random.seed(seed)
    seeds.watch_python()
    stops.watch(recorder.stop_asked, patches)
    args.watch(recorder.seen, recorder.gap, patches)

    def with_numpy(numpy):
        numpy.random.seed(seed % 2**32)
        seeds.watch_numpy(numpy)

    def with_torch(torch):
        from .hooks.torch import TorchHooks

        hooks = TorchHooks(torch, recorder)
        hooks.install(execution, seed)
        recorder.attach(hooks)

    for library, hook in (("numpy", with_numpy), ("torch", with_torch)):
        after(library, _failing_open(recorder, library, hook))
    loggers.install()
    for name, value in in_effect().items():
        recorder.seen(None, name, value)
