"""
Settings of a training process that decide whether it repeats: what an arm makes of them, and what they are at a moment.

Names are those under which the settings live. Source: PyTorch, "Reproducibility" and "Numerical accuracy".
"""

import os
import sys

from .callers import place

# Read by the libraries of CUDA when a process begins to use it, whenever they were set.
OF_CUDA = ("CUBLAS_WORKSPACE_CONFIG", "NVIDIA_TF32_OVERRIDE")
VARIABLES = ("PYTHONHASHSEED", *OF_CUDA)
# Whether the process has begun to use CUDA.
CUDA_BEGAN = "torch.cuda.is_initialized"

# How each setting is read from the module torch.
READERS = {
    "torch.use_deterministic_algorithms": lambda torch: torch.are_deterministic_algorithms_enabled(),
    "torch.backends.cudnn.deterministic": lambda torch: torch.backends.cudnn.deterministic,
    "torch.backends.cudnn.benchmark": lambda torch: torch.backends.cudnn.benchmark,
    "torch.backends.cuda.matmul.allow_tf32": lambda torch: torch.backends.cuda.matmul.allow_tf32,
    "torch.backends.cudnn.allow_tf32": lambda torch: torch.backends.cudnn.allow_tf32,
    "torch.float32_matmul_precision": lambda torch: torch.get_float32_matmul_precision(),
    "torch.num_threads": lambda torch: torch.get_num_threads(),
    "torch.initial_seed": lambda torch: torch.initial_seed(),
}


# PyTorch's own functions behind these readers, without the Python between.
_BEHIND = {
    "torch.use_deterministic_algorithms": "_get_deterministic_algorithms",
    "torch.backends.cudnn.deterministic": "_get_cudnn_deterministic",
    "torch.backends.cudnn.benchmark": "_get_cudnn_benchmark",
    "torch.backends.cuda.matmul.allow_tf32": "_get_cublas_allow_tf32",
    "torch.backends.cudnn.allow_tf32": "_get_cudnn_allow_tf32",
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
    try:
        with open("/proc/self/environ", "rb") as file:
            found = dict(entry.partition(b"=")[::2] for entry in file.read().split(b"\0"))
        return {name: found[name.encode()].decode() if name.encode() in found else None}
    except OSError:
        given = os.environ.get(name)
        # 0 switches the randomness of hashes off; where it is on, that was set too late.
        return {name: None if given == "0" and sys.flags.hash_randomization else given}


# Functions that set, and properties of PyTorch's modules that do.
_SETTERS = {
    "torch.use_deterministic_algorithms": lambda torch: (torch, "use_deterministic_algorithms"),
    "torch.float32_matmul_precision": lambda torch: (torch, "set_float32_matmul_precision"),
    "torch.num_threads": lambda torch: (torch, "set_num_threads"),
}
_PROPERTIES = {
    "torch.backends.cudnn.deterministic": "deterministic",
    "torch.backends.cudnn.benchmark": "benchmark",
    "torch.backends.cudnn.allow_tf32": "allow_tf32",
}


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
        self._readers = dict(READERS)
        self._last = {}
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

    def _follow(self, patches):
        """Notes the lines that set something, so that a look that finds another value can name its place."""
        for name, find in _SETTERS.items():
            module, function = find(self._torch)
            patches.wrap(module, function, self._noting(name))
        cudnn = type(self._torch.backends.cudnn)
        for name, attribute in _PROPERTIES.items():
            # One of PyTorch's own properties, which keeps the function that sets it.
            prop = cudnn.__dict__.get(attribute)
            if callable(getattr(prop, "setter", None)):
                patches.wrap(prop, "setter", self._noting(name))
        patches.wrap(type(self._torch.backends.cuda.matmul), "__setattr__", self._noting_attributes)
        if self._torch.cuda.is_initialized():
            self._cuda = True
            self._gap("variables of CUDA", "the process used CUDA before the run began: what they were then is not known.")
        patches.wrap(self._torch.cuda, "_lazy_init", self._beginning)

    def _beginning(self, original):
        def begin(*args, **kwargs):
            result = original(*args, **kwargs)
            if not self._cuda:
                self._note_cuda()
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

    def _noting(self, name):
        def make(original):
            def setting(*args, **kwargs):
                self.places[name] = place()
                return original(*args, **kwargs)

            return setting

        return make

    def _noting_attributes(self, original):
        def setting(own, attribute, value):
            self.places[f"torch.backends.cuda.matmul.{attribute}"] = place()
            original(own, attribute, value)

        return setting

    def look(self, step, everything=False):
        """One look at all settings; `everything` tells also of those that are as they were."""
        self._looks += 1
        self._step = step
        if self._behind is not None:
            a, b, c, d, e, f, g, h = self._behind
            glance = (a(), b(), c(), d(), e(), f(), g(), h())
            if glance == self._glance and not everything and self._looks % _CHECKED_EVERY:
                return
            self._glance = glance
        torch = self._torch
        if not self._cuda:
            self._note_cuda()
        if everything:
            self._seen(step, CUDA_BEGAN, self._cuda)
        for name, read in list(self._readers.items()):
            try:
                value = read(torch)
            except Exception as error:
                del self._readers[name]
                self._gap(name, f"cannot be read: {error}")
                continue
            if everything or self._last.get(name, self) != value:
                self._last[name] = value
                self._seen(step, name, value, self.places.get(name))
