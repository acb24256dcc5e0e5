"""
`python -m reprise locate train.py …`: trains twice in lockstep, every operation traced, and says in which one they part.

Both processes are fresh, and have arm and seed alike. After each step digests of their states are compared; the first
step after which these differ is located from what both have just computed, so that nothing has to happen a second time.
"""

import argparse
import json
import math
import os
import sys
import urllib.parse

from . import session
from .connection import Connection, RepriseError
from .hooks import args as script_args
from .hooks.settings import variables_of
from .locating import causes, processes
from .locating.compare import parting

WORDS = {
    "nondeterministic-operation": "The operation was given the same and gave something else.",
    "input-differs": "It was given something else, which no operation before it in this step had made: data, or memory that was changed outside of PyTorch's operations.",
    "arguments-differ": "It was given the same tensors and other numbers.",
    "random-state-differs": "It drew from another random state.",
    "settings-differ": "It ran under other settings.",
    "code-differs": "The two did not compute the same: your code differs here.",
    "not-traced": "No operation that was traced differs: what differs was changed outside of PyTorch's operations, or in another thread.",
    "ended": "One of the two had ended, the other went on.",
}


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m reprise locate",
        description="Trains a script twice in lockstep and says in which operation the two part. What stands behind the script belongs to the script.",
    )
    parser.add_argument(
        "--run", metavar="RUN", action="append", help="id of a run of this script, whose arm and seed are taken; twice for two runs. The answer is kept with them"
    )
    parser.add_argument("--url", help="the server of the runs (default: REPRISE_URL, else this machine's)")
    parser.add_argument("--arm", choices=sorted(session.EXECUTIONS), help="how both are executed (default: free)")
    parser.add_argument("--seed", type=int, default=None, help="seed of every generator (default: the script's own --seed, else 0)")
    parser.add_argument("--steps", type=int, default=None, help="stop after so many steps (default: at the end of the script)")
    parser.add_argument("--tries", type=int, default=None, help="try so often where the two do not part (default: 3 in arm free, 1 in det)")
    parser.add_argument("--second", metavar="SCRIPT", help="another script, with the same arguments, for the second process")
    parser.add_argument(
        "--second-env", metavar="NAME=VALUE", action="append", default=[], help="a variable of the second process alone"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("script", help="the training script")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
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
    terms = {"execution": session.EXECUTIONS[arm], "seed": seed}
    tries = tries or (3 if arm == "free" else 1)
    sides = [(terms, script, {}), (terms, second or script, second_env or {})]
    return {**_tried(sides, arguments, steps, tries), "arm": arm, "seed": seed}


def _tried(sides, arguments, steps, tries):
    """Until two processes, each a tuple of terms, script and variables of its own, part, or as often as they may be tried."""
    for attempt in range(1, tries + 1):
        with processes.folder() as folder:
            started = [
                processes.Side(terms, [path, *arguments], _variables(terms["execution"], terms["seed"], more), folder, name)
                for name, (terms, path, more) in zip(("first", "second"), sides)
            ]
            try:
                found = _lockstep(started, steps)
            finally:
                for side in started:
                    side.close()
        if found["parted"]:
            break
    return {**found, "tries": attempt}


def _lockstep(sides, steps):
    compared = 0
    while True:
        heard = [side.hear() for side in sides]
        failed = next(((side, one) for side, one in zip(sides, heard) if one.get("error")), None)
        if failed:
            raise RuntimeError(f"the {failed[0].name} process failed: {failed[1]['error']}\n{failed[0].last_lines()}")
        ended = [one.get("ended", False) for one in heard]
        if all(ended):
            if not all(one["torch"] for one in heard):
                raise RuntimeError("the script does not import PyTorch: there is nothing to trace")
            return {"parted": False, "steps": compared}
        if any(ended):
            return {"parted": True, "steps": compared, "step": compared + 1, "class": "ended", **_nowhere()}
        _refuse_two_algorithms(*(one["algorithms"] for one in heard))
        states = [one["state"] for one in heard]
        differing = [name for name in states[0] if states[0][name] != states[1].get(name)]
        if differing:
            return {"parted": True, "steps": compared, "step": heard[0]["step"], "state": differing, **_place(sides)}
        compared += not heard[0]["last"]
        if steps is not None and compared >= steps:
            return {"parted": False, "steps": compared}
        for side in sides:
            side.tell(go=True)


def _refuse_two_algorithms(first, second):
    """Raises RuntimeError where tensors of the two have digests that tell nothing of each other: they lie on different devices."""
    part = next((part for part in first if first[part] != second.get(part, first[part])), None)
    if part is not None:
        raise RuntimeError(
            f"{part} have digests by {first[part]} in the first process and by {second[part]} in the second, because they lie on "
            "different devices: equal bits have unequal digests by two algorithms. Let both compute on one device"
        )


def _nowhere():
    return dict.fromkeys(("phase", "module", "operation", "tensor", "line", "ulp"))


def _place(sides):
    """Everything that is known of the first operation in which the step differs."""
    for side in sides:
        side.tell(go=False)
    traces = [side.trace() for side in sides]
    found = parting(*traces)
    if found is None:
        return {**_nowhere(), "class": "not-traced"}
    pair = found["pair"]
    records = [None if index is None else trace[index] for trace, index in zip(traces, pair)]
    record = records[0] or records[1]
    output = found.get("output")
    place = {
        "class": found["class"],
        "phase": record["phase"],
        "module": record["module"] or None,
        "operation": record["op"],
        "line": record["line"],
        "tensor": _tensor(record, found),
        "shape": None if output is None else record["outputs"][output]["kind"],
        "ulp": None,
        "instead": _counterpart(records) if found["class"] == "code-differs" else None,
        "only": None if None not in pair else ("second" if pair[0] is None else "first"),
        "arguments": found.get("arguments"),
        "settings": found.get("settings"),
        "causes": [],
    }
    if None not in pair and output is not None and len({_kind(one, output) for one in records}) == 1:
        place.update(_distance(sides, pair, output))
    if found["class"] == "nondeterministic-operation":
        told = sides[0].ask(documentation=True)
        place["causes"] = causes.cause_of(
            record["op"], record["outputs"][output]["device"], record["arguments"], told["text"]
        )
        place["documentation"] = causes.SOURCE
        place["torch"] = told["version"]
    return place


def _counterpart(records):
    """What the second process computed where the first computed something else."""
    if None in records:
        return None
    return {"operation": records[1]["op"], "module": records[1]["module"] or None, "line": records[1]["line"]}


def _kind(record, output):
    return record["outputs"][output]["kind"] if output < len(record["outputs"]) else None


def _tensor(record, found):
    """The name of the tensor that differs: that of a parameter or its gradient where it is one, else its role in the operation."""
    key = "inputs" if found["class"] == "input-differs" else "outputs"
    index = found.get("input" if key == "inputs" else "output")
    entries = record[key] or record["inputs"]
    entry = entries[index] if index is not None and index < len(entries) else entries[0] if entries else None
    if entry is not None and entry["tensor"]:
        return entry["tensor"]
    if record["gradientOf"]:
        return f"gradient of {record['gradientOf']}"
    named = next((one["tensor"] for one in record["outputs"] + record["inputs"] if one["tensor"]), None)
    return named if entry is None else entry["name"]


def _distance(sides, pair, output):
    path = os.path.join(sides[0]._folder, "values")
    if not sides[0].ask(values=path, record=pair[0], output=output)["kept"]:
        return {}
    found = sides[1].ask(distance=path, record=pair[1], output=output)["distance"]
    return {} if found is None else found


def _operation_words(found):
    where = f" of {found['module']}" if found["module"] else ""
    line = f" ({found['line']})" if found["line"] else ""
    return f"{found['operation']}{where}{line}"


def sentences(found):
    """The result in words, a line each."""
    if not found["parted"]:
        steps, tries = found["steps"], found["tries"]
        yield f"The two did not part: {steps} steps, {tries} {'try' if tries == 1 else 'tries'}, every operation traced."
        yield "Tracing makes every operation slower, which can hide a race between threads. Runs that part without it can be compared by their digests."
        return
    yield f"The two part at step {found['step']}" + (f", in {', '.join(found['state'])}." if "state" in found else ".")
    yield WORDS[found["class"]]
    if found["operation"] is None:
        return
    alone = f", in the {found['only']} only" if found["only"] else ""
    yield f"  phase      {found['phase']}"
    yield f"  operation  {_operation_words(found)}{alone}"
    if found["instead"]:
        yield f"  second     {_operation_words(found['instead'])}"
    if found["tensor"]:
        yield f"  tensor     {found['tensor']}" + (f", {found['shape']}" if found["shape"] else "")
    if found.get("differing") is not None:
        ulp = "" if found["ulp"] is None else f", by at most {found['ulp']:.4g} ulp ({found['relative']:.2g} of the value)"
        yield f"  result     {found['differing']} of {found['size']} elements differ{ulp}"
    for key in ("arguments", "settings"):
        for name, (left, right) in (found[key] or {}).items():
            yield f"  {key[:-1]:<10} {name}: {left} | {right}"
    for entry in found["causes"]:
        remedy = "has a deterministic form" if entry["deterministic"] else "has no deterministic form: PyTorch raises an error instead"
        yield f"  known      {entry['name']} {entry['condition']}: {remedy} under torch.use_deterministic_algorithms(True)"
    if found["class"] == "nondeterministic-operation":
        yield f"             {found['documentation']}" if found["causes"] else f"  known      nothing in the documentation of PyTorch {found['torch']}"


def _pairs(found):
    """What differs by name, as first and second."""
    pairs = [(name, *both) for key in ("arguments", "settings") for name, both in (found.get(key) or {}).items()]
    if found.get("instead"):
        pairs.append(("operation", _operation_words(found), _operation_words(found["instead"])))
    return [
        {"name": name, "first": None if first is None else str(first)[:2_000], "second": None if second is None else str(second)[:2_000]}
        for name, first, second in pairs
    ]


def body(found, runs):
    """The result as POST /runs/{id}/divergence takes it, of the run or the two runs that were trained again."""
    told = {"runIds": runs, "steps": found["steps"], "tries": found["tries"]}
    if not found["parted"]:
        return {**told, "parted": None}
    keys = ("class", "step", "phase", "module", "operation", "line", "tensor", "shape", "ulp", "relative", "differing", "size")
    values = {key: found.get(key) for key in keys}
    # Of what is no number there is no distance.
    finite = {key: None if isinstance(value, float) and not math.isfinite(value) else value for key, value in values.items()}
    causes = [{key: cause[key] for key in ("name", "condition", "deterministic")} for cause in found.get("causes", [])]
    parted = {
        **finite,
        "sentence": WORDS[found["class"]],
        "pairs": _pairs(found),
        "causes": causes,
        "documentation": found.get("documentation") if causes else None,
    }
    return {**told, "parted": parted}


def main(words):
    options = _parser().parse_args(words)
    for script in filter(None, (options.script, options.second)):
        if not os.path.isfile(script):
            sys.exit(f"python -m reprise locate: there is no file {script}")
    try:
        found = _of_runs(options) if options.run else _of_script(options)
    except (RuntimeError, RepriseError, ConnectionError) as error:
        sys.exit(f"python -m reprise locate: {error}")
    print(json.dumps(found, indent=2) if options.json else "\n".join(sentences(found)))


def _of_script(options):
    arm = options.arm or "free"
    seed = script_args.seed_of(options.seed, script_args.parameters(options.arguments))
    more = _given(options.second_env)
    return locate(options.script, options.arguments, arm, seed, options.steps, options.tries, options.second, more)


def _of_runs(options):
    """With arms and seeds of runs that the server has, with which the result is kept."""
    if len(options.run) > 2 or options.arm is not None or options.seed is not None:
        sys.exit("python -m reprise locate: --run names one run or two, whose arms and seeds are taken: leave --arm and --seed out")
    api = Connection(options.url)
    runs = [api.call("GET", f"/runs/{urllib.parse.quote(run, safe='')}") for run in options.run]
    terms = [{"execution": run["execution"], "seed": run["seed"]} for run in (runs[0], runs[-1])]
    scripts, variables = (options.script, options.second or options.script), ({}, _given(options.second_env))
    tries = options.tries or (1 if all(one["execution"]["algorithms"] == "deterministic" for one in terms) else 3)
    found = _tried(list(zip(terms, scripts, variables)), options.arguments, options.steps, tries)
    ids = [run["id"] for run in runs]
    for run in ids:
        api.call("POST", f"/runs/{run}/divergence", body(found, ids))
    return {**found, "runs": ids}
