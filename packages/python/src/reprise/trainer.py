"""
A training program that Reprise runs: one file, the standard library only, made to be copied beside the program.

The protocol: one request as JSON on stdin, one event per line as JSON on file descriptor 3. Whatever is printed on stdout
and stderr is a log. Stdin stays open while the worker lives; when it closes, the program ends. SIGTERM asks it to stop.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import math
import os
import platform
import random
import shutil
import signal
import sys
import threading
import time
from typing import Any, Callable, Iterable, Mapping, Sequence

EVENTS = 3
# The look by which Reprise's own code tells that it computed the digest of the final weights.
FINAL_DIGEST = "digest.finalWeights"


class Stopped(BaseException):
    """SIGTERM: the run was cancelled, or its worker shuts down. Raised wherever the program is; let it pass."""


class UserError(Exception):
    """A mistake in the request, said to whoever made it: the run fails at once and is not tried again."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


def case_columns(**facts: Mapping[str, Iterable[object]] | None) -> dict[str, dict[str, list[str]]]:
    """Columns of the cases as texts, under `groups` and `subgroups`; nothing where none were given."""
    return {
        fact: {name: [str(value) for value in wire(list(values))] for name, values in columns.items()}
        for fact, columns in facts.items()
        if columns
    }


def wire(value: Any) -> Any:
    """A value as JSON can carry it: NaN and the infinities as strings, arrays and tensors as lists."""
    if isinstance(value, dict):
        return {key: wire(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [wire(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if hasattr(value, "tolist"):
        return wire(value.tolist())
    return value


def setting(value: Any) -> Any:
    """A value of a setting on the wire: whole numbers beyond 2^53 - 1 in size, such as seeds of 64 bits, as text."""
    plain = wire(value)
    is_exact = not isinstance(plain, int) or abs(plain) < 2**53
    return plain if is_exact else str(plain)


def digest_of(tensors: Mapping[str, Any]) -> str:
    """
    SHA-256 over named tensors (a PyTorch `state_dict`, or a dict of NumPy arrays): name, type, shape and bytes of each,
    in the order of their names. Equal digests mean equal bits.
    """
    total = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name]
        total.update(f"{name}\0{tensor.dtype}\0{tuple(tensor.shape)}\0".encode())
        if hasattr(tensor, "detach"):
            tensor = tensor.detach().cpu().resolve_conj().resolve_neg().contiguous()
            total.update(memory_of(tensor))
        else:
            total.update(tensor.tobytes())
    return total.hexdigest()


def memory_of(tensor):
    """The bytes of a contiguous PyTorch tensor in the processor's memory, not copied: valid for as long as the tensor."""
    size = tensor.numel() * tensor.element_size()
    return (ctypes.c_char * size).from_address(tensor.data_ptr()) if size else b""


class Run:
    """One run, as it was asked for, and the way to report it."""

    digest_of = staticmethod(digest_of)

    def __init__(self, request: Mapping[str, Any], name: str, version: str) -> None:
        self.request = request
        # None is unset, as what is left out: the program's own default holds.
        self.parameters = {name: value for name, value in request["parameters"].items() if value is not None}
        self.seed = request["seed"]
        self.mode = request["mode"]
        self.execution = request["arm"]["execution"]
        self.repeat = request["repeat"]
        self.output_directory = request["outputDirectory"]
        self._name, self._version = name, version
        self._started = time.monotonic()
        self._write = threading.Lock()

    def emit(self, type: str, **event: Any) -> None:
        """One event. Safe from several threads."""
        line = memoryview((json.dumps({"type": type, **wire(event)}, allow_nan=False) + "\n").encode())
        with self._write:
            while line:
                line = line[os.write(EVENTS, line) :]

    def hello(
        self,
        effective_parameters: Mapping[str, Any],
        backend: str = "cpu",
        disclosures: Iterable[str] = (),
        unused_parameters: Iterable[str] = (),
        told_environment: bool = True,
    ) -> None:
        """First of all: every hyperparameter with the value that is really used, and what the reader must know."""
        self.emit(
            "hello",
            name=self._name,
            version=self._version,
            effectiveParameters=effective_parameters,
            unusedParameters=list(unused_parameters),
            disclosures=list(disclosures),
            backend={"requested": self.request["backend"], "used": backend},
        )
        if told_environment:
            self.emit("environment", values=environment())

    def environment(self, **values: Any) -> None:
        """What else can change the result: versions of libraries, of the data, of the code."""
        self.emit("environment", values=values)

    def metrics(self, step: int, named: Any = None, **metrics: Any) -> None:
        """Metrics of one epoch, counted from 1, or of one step; by keyword or, for names with spaces and signs, as a dict."""
        given = named if isinstance(named, dict) else {} if named is None else {"named": named}
        for key, value in {**given, **metrics}.items():
            self.emit("metric", key=key, steps=[step], values=[value])

    def digest(self, kind: str, position: int, digest: str, algorithm: str = "sha256") -> None:
        """
        A rung of the digest ladder: `dataset`, `dataOrder`, `initialWeights`, `step`, `epoch`, `finalWeights`, … Weights at
        `initialWeights`, `step` and `epoch` may be digested by another `algorithm`, of a name of your own: digests by two are
        not compared.
        """
        self.emit("digest", kind=kind, positions=[position], digests=[digest], algorithm=algorithm)

    def observe(self, name: str, value: Any, step: int | None = None) -> None:
        """
        One look at a setting of this process, after `step` steps (None: it belongs to no step): a flag such as
        `torch.backends.cudnn.benchmark`, `seed`, an environment variable (None: it is not set), a digest of a random state
        (`rng.torch`). Give what is read at that moment where the setting lives, never what was asked for. It is your
        program's word, so Reprise tells it as reported, holds it against arm and seed, and marks the run where it
        contradicts them or changes.
        """
        self.emit("observation", step=step, name=name, value=setting(value))

    def embedding(self, epoch: int, vector: Any) -> None:
        """Last-layer weights after an epoch."""
        self.emit("embedding", epoch=epoch, vector=vector)

    def probe(self, epoch: int, activations: Iterable[Iterable[float]]) -> None:
        """Activations of the same cases before the last layer, a row per case, after an epoch."""
        rows = [list(row) for row in activations]
        shape, vector = [len(rows), len(rows[0])], [value for row in rows for value in row]
        self.emit("embedding", of="probe", epoch=epoch, shape=shape, vector=vector)

    def predictions(
        self,
        split: str,
        epoch: int,
        ids: Iterable[object],
        labels: Sequence[int],
        scores: Sequence[Any],
        threshold: float | None = None,
        groups: Mapping[str, Iterable[object]] | None = None,
        subgroups: Mapping[str, Iterable[object]] | None = None,
    ) -> None:
        """
        Scores of one split at the selected epoch: a row per case, a column per class. `groups` and `subgroups` name, a value
        per case, what the cases came from (`{"patient": …}`) and what results are shown apart for (`{"sex": …}`).
        """
        cases = [str(case) for case in ids]
        self.emit(
            "predictions",
            split=split,
            epoch=epoch,
            ids=cases,
            labels=labels,
            scores=scores,
            threshold=threshold,
            **case_columns(groups=groups, subgroups=subgroups),
        )

    def progress(self, done: float, total: float, unit: str = "epochs") -> None:
        self.emit("progress", done=done, total=total, unit=unit)

    def checkpoint(self, path: str, step: int, epoch: int) -> None:
        """A file that is complete and has a name of its own: with this it belongs to the worker, which moves it away."""
        self.emit("checkpoint", path=os.path.abspath(path), step=step, epoch=epoch)

    def file(self, path: str, name: str | None = None, step: int | None = None) -> None:
        """A file that the program has written, stored with the run as it is now under `name` (default: that of the file)."""
        copy = os.path.join(self.output_directory, f"file-{os.getpid()}-{time.monotonic_ns()}")
        shutil.copyfile(path, copy)
        self.emit("file", name=name or os.path.basename(path), path=os.path.abspath(copy), step=step)

    def log(self, message: object, level: str = "info") -> None:
        self.emit("log", level=level, message=str(message))

    def done(
        self, digest: str | None = None, selected_epoch: int | None = None, phases: Mapping[str, float] | None = None
    ) -> None:
        """The end of a run that went well. `digest` is that of the final weights."""
        if digest is not None:
            self.digest("finalWeights", 0, digest)
        seconds = phases if phases is not None else {"total": time.monotonic() - self._started}
        self.emit("done", digest=digest, selectedEpoch=selected_epoch, phases=seconds)

    def done_by_reprise(
        self, digest: str, selected_epoch: int | None = None, phases: Mapping[str, float] | None = None
    ) -> None:
        """`done` where Reprise's own code computed the digest of all weights, and not the program: told as observed."""
        self.emit("observation", step=None, name=FINAL_DIGEST, value=digest, observer="reprise")
        self.done(digest, selected_epoch, phases)

    def seed_everything(self) -> None:
        """
        Seeds Python, NumPy and PyTorch, as far as they are there, and sets PyTorch to what the arm asks for: deterministic
        algorithms, autotuning of convolutions, TF32. Variables such as CUBLAS_WORKSPACE_CONFIG are set by the worker.
        """
        random.seed(self.seed)
        try:
            import numpy

            numpy.random.seed(self.seed % 2**32)
        except ImportError:
            pass
        try:
            import torch
        except ImportError:
            return
        torch.manual_seed(self.seed)
        torch.use_deterministic_algorithms(self.execution["algorithms"] == "deterministic")
        torch.backends.cudnn.deterministic = self.execution["algorithms"] == "deterministic"
        torch.backends.cudnn.benchmark = self.execution["autotune"]
        torch.backends.cudnn.allow_tf32 = self.execution["tf32"]
        torch.backends.cuda.matmul.allow_tf32 = self.execution["tf32"]


def environment() -> dict[str, Any]:
    """Versions of what is loaded and can change a result."""
    values = {"python.version": platform.python_version(), "python.implementation": platform.python_implementation()}
    for name in ("numpy", "torch", "torchvision", "open_clip", "timm"):
        module = sys.modules.get(name)
        if module is not None:
            values[f"{name}.version"] = str(getattr(module, "__version__", "unknown"))
    torch = sys.modules.get("torch")
    if torch is not None:
        values["torch.cuda"] = torch.version.cuda
        values["torch.threads"] = torch.get_num_threads()
        if torch.cuda.is_available():
            values["torch.cudnn"] = torch.backends.cudnn.version()
            values["torch.gpu"] = torch.cuda.get_device_name(0)
    return values


def _end_with_worker(source):
    while os.read(source, 4096):
        pass
    os._exit(3)


def read_request(source=0):
    """The request, from the file descriptor on which a worker sends it; when that closes, the process ends."""
    text = b""
    while not text.endswith(b"\n"):
        chunk = os.read(source, 65536)
        if not chunk:
            sys.exit(3)
        text += chunk
    threading.Thread(target=_end_with_worker, args=(source,), daemon=True).start()
    return json.loads(text)


def _stop(*_):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Stopped()


def serve(name: str, version: str, train: Callable[[Run], object], capabilities: Mapping[str, Any]) -> None:
    """
    Runs one run: with `--describe` prints `capabilities`, else reads the request and calls `train(run)`. A UserError ends
    the run with its message; any other exception leaves its traceback in the log and ends it as well.
    """
    if "--describe" in sys.argv:
        print(json.dumps(capabilities))
        return
    run = Run(read_request(), name, version)
    unknown = [key for key in run.request["parameters"] if key not in capabilities["hyperparameters"]]
    signal.signal(signal.SIGTERM, _stop)
    try:
        if unknown:
            raise UserError(f"unknown hyperparameter {', '.join(unknown)}")
        train(run)
    except Stopped:
        sys.exit(143)
    except UserError as error:
        run.emit("error", kind="user", message=str(error), **({"hint": error.hint} if error.hint else {}))
        sys.exit(1)
