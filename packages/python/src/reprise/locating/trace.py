"""
Every operation of PyTorch that a step computes: where it stands in the program and the model, and digests of what goes in
and comes out. Operations are seen below autograd, so those of the backward pass and of optimizers are among them.
"""

import functools
import hashlib
import os
import random
import sys
import weakref

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from ..digest import algorithm_of, tensor_digest
from ..hooks.callers import is_own, short
from ..hooks.model import Model
from ..hooks.settings import READERS
from .calls import arguments, leaves, written

# Bytes of results that are kept until the step has ended, for distances; what does not fit is told by its digest alone.
KEPT_BYTES = 256 * 1024 * 1024
SETTINGS = {**READERS, "torch.backends.mkldnn.enabled": lambda library: library.backends.mkldnn.enabled}
# Their results are memory as it was found, until something is written there.
UNWRITTEN = {"empty", "empty_like", "empty_strided", "empty_permuted", "new_empty", "new_empty_strided", "resize_"}


class Trace(TorchDispatchMode):
    """
    The operations of the current step, as `records`. `at_step(trace)` is called after every step of an optimizer, before
    the records are taken away.
    """

    def __init__(self, at_step):
        super().__init__()
        self.records = []
        self.step = 0
        self.has_ended = False
        self.optimizers = weakref.WeakSet()
        self._at_step = at_step
        self._process = os.getpid()
        self.model = Model(torch)
        self._calls = []
        self._names_of = weakref.WeakKeyDictionary()
        self._places = {}
        self._pending = []
        self._state = "setup"
        self._updates = 0
        self._tensors = {}
        self._kept = 0
        self.algorithms = {}
        self._is_looking = False

    def install(self):
        """From now on every operation of this process is seen."""
        from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

        register_optimizer_step_pre_hook(self._before_update)
        register_optimizer_step_post_hook(self._after_update)
        trace, call, begin = self, torch.nn.Module.__call__, torch.optim.Optimizer.__init__

        @functools.wraps(call)
        def traced_call(module, *args, **kwargs):
            trace._enter(module)
            try:
                return call(module, *args, **kwargs)
            finally:
                trace._calls.pop()
                trace._leave(module)

        @functools.wraps(begin)
        def traced_begin(optimizer, *args, **kwargs):
            begin(optimizer, *args, **kwargs)
            trace.optimizers.add(optimizer)
            if trace._state == "setup":
                trace._state = "data"

        torch.nn.Module.__call__ = traced_call
        torch.optim.Optimizer.__init__ = traced_begin
        self.__enter__()

    def _enter(self, module):
        if not self._calls and torch.is_grad_enabled() and any(True for _ in module.parameters()):
            self._settle("data")
            self._state = "forward"
        root = self._calls[0][0] if self._calls else module
        names = self._names_of.get(root)
        if names is None or id(module) not in names:
            names = {id(inner): name for name, inner in root.named_modules()}
            self._names_of[root] = names
        name = names.get(id(module), "")
        self._calls.append((module, name or type(module).__name__))

    def _leave(self, module):
        if not self._calls and self._state == "forward":
            self._state = "loss"

    def _settle(self, phase):
        """What came after a backward pass belongs to what follows it: another batch, or the optimizer."""
        for record in self._pending:
            record["phase"] = phase
        self._pending = []

    def _before_update(self, optimizer, args, kwargs):
        self._updates += 1
        self._settle("optimizer")
        self._is_looking = True
        self.model.follow(optimizer)
        self._tensors = {**self._lasting(), **self._gradients()}
        self._is_looking = False

    def _after_update(self, optimizer, args, kwargs):
        self._updates -= 1
        if self._updates == 0:
            self.end_step()

    def end_step(self):
        """Gives the step away, and begins the next."""
        if os.getpid() != self._process:
            return
        self.step += 1
        self._settle("data")
        self._is_looking = True
        self._at_step(self)
        self._is_looking = False
        self.records, self._kept = [], 0
        self._places = {}
        self._tensors = {}
        self._state = "data"

    def _lasting(self):
        """Address → name of what outlives a step: parameters, buffers, and what optimizers remember."""
        names = {tensor.data_ptr(): name for name, tensor in self.model.state().items()}
        names.update((value.data_ptr(), f"{key} of {name}") for name, key, value in self.remembered(self.model.parameters()))
        return names

    def _gradients(self):
        """Address → name of gradients, which are at other addresses in the next step."""
        given = ((name, parameter.grad) for name, parameter in self.model.parameters().items())
        return {grad.data_ptr(): f"gradient of {name}" for name, grad in given if grad is not None and grad.layout == torch.strided}

    def remembered(self, parameters):
        """(parameter's name, key, tensor) of everything that optimizers remember of parameters."""
        for optimizer in self.optimizers:
            for name, parameter in parameters.items():
                for key, value in optimizer.state.get(parameter, {}).items():
                    if torch.is_tensor(value) and value.layout == torch.strided:
                        yield name, key, value

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if self._is_looking or func.namespace == "profiler" or os.getpid() != self._process:
            return func(*args, **kwargs)
        record = self._record(func, args, kwargs)
        out = func(*args, **kwargs)
        self._results(record, func, args, kwargs, out)
        return out

    def _record(self, func, args, kwargs):
        node = torch._C._current_autograd_node()
        line, by_engine = _line()
        module = self._calls[-1][1] if self._calls else ""
        parameter, is_differentiated = None, False
        if node is None:
            number = torch.autograd._get_sequence_nr() - 1
            is_differentiated = number not in self._places
            self._places.setdefault(number, (module, line))
        elif hasattr(node, "variable"):
            parameter = node.variable
        elif not self._calls:
            module, forward = self._places.get(node._sequence_nr(), ("", line))
            line = forward if by_engine else line
        tensors, words = arguments(func, args, kwargs)
        is_random = torch.Tag.nondeterministic_seeded in func.tags
        record = {
            "op": str(func),
            "phase": self._phase(node),
            "module": module,
            "line": line,
            # Whether the backward pass will come by here; whether it came from there by itself, and not by a hook.
            "differentiated": is_differentiated,
            "by engine": node is not None and by_engine,
            "view": func.is_view and func.overloadpacket.__name__ != "lift_fresh",
            "random": _random_state(kwargs.get("generator"), tensors) if is_random else None,
            "settings": {name: read(torch) for name, read in SETTINGS.items()},
            "arguments": words,
            "inputs": [self._entry(name, tensor) for name, tensor in tensors],
        }
        if parameter is not None:
            record["parameter"] = parameter
        if record["phase"] is None:
            self._pending.append(record)
        self.records.append(record)
        return record

    def _phase(self, node):
        if node is not None:
            self._state = "backward"
            return "backward"
        if self._calls:
            is_evaluated = not torch.is_grad_enabled() and not self._calls[0][0].training
            has_begun = self._state in ("forward", "loss") or any(True for _ in self._calls[0][0].parameters())
            return "evaluation" if is_evaluated else "loss" if self._state == "loss" else "forward" if has_begun else "data"
        if self._state == "loss":
            return "loss"
        if self._updates:
            return "optimizer"
        return None if self._state == "backward" else self._state

    def _entry(self, name, tensor):
        """What is known of one tensor. It has no digest where it cannot be read as bytes, as sparse ones."""
        try:
            digest = tensor_digest("", tensor)
            address, storage = tensor.data_ptr(), tensor.untyped_storage().data_ptr()
        except (RuntimeError, NotImplementedError, TypeError):
            digest = address = storage = None
        kind = f"{str(tensor.dtype).removeprefix('torch.')}{list(tensor.shape)}"
        device = tensor.device.type
        return {
            "name": name,
            "digest": digest,
            "kind": kind if device == "cpu" else f"{kind} on {device}",
            "device": device,
            "address": address,
            "storage": storage,
            "tensor": self._tensors.get(address),
        }

    def _results(self, record, func, args, kwargs, out):
        results = [] if func.overloadpacket.__name__ in UNWRITTEN else list(written(func, args, kwargs))
        told = {id(tensor) for _, tensor in results}
        if not record["view"] and func.overloadpacket.__name__ not in UNWRITTEN:
            results += [pair for pair in leaves("output", out) if id(pair[1]) not in told]
        record["outputs"] = [self._entry(name, tensor) for name, tensor in results]
        record["values"] = [self._keep(tensor) for _, tensor in results]
        record["scalar"] = repr(out) if isinstance(out, (bool, int, float, complex)) else None

    def _keep(self, tensor):
        size = tensor.numel() * tensor.element_size()
        if tensor.layout != torch.strided or self._kept + size > KEPT_BYTES:
            return None
        self._kept += size
        return tensor.detach().clone()

    def told(self):
        """The records as JSON can carry them, with the names that tensors have by now."""
        names = self._lasting()
        self._name_gradients()
        parameters = {id(parameter): name for name, parameter in self.model.parameters().items()}

        def entry(found):
            return {**found, "tensor": found["tensor"] or names.get(found["address"])}

        def record(found):
            plain = {key: value for key, value in found.items() if key not in ("values", "parameter")}
            of = parameters.get(id(found.get("parameter")))
            inputs, outputs = ([entry(one) for one in found[key]] for key in ("inputs", "outputs"))
            return {**plain, "gradientOf": of, "inputs": inputs, "outputs": outputs}

        return [record(found) for found in self.records]

    def _name_gradients(self):
        """Names the last result of the backward pass at a gradient's address: it has become that gradient."""
        for address, name in self._gradients().items():
            results = (one for record in reversed(self.records) if record["phase"] == "backward" for one in record["outputs"])
            last = next((one for one in results if one["address"] == address), None)
            if last is not None:
                last["tensor"] = last["tensor"] or name

    def state(self):
        """Digests of all that goes on to the next step: part → digest; `algorithms` says by what those of tensors are."""
        parameters = self.model.parameters()
        parts = {
            "weights and buffers": self.model.state(),
            "optimizer": {f"{key} of {name}": value for name, key, value in self.remembered(parameters)},
            "gradients": {name: one.grad for name, one in parameters.items() if one.grad is not None},
        }
        self.algorithms = {part: algorithm_of(tensors.values()) for part, tensors in parts.items()}
        found = {
            part: _sha("".join(f"{name} {self._entry('', tensor)['digest']}\n" for name, tensor in tensors.items()).encode())
            for part, tensors in parts.items()
        }
        found["random state of torch"] = _random_state(None, [])
        found["random state of Python"] = _sha(repr(random.getstate()).encode())
        numpy = sys.modules.get("numpy")
        if numpy is not None:
            found["random state of NumPy"] = _sha(repr(numpy.random.get_state()).encode())
        if not parameters:
            # No optimizer has made a step: what was computed is all there is.
            results = [one["digest"] for record in self.records for one in record["outputs"]]
            found["operations"] = _sha(repr(results).encode())
        return found


def _sha(data):
    return hashlib.sha256(data).hexdigest()[:32]


def _random_state(generator, tensors):
    """Digest of the state that random numbers are drawn from."""
    if generator is None:
        devices = {tensor.device for _, tensor in tensors if tensor.device.type == "cuda"}
        state = torch.cuda.get_rng_state(next(iter(devices))) if devices else torch.get_rng_state()
    else:
        state = generator.get_state()
    return tensor_digest("", state)


def _line():
    """The innermost line of the program's own code ("train.py:31"), and whether the backward pass lies between."""
    frame, by_engine = sys._getframe(3), False
    while frame is not None:
        code = frame.f_code
        if is_own(code.co_filename):
            return f"{short(code.co_filename)}:{frame.f_lineno}", by_engine
        by_engine = by_engine or code.co_name == "_engine_run_backward"
        frame = frame.f_back
    return None, by_engine
