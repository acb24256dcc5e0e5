"""
What is seen of a training in PyTorch from inside it, without a line of its own: steps, settings, losses, final weights.

Optimizer hooks only: global hooks on modules would be traced by `torch.compile`. Nothing here changes a bit of the result.
"""

import threading
import time

from .data import Loaders
from .digests import StepDigests, budget
from .model import Model
from .optimizers import Optimizers
from .patches import Patches
from .seeds import SeedCalls
from .settings import Watch, apply_to


class TorchHooks:
    """Hooks of one process, which tell `recorder` what they see."""

    def __init__(self, torch, recorder):
        self._torch = torch
        self._recorder = recorder
        self._patches = Patches()
        self._watch = Watch(torch, recorder.seen, recorder.gap, self._patches)
        self._optimizers = Optimizers(recorder.seen, recorder.gap)
        self._loaders = Loaders(recorder.seen, recorder.rung, recorder.gap, lambda: recorder.steps, self._patches)
        self._model = Model(torch, recorder.gap, self._weights_changed)
        self._told = ()
        self._training = None
        # The thread that steps, and whether it is the main one, and the only one until now.
        self._thread = None
        self._is_ordered = True
        self._digests = StepDigests(self._model, recorder, budget(), has_finish=False)
        # Whether anything was differentiated, which is looked for until a step is seen.
        self._has_gradients = False
        self._until_a_step = Patches()
        # Whether the steps that were to be made are those of an attempt before.
        self._is_trained = False
        self._loss = None
        self._scaled = None
        self._is_compiling = torch.compiler.is_compiling
        self._clock = time.perf_counter

    def install(self, execution=None, seed=None):
        """Settings of the arm and seed first, then the hooks; without them only the hooks."""
        torch = self._torch
        if execution is not None:
            apply_to(torch, execution)
        if seed is not None:
            torch.manual_seed(seed)
        self._watch.look(0, everything=True)
        SeedCalls(self._seed_set, self._recorder.gap, self._patches).watch_torch(torch)
        self._loaders.install(torch)
        self._optimizers.install(torch, self._patches)
        from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

        self._patches.then(register_optimizer_step_pre_hook(self._before_step).remove)
        self._patches.then(register_optimizer_step_post_hook(self._after_step).remove)
        self._wrap_backward()
        self._wrap_scaler()
        # What Tensor.backward, torch.autograd.backward and torch.autograd.grad come to, by whichever name they are called.
        self._until_a_step.wrap(torch.autograd, "_engine_run_backward", self._differentiating)

    def remove(self):
        """Takes the hooks away again."""
        self._until_a_step.remove()
        self._patches.remove()
        self._model.forget()

    def place(self):
        """Passes over data that were made, and the optimizers in the order of their first steps: what a state of the training needs of them."""
        return self._loaders.passes, self._optimizers.stepped()

    def go_on(self, passes):
        """The training goes on from a state: passes that were made before have their numbers."""
        self._loaders.go_on(passes)

    def trained_before(self, optimizers):
        """An attempt before has made all steps: the final weights are what these optimizers had changed."""
        self._is_trained = self._recorder.steps_before > 0
        for optimizer in optimizers:
            try:
                self._model.follow(optimizer)
            except Exception as error:
                self._recorder.gap("the final weights", str(error))

    def _seed_set(self, name, value, where):
        """A call that seeds: what PyTorch then says its seed is, the next look finds; its place is known here."""
        if name == "seed.torch":
            self._watch.places["torch.initial_seed"] = where
        self._recorder.seen(self._recorder.steps, name, value, where)

    def _wrap_backward(self):
        hooks = self

        def make(original):
            def backward(tensor, *args, **kwargs):
                hooks._before_backward(tensor)
                return original(tensor, *args, **kwargs)

            return backward

        self._patches.wrap(self._torch.Tensor, "backward", make)

    def _differentiating(self, original):
        def run_backward(*args, **kwargs):
            self._has_gradients = True
            return original(*args, **kwargs)

        return run_backward

    def _wrap_scaler(self):
        """A scaled loss is no loss: what is read is the one before."""
        scaler = getattr(getattr(self._torch, "amp", None), "GradScaler", None)
        hooks = self

        def make(original):
            def scale(own, outputs):
                scaled = original(own, outputs)
                if hooks._torch.is_tensor(outputs):
                    hooks._scaled = (scaled, outputs)
                return scaled

            return scale

        if scaler is not None:
            self._patches.wrap(scaler, "scale", make)

    def _before_backward(self, tensor):
        try:
            if self._is_compiling():
                return
            began = self._clock()
            scaled = self._scaled
            if scaled is not None:
                self._scaled = None
                tensor = scaled[1] if scaled[0] is tensor else tensor
            if tensor.numel() == 1:
                self._has_gradients = True
                # Of accumulated batches, and of several losses of one step, the last is told.
                self._loss = tensor.detach()
                if self._digests.is_timing:
                    self._digests.others += self._clock() - began
        except Exception as error:
            self._recorder.gap("a loss", str(error))

    def _before_step(self, optimizer, args, kwargs):
        try:
            if self._is_compiling():
                return
            began = self._clock()
            self._model.before_step(self._optimizers.parts_of(optimizer))
            if self._digests.is_timing:
                self._digests.others += self._clock() - began
        except Exception as error:
            self._recorder.gap("weights between steps", str(error))

    def _after_step(self, optimizer, args, kwargs):
        try:
            if self._is_compiling():
                return
            self._step_of(optimizer)
        except Exception as error:
            self._recorder.gap("a step", str(error))

    def _step_of(self, optimizer):
        began = self._clock()
        recorder, digests = self._recorder, self._digests
        if self._thread != threading.get_ident():
            self._another_thread()
        is_timing, counted = digests.is_timing, digests.spent + digests.searched
        known = self._optimizers.of(optimizer)
        step = self._count(optimizer, known)
        self._watch.look(step)
        self._optimizers.look(step, optimizer, known)
        loss, self._loss = self._loss, None
        if loss is not None:
            recorder.loss(step, loss.item())
        if self._is_ordered and digests.after_step(step, loss):
            self._look_at_model()
        self._model.after_step()
        if is_timing:
            digests.others += self._clock() - began - (digests.spent + digests.searched - counted)

    def _another_thread(self):
        """
        Steps of several threads are numbered as they come, which is not the same in every run, and one may change what another digests.
        Which thread will be the first is no more certain: only steps of the main thread have digests, until another one steps.
        """
        if self._thread is not None:
            self._model.is_ordered = False
        self._thread = threading.get_ident()
        if self._is_ordered and (not self._model.is_ordered or self._thread != threading.main_thread().ident):
            self._is_ordered = False
            self._recorder.gap(
                "digests of steps",
                "A thread other than the main one made steps. Which step is which may depend on the machine from then on, so none has a digest.",
            )

    def _look_at_model(self):
        """At steps that are digested: a mode that is left over from an evaluation is a matter of whole epochs."""
        training = self._model.training()
        if training is not None and training != self._training:
            self._training = training
            self._recorder.seen(self._recorder.steps, "model.training", training)

    def _count(self, optimizer, known):
        """
        Counts the step that this optimizer has made, and returns its number. Optimizers that take turns make one step together; one
        that comes later, or comes back, as in a second stage of a training, begins a step of its own.
        """
        recorder, before = self._recorder, known.made
        now = recorder.steps
        takes_turns = now == recorder.steps_before + 1 if before is None else before == now - 1
        if not takes_turns:
            now = recorder.steps = now + 1
        known.made = self._model.step = now
        # Groups may be added, as where a model grows or is thawed.
        is_there = bool(known.parts) and len(known.groups) == len(optimizer.param_groups)
        for part in known.parts:
            part.step = now
            is_there = is_there and not part.is_over
        if not is_there:
            began = self._clock()
            known.parts = self._model.follow(optimizer)
            self._until_a_step.remove()
            # Made seldom: no cost of every step.
            self._digests.searched += self._clock() - began
        return now

    def told_step(self, model):
        """A step that the program tells of, because no hook sees it."""
        step = self._recorder.steps
        try:
            self._model.step = step
            if self._thread != threading.get_ident():
                self._another_thread()
            if isinstance(model, self._torch.nn.Module):
                self._told = self._model.follow_module(model)
            for part in self._told:
                part.step = step
                # The program writes to it by itself.
                part.is_written = True
            if all(part.is_over for part in self._told):
                self._recorder.gap(
                    "the weights after a step",
                    "reprise.step() was not given the model that the step had changed, and none that it was given before is there as it was.",
                )
            self._watch.look(step)
            if self._model and self._is_ordered and self._digests.after_step(step, None):
                self._look_at_model()
        except Exception as error:
            self._recorder.gap("a step", str(error))

    def _weights_changed(self):
        """Weights were written to after the last step of an optimizer: whether their values are others, its digest tells."""
        step = self._model.step
        is_as_before = self._digests.is_as_after(step)
        if is_as_before:
            return
        end = "The digest of the final weights is of what they were in the end."
        if is_as_before is None:
            # Lightning loads its best weights to test them: no gap of every such run.
            self._recorder.log_text(
                f"Weights were written to after step {step}, the last one. It has no digest, so whether their values are others is not known. {end}"
            )
            return
        self._recorder.gap(
            "weights after the last step of an optimizer",
            f"They were changed after step {step}, by the script or a library, outside what is observed. {end}",
        )

    def finish(self):
        """A last look, and the digest of the final weights of the model whose parameters were optimised."""
        recorder = self._recorder
        try:
            self._watch.look(recorder.steps, everything=True)
            self._optimizers.finish()
            if recorder.steps == recorder.steps_before and not self._is_trained and (self._has_gradients or self._loaders.has_passed):
                recorder.gap(
                    "any step of an optimizer",
                    f"{'Gradients were computed' if self._has_gradients else 'Loaders gave batches'}, and no step was seen. An update that is "
                    "compiled or made by hand has no hook: if the program trains, call reprise.step(model, loss) after each.",
                )
            if self._model.is_changed():
                self._weights_changed()
            digest = self._model.digest()
            if digest is not None:
                recorder.final_weights(digest)
        except Exception as error:
            recorder.gap("the final weights", str(error))
