"""
`python -m reprise locate train.py …`: trains twice in lockstep, every operation traced, and says in which one they part.

Both processes are fresh, and have arm and seed alike. After each step digests of their states are compared; the first
step after which these differ is located from what both have just computed, so that nothing has to happen a second time.
"""

import argparse
import json
import os
import sys
import urllib.parse

from . import session
from .connection import Connection, RepriseError
from .hooks import args as script_args
from .hooks.settings import variables_of
from .locating.lockstep import tried
from .locating.processes import Side
from .locating.words import body, sentences
from .program import Program, parse, take


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m reprise locate",
        description="Trains a script twice in lockstep and says in which operation the two part. What stands behind the script belongs to the script.",
    )
    parser.add_argument(
        "--run", metavar="RUN", action="append", help="id of a run of this script, whose arm and seed are used; give it twice for two runs. The answer is stored with them"
    )
    parser.add_argument("--url", help="the server of the runs (default: REPRISE_URL, else this machine's)")
    parser.add_argument("--arm", choices=sorted(session.EXECUTIONS), help="how both are executed (default: free)")
    parser.add_argument("--seed", type=int, default=None, help="seed of every generator (default: the script's own --seed, else 0)")
    parser.add_argument("--steps", type=int, default=None, help="stop after this many steps (default: at the end of the script)")
    parser.add_argument("--tries", type=int, default=None, help="number of tries while the two do not part (default: 3 in arm free, 1 in det)")
    parser.add_argument("--second", metavar="SCRIPT", help="another script, with the same arguments, for the second process")
    parser.add_argument(
        "--second-env", metavar="NAME=VALUE", action="append", default=[], help="a variable for the second process only"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    take(parser)
    return parser


def _variables(execution, seed, more):
    """The environment of a process; compiled functions run as they are written, because what they fuse has no trace."""
    wanted = {**variables_of(execution, seed), "TORCHDYNAMO_DISABLE": "1", **more}
    found = {**os.environ, **{name: value for name, value in wanted.items() if value is not None}}
    for name in (name for name, value in wanted.items() if value is None):
        found.pop(name, None)
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    found["PYTHONPATH"] = os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])])
    return found


def _given(pairs):
    more = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        sys.exit(f"python -m reprise locate: --second-env {wrong[0]}: write NAME=VALUE")
    return more


def locate(script, arguments=(), arm="free", seed=0, steps=None, tries=None, second=None, second_env=None):
    """
    Trains `script` twice in lockstep, and says where the two part, as a dict: `parted`, `steps` (compared in the last try),
    `tries`, and where they parted `step` (from 1), `phase`, `module`, `operation`, `tensor`, `line`, `class`, `ulp`, … None
    stands for what is not known. `second` is another script for the second process, `second_env` variables of it alone.

    Raises RuntimeError where a process fails, with what it printed last.
    """
    return _located([script], arguments, arm, seed, steps, tries, second, second_env or {})


def _located(program, arguments, arm, seed, steps, tries, second, more):
    terms = {"execution": session.EXECUTIONS[arm], "seed": seed}
    tries = tries or (3 if arm == "free" else 1)
    sides = [(terms, program, {}), (terms, [second] if second else program, more)]
    return {**tried(_beginning(sides, arguments), steps, tries), "arm": arm, "seed": seed}


def _beginning(sides, arguments):
    """Starts two processes, each given as a tuple of terms, program (its script, or `-m` and its module) and variables of its own."""

    def begin(folder):
        return [
            Side(terms, [*program, *arguments], _variables(terms["execution"], terms["seed"], more), folder, name)
            for name, (terms, program, more) in zip(("first", "second"), sides)
        ]

    return begin


def main(words):
    options, program = parse(_parser(), words)
    for one in filter(None, (program, options.second and Program([options.second]))):
        if not one.is_there():
            sys.exit(f"python -m reprise locate: there is no file {one.file}")
    try:
        found = _of_runs(options, program) if options.run else _of_script(options, program)
    except (RuntimeError, RepriseError, ConnectionError) as error:
        sys.exit(f"python -m reprise locate: {error}")
    print(json.dumps(found, indent=2) if options.json else "\n".join(sentences(found)))


def _of_script(options, program):
    arm = options.arm or "free"
    seed = script_args.seed_of(options.seed, script_args.parameters(program.arguments))
    more = _given(options.second_env)
    return _located(program.words, program.arguments, arm, seed, options.steps, options.tries, options.second, more)


def _of_runs(options, program):
    """With arms and seeds of runs that the server has, with which the result is kept."""
    if len(options.run) > 2 or options.arm is not None or options.seed is not None:
        sys.exit("python -m reprise locate: --run names one or two runs and uses their arms and seeds: omit --arm and --seed")
    api = Connection(options.url)
    runs = [api.call("GET", f"/runs/{urllib.parse.quote(run, safe='')}") for run in options.run]
    terms = [{"execution": run["execution"], "seed": run["seed"]} for run in (runs[0], runs[-1])]
    programs = program.words, [options.second] if options.second else program.words
    variables = {}, _given(options.second_env)
    tries = options.tries or (1 if all(one["execution"]["algorithms"] == "deterministic" for one in terms) else 3)
    found = tried(_beginning(list(zip(terms, programs, variables)), program.arguments), options.steps, tries)
    ids = [run["id"] for run in runs]
    for run in ids:
        api.call("POST", f"/runs/{run}/divergence", body(found, ids))
    return {**found, "runs": ids}
