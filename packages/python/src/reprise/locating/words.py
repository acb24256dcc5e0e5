"""Where two trainings part, in words and as the server takes it."""

import math

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


def body(found, runs=None):
    """The result as POST /runs/{id}/divergence takes it, of the run or the two runs that were trained again; a worker knows these."""
    told = {**({} if runs is None else {"runIds": runs}), "steps": found["steps"], "tries": found["tries"]}
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
