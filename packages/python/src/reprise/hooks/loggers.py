"""
What a script tells wandb, mlflow, TensorBoard or the file that Lightning logs to by itself is told to its run as well, under the names and steps that it gives there.

The library gets every call first, unchanged. Where it is absent, a stub takes the script's calls: see `stubs`.
"""

import functools
import json
import numbers
import sys
import weakref

from ..recorder import current
from . import imports, stubs
from .imports import after

# Of one run. A setting of every kind is listed with it, and some frameworks report hundreds.
MOST_PARAMETERS = 100

_parameters = weakref.WeakKeyDictionary()
_wandb_steps = weakref.WeakKeyDictionary()
_is_installed = False


def install():
    """From now on the calls of loggers are told to the run of this process, whichever it is at that moment."""
    global _is_installed
    if _is_installed:
        return
    _is_installed = True
    after("wandb", _with_wandb)
    after("mlflow", _with_mlflow)
    after("torch.utils.tensorboard", _with_tensorboard)
    for lightning in ("lightning.pytorch", "pytorch_lightning"):
        after(f"{lightning}.loggers.csv_logs", _with_lightning)
    imports.add(stubs.Finder())


def number(value):
    """The number that a value is, of Python, NumPy or a tensor of one element; None for all else."""
    if isinstance(value, numbers.Real):
        return float(value)
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        value = value.item()
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


def told_metrics(logger, values, step=None):
    """
    Metrics under the names of the logger; without `step` at the last step that the run has made. Where hooks tell the loss
    of every step as `loss`, the logger's own, with its steps and means, is `wandb/loss`: one series has one source.
    """
    run = current()
    found = {}
    for name, value in values:
        plain = number(value)
        if plain is None:
            run.gap(f"{name} as {logger} has it", f"it is a {type(value).__name__} and no number.")
        else:
            found[f"{logger}/{name}" if name == "loss" and run.is_watched else name] = plain
    if found:
        run.log(found, step=None if step is None else int(step))


def told_parameters(logger, values):
    """Parameters, each once, as the program's word."""
    run = current()
    known = _parameters.setdefault(run, {})
    for name, value in values:
        name = f"{logger}.{name}"
        plain = value if isinstance(value, (bool, int, float, str, type(None))) else json.dumps(value, default=str)
        if name in known and known[name] == plain:
            continue
        if name in known:
            run.log_text(f"{name} was {known[name]}, and is {plain} from here on.")
        elif len(known) < MOST_PARAMETERS:
            run.observe(name, plain[:10_000] if isinstance(plain, str) else plain)
        else:
            run.gap(f"all parameters that {logger} has", f"of one run {MOST_PARAMETERS} are kept.")
        known[name] = plain


def _tee(owner, name, look):
    """After every call of `owner.name` its arguments are given to `look`."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def teed(*args, **kwargs):
        answer = original(*args, **kwargs)
        run = current()
        if run and not run.ended:
            try:
                look(*args, **kwargs)
            except Exception as error:
                run.gap(f"a call of {name}", f"{type(error).__name__}: {error}")
        return answer

    setattr(owner, name, teed)


def _tee_each(owner, looks):
    """A version of a library that lacks something is a gap."""
    for name, look in looks.items():
        try:
            _tee(owner, name, look)
        except AttributeError as error:
            current().gap(f"calls of {name}", str(error))


def _with_wandb(wandb):
    def log(run, data, step=None, commit=None, *args, **kwargs):
        now = _wandb_steps.get(run, 0) if step is None else int(step)
        # As wandb counts: a call without a step ends one, unless it is told that more will come.
        ends = commit if commit is not None else step is None
        _wandb_steps[run] = now + 1 if ends else now
        told_metrics("wandb", flatten(data, "."), now)

    def configured(config, *args, **kwargs):
        told_parameters("wandb.config", flatten(dict(config.items()), "."))

    def begun(*args, **kwargs):
        configured(wandb.config)

    _tee_each(wandb.sdk.wandb_run.Run, {"log": log})
    _tee_each(wandb.sdk.wandb_config.Config, dict.fromkeys(("update", "__setattr__", "__setitem__"), configured))
    _tee_each(wandb, {"init": begun})


def _with_mlflow(mlflow):
    def log_metric(client, run_id, key, value, timestamp=None, step=None, *args, **kwargs):
        told_metrics("mlflow", [(key, value)], step)

    def log_param(client, run_id, key, value, *args, **kwargs):
        told_parameters("mlflow.params", [(key, value)])

    def log_batch(client, run_id, metrics=(), params=(), *args, **kwargs):
        for metric in metrics:
            told_metrics("mlflow", [(metric.key, metric.value)], metric.step)
        told_parameters("mlflow.params", [(param.key, param.value) for param in params])

    looks = {"log_metric": log_metric, "log_param": log_param, "log_batch": log_batch}
    _tee_each(mlflow.MlflowClient, looks)


def _with_tensorboard(tensorboard):
    def add_scalar(writer, tag, scalar_value, global_step=None, *args, **kwargs):
        told_metrics("tensorboard", [(tag, scalar_value)], global_step)

    def add_scalars(writer, main_tag, tag_scalar_dict, global_step=None, *args, **kwargs):
        told_metrics("tensorboard", flatten(tag_scalar_dict, "/", f"{main_tag}/"), global_step)

    def add_hparams(writer, hparam_dict, metric_dict, *args, **kwargs):
        # Its metrics go through add_scalar.
        told_parameters("tensorboard.hparams", hparam_dict.items())

    looks = {"add_scalar": add_scalar, "add_scalars": add_scalars, "add_hparams": add_hparams}
    _tee_each(tensorboard.SummaryWriter, looks)


def _with_lightning(csv_logs):
    """What modules log where nobody has chosen a logger, and TensorBoard is not there."""

    def log_metrics(logger, metrics, step=None, *args, **kwargs):
        # Its own logger has told them already where the script uses that one.
        if "reprise.callbacks.lightning" not in sys.modules:
            told_metrics("lightning", flatten(metrics, "/"), step)

    def log_hyperparams(logger, params=None, *args, **kwargs):
        told_parameters("lightning.hparams", flatten(dict(params or {}), "."))

    _tee_each(csv_logs.CSVLogger, {"log_metrics": log_metrics, "log_hyperparams": log_hyperparams})
