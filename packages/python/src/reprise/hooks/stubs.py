"""
In place of a logger that is not installed: a module that takes the calls of the script and keeps nothing itself.

Only an import that stands in the script finds it. A library that asks whether wandb is there learns that it is not, and
does what it does without Reprise.
"""

import importlib.machinery
import importlib.util
import os
import socket
import sys
import sysconfig
import tempfile
import time
import types
import uuid

from ..recorder import current
from ..spool import say

_STANDARD = os.path.realpath(sysconfig.get_path("stdlib")) + os.sep
_IMPORTING = ("<frozen importlib", os.path.join(_STANDARD, "importlib"), os.path.dirname(os.path.abspath(__file__)))


class Nothing:
    """Takes every call, every attribute and every item, and is none of them."""

    def __call__(self, *args, **kwargs):
        # What it decorates stays as it is.
        decorates = len(args) == 1 and not kwargs and isinstance(args[0], (type, types.FunctionType))
        return args[0] if decorates else self

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

    def __format__(self, form):
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

    def setdefaults(self, values):
        self.update({name: value for name, value in values.items() if name not in self})

    def update(self, values=(), allow_val_change=None, **named):
        super().update(values if isinstance(values, dict) else vars(values) if hasattr(values, "__dict__") else values, **named)


class Summary(Config):
    """`wandb.summary`, which takes every change by `update`."""

    def __setattr__(self, name, value):
        self.update({name: value})

    def __setitem__(self, name, value):
        self.update({name: value})


class WandbRun(Nothing):
    def __init__(self, config, name=None):
        identity = uuid.uuid4().hex[:8]
        own = {"config": config, "summary": Summary(), "id": identity, "name": name or identity, "starting_step": 0, "_folder": None}
        for attribute, value in own.items():
            object.__setattr__(self, attribute, value)

    @property
    def dir(self):
        """Where the script puts files of its own; not in ./wandb, which Python would take for a package."""
        if self._folder is None:
            object.__setattr__(self, "_folder", tempfile.mkdtemp(prefix="reprise-wandb-"))
            say(f"what the script puts into the folder of its wandb run is in {self._folder}.")
        return self._folder

    def log(self, data, step=None, commit=None):
        pass

    def define_metric(self, name, step_metric=None, *args, **kwargs):
        return NOTHING


class MlflowClient(Nothing):
    def log_metric(self, run_id, key, value, timestamp=None, step=None):
        pass

    def log_param(self, run_id, key, value):
        pass

    def log_batch(self, run_id, metrics=(), params=(), tags=()):
        pass


class SummaryWriter(Nothing):
    def __init__(self, log_dir=None, comment="", *args, logdir=None, **kwargs):
        folder = log_dir or logdir or os.path.join("runs", f"{time.strftime('%b%d_%H-%M-%S')}_{socket.gethostname()}{comment}")
        for name in ("log_dir", "logdir"):
            object.__setattr__(self, name, _made(str(folder)))

    def get_logdir(self):
        return self.log_dir

    def add_scalar(self, tag, scalar_value, global_step=None, *args, **kwargs):
        pass

    def add_scalars(self, main_tag, tag_scalar_dict, global_step=None, *args, **kwargs):
        pass

    def add_hparams(self, hparam_dict, metric_dict, *args, **kwargs):
        pass


# Calls of a SummaryWriter that tell something else, with what that is.
NO_NUMBERS = {
    "add_histogram": "a histogram", "add_image": "an image", "add_images": "images", "add_figure": "a figure",
    "add_text": "a text", "add_video": "a video", "add_audio": "a sound", "add_pr_curve": "a curve", "add_mesh": "a mesh",
}  # fmt: skip
for _name in NO_NUMBERS:
    setattr(SummaryWriter, _name, lambda self, tag, *args, **kwargs: None)


def _made(folder):
    """A folder that the script may write to: the library would have made it."""
    os.makedirs(folder, exist_ok=True)
    return folder


def _wandb(module):
    module.config = Config()
    module.summary = Summary()
    module.run = None
    module.Run = WandbRun
    module.sdk = types.SimpleNamespace(
        wandb_run=types.SimpleNamespace(Run=WandbRun),
        wandb_config=types.SimpleNamespace(Config=Config),
        wandb_summary=types.SimpleNamespace(SummaryDict=Summary, Summary=Summary),
    )

    def init(*args, config=None, name=None, **kwargs):
        module.config = Config()
        module.config.update({} if config is None else config)
        module.run = WandbRun(module.config, name)
        module.summary = module.run.summary
        return module.run

    def log(data, step=None, commit=None):
        if module.run is None:
            raise RuntimeError("wandb.log() was called before wandb.init()")
        module.run.log(data, step=step, commit=commit)

    def define_metric(*args, **kwargs):
        return NOTHING if module.run is None else module.run.define_metric(*args, **kwargs)

    module.init, module.log, module.define_metric = init, log, define_metric


class MlflowRun(Nothing):
    def __init__(self, identity, active):
        info = types.SimpleNamespace(run_id=identity, run_name=identity, experiment_id="0", artifact_uri="")
        object.__setattr__(self, "info", info)
        object.__setattr__(self, "_active", active)

    def __exit__(self, *error):
        if self in self._active:
            self._active.remove(self)
        return False


def _mlflow(module):
    client, active = MlflowClient(), []
    module.MlflowClient = MlflowClient

    def start_run(run_id=None, **_):
        active.append(MlflowRun(run_id or uuid.uuid4().hex, active))
        return active[-1]

    def own():
        return (active[-1] if active else start_run()).info.run_id

    def log_metrics(metrics, step=None, **_):
        for key, value in metrics.items():
            module.log_metric(key, value, step)

    def log_params(params, **_):
        for key, value in params.items():
            module.log_param(key, value)

    module.start_run = start_run
    module.active_run = lambda: active[-1] if active else None
    module.end_run = lambda *_, **__: active.pop() if active else None
    module.log_metric = lambda key, value, step=None, **_: client.log_metric(own(), key, value, step=step or 0)
    module.log_param = lambda key, value, **_: client.log_param(own(), key, value)
    module.log_metrics, module.log_params = log_metrics, log_params


def _tensorboard(module):
    module.SummaryWriter = SummaryWriter


_FILL = {"wandb": _wandb, "mlflow": _mlflow, "torch.utils.tensorboard": _tensorboard, "tensorboardX": _tensorboard}


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
            spec = importlib.util.find_spec(library)
            # A folder of that name without code, such as wandb leaves, is a package to Python.
            return spec is not None and (spec.origin is not None or spec.submodule_search_locations is None)
        finally:
            self._is_asking = False
