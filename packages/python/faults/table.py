"""
Plants every fault in one of two processes, and has `python -m reprise locate` find it. Prints a table in Markdown.

    PYTHONPATH=src python faults/table.py [--seed 1] [--only WORDS]
    PYTHONPATH=src python faults/table.py --seed 14 --draw 25        # so many of `drawn.py`, of other modules and operations
"""

import argparse
import os
import random
import sys

import drawn
from planted import FAULTS
from reprise.locate import locate

TRAININGS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "trainings.py")


def found_of(fault, at):
    """Where the fault is found. The second process alone has it, unless it comes of what is in the environment of both."""
    planted = {"REPRISE_FAULT": fault.name, "REPRISE_FAULT_AT": at}
    if fault.variables is None:
        return locate(TRAININGS, [fault.training], second_env=planted, seed=7, tries=1)
    os.environ.update(planted)
    found = locate(TRAININGS, [fault.training], second_env=fault.variables, seed=7, tries=5)
    for name in planted:
        del os.environ[name]
    return found


def is_right(fault, at, found):
    """Whether the place of the fault is told, in every word of it."""
    if not found["parted"]:
        return False
    operations = [one["operation"] for one in (found, found.get("instead")) if one and one["operation"]]

    def fits(place):
        module = place.module and place.module.format(at=at)
        tensor = place.tensor and place.tensor.format(at=at)
        return (
            found.get("phase") == place.phase
            and found.get("class") == place.kind
            and (module is None or found["module"] == module)
            and any(one.startswith(place.operation) for one in operations)
            and (tensor is None or tensor in (found["tensor"] or ""))
        )

    return any(fits(place) for place in fault.places)


def told(found):
    if not found["parted"]:
        return "not found"
    ulp = "" if found.get("ulp") is None else f", {found['ulp']:.3g} ulp"
    parts = [found["phase"], found["module"], found["operation"], found["tensor"]]
    return f"step {found['step']}: {', '.join(part for part in parts if part)}{ulp}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1, help="draws the layers")
    parser.add_argument("--only", default="", help="faults whose name has these words")
    parser.add_argument("--draw", type=int, default=None, help="so many of the faults of drawn.py, drawn as well")
    options = parser.parse_args()
    draw = random.Random(options.seed)
    own = [fault for fault in FAULTS if fault.name in drawn.NAMES]
    faults = [fault for fault in FAULTS if fault not in own] if options.draw is None else draw.sample(own, options.draw)
    planted = [(fault, draw.choice(fault.layers)) for fault in faults]
    print(f"Seed {options.seed}.\n")
    print("| fault | layer | found at | as | right |\n|---|---|---|---|---|")
    right = 0
    chosen = [(fault, at) for fault, at in planted if options.only in fault.name]
    for fault, at in chosen:
        found = found_of(fault, at)
        correct = is_right(fault, at, found)
        right += correct
        print(f"| {fault.name} | {at or '–'} | {told(found)} | {found.get('class', '–')} | {'yes' if correct else '**no**'} |", flush=True)
    print(f"\n{right} of {len(chosen)} located.")
    sys.exit(right < len(chosen))


if __name__ == "__main__":
    main()
