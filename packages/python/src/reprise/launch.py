"""
`python -m reprise run train.py …` or `… run -m train …`: a script that knows nothing of Reprise, as a run of a study.

Variables that must stand before the interpreter starts are set by starting it anew; the settings of an arm follow when
the script first imports PyTorch, and are watched from then on.
"""

import argparse
import os
import sys

from . import interpreter, ranks, session
from .connection import RepriseError
from .environment import environment
from .hooks import args as script_args
from .hooks.settings import variables, variables_of
from .program import parse, take
from .recorder import Recorder
from .spool import Spool, say

# Tells of a run that was begun before the interpreter was started anew: its folder (see `Spool.handed`).
LAUNCHED = "REPRISE_LAUNCHED"


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m reprise run",
        description="Runs a training script as a run of a study. What stands behind the script belongs to the script.",
    )
    parser.add_argument("--study", help="name of the study; default: the script's")
    parser.add_argument("--arm", choices=sorted(session.EXECUTIONS), default="free", help="how it is executed (default: free)")
    parser.add_argument("--seed", type=int, default=None, help="seed of every generator (default: the script's own --seed, else 0)")
    parser.add_argument("--resume", metavar="RUN", help="id of a run to continue; study, arm and seed are those of the run")
    parser.add_argument(
        "--ignore", metavar="NAME", action="append", default=[],
        help="a word of the script that is not a hyperparameter, such as a folder of results or a switch of the arm; may be repeated",
    )
    parser.add_argument("--url", help="the server (default: REPRISE_URL, else this machine's)")
    take(parser)
    return parser


def _begin(options, program, parameters, seed):
    """The run, announced where a server answers."""
    if ranks.rank() > 0:
        return Recorder(Spool(ranks.find()), session.server(options.url))
    if options.resume is not None:
        return session.resume(options.resume, *program.code(), url=options.url)
    body = {
        "study": options.study or program.name,
        "params": {name: value for name, value in parameters.items() if name != "seed"},
        "seed": seed,
        "mode": session.MODES[options.arm],
        "environment": environment(*program.code()),
    }
    return session.begin(body, options.url)


def _restart(execution, seed, handed):
    """Starts the interpreter anew where variables must be others than they are; else returns."""
    wanted = variables_of(execution, seed)
    if variables() == wanted and not interpreter.ignores_hash_seed():
        return
    changed = dict(os.environ, **{LAUNCHED: handed})
    options, left_out = interpreter.without_hash_options(interpreter.options())
    if left_out:
        say(f"started anew without {' '.join(left_out)}, with which Python ignores PYTHONHASHSEED: the order of sets would not repeat.")
    if sys.flags.ignore_environment:
        # What -E has kept from having an effect.
        changed = {name: value for name, value in changed.items() if not name.startswith("PYTHON")}
    for name, value in wanted.items():
        changed.pop(name, None)
        if value is not None:
            changed[name] = value
    words = [word for option in options for word in option]
    os.execve(sys.executable, [sys.executable, *words, "-m", "reprise", *sys.argv[1:]], changed)


def run(words):
    """Runs a script as a run. Ends the process as the script does."""
    options, program = parse(_parser(), words)
    if not program.is_there():
        sys.exit(f"python -m reprise run: there is no file {program.file}")
    parameters = script_args.parameters(program.arguments)
    seed = script_args.seed_of(options.seed, parameters)
    folder = os.environ.pop(LAUNCHED, None)
    try:
        parameters, ignored = script_args.without(parameters, options.ignore)
        recorder = _begin(options, program, parameters, seed) if folder is None else Recorder(Spool.taken(folder), session.server(options.url))
    except (RepriseError, OSError, ValueError) as error:
        sys.exit(f"python -m reprise run: {error}")
    arm, seed, execution = session.terms(recorder)
    if folder is None and ranks.rank() == 0 and ranks.world() > 1:
        ranks.announce(recorder.spool.path)
    if folder is None:
        _restart(execution, seed, recorder.spool.handed())
    if ranks.rank() == 0:
        say(f"arm {arm}, seed {seed}, {session.where(recorder)}")
    session.attach(recorder, execution, seed)
    script_args.tell(recorder.seen, ignored)
    program.run_as(recorder)
