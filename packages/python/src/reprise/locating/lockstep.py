"""Two processes, step by step, until what they have computed differs; and the first operation in which it does."""

import os

from . import causes, processes
from .compare import parting


def tried(begin, steps, tries, before=0, tell=None):
    """
    Until two processes part, or as often as they may be tried. `begin(folder)` starts both and returns them, `steps` are
    compared at most (None: all). Both go on from a checkpoint after `before` steps. `tell(steps, attempt)` is called after
    every step that was compared.
    """
    for attempt in range(1, tries + 1):
        with processes.folder() as folder:
            sides = []
            try:
                sides = begin(folder)
                found = _lockstep(sides, steps, before, lambda compared, number=attempt: tell and tell(compared, number))
            finally:
                for side in sides:
                    side.close()
        if found["parted"]:
            break
    return {**found, "tries": attempt}


def _lockstep(sides, steps, before, tell):
    compared = 0
    while True:
        heard = [side.hear() for side in sides]
        failed = next(((side, one) for side, one in zip(sides, heard) if one.get("error")), None)
        if failed:
            raise RuntimeError(f"the {failed[0].name} process failed: {failed[1]['error']}\n{failed[0].last_lines()}".rstrip())
        if before and compared == 0 and not all(one["resumed"] for one in heard):
            raise RuntimeError(
                "the program did not go on from its checkpoint: it made a step before it had called run.state, as the run had done"
            )
        ended = [one.get("ended", False) for one in heard]
        if all(ended):
            if not all(one["torch"] for one in heard):
                raise RuntimeError("the script does not import PyTorch: there is nothing to trace")
            return {"parted": False, "steps": compared}
        if any(ended):
            return {"parted": True, "steps": compared, "step": before + compared + 1, "class": "ended", **_nowhere()}
        _refuse_two_algorithms(*(one["algorithms"] for one in heard))
        states = [one["state"] for one in heard]
        differing = [name for name in states[0] if states[0][name] != states[1].get(name)]
        if differing:
            return {"parted": True, "steps": compared, "step": before + heard[0]["step"], "state": differing, **_place(sides)}
        compared += not heard[0]["last"]
        tell(compared)
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
