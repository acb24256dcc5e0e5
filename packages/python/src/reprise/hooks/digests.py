"""Digests of the steps of a training, as many as a share of its time allows."""

import hashlib
import os
import time

from ..digest import algorithm_of, tensor_digest

# Share of the time of a training that looking at its steps may take; what the other hooks leave of it is for digests.
# `inf` digests every step.
VARIABLE = "REPRISE_DIGEST_BUDGET"
BUDGET = 0.01
# What of it these clocks see: calling the hooks takes time as well, and more in one step than in another.
CLOCKED = 0.85
# What digests have of it at the least, however short a step is.
LEAST = 0.1
# Of the digests of single tensors of one run; beyond, only the steps as wholes have one.
TENSOR_BYTES = 4 * 1024 * 1024
# Hexadecimal digits for one tensor: enough to tell that it differs.
DIGITS = 8


def budget():
    """The share that REPRISE_DIGEST_BUDGET asks for, else BUDGET."""
    given = os.environ.get(VARIABLE, BUDGET)
    try:
        share = float(given)
    except ValueError:
        share = -1.0
    if share > 0:
        return share
    raise ValueError(f"{VARIABLE} is {given!r}: give a share of the time above 0, such as {BUDGET}, or inf for every step")


class StepDigests:
    """
    Digests of loss, gradients and weights after the first step, after every k-th and, with `finish`, after the last. k is the least
    power of two that keeps within the budget, so that two runs of different speed have the steps of the slower one in common.
    Where several optimizers make the same step, it is digested after the first of them. `others` are the seconds that
    other hooks have taken since the first step, `spent` those of the digests, `searched` those of looking for parameters.
    """

    def __init__(self, model, recorder, share, clock=time.perf_counter, has_finish=True):
        self._model = model
        self._recorder = recorder
        self._share = share
        self._clock = clock
        self._every = 1
        self._began = None
        # Whether the first step is over, from which on time is counted.
        self.is_timing = False
        self._first = 0
        self.spent = 0.0
        self.searched = 0.0
        self.others = 0.0
        self._count = 0
        self._step = 0
        self._digested = 0
        self._versions = None
        # Whether `finish` will be called: it needs the versions of every step.
        self._has_finish = has_finish
        # Of the last digest: names, algorithm and itself; None where other optimizers have gone on with its step.
        self._last = None
        self._bytes = 0

    def after_step(self, step, loss):
        """Whether the step was digested. `step` counts from 1; `loss` is the tensor that was differentiated, or None."""
        is_first = step != self._step
        self._step = step
        self._versions = self._model.versions() if is_first and self._has_finish else None
        self._last = None
        if not is_first or (step > 1 and step % self._every):
            return False
        asked = self._clock()
        if self.is_timing and self._is_too_dear(step, asked):
            return False
        # New parameters are searched for once: that is no cost of every step.
        parameters = self._model.parameters()
        now = self._clock()
        self.searched += now - asked
        if not parameters:
            # A digest of nothing would be the same in every run.
            self._recorder.gap(
                "the weights after a step", f"After step {step} no parameters were found that it had changed, so it has no digest."
            )
            return False
        if not self.is_timing:
            self.is_timing, self._began, self._first = True, now, step
        self._digest(step, loss, parameters)
        self.spent += self._clock() - now
        self._count += 1
        return True

    def finish(self):
        """
        The last step, where it has no digest yet and its weights are still there, as far as their versions tell. For trainers of
        Reprise's own: a script may change them by way of `.data`, which counts no version, and put an average in their place.
        """
        if self._step != self._digested and self._versions == self._model.versions():
            parameters = self._model.parameters()
            if parameters:
                algorithm = algorithm_of(parameters.values())
                self._rung(self._step, _digests(parameters, algorithm), algorithm)

    def is_as_after(self, step):
        """Whether the weights are as they were after this step, the last one; None where it has no digest of all that it changed."""
        if self._last is None or self._step != step:
            return None
        names, algorithm, total = self._last
        parameters = self._model.parameters()
        return _total(_digests(parameters, algorithm)) == total if list(parameters) == names else None

    def _is_too_dear(self, step, now):
        """Whether a digest at this step would be one too many; k is doubled until its digests keep within the budget."""
        steps = step - self._first
        per_step = max((now - self._began) / steps, 1e-9)
        left = max(CLOCKED * self._share * per_step - self.others / steps, LEAST * self._share * per_step)
        while self.spent / self._count > left * self._every:
            self._every *= 2
        return step % self._every != 0

    def _rung(self, step, weights, algorithm):
        self._digested = step
        total = _total(weights)
        self._last = list(weights), algorithm, total
        self._recorder.rung("step", step, total, algorithm)

    def _digest(self, step, loss, parameters):
        algorithm = algorithm_of(parameters.values())
        weights = _digests(parameters, algorithm)
        self._rung(step, weights, algorithm)
        if self._bytes > TENSOR_BYTES:
            return
        gradients = _digests({name: parameter.grad for name, parameter in parameters.items()}, algorithm)
        # Whatever of it lies elsewhere: a step has one algorithm.
        parts = {"loss": _digests({"loss": loss}, algorithm), "gradient": gradients, "weights": weights}
        self._bytes += sum(len(digests) for digests in parts.values()) * DIGITS // 2
        self._recorder.tensors(
            step,
            {part: (list(digests), "".join(digest[:DIGITS] for digest in digests.values())) for part, digests in parts.items()},
            algorithm,
        )


def _total(weights):
    return hashlib.sha256("".join(f"{name} {digest}\n" for name, digest in weights.items()).encode()).hexdigest()[:32]


def _digests(tensors, algorithm):
    """Name → digest; that of None, a tensor that is not there, is one as well."""
    return {
        name: hashlib.sha256(f"{name}\0none".encode()).hexdigest()[:32] if tensor is None else tensor_digest(name, tensor, algorithm)
        for name, tensor in tensors.items()
    }
