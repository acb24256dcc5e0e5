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

    def __bool__(self):
        return False


NOTHING = Nothing()


class Taking:
    """What the script keeps hold of: its own attributes are kept, calls of methods that are not known are taken."""

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return NOTHING

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False


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

    def as_dict(self):
        return dict(self)

    def setdefaults(self, values):
        self.update({name: value for name, value in values.items() if name not in self})

    def update(self, values=(), allow_val_change=None, **named):
        has_items = hasattr(values, "keys") or not hasattr(values, "__dict__")
        super().update(values if has_items else vars(values), **named)


class Summary(Config):
    """`wandb.summary`, which takes every change by `update`."""

    def __setattr__(self, name, value):
        self.update({name: value})

    def __setitem__(self, name, value):
        self.update({name: value})


class WandbRun(Taking):
    starting_step = 0
    # What scripts branch on.
    resumed = disabled = False
    offline = True
    sweep_id = None
    url = entity = ""

    def __init__(self, config, id=None, name=None, project=None, group=None, job_type=None, tags=(), notes=None, finished=None, **_):
        self.config, self.summary = config, Summary()
        self.id = id or uuid.uuid4().hex[:8]
        self.name, self.project, self.group, self.job_type = name or self.id, project or "uncategorized", group or "", job_type or ""
        self.tags, self.notes = tuple(tags or ()), notes
        self.step = self.starting_step
        self._folder, self._finished = None, finished

    def __exit__(self, *error):
        self.finish()
        return False

    def finish(self, *_, **__):
        if self._finished is not None:
            self._finished(self)

    @property
    def dir(self):
        """Where the script puts files of its own; not in ./wandb, which Python would take for a package."""
        if self._folder is None:
            self._folder = tempfile.mkdtemp(prefix="reprise-wandb-")
            say(f"what the script puts into the folder of its wandb run is in {self._folder}.")
        return self._folder

    def log(self, data, step=None, commit=None, *_, **__):
        now = self.step if step is None else int(step)
        self.step = max(self.step, now) + (1 if (commit if commit is not None else step is None) else 0)
        # It is told as a metric already.
        dict.update(self.summary, data)

    def define_metric(self, name, step_metric=None, *args, **kwargs):
        return NOTHING


class MlflowClient(Taking):
    def __init__(self, *_, **__):
        pass

    def create_run(self, experiment_id="0", *_, run_name=None, **__):
        return MlflowRun(uuid.uuid4().hex, run_name, str(experiment_id))

    def get_run(self, run_id):
        return MlflowRun(run_id)

    def log_metric(self, run_id, key, value, timestamp=None, step=None, *_, **__):
        pass

    def log_param(self, run_id, key, value, *_, **__):
        pass

    def log_batch(self, run_id, metrics=(), params=(), tags=(), *_, **__):
        pass


class SummaryWriter(Taking):
    def __init__(self, log_dir=None, comment="", *args, logdir=None, **kwargs):
        folder = log_dir or logdir or os.path.join("runs", f"{time.strftime('%b%d_%H-%M-%S')}_{socket.gethostname()}{comment}")
        self.log_dir = self.logdir = _made(str(folder))

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
    "add_embedding": "an embedding", "add_graph": "a graph", "add_tensor": "a tensor",
}  # fmt: skip
for _name in NO_NUMBERS:
    setattr(SummaryWriter, _name, lambda self, *args, **kwargs: None)


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

    def init(*args, config=None, reinit=None, **named):
        if module.run is not None and reinit in (None, False, "default", "return_previous"):
            return module.run
        run = WandbRun(Config(), **named, finished=over)
        run.config.update(_of_file(config) if isinstance(config, (str, os.PathLike)) else config or {})
        if module.run is None or reinit != "create_new":
            module.run, module.config, module.summary = run, run.config, run.summary
        return run

    def over(run):
        if module.run is run:
            module.run, module.config, module.summary = None, Config(), Summary()
            module.log, module.define_metric = log, define_metric

    def finish(*_, **__):
        if module.run is not None:
            module.run.finish()

    def log(data, *args, **named):
        if module.run is None:
            raise RuntimeError("wandb.log() was called before wandb.init()")
        module.run.log(data, *args, **named)

    def define_metric(*args, **kwargs):
        return NOTHING if module.run is None else module.run.define_metric(*args, **kwargs)

    def no_sweeps(*_, **__):
        raise RuntimeError("a sweep draws its parameters by wandb, which is not installed: install it (pip install wandb), or call the function of the training itself")

    module.init, module.finish, module.log, module.define_metric = init, finish, log, define_metric
    module.sweep = module.agent = module.controller = no_sweeps


def _of_file(path):
    """The parameters of a file as wandb has it: `lr:`, and below it `value: 0.1`."""
    try:
        import yaml

        with open(path, encoding="utf-8") as file:
            found = yaml.safe_load(file) or {}
        return {name: given["value"] for name, given in found.items() if name != "wandb_version"}
    except (ImportError, TypeError, KeyError) as error:
        raise RuntimeError(
            f"wandb.init(config={str(path)!r}): without wandb, such a file is read by PyYAML (pip install pyyaml), with `value:` below each name. {error}"
        ) from error


class MlflowRun(Taking):
    def __init__(self, identity, name=None, experiment="0", active=()):
        self.info = types.SimpleNamespace(run_id=identity, run_name=name or identity, experiment_id=experiment, artifact_uri="", status="RUNNING")
        self._active = active

    def __exit__(self, *error):
        if self in self._active:
            self._active.remove(self)
        return False


def _mlflow(module):
    client, active = MlflowClient(), []
    module.MlflowClient = MlflowClient

    def start_run(run_id=None, *_, run_name=None, **__):
        active.append(MlflowRun(run_id or uuid.uuid4().hex, run_name, active=active))
        return active[-1]

    def own():
        return (active[-1] if active else start_run()).info.run_id

    def log_metric(key, value, step=None, *_, run_id=None, **__):
        client.log_metric(run_id or own(), key, value, step=step or 0)

    def log_metrics(metrics, step=None, *_, run_id=None, **__):
        for key, value in metrics.items():
            log_metric(key, value, step, run_id=run_id)

    def log_param(key, value, *_, **__):
        client.log_param(own(), key, value)

    def log_params(params, *_, run_id=None, **__):
        for key, value in params.items():
            client.log_param(run_id or own(), key, value)

    module.start_run = start_run
    module.active_run = lambda: active[-1] if active else None
    module.end_run = lambda *_, **__: active.pop() if active else None
    module.log_metric, module.log_metrics, module.log_param, module.log_params = log_metric, log_metrics, log_param, log_params


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
