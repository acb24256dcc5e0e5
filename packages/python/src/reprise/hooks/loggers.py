"""
What a script tells wandb, mlflow, TensorBoard or the file that Lightning logs to by itself is told to its run as well, under the names and steps that it gives there.

The library gets every call first, unchanged. Where it is absent, a stub takes the script's calls: see `stubs`.
"""

import functools
import os
import sys
import threading
import weakref

from ..recorder import current
from . import imports, stubs
from .imports import after
from .told import flatten, number, told_metrics, told_parameters

# What a framework tells its loggers is told by the callback of that framework where the script uses it.
_CALLBACKS = {
    "lightning": "reprise.callbacks.lightning",
    "pytorch_lightning": "reprise.callbacks.lightning",
    "transformers": "reprise.callbacks.huggingface",
}
_LOGGERS = ("reprise.", "wandb.", "mlflow.", "tensorboardX.", "torch.utils.tensorboard.", "lightning_utilities.", "contextlib.", "functools.")

# Of calls that a library makes within a call of the script, the script's is told.
_inside = threading.local()
_wandb_runs = weakref.WeakKeyDictionary()
_is_installed = False


def install():
    """From now on the calls of loggers are told to the run of this process, whichever it is at that moment."""
    global _is_installed
    if _is_installed:
        return
    _is_installed = True
    after("wandb", _with_wandb)
    after("mlflow", _with_mlflow)
    for tensorboard in ("torch.utils.tensorboard", "tensorboardX"):
        after(tensorboard, _with_tensorboard)
    for lightning in ("lightning.pytorch", "pytorch_lightning"):
        after(f"{lightning}.loggers.csv_logs", _with_lightning)
    imports.add(stubs.Finder())


def _is_told_by_callback():
    """Whether the call comes from a framework whose callback tells the same."""
    if not any(callback in sys.modules for callback in _CALLBACKS.values()):
        return False
    frame = sys._getframe(2)
    while frame is not None and f"{frame.f_globals.get('__name__')}.".startswith(_LOGGERS):
        frame = frame.f_back
    root = "" if frame is None else str(frame.f_globals.get("__name__")).partition(".")[0]
    return _CALLBACKS.get(root) in sys.modules


def _tee(owner, name, look):
    """After every call of `owner.name` its arguments are given to `look`, behind what it answered."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def teed(*args, **kwargs):
        if getattr(_inside, "call", False):
            return original(*args, **kwargs)
        _inside.call = True
        try:
            answer = original(*args, **kwargs)
        finally:
            _inside.call = False
        run = current()
        if run and not run.ended:
            try:
                look(answer, *args, **kwargs)
            except Exception as error:
                run.gap(f"a call of {name}", f"{type(error).__name__}: {error}")
        return answer

    setattr(owner, name, teed)
    # A function is pickled by the place where it is defined.
    home = sys.modules.get(original.__module__)
    if getattr(home, original.__qualname__, None) is original:
        setattr(home, original.__qualname__, teed)


def _tee_each(owner, looks):
    """A version of a library that lacks something is a gap."""
    for name, look in looks.items():
        try:
            _tee(owner, name, look)
        except AttributeError as error:
            current().gap(f"calls of {name}", str(error))


class _WandbRun:
    """Steps of one run of wandb, counted as wandb counts them."""

    def __init__(self, run):
        self.id = str(run.id)
        # Of a run that goes on, it is not 0.
        self.step = int(run.starting_step)
        self.last = None
        # Metric → the metric that the script has defined as its axis; beginnings of names likewise; last values of metrics that are axes.
        self.axes, self.globs, self.values = {}, {}, {}

    def define(self, name, axis):
        if name.endswith("*"):
            self.globs[name[:-1]] = axis
        else:
            self.axes[name] = axis
        self.values.setdefault(axis, None)

    def at(self, name, now):
        """The step of a metric: the value of its axis where that is a whole number."""
        axis = self.axes.get(name)
        if axis is None:
            axis = next((axis for glob, axis in self.globs.items() if name.startswith(glob)), None)
        value = self.values.get(axis)
        return now if value is None or value < 0 or not value.is_integer() else int(value)

    def log(self, values, step, commit):
        now = self.step if step is None else int(step)
        # A call without a step ends one, unless it is told that more will come. A step that is over is not gone back to.
        ends = commit if commit is not None else step is None
        self.step = max(self.step, now) + (1 if ends else 0)
        for axis in self.values:
            if axis in values:
                self.values[axis] = number(values[axis])
        of_steps = {}
        for name, value in values.items():
            of_steps.setdefault(self.at(name, now), []).append((name, value))
        for at, found in of_steps.items():
            told_metrics("wandb", found, at, self.id)
        self.last = max(of_steps, default=self.last)


def _with_wandb(wandb):
    def of(run):
        if run not in _wandb_runs:
            _wandb_runs[run] = _WandbRun(run)
        return _wandb_runs[run]

    def log(_, run, data, step=None, commit=None, *args, **kwargs):
        if not _is_told_by_callback():
            of(run).log(dict(flatten(data, ".")), step, commit)

    def define_metric(_, run, name, step_metric=None, *args, **kwargs):
        if step_metric is not None:
            of(run).define(name, getattr(step_metric, "name", step_metric))

    def configured(_, config, *args, **kwargs):
        told_parameters("wandb", flatten(dict(config.items()), "."), ".config")

    def summarised(_, summary, values, *args, **kwargs):
        known = _wandb_runs.get(wandb.run)
        # Those of a dict in the summary are not told.
        if isinstance(summary, wandb.sdk.wandb_summary.Summary):
            own = f"summary {known.id if known else ''}"
            told_metrics("wandb", flatten(values, "."), known and known.last, own, "summary")

    looks = {"log": log, "define_metric": define_metric}

    def begun(run, *args, **kwargs):
        if run is None:
            return
        # A run that is disabled has methods of its own.
        if type(run) is not wandb.sdk.wandb_run.Run:
            _tee_each(type(run), {name: look for name, look in looks.items() if name in vars(type(run)) and not hasattr(vars(type(run))[name], "__wrapped__")})
        # Bound before they were teed.
        if wandb.run is run:
            wandb.log, wandb.define_metric = run.log, run.define_metric
        of(run)
        configured(None, run.config)

    _tee_each(wandb.sdk.wandb_run.Run, looks)
    _tee_each(wandb.sdk.wandb_config.Config, dict.fromkeys(("update", "__setattr__", "__setitem__", "setdefaults"), configured))
    _tee_each(wandb.sdk.wandb_summary.SummaryDict, {"update": summarised})
    _tee_each(wandb, {"init": begun})
    if wandb.run is not None:
        begun(wandb.run)


def _with_mlflow(mlflow):
    def metric(run_id, key, value, step):
        # mlflow takes the text of a number as one.
        told_metrics("mlflow", [(key, float(value) if isinstance(value, str) else value)], step, run_id, keeps_all=True)

    def log_metric(_, client, run_id, key, value, timestamp=None, step=None, *args, **kwargs):
        if not _is_told_by_callback():
            metric(run_id, key, value, step or 0)

    def log_param(_, client, run_id, key, value, *args, **kwargs):
        told_parameters("mlflow", [(key, value)], ".params", run_id)

    def log_batch(_, client, run_id, metrics=(), params=(), *args, **kwargs):
        if not _is_told_by_callback():
            for one in metrics:
                metric(run_id, one.key, one.value, one.step)
        told_parameters("mlflow", [(param.key, param.value) for param in params], ".params", run_id)

    looks = {"log_metric": log_metric, "log_param": log_param, "log_batch": log_batch}
    _tee_each(mlflow.MlflowClient, looks)


def _with_tensorboard(tensorboard):
    def told(writer, values, step, part=""):
        if _is_told_by_callback():
            return
        folder = os.path.abspath(getattr(writer, "log_dir", None) or getattr(writer, "logdir", None) or "")
        told_metrics("tensorboard", values, step, folder + part, part or os.path.basename(folder), keeps_all=True)

    def add_scalar(_, writer, tag, scalar_value, global_step=None, *args, **kwargs):
        told(writer, [(tag, scalar_value)], global_step)

    def add_scalars(_, writer, main_tag, tag_scalar_dict, global_step=None, *args, **kwargs):
        told(writer, flatten(tag_scalar_dict, "/", f"{main_tag}/"), global_step)

    def add_hparams(_, writer, hparam_dict, metric_dict, *args, **kwargs):
        told_parameters("tensorboard", hparam_dict.items(), ".hparams")
        told(writer, metric_dict.items(), kwargs.get("global_step"), "hparams")

    def no_number(kind):
        return lambda _, writer, tag, *args, **kwargs: current().gap(f"{tag} as tensorboard has it", f"it is {kind} and no number.")

    looks = {"add_scalar": add_scalar, "add_scalars": add_scalars, "add_hparams": add_hparams}
    looks.update({name: no_number(kind) for name, kind in stubs.NO_NUMBERS.items()})
    _tee_each(tensorboard.SummaryWriter, looks)


def _with_lightning(csv_logs):
    """What modules log where nobody has chosen a logger, and TensorBoard is not there."""

    def log_metrics(_, logger, metrics, step=None, *args, **kwargs):
        if not _is_told_by_callback():
            told_metrics("lightning", flatten(metrics, "/"), step)

    def log_hyperparams(_, logger, params=None, *args, **kwargs):
        told_parameters("lightning", flatten(dict(params or {}), "."), ".hparams")

    _tee_each(csv_logs.CSVLogger, {"log_metrics": log_metrics, "log_hyperparams": log_hyperparams})
