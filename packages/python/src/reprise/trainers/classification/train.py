"""One run, from the request to its last digest."""

import contextlib
import math
import os
import random
import time

import torch

from ...hooks.digests import StepDigests, budget
from ...hooks.settings import apply_to
from ...trainer import UserError, digest_of
from .checkpoint import read_checkpoint, write_checkpoint
from .evidence import StepEvents, digest_of_json, digest_of_scores, watch
from .loader import batches, generator_of
from .metrics import measure, scores_of, threshold_of
from .models import build_model, dropouts, last_layer
from .models.timm import drawing_from
from .plan import plan
from .schedule import advance, build_optimizer, build_scheduler
from .streams import PURPOSES, repeat_of, stream_seed
from .weights import is_kept, load_pretrained, write_weights

# Numbers of a last layer that are told after every epoch; more would be megabytes of text.
LARGEST_EMBEDDING = 65_536


def train(run):
    """Trains as a request asks and tells of every epoch."""
    _settle(run)
    started = time.monotonic()
    planned = plan(run)
    model, sentences = _initial_model(run, planned)
    run.hello(
        planned.hyper,
        backend=planned.device.type if run.request["backend"] == "auto" else run.request["backend"],
        disclosures=planned.disclosures + sentences,
        unused_parameters=planned.unused,
    )
    run.environment(**{"torch.device": str(planned.device), "dataset.digest": planned.dataset.digest})
    training = Training(run, planned, model, {"data": time.monotonic() - started, "train": 0.0, "evaluate": 0.0})
    try:
        training.to_the_end()
    finally:
        training.patches.remove()


def _settle(run):
    """Settings of the arm, seeds of the generators of the process, and the number of threads."""
    apply_to(torch, run.execution)
    random.seed(run.seed)
    threads = run.request["resources"]["threads"]
    if threads != "auto":
        torch.set_num_threads(threads)


def _initial_model(run, planned):
    """The network with its initial weights, on the processor, and what there is to say of them."""
    torch.manual_seed(stream_seed(run.seed, "init", repeat_of(run, "init")))
    sample, _ = planned.cases[(None, planned.parts["train"][0])]
    model = build_model(planned.hyper, list(sample.shape), planned.outputs)
    sentences = []
    file = planned.hyper.get("pretrained")
    if file is not None:
        digest, left_out = load_pretrained(model, file)
        sentences.append(f"Initial weights are those of {file} (SHA-256 of the tensors {digest}).")
        if left_out:
            sentences.append(f"Initial weights of {', '.join(left_out)} are random: the file has them for other classes.")
    torch.manual_seed(run.seed)
    return model, sentences


class Training:
    """Epoch after epoch of one run."""

    def __init__(self, run, planned, model, phases):
        self._run, self._plan, self._phases = run, planned, phases
        self._model = model.to(planned.device)
        # Of the same parameters; what is kept and digested is the model.
        self._network = torch.compile(model) if planned.hyper["compile"] else model
        self._optimizer = build_optimizer(model.parameters(), planned.hyper)
        self._scheduler = build_scheduler(self._optimizer, planned.hyper)
        self._dropout = torch.Generator(planned.device)
        for layer in dropouts(model):
            layer.generator = self._dropout
        self._watch, self._optimizers, self.patches = watch(torch, run)
        events = StepEvents(model, run)
        self._digests = StepDigests(events, events, budget())
        self._epoch = self._step = 0
        # The selected epoch so far: its number, value of the objective, scores of the parts, and threshold.
        self._held = None
        self._best_test_accuracy = -math.inf

    def to_the_end(self):
        """Trains what is left of the epochs, and tells how it ended."""
        run, planned = self._run, self._plan
        self._watch.look(0, everything=True)
        run.digest("configuration", 0, planned.configuration_digest)
        run.digest("dataset", 0, planned.dataset_digest)
        if run.request["resume"] is None:
            run.digest("initialWeights", 0, digest_of(self._model.state_dict()))
        else:
            self._resume(run.request["resume"]["checkpointPath"])
        epochs = planned.hyper["epochs"]
        while self._epoch < epochs:
            self._epoch += 1
            rate = self._optimizer.param_groups[0]["lr"]
            self._timed("train", self._train_epoch)
            run.metrics(self._epoch, learningRate=rate)
            validation_loss = self._timed("evaluate", self._assess)
            advance(self._scheduler, validation_loss)
            run.digest("epoch", self._epoch, digest_of(self._model.state_dict()))
            last = last_layer(self._model)
            if last is not None and last.numel() <= LARGEST_EMBEDDING:
                run.embedding(self._epoch, last.detach().flatten())
            run.progress(self._epoch, epochs)
            every = run.request["checkpointEveryEpochs"]
            if every is not None and self._epoch % every == 0 and self._epoch < epochs:
                run.checkpoint(write_checkpoint(run.output_directory, self._state()), self._step, self._epoch)
        self._finish()

    def _timed(self, phase, work):
        started = time.monotonic()
        result = work()
        self._phases[phase] += time.monotonic() - started
        return result

    def _train_epoch(self):
        run, planned, hyper = self._run, self._plan, self._plan.hyper
        self._model.train()
        order = self._order()
        run.digest("dataOrder", self._epoch, digest_of_json(order))
        losses, right, sizes = [], [], []
        for inputs, labels in batches(planned.cases, order, hyper["batchSize"], hyper["loaderWorkers"], self._epoch):
            if len(labels) == 1 < hyper["batchSize"] and hyper["model"] != "mlp":
                continue
            self._step += 1
            draws = stream_seed(run.seed, "dropout", repeat_of(run, "dropout"), self._step)
            self._dropout.manual_seed(draws)
            labels = labels.to(planned.device)
            self._optimizer.zero_grad()
            with drawing_from(draws, planned.device) if hyper["model"] == "timm" else contextlib.nullcontext():
                logits = self._outputs(inputs)
            loss = planned.loss(logits, labels)
            loss.backward()
            self._optimizer.step()
            self._watch.look(self._step)
            self._optimizers.look(self._step, self._optimizer)
            self._digests.after_step(self._step, loss)
            losses.append(loss.detach())
            right.append(self._right(logits.detach(), labels))
            sizes.append(len(labels))
        cases = torch.tensor(sizes, dtype=torch.float64)
        mean_loss = (torch.stack(losses).cpu().double() * cases).sum() / cases.sum()
        run.metrics(self._epoch, trainLoss=mean_loss.item(), trainAccuracy=(torch.stack(right).sum().cpu() / cases.sum()).item())

    def _order(self):
        """Training cases as this epoch takes them."""
        run, train = self._run, self._plan.parts["train"]
        seed = stream_seed(run.seed, "dataOrder", repeat_of(run, "dataOrder"), self._epoch)
        return [train[place] for place in torch.randperm(len(train), generator=generator_of(seed)).tolist()]

    def _outputs(self, inputs):
        """Logits [cases, outputs] of a batch, float32, on its device."""
        planned = self._plan
        is_mixed = planned.hyper["precision"] == "bfloat16"
        with torch.autocast(planned.device.type, dtype=torch.bfloat16, enabled=is_mixed):
            return self._network(planned.normalised(inputs)).float()

    def _right(self, logits, labels):
        """Number of right answers of a batch, on its device."""
        if logits.shape[1] > 1:
            return (logits.argmax(1) == labels).sum()
        return ((logits[:, 0] >= 0) == (labels == self._plan.dataset.positive_class)).sum()

    def _assess(self):
        """Metrics of validation and test part after an epoch. Returns the loss of the validation part, NaN where it is empty."""
        run, planned = self._run, self._plan
        positive = planned.dataset.positive_class
        answers = {part: self._answers(part) for part in ("validation", "test") if planned.parts[part]}
        threshold = run.request["threshold"]["value"]
        if "validation" in answers:
            labels, logits = answers["validation"]
            threshold = threshold_of(run.request["threshold"], labels, scores_of(logits, planned.hyper, positive), positive)
        scores, found = {}, {}
        for part, (labels, logits) in answers.items():
            scores[part] = scores_of(logits, planned.hyper, positive)
            found[f"{part}Loss"] = planned.loss(logits.double(), labels).item()
            for name, value in measure(labels, scores[part], positive, threshold).items():
                found[f"{part}{name}"] = value
        if "test" in answers:
            self._best_test_accuracy = max(self._best_test_accuracy, found["testAccuracy"])
            found["bestTestAccuracy"] = self._best_test_accuracy
        run.metrics(self._epoch, found)
        objective = run.request["objective"]
        value = found.get(objective["metric"], math.nan) if objective else math.nan
        if self._is_selected(value):
            self._held = {"epoch": self._epoch, "objective": value, "scores": scores, "threshold": threshold}
        return found.get("validationLoss", math.nan)

    def _answers(self, part):
        """Labels [cases] and logits [cases, outputs] of a part, on the processor."""
        planned, hyper = self._plan, self._plan.hyper
        self._model.eval()
        labels, logits = [], []
        size = hyper["scoringBatchSize"] or hyper["batchSize"]
        with torch.no_grad():
            for inputs, own in batches(planned.cases, planned.parts[part], size, hyper["loaderWorkers"]):
                logits.append(self._outputs(inputs).cpu())
                labels.append(own)
        return torch.cat(labels), torch.cat(logits)

    def _is_selected(self, value):
        """Whether the figures of this epoch are to be reported so far; of equally good epochs the first stays."""
        if self._run.request["selection"]["epoch"] == "last" or self._held is None:
            return True
        before = self._held["objective"]
        if math.isnan(value) or math.isnan(before):
            return not math.isnan(value)
        return value < before if self._run.request["objective"]["direction"] == "minimize" else value > before

    def _key(self):
        """What decides the run, and so whether a checkpoint is one of it."""
        run = self._run
        repeats = {purpose: repeat_of(run, purpose) for purpose in PURPOSES}
        return digest_of_json([self._plan.configuration_digest, self._plan.dataset_digest, run.seed, repeats])

    def _state(self):
        return {
            "key": self._key(),
            "epoch": self._epoch,
            "step": self._step,
            "held": self._held,
            "bestTestAccuracy": self._best_test_accuracy,
            "model": self._model.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "scheduler": None if self._scheduler is None else self._scheduler.state_dict(),
        }

    def _resume(self, path):
        state = read_checkpoint(path)
        if state["key"] != self._key():
            raise UserError(
                f"Checkpoint {path} belongs to another configuration, data set, split or seed.", "Resume from this run's own checkpoint."
            )
        self._epoch, self._step, self._held = state["epoch"], state["step"], state["held"]
        self._best_test_accuracy = state["bestTestAccuracy"]
        self._model.load_state_dict(state["model"])
        self._optimizer.load_state_dict(state["optimizer"])
        if self._scheduler is not None:
            self._scheduler.load_state_dict(state["scheduler"])
        self._run.log(f"Resumed after epoch {self._epoch}, step {self._step}.")

    def _finish(self):
        run, planned, held = self._run, self._plan, self._held
        self._watch.look(self._step, everything=True)
        self._optimizers.finish()
        self._digests.finish()
        run.digest("predictions", 0, digest_of_scores(held["scores"]))
        if is_kept(run.request["keepWeights"], self._model):
            path = os.path.join(run.output_directory, "final-weights.safetensors")
            write_weights(path, self._model)
            run.emit("artifact", kind="finalWeights", path=os.path.abspath(path), step=self._step, epoch=self._epoch)
        has_threshold = planned.dataset.positive_class is not None and not math.isnan(held["threshold"])
        for part, scores in held["scores"].items():
            indices = planned.parts[part]
            run.predictions(
                part,
                held["epoch"],
                [planned.dataset.names[index] for index in indices],
                [planned.dataset.labels[index] for index in indices],
                scores,
                held["threshold"] if has_threshold else None,
                groups=_columns_of(planned.dataset.groups, indices),
                subgroups=_columns_of(planned.dataset.subgroups, indices),
            )
        run.done_by_reprise(digest_of(self._model.state_dict()), held["epoch"], self._phases)


def _columns_of(columns, indices):
    """The columns of some cases."""
    return {name: [values[index] for index in indices] for name, values in columns.items()}
