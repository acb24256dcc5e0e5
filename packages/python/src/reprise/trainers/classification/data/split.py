"""Divides cases into training, validation and test part: the same cases for the same seed as Reprise's built-in trainer."""

import math

from ....trainer import UserError
from ..streams import permutation
from .dataset import PARTS

# How far a given share may lie from a published part's: shares are written with few digits.
TOLERANCE = 0.005


def divide(dataset, split, key):
    """
    Indices of the three parts, ascending. `split` as in the request, `key` from `streams.split_key`. At random, stratified
    by class; `groupBy` keeps the cases of a group together; `published` takes the parts of the publication, and draws one
    that was not published from its training cases.

    Raises UserError where the set has no such grouping, no published parts, or parts of other sizes.
    """
    groups = None if split.get("groupBy") is None else _groups(dataset, split["groupBy"])

    def assign(indices, shares):
        if groups is None:
            return _by_case(dataset, indices, shares, key)
        return _by_group(dataset, groups, indices, shares, key)

    shares = [split[part] for part in PARTS]
    parts = _published(dataset, shares, assign) if split.get("published") else assign(range(len(dataset.labels)), shares)
    return [[index for index in range(len(dataset.labels)) if parts[index] == part] for part in range(3)]


def _groups(dataset, grouping):
    if grouping not in dataset.groups:
        known = ", ".join(dataset.groups)
        raise UserError(
            f'Data set {dataset.name} has no group "{grouping}" to split by.',
            f"It has: {known}." if known else "Set dataset.split.groupBy to null.",
        )
    return dataset.groups[grouping]


def _sizes(cases, shares):
    """Sizes of the parts by largest remainder."""
    exact = [share * cases for share in shares]
    sizes = [math.floor(value) for value in exact]
    # Rounded, so that 0.2 · 5 = 1.0000000000000002 does not count as a remainder.
    by_remainder = sorted(range(len(shares)), key=lambda part: (-round(exact[part] - sizes[part], 9), part))
    for part in by_remainder[: cases - sum(sizes)]:
        sizes[part] += 1
    return sizes


def _by_case(dataset, indices, shares, key):
    """The cases of each class, shuffled, evenly on a line from 0 to 1; the line is cut at the sizes of the parts."""
    placed = []
    for label in range(len(dataset.classes)):
        members = [index for index in indices if dataset.labels[index] == label]
        order = permutation(len(members), key, label)
        placed += [((rank + 0.5) / len(members), label, members[member]) for rank, member in enumerate(order)]
    placed.sort(key=lambda case: case[:2])
    parts, start = {}, 0
    for part, size in enumerate(_sizes(len(placed), shares)):
        parts.update({index: part for _, _, index in placed[start : start + size]})
        start += size
    return parts


def _by_group(dataset, group_of, indices, shares, key):
    """Whole groups, large ones first, each to the part that then stays nearest to its share of every class."""
    names = list(dict.fromkeys(group_of[index] for index in indices))
    ordered = [names[place] for place in permutation(len(names), key, 0)]
    members = {name: [] for name in ordered}
    for index in indices:
        members[group_of[index]].append(index)
    classes = range(len(dataset.classes))

    def counts(cases):
        found = [0] * len(dataset.classes)
        for index in cases:
            found[dataset.labels[index]] += 1
        return found

    totals = counts(indices)
    filled = [[0] * len(dataset.classes) for _ in PARTS]

    def distance(part, more):
        """Squared distance of a part's class counts from its share, as fractions of each class."""
        total = 0.0
        for label in classes:
            if totals[label]:
                total += ((filled[part][label] + more[label] - shares[part] * totals[label]) / totals[label]) ** 2
        return total

    parts, nothing = {}, [0] * len(dataset.classes)
    for name in sorted(ordered, key=lambda name: -len(members[name])):
        own = counts(members[name])
        offered = [part for part in range(3) if shares[part] > 0]
        best = min(offered, key=lambda part: distance(part, own) - distance(part, nothing))
        filled[best] = [filled[best][label] + own[label] for label in classes]
        parts.update(dict.fromkeys(members[name], best))
    return parts


def _published(dataset, shares, assign):
    if dataset.published is None:
        raise UserError(f"Data set {dataset.name} was not published in parts.", "Leave dataset.split.published out.")
    found = [dataset.published.count(part) / len(dataset.labels) for part in range(3)]
    for part in (2, 1):
        if (part == 2 or found[1] > 0) and abs(shares[part] - found[part]) > TOLERANCE:
            raise UserError(
                f"dataset.split.{PARTS[part]} is {shares[part]}, but the published {PARTS[part]} part of {dataset.name} is "
                f"{found[part]:.4f} of its cases.",
                f"Set dataset.split.{PARTS[part]} to {found[part]:.4f} and let the shares sum to 1, or leave published out.",
            )
    parts = dict(enumerate(dataset.published))
    if found[1] == 0 and shares[1] > 0:
        drawn = shares[1] / found[0]
        parts.update(assign([index for index, part in parts.items() if part == 0], [1 - drawn, drawn, 0]))
    return parts
