"""
Settings of a training process that decide whether it repeats: what an arm makes of them, and what they are at a moment.

Names are those under which the settings live. Source: PyTorch, "Reproducibility" and "Numerical accuracy".
"""

import functools
import operator
import os
import sys
import threading

from ..interpreter import ignores_hash_seed
from .callers import place

# Read by the libraries of CUDA when a process begins to use it, whenever they were set.
OF_CUDA = ("CUBLAS_WORKSPACE_CONFIG", "NVIDIA_TF32_OVERRIDE")
VARIABLES = ("PYTHONHASHSEED", *OF_CUDA)
# Whether the process has begun to use CUDA.
CUDA_BEGAN = "torch.cuda.is_initialized"

# How each setting is read from the module torch.
READERS = {
    "torch.use_deterministic_algorithms": lambda torch: torch.are_deterministic_algorithms_enabled(),
    # Operations without a deterministic form then run all the same, and warn.
    "torch.use_deterministic_algorithms.warn_only": lambda torch: torch.is_deterministic_algorithms_warn_only_enabled(),
    "torch.backends.cudnn.deterministic": lambda torch: torch.backends.cudnn.deterministic,
    "torch.backends.cudnn.benchmark": lambda torch: torch.backends.cudnn.benchmark,
    "torch.backends.cuda.matmul.allow_tf32": lambda torch: torch.backends.cuda.matmul.allow_tf32,
    "torch.backends.cudnn.allow_tf32": lambda torch: torch.backends.cudnn.allow_tf32,
    "torch.backends.cudnn.enabled": lambda torch: torch.backends.cudnn.enabled,
    "torch.backends.mkldnn.enabled": lambda torch: torch._C._get_mkldnn_enabled(),
    "torch.float32_matmul_precision": lambda torch: torch.get_float32_matmul_precision(),
    "torch.num_threads": lambda torch: torch.get_num_threads(),
    "torch.initial_seed": lambda torch: torch.initial_seed(),
}

# Of PyTorch from 2.9 on, by which it asks for TF32 and its like in another way: what is set so can no longer be read in the older one. Of
# operations alone: they answer what was set for their library, or for all, where nothing was set for themselves.
_OPERATIONS = {"cuda": ("matmul",), "cudnn": ("conv", "rnn"), "mkldnn": ("matmul", "conv", "rnn")}
_OF_LIBRARY = {
    library: tuple(f"torch.backends.{library}.{operation}.fp32_precision" for operation in operations) for library, operations in _OPERATIONS.items()
}
_OF_ALL = tuple(name for names in _OF_LIBRARY.values() for name in names)
NEWER_READERS = {name: lambda torch, read=operator.attrgetter(name.partition(".")[2]): read(torch) for name in _OF_ALL}


# PyTorch's own functions behind these readers, without the Python between.
_BEHIND = {
    "torch.use_deterministic_algorithms": "_get_deterministic_algorithms",
    "torch.use_deterministic_algorithms.warn_only": "_get_deterministic_algorithms_warn_only",
    "torch.backends.cudnn.deterministic": "_get_cudnn_deterministic",
    "torch.backends.cudnn.benchmark": "_get_cudnn_benchmark",
    "torch.backends.cuda.matmul.allow_tf32": "_get_cublas_allow_tf32",
    "torch.backends.cudnn.allow_tf32": "_get_cudnn_allow_tf32",
    "torch.backends.cudnn.enabled": "_get_cudnn_enabled",
    "torch.backends.mkldnn.enabled": "_get_mkldnn_enabled",
    "torch.float32_matmul_precision": "_get_float32_matmul_precision",
    "torch.num_threads": "get_num_threads",
}
# Every so many steps settings are read as the program would read them, whatever the functions behind them say.
_CHECKED_EVERY = 64


def variables_of(execution, seed):
    """
    Environment variables that a run needs from the start of its process; None takes one away. `execution` as the server
    has it: `algorithms`, `autotune`, `tf32`.
    """
    deterministic = execution["algorithms"] == "deterministic"
    return {
        "PYTHONHASHSEED": str(seed % 2**32),
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8" if deterministic else None,
        "NVIDIA_TF32_OVERRIDE": None if execution["tf32"] else "0",
    }


def apply_to(torch, execution):
    """Sets what the arm asks for, before the script can compute anything."""
    deterministic = execution["algorithms"] == "deterministic"
    torch.use_deterministic_algorithms(deterministic)
    torch.backends.cudnn.deterministic = deterministic
    torch.backends.cudnn.benchmark = execution["autotune"]
    torch.backends.cuda.matmul.allow_tf32 = execution["tf32"]
    torch.backends.cudnn.allow_tf32 = execution["tf32"]
    torch.set_float32_matmul_precision("high" if execution["tf32"] else "highest")


def variables():
    """Name → value of the variables, None for one that is not set."""
    return {name: os.environ.get(name) for name in VARIABLES}


def in_effect():
    """
    Name → value of the variables that are in effect by now: that of hashes as the interpreter found it when it started, because
    what is set later changes no order. Those of CUDA are told when it begins.
    """
    name = "PYTHONHASHSEED"
    if ignores_hash_seed():
        return {name: None}
    try:
        with open("/proc/self/environ", "rb") as file:
            found = dict(entry.partition(b"=")[::2] for entry in file.read().split(b"\0"))
        return {name: found[name.encode()].decode() if name.encode() in found else None}
    except OSError:
        given = os.environ.get(name)
        # 0 switches the randomness of hashes off; where it is on, that was set too late.
        return {name: None if given == "0" and sys.flags.hash_randomization else given}


# Functions that set, with the settings that they may change: a module of PyTorch, seen from `torch`, a name in it, settings.
_WARN_ONLY = "torch.use_deterministic_algorithms.warn_only"
_MATMUL = ("torch.float32_matmul_precision", "torch.backends.cuda.matmul.allow_tf32", *_OF_LIBRARY["cuda"])
_SETTERS = (
    ("", "use_deterministic_algorithms", ("torch.use_deterministic_algorithms", _WARN_ONLY)),
    ("", "set_deterministic_debug_mode", ("torch.use_deterministic_algorithms", _WARN_ONLY)),
    ("", "set_float32_matmul_precision", (*_MATMUL, *_OF_LIBRARY["mkldnn"])),
    ("", "set_num_threads", ("torch.num_threads",)),
    # A state has the seed that it came from.
    *((module, "set_rng_state", ("torch.initial_seed",)) for module in ("", "random")),
    # What `torch.backends.cudnn.flags(…)` sets and puts back.
    ("backends.cudnn.m", "set_flags", (*(name for name in READERS if name.startswith("torch.backends.cudnn.")), *_OF_LIBRARY["cudnn"])),
    ("backends.mkldnn.m", "set_flags", ("torch.backends.mkldnn.enabled", *_OF_LIBRARY["mkldnn"])),
    ("backends.m", "set_flags", _OF_ALL),
)
# Properties of modules that set likewise.
_PROPERTIES = (
    *(("backends.cudnn", name, (f"torch.backends.cudnn.{name}",)) for name in ("enabled", "deterministic", "benchmark")),
    ("backends.cudnn", "allow_tf32", ("torch.backends.cudnn.allow_tf32", *_OF_LIBRARY["cudnn"])),
    ("backends.cudnn", "fp32_precision", _OF_LIBRARY["cudnn"]),
    ("backends.cudnn.rnn", "fp32_precision", _OF_LIBRARY["cudnn"]),
    ("backends.mkldnn", "enabled", ("torch.backends.mkldnn.enabled",)),
    ("backends.mkldnn", "allow_tf32", _OF_LIBRARY["mkldnn"]),
    # In PyTorch 2.13 that of mkldnn sets what is that of all.
    ("backends.mkldnn", "fp32_precision", _OF_ALL),
    ("backends", "fp32_precision", _OF_ALL),
)
# A setting that is changed and put back within every step is told so often.
_CHANGES_TOLD = 1_000


def _can_read(read, torch):
    try:
        read(torch)
    except Exception:
        return False
    return True


class Watch:
    """
    Looks at the settings of `torch`, and tells `seen(step, name, value, where)` of those that differ from the look before;
    `where` is the line of the program that set it, or None. What cannot be read is told once to `gap(name, reason)`, and
    not looked at again.
    """

    def __init__(self, torch, seen, gap, patches):
        self._torch = torch
        self._seen = seen
        self._gap = gap
        self._readers = {**READERS, **{name: read for name, read in NEWER_READERS.items() if _can_read(read, torch)}}
        self._last = {}
        self._changes = {}
        # What was set since the last look, with the value and the line.
        self._set = []
        self._process = os.getpid()
        self._thread = threading.get_ident()
        self.places = {}
        self._looks = 0
        self._step = 0
        self._cuda = False
        self._behind, self._glance = self._functions_behind(), None
        self._follow(patches)

    def _functions_behind(self):
        """A function for each setting; None where this PyTorch has other ones, and the readers are asked every time."""
        own = getattr(self._torch, "_C", None)
        found = [getattr(own, name, None) for name in _BEHIND.values()]
        found.append(getattr(getattr(self._torch, "default_generator", None), "initial_seed", None))
        return tuple(found) if all(callable(one) for one in found) else None

    def _module(self, path):
        return functools.reduce(lambda owner, part: getattr(owner, part, None), filter(None, path.split(".")), self._torch)

    def _follow(self, patches):
        """Notes the lines that set something, and what it is then: it may be put back before anybody looks."""
        for path, function, names in _SETTERS:
            module = self._module(path)
            if module is not None:
                patches.wrap(module, function, self._noting(*names))
        for path, name, names in _PROPERTIES:
            # One of PyTorch's own properties, which keeps the function that sets it.
            prop = type(self._module(path)).__dict__.get(name)
            if callable(getattr(prop, "setter", None)):
                patches.wrap(prop, "setter", self._noting(*names))
        patches.wrap(type(self._torch.backends.cuda.matmul), "__setattr__", self._noting(*_MATMUL))
        operation = getattr(self._torch.backends.cudnn, "conv", None)
        if operation is not None:
            # One class for operations of all libraries but the recurrent one of cuDNN.
            patches.wrap(type(operation), "__setattr__", self._noting(*_OF_ALL))
        if self._torch.cuda.is_initialized():
            self._cuda = True
            self._gap("variables of CUDA", "the process used CUDA before the run began: what they were then is not known.")
        patches.wrap(self._torch.cuda, "_lazy_init", self._beginning)

    def _beginning(self, original):
        def begin(*args, **kwargs):
            result = original(*args, **kwargs)
            try:
                if not self._cuda:
                    self._note_cuda()
            except Exception as error:
                self._gap("the beginning of CUDA", str(error))
            return result

        return begin

    def _note_cuda(self):
        """CUDA has begun: what its variables are now is in effect, and not what they were or will be."""
        if not self._torch.cuda.is_initialized():
            return
        self._cuda = True
        where = place()
        self._seen(self._step, CUDA_BEGAN, True, where)
        for name in OF_CUDA:
            self._seen(self._step, name, os.environ.get(name))

    def _noting(self, *names):
        def make(original):
            def setting(*args, **kwargs):
                result = original(*args, **kwargs)
                self._after_setting(names)
                return result

            return setting

        return make

    def _after_setting(self, names):
        """What a line of the program has changed, as it is now: not where a process or thread of its loaders sets itself up."""
        if os.getpid() != self._process or threading.get_ident() != self._thread:
            return
        try:
            # Before the first look nothing has begun.
            for name in names:
                value = self._read(name) if name in self._last else self
                if value is self or value == self._last[name]:
                    continue
                self.places[name] = where = place(2)
                # What is changed more often is left to the looks.
                if self._changes.get(name, 0) < _CHANGES_TOLD:
                    self._changes[name] = self._changes.get(name, 0) + 1
                    self._last[name] = value
                    self._set.append((name, value, where))
        except Exception as error:
            self._gap("a setting when it was set", str(error))

    def look(self, step, everything=False):
        """One look at all settings; `everything` tells also of those that are as they were."""
        self._looks += 1
        self._step = step
        self._thread = threading.get_ident()
        if self._set:
            # Of the step that is over: none is made between two looks.
            told, self._set = self._set, []
            for name, value, where in told:
                self._seen(step, name, value, where)
        if self._behind is not None and not everything and self._looks % _CHECKED_EVERY:
            try:
                glance = [read() for read in self._behind]
            except Exception:
                # One of them cannot be read as things are: the readers tell which.
                self._behind = glance = None
            if glance is not None and glance == self._glance:
                return
            self._glance = glance
        if not self._cuda:
            self._note_cuda()
        if everything:
            self._seen(step, CUDA_BEGAN, self._cuda)
        for name in list(self._readers):
            if self._is_new(name) or (everything and name in self._readers):
                self._seen(step, name, self._last[name], self.places.get(name))

    def _is_new(self, name):
        """Whether a setting is not what it was when it was read last."""
        value = self._read(name)
        is_new = value is not self and self._last.get(name, self) != value
        if is_new:
            self._last[name] = value
        return is_new

    def _read(self, name):
        """What a setting is; this itself where it cannot be read, which is told once."""
        try:
            return self._readers[name](self._torch) if name in self._readers else self
        except Exception as error:
            del self._readers[name]
            self._gap(name, f"cannot be read: {error}")
            return self
