"""The first operation in which two traces of one step part, and of what kind the parting is."""

import difflib

# Operations that are aligned one by one where two steps do not compute the same; of more only the first that differs is told.
ALIGNED = 5000


def _keys(records):
    return [(record["op"], record["module"]) for record in records]


def aligned(a, b):
    """
    Pairs of indices of the operations that two traces share, in order, and of those that only one has: lists of
    (i, j), i or j being None.
    """
    left, right = _keys(a), _keys(b)
    if left == right:
        return [(index, index) for index in range(len(a))]
    common = next((index for index, (x, y) in enumerate(zip(left, right)) if x != y), min(len(left), len(right)))
    pairs = [(index, index) for index in range(common)]
    left, right = left[common:], right[common:]
    if max(len(left), len(right)) > ALIGNED:
        return [*pairs, (common if left else None, None), (None, common if right else None)]
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            pairs += [(common + i, common + j) for i, j in zip(range(i1, i2), range(j1, j2))]
        else:
            pairs += [(common + i, None) for i in range(i1, i2)] + [(None, common + j) for j in range(j1, j2)]
    return pairs


def _digests(entries):
    return [(entry["digest"], entry["kind"]) for entry in entries]


def _differs(a, b):
    """Whether what two operations give differs. A view gives what it is given, unless it looks elsewhere."""
    if a["view"]:
        return a["arguments"] != b["arguments"]
    return _digests(a["outputs"]) != _digests(b["outputs"]) or a["scalar"] != b["scalar"]


def _other(a, b):
    """Name → (value in the first, in the second) of what two dicts do not share."""
    return {name: (a.get(name), b.get(name)) for name in {**a, **b} if a.get(name) != b.get(name)}


def _first_unequal(left, right):
    """Index of the first entry in which two lists of tensors differ; None where they do not."""
    pairs = zip(_digests(left), _digests(right))
    found = next((index for index, (x, y) in enumerate(pairs) if x != y), None)
    return min(len(left), len(right)) if found is None and len(left) != len(right) else found


def parting(a, b):
    """
    Where two traces part: `pair` of indices (one is None where only one side has the operation), `class`, and what is
    known beside it (`input`, `output`: indices of tensors; `arguments`, `settings`: name → both values). None where no
    operation differs.

    Classes: `code-differs` (operations that only one side has), `arguments-differ`, `settings-differ`, `random-state-differs`,
    `input-differs` (it came from outside of the traced operations), `nondeterministic-operation` (all of these are equal).
    """
    pairs = aligned(a, b)
    alone = []
    for i, j in pairs:
        if i is None or j is None:
            alone.append((i, j))
        elif _differs(a[i], b[j]):
            found = _classified(a, b, i, j, alone)
            return {**found, "pair": _with_counterpart(found["pair"], pairs)}
    return {"pair": _with_counterpart(alone[0], pairs), "class": "code-differs"} if alone else None


def _with_counterpart(pair, pairs):
    """An operation of one side alone, with the first of those that the other side has in its place, if any."""
    if None not in pair:
        return pair
    at = begin = pairs.index(pair)
    while begin > 0 and None in pairs[begin - 1]:
        begin -= 1
    while at < len(pairs) and None in pairs[at]:
        at += 1
    side = pair.index(None)
    other = next((one[side] for one in pairs[begin:at] if one[side] is not None), None)
    return (other, pair[1]) if side == 0 else (pair[0], other)


def _classified(a, b, i, j, alone):
    left, right = a[i], b[j]
    found = {"pair": (i, j), "output": _first_unequal(left["outputs"], right["outputs"])}
    unequal = _unequal_input(left, right)
    source = _source(a, b, (i, j), unequal, alone)
    if source is not None:
        return {"pair": source, "class": "code-differs"}
    if unequal is not None:
        # Tensors of another kind, or another number of them, are no other values of the same.
        sides = [record["inputs"][unequal : unequal + 1] for record in (left, right)]
        is_other_code = [entry["kind"] for entry in sides[0]] != [entry["kind"] for entry in sides[1]]
        return {**found, "class": "code-differs" if is_other_code else "input-differs", "input": unequal}
    arguments, settings = _other(left["arguments"], right["arguments"]), _other(left["settings"], right["settings"])
    if arguments:
        return {**found, "class": "arguments-differ", "arguments": arguments}
    if left["random"] != right["random"]:
        return {**found, "class": "random-state-differs"}
    if settings:
        return {**found, "class": "settings-differ", "settings": settings}
    return {**found, "class": "nondeterministic-operation"}


def _unequal_input(left, right):
    """Index of the first input that differs, without memory that a random operation fills and does not read."""
    if left["view"]:
        return None
    filled = {entry["name"] for entry in left["outputs"]} if left["random"] is not None else set()
    sides = [[entry for entry in record["inputs"] if entry["name"] not in filled] for record in (left, right)]
    unequal = _first_unequal(*sides)
    if unequal is None or unequal >= len(sides[0]):
        return unequal
    return left["inputs"].index(sides[0][unequal])


def _source(a, b, pair, unequal, alone):
    """The operation of one side alone that made what differs in a pair, if any did."""
    for trace, index, side in ((a, pair[0], 0), (b, pair[1], 1)):
        own = {one[side] for one in alone if one[side] is not None}
        made = None
        if unequal is not None and unequal < len(trace[index]["inputs"]):
            made = _maker(trace, index, trace[index]["inputs"][unequal]["storage"])
        elif a[pair[0]]["random"] != b[pair[1]]["random"]:
            made = next((at for at in range(index - 1, -1, -1) if at in own and trace[at]["random"] is not None), None)
        if made is not None and made in own:
            first = _first_of_block(trace, made, own)
            return (first, None) if side == 0 else (None, first)
    return None


def _maker(trace, before, storage):
    """Index of the last operation before another one that wrote to a tensor's memory."""
    if storage is None:
        return None
    for at in range(before - 1, -1, -1):
        if not trace[at]["view"] and any(entry["storage"] == storage for entry in trace[at]["outputs"]):
            return at
    return None


def _first_of_block(trace, at, own):
    """
    Where the code that made an operation begins to differ: what the backward pass computes by itself comes of what was
    computed forwards, and several operations in a row are one change.
    """
    if trace[at]["by engine"]:
        at = next((other for other in sorted(own) if trace[other]["differentiated"] and other < at), at)
    while at - 1 in own and trace[at - 1]["phase"] == trace[at]["phase"] and trace[at - 1]["module"] == trace[at]["module"]:
        at -= 1
    return at
