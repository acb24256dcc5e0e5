"""What loggers and frameworks tell, as reports of the run of this process: every number under one name, at one step."""

import json
import numbers
import weakref

from ..recorder import current

# Of one run. A setting of every kind is listed with it, and some frameworks report hundreds.
MOST_PARAMETERS = 100
# The server takes no later step.
GREATEST_STEP = 2**31 - 1


class _Told:
    """What one run has been told."""

    def __init__(self):
        self.parameters = {}
        # Name → who told it first, with the last step and value.
        self.series = {}
        # The name of the `loss` that loggers tell beside that of hooks.
        self.loss = None
        # (Logger, its run) → what its names begin with beside those of another.
        self.labels = {}

    def label(self, logger, own, wanted=None):
        """`mlflow`, of its second run `mlflow-2`; `wanted` in place of `mlflow`."""
        known = self.labels.get((logger, own))
        if known is None:
            taken, count = self.labels.values(), 1
            known = first = wanted or logger
            while known in taken:
                count += 1
                known = f"{first}-{count}"
            self.labels[logger, own] = known
        return known


_of_runs = weakref.WeakKeyDictionary()


def _told(run):
    return _of_runs.setdefault(run, _Told())


def number(value):
    """The number that a value is, of Python, or an array or tensor of one element; None for all else."""
    if isinstance(value, numbers.Real):
        return float(value)
    if hasattr(value, "item"):
        count = value.numel() if hasattr(value, "numel") else getattr(value, "size", None)
        value = value.item() if count == 1 else None
        return float(value) if isinstance(value, numbers.Real) else None
    return None


def flatten(values, separator, prefix=""):
    """Nested dicts as (name, value) with one name each: {"train": {"loss": 1}} is `train.loss`."""
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            yield from flatten(value, separator, f"{name}{separator}")
        else:
            yield name, value


def told_metrics(logger, values, step=None, own="", label=None, keeps_all=False):
    """
    Metrics under the names of the logger; without `step` at the last step that the run has made.

    A series has one source. Where hooks tell the loss of every step as `loss`, the logger's own, with its steps and means, is
    `wandb/loss`. Of two that tell the same name, the second has a name of its own, unless it repeats what the first has told. `own`
    says which of the logger's runs tells it, `label` what their names then begin with (default: `mlflow`, `mlflow-2`, …).
    `keeps_all`: the logger itself keeps several values of one step.
    """
    run = current()
    told = _told(run)
    label = told.label(logger, own, label)
    at = run.steps if step is None else int(step)
    found = {}
    for name, value in values:
        plain = number(value)
        if plain is None:
            run.gap(f"{name} as {logger} has it", f"it is a {type(value).__name__} and no number.")
        elif not 0 <= at <= GREATEST_STEP:
            run.gap(f"{name} as {logger} has it", f"its step is {at}: steps of a run are from 0 to {GREATEST_STEP}.")
        else:
            key = _named(run, told, logger, (logger, own), label, name, (at, plain), keeps_all)
            if key is not None:
                found[key] = plain
    if found:
        run.log(found, step=at)


def _named(run, told, logger, source, label, name, point, keeps_all):
    """The name of a value in the run; None where another has told it."""
    plain = name
    if name == "loss" and run.is_watched:
        plain = told.loss = told.loss or f"{logger}/loss"
    before = told.series.get(plain)
    if before is not None and before[0] != source:
        # NaN is not equal to itself.
        if repr(before[1]) == repr(point):
            return None
        first, plain = plain, f"{label}/{name}"
        before = told.series.get(plain)
        if before is not None and before[0] != source:
            plain = f"{logger}/{plain}"
            before = told.series.get(plain)
        if before is None:
            run.log_text(f"{first} is told by more than one: what {label} tells is {plain} here.")
    if keeps_all and before is not None and before[1][0] == point[0] and repr(before[1]) != repr(point):
        run.gap(f"every value of {plain} that {logger} has", f"several are of one step, first of step {point[0]}: of each step the last one stays.")
    told.series[plain] = (source, point)
    return plain


def told_parameters(logger, values, kind="", own=""):
    """Parameters, each once, as the program's word: `wandb.config.lr` is of the kind `.config`."""
    run = current()
    told = _told(run)
    known = told.parameters
    beginning = f"{told.label(logger, own) if own else logger}{kind}"
    for name, value in values:
        name = f"{beginning}.{name}"
        plain = _plain(value)
        if name in known and repr(known[name]) == repr(plain):
            continue
        if name in known:
            run.log_text(f"{name} was {known[name]}, and is {plain} from here on.")
        elif len(known) < MOST_PARAMETERS:
            run.observe(name, plain[:10_000] if isinstance(plain, str) else plain)
        else:
            run.gap(f"all parameters that {logger} has", f"of one run {MOST_PARAMETERS} are kept.")
        known[name] = plain


def _plain(value):
    if isinstance(value, (bool, int, float, str, type(None))):
        return value
    if hasattr(value, "item") and number(value) is not None:
        return value.item()
    return json.dumps(value, default=str) if isinstance(value, (dict, list, tuple)) else str(value)
