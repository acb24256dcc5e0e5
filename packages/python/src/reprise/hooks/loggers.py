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

# Of calls that a library makes within a call of the script, the script's is told.
_inside = threading.local()
_wandb_runs = weakref.WeakKeyDictionary()
_writers = weakref.WeakKeyDictionary()
_is_installed = False
# The step at which the next run of wandb goes on, where a state was gone on from before that run has begun.
_wandb_goes_on = 0


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


def wandb_step():
    """The step of the run of wandb that has begun last; 0 where there is none."""
    return next((known.step for known in reversed(list(_wandb_runs.values()))), 0)


def wandb_goes_on(step):
    """
    The training goes on from a state that was kept when wandb was at this step. In a new process wandb counts from 0, where the values
    of the attempt before stand already.
    """
    global _wandb_goes_on
    for known in reversed(list(_wandb_runs.values())):
        known.step = max(known.step, step)
        return
    _wandb_goes_on = step


def _tee(owner, name, look, before=None):
    """
    After every call of `owner.name` its arguments are given to `look`, behind what it answered; where there is `before`, behind
    what that answered to the arguments ahead of the call, whether or not there is a run.
    """
    original = getattr(owner, name)

    @functools.wraps(original)
    def teed(*args, **kwargs):
        if getattr(_inside, "call", False):
            return original(*args, **kwargs)
        error, seen = None, None
        _inside.call = True
        try:
            if before is not None:
                try:
                    seen = before(*args, **kwargs)
                except Exception as failed:
                    error = failed
            answer = original(*args, **kwargs)
        finally:
            _inside.call = False
        run = current()
        if run and not run.ended:
            try:
                if error is not None:
                    raise error
                look(answer if before is None else seen, *args, **kwargs)
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
            _tee(owner, name, *(look if isinstance(look, tuple) else (look,)))
        except AttributeError as error:
            current().gap(f"calls of {name}", str(error))


class _WandbRun:
    """Steps of one run of wandb, counted as wandb counts them."""

    def __init__(self, run):
        self.id = str(run.id)
        # wandb may have made steps before. A run that is disabled counts none, and one that several processes share has none.
        try:
            step = number(run.step)
        except Exception:
            step = None
        global _wandb_goes_on
        # As wandb counts in this process, by which it ignores calls; and as it would in a run that was never stopped, see `wandb_goes_on`.
        self.own = int(run.starting_step if step is None else step)
        self.step = max(self.own, _wandb_goes_on)
        _wandb_goes_on = 0
        self.last = None
        # The summary knows the run, which is not to stay for it.
        self.summary = weakref.ref(run.summary)
        # Metric → the metric that the script has defined as its axis; beginnings of names likewise.
        self.axes, self.globs, self.defined = {}, {}, set()
        # The axes' values in the row of wandb that is open, and its step.
        self.row, self.row_step = {}, None
        # Series → the axis it stands at, with its last value there; None for wandb's own steps.
        self.scales = {}

    def define(self, name, axis):
        self.defined.add(axis)
        if name.endswith("*"):
            self.globs[name[:-1]] = axis
        else:
            self.axes[name] = axis

    def take(self, step, commit):
        """The step of a call that wandb takes; None where it ignores it, because that step is over."""
        now = self.own if step is None else int(step)
        at = None if now < self.own else self.step if step is None else now
        # A call without a step ends one, unless it is told that more will come.
        ends = 1 if (commit if commit is not None else step is None) else 0
        self.own = max(self.own, now) + ends
        # A call that names a step which an attempt before has passed, as one at every start, moves nothing.
        self.step = max(self.step + ends if step is None else self.step, self.own)
        return at

    def _axis(self, name):
        if name in self.defined:
            return None
        axis = self.axes.get(name)
        if axis is None:
            axis = self.globs.get(max((glob for glob in self.globs if name.startswith(glob)), key=len, default=None))
        return axis if axis in self.row else None

    def at(self, name, value, now):
        """
        The step of a value: that of the metric's axis as long as every value comes with a greater whole number of it, else
        wandb's own. A series that has left its axis does not return to it.
        """
        is_known = name in self.scales
        axis, before, last = self.scales.get(name) or (None if is_known else self._axis(name), -1, None)
        if axis is None:
            self.scales[name] = None
            return now
        at, value = self.row.get(axis), repr(value)
        if at is not None and at.is_integer() and (at > before or (at == before and value == last)):
            self.scales[name] = (axis, at, value)
            return int(at)
        self.scales[name] = None
        if is_known:
            current().gap(
                f"{name} at steps of {axis}",
                f"after {before:g}, {axis} is {'not told with it' if at is None else f'{at:g}'}: from step {now} on its steps are those of wandb.",
            )
        return now

    def log(self, values, now):
        if now != self.row_step:
            self.row, self.row_step = {}, now
        for axis in self.defined:
            value = number(values.get(axis))
            if value is not None:
                self.row[axis] = value
        of_steps = {}
        for name, value in values.items():
            of_steps.setdefault(self.at(name, value, now), []).append((name, value))
        for at, found in of_steps.items():
            told_metrics("wandb", found, at, self.id, replaces=True)
        self.last = max(of_steps, default=self.last)


def _with_wandb(wandb):
    def of(run):
        if run not in _wandb_runs:
            _wandb_runs[run] = _WandbRun(run)
        return _wandb_runs[run]

    def step(run, data, step=None, commit=None, *args, **kwargs):
        known = of(run)
        return known.own, known.take(step, commit)

    def log(steps, run, data, step=None, *args, **kwargs):
        before, at = steps
        if at is None:
            for name, _ in flatten(data, "."):
                current().gap(f"{name} as wandb has it", f"wandb ignores it: its step is {step}, and wandb was at {before}.")
        else:
            of(run).log(dict(flatten(data, ".")), at)

    def define_metric(_, run, name, step_metric=None, *args, **kwargs):
        if step_metric is not None:
            of(run).define(name, getattr(step_metric, "name", step_metric))

    def configured(_, config, values=None, *args, **kwargs):
        """Of a whole config where it does not say what has changed."""
        items = config.items()
        if isinstance(values, dict):
            items = [(key, config.get(key, value)) for key, value in values.items() if not str(key).startswith("_")]
        told_parameters("wandb", flatten(dict(items), "."), ".config")

    def set_one(_, config, key, value):
        configured(None, config, {key: value})

    def summarised(_, summary, values, *args, **kwargs):
        # Those of a dict in the summary are not told.
        if isinstance(summary, wandb.sdk.wandb_summary.Summary):
            known = next((known for known in _wandb_runs.values() if known.summary() is summary), None)
            own = f"summary {known.id if known else ''}"
            told_metrics("wandb", flatten(values, "."), known and known.last, own, "summary", replaces=True)

    looks = {"log": (log, step), "define_metric": define_metric}

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
    configs = {**dict.fromkeys(("update", "setdefaults"), configured), **dict.fromkeys(("__setattr__", "__setitem__"), set_one)}
    _tee_each(wandb.sdk.wandb_config.Config, configs)
    _tee_each(wandb.sdk.wandb_summary.SummaryDict, {"update": summarised})
    _tee_each(wandb, {"init": begun})
    if wandb.run is not None:
        begun(wandb.run)


def _with_mlflow(mlflow):
    def metric(run_id, key, value, step):
        # mlflow takes the text of a number as one.
        told_metrics("mlflow", [(key, float(value) if isinstance(value, str) else value)], step, run_id)

    def log_metric(_, client, run_id, key, value, timestamp=None, step=None, *args, **kwargs):
        metric(run_id, key, value, step or 0)

    def log_param(_, client, run_id, key, value, *args, **kwargs):
        told_parameters("mlflow", [(key, value)], ".params", run_id)

    def log_batch(_, client, run_id, metrics=(), params=(), *args, **kwargs):
        for one in metrics:
            metric(run_id, one.key, one.value, one.step)
        told_parameters("mlflow", [(param.key, param.value) for param in params], ".params", run_id)

    looks = {"log_metric": log_metric, "log_param": log_param, "log_batch": log_batch}
    _tee_each(mlflow.MlflowClient, looks)


def _with_tensorboard(tensorboard):
    # Of a call of add_hparams, behind both dicts.
    place_of_step = 1 if tensorboard.__name__ == "tensorboardX" else 2

    def of(writer, is_named=False):
        """Its folder, read once, and what its names begin with; a folder that the library has named says time and machine."""
        if writer not in _writers:
            folder = os.path.abspath(getattr(writer, "log_dir", None) or getattr(writer, "logdir", None) or "")
            _writers[writer] = (folder, os.path.basename(folder) if is_named else "tensorboard")
        return _writers[writer]

    def begun(_, writer, log_dir=None, *args, logdir=None, **kwargs):
        of(writer, bool(log_dir or logdir))

    def told(writer, values, step, part=""):
        folder, label = of(writer)
        told_metrics("tensorboard", values, step, folder + part, part or label)

    def add_scalar(_, writer, tag, scalar_value, global_step=None, *args, **kwargs):
        # Lightning's stand-in for a metric that nobody has measured.
        if tag != "hp_metric" or number(scalar_value) != -1:
            told(writer, [(tag, scalar_value)], global_step)

    def add_scalars(_, writer, main_tag, tag_scalar_dict, global_step=None, *args, **kwargs):
        told(writer, flatten(tag_scalar_dict, "/", f"{main_tag}/"), global_step)

    def add_hparams(_, writer, hparam_dict, metric_dict, *args, **kwargs):
        told_parameters("tensorboard", hparam_dict.items(), ".hparams")
        step = args[place_of_step] if len(args) > place_of_step else kwargs.get("global_step")
        told(writer, metric_dict.items(), step, "hparams")

    def no_number(name, kind):
        def look(_, writer, *args, tag=None, **kwargs):
            what = args[0] if args and isinstance(args[0], str) else tag or name
            current().gap(f"{what} as tensorboard has it", f"it is {kind} and no number.")

        return look

    writers = tensorboard.SummaryWriter
    looks = {"__init__": begun, "add_scalar": add_scalar, "add_scalars": add_scalars, "add_hparams": add_hparams}
    looks.update({name: no_number(name, kind) for name, kind in stubs.NO_NUMBERS.items() if hasattr(writers, name)})
    _tee_each(writers, looks)


def _with_lightning(csv_logs):
    """What modules log where nobody has chosen a logger, and TensorBoard is not there."""

    def log_metrics(_, logger, metrics, step=None, *args, **kwargs):
        told_metrics("CSVLogger", flatten(metrics, "/"), step, str(logger.log_dir), "lightning")

    def log_hyperparams(_, logger, params=None, *args, **kwargs):
        told_parameters("lightning", flatten(dict(params or {}), "."), ".hparams")

    _tee_each(csv_logs.CSVLogger, {"log_metrics": log_metrics, "log_hyperparams": log_hyperparams})
