"""What loggers and frameworks tell, as reports of the run of this process: every number under one name, at one step."""

import json
import numbers
import weakref

from ..recorder import current

# Of one run. A setting of every kind is listed with it, and some frameworks report hundreds.
MOST_PARAMETERS = 100
# The server takes no later step.
GREATEST_STEP = 2**31 - 1


class _Series:
    """One series, with where it stands."""

    def __init__(self, source):
        self.source = source
        self.greatest = -1
        self.last = None


class _Told:
    """What one run has been told."""

    def __init__(self):
        self.parameters = {}
        self.series = {}
        # (Logger, its run), and a name there → the name of its series; None while it repeats that of another logger.
        self.names = {}
        # The name of the `loss` that loggers tell beside that of hooks.
        self.loss = None
        # (Logger, its run) → what its names begin with beside those of another.
        self.labels = {}
        self.taken = set()
        self.counts = {}

    def label(self, logger, own, wanted=None):
        """`mlflow`, of its second run `mlflow-2`; `wanted` in place of `mlflow`."""
        known = self.labels.get((logger, own))
        if known is None:
            known = first = wanted or logger
            while known in self.taken:
                self.counts[first] = self.counts.get(first, 1) + 1
                known = f"{first}-{self.counts[first]}"
            self.taken.add(known)
            self.labels[logger, own] = known
        return known

    def free(self, logger, label, name):
        """A name that no series has."""
        wanted = found = f"{label}/{name}"
        if found in self.series:
            wanted = found = f"{logger}/{label}/{name}"
        count = 1
        while found in self.series:
            count += 1
            found = f"{wanted}-{count}"
        return found


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


def told_metrics(logger, values, step=None, own="", label=None, replaces=False):
    """
    Metrics under the names of the logger; without `step` at the last step that the run has made.

    A series has one source. Where hooks tell the loss of every step as `loss`, the logger's own, with its steps and means, is
    `wandb/loss`. The second source that tells a name has a series of its own from its first value on; one of another logger only
    once it differs from what the first tells. `own` says which of the logger's runs tells it, `label` what their names then begin
    with (default: `mlflow`, `mlflow-2`, …). `replaces`: of several values of one step the logger itself keeps the last.
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
            key = _named(run, told, logger, own, label, name, at, plain)
            if key is not None:
                _goes_on(run, told.series[key], key, at, plain, replaces)
                found[key] = plain
    if found:
        run.log(found, step=at)


def _named(run, told, logger, own, label, name, at, value):
    """The name of a value's series in the run; None where another logger has told the value."""
    source = (logger, own)
    wanted = name
    if name == "loss" and run.is_watched:
        wanted = told.loss = told.loss or f"{logger}/loss"
    known = told.names.get((source, name))
    if known == "loss" and known != wanted:
        run.gap(f"loss as one series of {logger}", f"{logger} told it before PyTorch was imported. From step {at} on it is {wanted}, and loss is that which PyTorch computes.")
        known = None
    if known is not None:
        return known
    first = told.series.get(wanted)
    # NaN is not equal to itself.
    if first is not None and first.source[0] != logger and repr(first.last) == repr((at, value)):
        told.names[source, name] = None
        return None
    found = wanted if first is None else told.free(logger, label, name)
    if first is not None:
        until = f" Before step {at} it told the same." if told.names.get((source, name), found) is None else ""
        run.log_text(f"{wanted} is told by more than one: what {label} tells is {found} here.{until}")
    told.names[source, name] = found
    told.series[found] = _Series(source)
    return found


def _goes_on(run, series, name, at, value, replaces):
    """Steps that do not increase may hide a value behind another."""
    is_again = at == series.greatest and not replaces and repr(series.last) != repr((at, value))
    if at < series.greatest or is_again:
        run.gap(f"every value of {name} that {series.source[0]} has", f"its steps do not increase, first at step {at} after {series.greatest}: of the values of one step the last stays.")
    series.greatest = max(series.greatest, at)
    series.last = (at, value)


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
            continue
        known[name] = plain


def _plain(value):
    if isinstance(value, (bool, int, float, str, type(None))):
        return value
    if hasattr(value, "item") and number(value) is not None:
        return value.item()
    return json.dumps(value, default=str) if isinstance(value, (dict, list, tuple)) else str(value)
