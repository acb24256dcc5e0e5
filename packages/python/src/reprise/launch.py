"""
`python -m reprise run train.py …`: a script that knows nothing of Reprise, as a run of a study.

Variables that must stand before the interpreter starts are set by starting it anew; the settings of an arm follow when
the script first imports PyTorch, and are watched from then on.
"""

import argparse
import os
import random
import runpy
import sys
import traceback

from .client import Reprise, RepriseError
from .environment import environment
from .hooks import args as script_args
from .hooks.imports import after
from .hooks.settings import variables, variables_of
from .recorder import Recorder

# Names the folder of a run that was begun before the interpreter was started anew.
LAUNCHED = "REPRISE_LAUNCHED"

# What the arms of a study are where no server says it: those that the server makes of its two modes.
EXECUTIONS = {
    "det": {"order": "fixed", "algorithms": "deterministic", "autotune": False, "tf32": False},
    "free": {"order": "free", "algorithms": "default", "autotune": True, "tf32": False},
}
MODES = {"det": "deterministic", "free": "nondeterministic"}


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m reprise run",
        description="Runs a training script as a run of a study. What stands behind the script belongs to the script.",
    )
    parser.add_argument("--study", help="name of the study; default: the script's")
    parser.add_argument("--arm", choices=sorted(EXECUTIONS), default="free", help="how it is executed (default: free)")
    parser.add_argument("--seed", type=int, default=None, help="seed of every generator (default: the script's own --seed, else 0)")
    parser.add_argument("--url", help="the server (default: REPRISE_URL, else this machine's)")
    parser.add_argument("script", help="the training script")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser


def _seed_of(given, parameters):
    if given is not None:
        return given
    own = parameters.get("seed")
    return own if isinstance(own, int) and not isinstance(own, bool) and own >= 0 else 0


def _begin(options, parameters, seed):
    """The run, announced where a server answers."""
    body = {
        "study": options.study or os.path.basename(options.script),
        "params": {name: value for name, value in parameters.items() if name != "seed"},
        "seed": seed,
        "mode": MODES[options.arm],
        "environment": environment(options.script),
    }
    recorder = Recorder.begin(body, Reprise(options.url, timeout=5.0, retries=0))
    try:
        recorder.sender.begin()
    except RepriseError:
        # Nothing has been trained: there is nothing to keep.
        recorder.spool.remove()
        raise
    except ConnectionError:
        print("Reprise: no server answers; the run is kept and sent later (python -m reprise sync).", file=sys.stderr)
    return recorder


def _restart(execution, seed, folder):
    """Starts the interpreter anew where variables must be others than they are; else returns."""
    wanted = variables_of(execution, seed)
    if variables() == wanted:
        return
    changed = dict(os.environ, **{LAUNCHED: folder})
    for name, value in wanted.items():
        changed.pop(name, None)
        if value is not None:
            changed[name] = value
    os.execve(sys.executable, [sys.executable, "-m", "reprise", *sys.argv[1:]], changed)


def _hook(recorder, execution, seed):
    """What is done when libraries come; and what is to be done at the end."""
    ends = []
    random.seed(seed)
    after("numpy", lambda numpy: numpy.random.seed(seed % 2**32))

    def with_torch(torch):
        from .hooks.torch import TorchHooks

        hooks = TorchHooks(torch, recorder)
        hooks.install(execution, seed)
        ends.append(hooks.finish)

    after("torch", with_torch)
    for name, value in variables().items():
        recorder.seen(None, name, value)
    return ends


def run(words):
    """Runs a script as a run. Ends the process as the script does."""
    options = _parser().parse_args(words)
    if not os.path.isfile(options.script):
        sys.exit(f"python -m reprise run: there is no file {options.script}")
    parameters = script_args.parameters(options.arguments)
    seed = _seed_of(options.seed, parameters)
    folder = os.environ.pop(LAUNCHED, None)
    try:
        recorder = _begin(options, parameters, seed) if folder is None else Recorder.resume(folder, Reprise(options.url, timeout=5.0, retries=0))
    except RepriseError as error:
        sys.exit(f"python -m reprise run: {error}")
    about = recorder.spool.about.get("run")
    execution = EXECUTIONS[options.arm] if about is None else about["execution"]
    if folder is None:
        _restart(execution, seed, recorder.spool.path)
    where = "kept on this machine" if about is None else f"{recorder.spool.about['url']}/runs/{about['id']}"
    print(f"Reprise: arm {options.arm}, seed {seed}, {where}", file=sys.stderr)
    recorder.sender.start()
    ends = _hook(recorder, execution, seed)
    sys.argv = [options.script, *options.arguments]
    sys.path[0] = os.path.dirname(os.path.abspath(options.script))
    try:
        runpy.run_path(options.script, run_name="__main__")
    except SystemExit as error:
        _end(recorder, ends, error.code)
        raise
    except KeyboardInterrupt:
        recorder.finish("cancelled")
        raise
    except BaseException as error:
        recorder.log_text(*traceback.format_exc().splitlines(), stream="stderr")
        recorder.finish("failed", "".join(traceback.format_exception_only(type(error), error)).strip())
        raise
    _end(recorder, ends, None)


def _end(recorder, ends, code):
    """The end of a script that came to it by itself; `code` as of SystemExit."""
    for end in ends:
        end()
    if code in (None, 0):
        recorder.finish()
    else:
        recorder.finish("failed", f"The script ended with exit code {code}.")
