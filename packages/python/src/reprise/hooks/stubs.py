"""
In place of a logger that is not installed: a module that takes the calls of the script and keeps nothing itself.

Only an import that stands in the script finds it. A library that asks whether wandb is there learns that it is not, and
does what it does without Reprise.
"""

import importlib.machinery
import importlib.util
import os
import sys
import sysconfig
import types

from ..recorder import current
from ..spool import say

_STANDARD = os.path.realpath(sysconfig.get_path("stdlib")) + os.sep
_IMPORTING = ("<frozen importlib", os.path.join(_STANDARD, "importlib"), os.path.dirname(os.path.abspath(__file__)))


class Nothing:
    """Takes every call, every attribute and every item, and is none of them."""

    def __call__(self, *args, **kwargs):
        return self

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, key):
        return self

    def __setattr__(self, name, value):
        pass

    def __setitem__(self, key, value):
        pass

    def __iter__(self):
        return iter(())

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False

    def __str__(self):
        return ""


NOTHING = Nothing()


class Config(dict):
    """`wandb.config`: a dict whose items are attributes as well."""

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name, value):
        self[name] = value

    def __setitem__(self, name, value):
        super().__setitem__(name, value)

    def update(self, values=(), allow_val_change=None, **named):
        super().update(values if isinstance(values, dict) else vars(values) if hasattr(values, "__dict__") else values, **named)


class WandbRun(Nothing):
    def __init__(self, config):
        object.__setattr__(self, "config", config)

    def log(self, data, step=None, commit=None):
        pass


class MlflowClient(Nothing):
    def log_metric(self, run_id, key, value, timestamp=None, step=None):
        pass

    def log_param(self, run_id, key, value):
        pass

    def log_batch(self, run_id, metrics=(), params=(), tags=()):
        pass


class SummaryWriter(Nothing):
    def __init__(self, *args, **kwargs):
        pass

    def add_scalar(self, tag, scalar_value, global_step=None, *args, **kwargs):
        pass

    def add_scalars(self, main_tag, tag_scalar_dict, global_step=None, *args, **kwargs):
        pass

    def add_hparams(self, hparam_dict, metric_dict, *args, **kwargs):
        for name, value in metric_dict.items():
            self.add_scalar(name, value)


def _wandb(module):
    module.config = Config()
    module.run = None
    module.Run = WandbRun
    module.sdk = types.SimpleNamespace(
        wandb_run=types.SimpleNamespace(Run=WandbRun), wandb_config=types.SimpleNamespace(Config=Config)
    )

    def init(*args, config=None, **kwargs):
        module.config = Config()
        module.config.update({} if config is None else config)
        module.run = WandbRun(module.config)
        return module.run

    def log(data, step=None, commit=None):
        if module.run is None:
            raise RuntimeError("wandb.log() was called before wandb.init()")
        module.run.log(data, step=step, commit=commit)

    module.init, module.log = init, log


def _mlflow(module):
    client = MlflowClient()
    module.MlflowClient = MlflowClient
    module.log_metric = lambda key, value, step=None, **_: client.log_metric("", key, value, step=step or 0)
    module.log_param = lambda key, value, **_: client.log_param("", key, value)

    def log_metrics(metrics, step=None, **_):
        for key, value in metrics.items():
            module.log_metric(key, value, step)

    def log_params(params, **_):
        for key, value in params.items():
            module.log_param(key, value)

    module.log_metrics, module.log_params = log_metrics, log_params


def _tensorboard(module):
    module.SummaryWriter = SummaryWriter


_FILL = {"wandb": _wandb, "mlflow": _mlflow, "torch.utils.tensorboard": _tensorboard}


def _library(name):
    return "tensorboard" if name == "torch.utils.tensorboard" else name.partition(".")[0]


class _Loader:
    def create_module(self, spec):
        return None

    def exec_module(self, module):
        module.__getattr__ = _any_other
        if module.__name__ not in _FILL:
            return
        _FILL[module.__name__](module)
        said = f"{_library(module.__name__)} is not installed: a stand-in takes the calls of the script and tells them to the run."
        current().log_text(said, stream="stderr")
        say(said)


def _any_other(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return NOTHING


def _is_of_the_script():
    """Whether the import that is being done stands in the script, and not in a library."""
    frame = sys._getframe(2)
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith(_IMPORTING):
            folders = os.path.realpath(file).split(os.sep)
            return not file.startswith(_STANDARD) and "site-packages" not in folders and "dist-packages" not in folders
        frame = frame.f_back
    return False


class Finder:
    """Before all others, because PyTorch's own part for TensorBoard is there and fails; it answers where no other could."""

    def __init__(self):
        self._is_asking = False

    def find_spec(self, name, path=None, target=None):
        root = name.partition(".")[0]
        if name in _FILL:
            stands_in = not self._is_asking and _is_of_the_script() and not self._is_installed(_library(name))
        elif root in _FILL:
            # A part of a module that is itself a stand-in.
            stands_in = isinstance(sys.modules[root].__loader__, _Loader)
        else:
            return None
        return importlib.machinery.ModuleSpec(name, _Loader(), is_package=True) if stands_in else None

    def _is_installed(self, library):
        self._is_asking = True
        try:
            return importlib.util.find_spec(library) is not None
        finally:
            self._is_asking = False
