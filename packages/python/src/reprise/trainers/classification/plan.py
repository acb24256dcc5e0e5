"""A request, checked and worked out: everything that decides a run before its first step."""

from dataclasses import dataclass

import torch
from torch.nn import functional

from ...trainer import UserError
from . import data
from .compiling import why_not
from .data.dataset import PARTS, Dataset
from .data.split import divide
from .evidence import digest_of_json
from .hyperparameters import effective
from .loader import Cases, mean_and_deviation
from .metrics import SPLIT_METRICS
from .streams import repeat_of, split_key


@dataclass
class Plan:
    """See `plan`."""

    hyper: dict
    # Asked for, but not used.
    unused: list
    device: torch.device
    dataset: Dataset
    cases: Cases
    # Indices of the cases of train, validation and test, ascending.
    parts: dict
    # Subtracted from inputs, and what they are divided by: tensors that broadcast over a batch.
    mean: torch.Tensor
    deviation: torch.Tensor
    # Of the positive class in binary cross entropy.
    positive_weight: float
    disclosures: list
    configuration_digest: str
    dataset_digest: str

    @property
    def outputs(self):
        """Outputs of the network."""
        return 1 if self.hyper["loss"] == "binary-cross-entropy" else len(self.dataset.classes)

    def normalised(self, inputs):
        """A batch on the device, shifted and scaled."""
        return (inputs.to(self.device) - self.mean) / self.deviation

    def loss(self, logits, labels):
        """The mean loss of a batch: logits [cases, outputs] and labels [cases], on one device."""
        if self.hyper["loss"] == "cross-entropy":
            return functional.cross_entropy(logits, labels)
        targets = (labels == self.dataset.positive_class).to(logits.dtype)
        weight = torch.tensor(self.positive_weight, dtype=logits.dtype, device=logits.device)
        return functional.binary_cross_entropy_with_logits(logits[:, 0], targets, pos_weight=weight)


def plan(run):
    """Reads the data and works out what a request asks for. Raises UserError for everything that cannot be met."""
    request = run.request
    if request["task"] != "classification":
        raise UserError(f"task: this trainer cannot do {request['task']}.", "It does classification.")
    if request["resources"]["ranks"] != 1:
        raise UserError(
            f"resources.ranks: {request['resources']['ranks']} is not possible.", "This trainer runs in one process: set ranks to 1."
        )
    hyper, unused = effective(run.parameters)
    device = _device(request["backend"])
    dataset = data.load(request["dataset"]["name"])
    split = request["dataset"]["split"]
    repeat = repeat_of(run, "split")
    key = split_key(split["seed"] if repeat is None else run.seed, repeat)
    parts = dict(zip(PARTS, divide(dataset, split, key)))
    _check(hyper, dataset, parts, request)
    cases = Cases(dataset, hyper, (run.seed, "augmentation", repeat_of(run, "augmentation")))
    mean, deviation = _normalisation(run, hyper, cases, parts["train"])
    weight = _positive_weight(hyper, dataset, parts["train"])
    content = [dataset.digest, parts, mean.tolist(), deviation.tolist()]
    decision = [request["threshold"], request["selection"], request["objective"]]
    return Plan(
        hyper=hyper,
        unused=unused,
        device=device,
        dataset=dataset,
        cases=cases,
        parts=parts,
        mean=mean.float().to(device),
        deviation=deviation.float().to(device),
        positive_weight=weight,
        disclosures=_disclosures(hyper, dataset, parts, weight),
        configuration_digest=digest_of_json([request["dataset"], hyper, decision]),
        dataset_digest=digest_of_json(content),
    )


def backends():
    """What this machine can compute on, the best first."""
    return ["cuda", "cpu"] if torch.cuda.is_available() else ["cpu"]


def _device(backend):
    # As studies of earlier versions call it.
    backend = "cuda" if backend == "node-gpu" else backend
    if backend != "auto" and backend not in backends():
        raise UserError(f"backend: {backend} is not here.", f"This trainer offers {', '.join(backends())}, or auto.")
    chosen = backends()[0] if backend == "auto" else backend
    return torch.device("cpu" if chosen == "cpu" else "cuda")


def _check(hyper, dataset, parts, request):
    if hyper["compile"]:
        reason = why_not()
        if reason is not None:
            raise UserError(f"compile: a network cannot be compiled here: {reason}.", "Set compile to false, or install what is missing.")
        if hyper.get("dropout"):
            raise UserError("compile: dropout draws from its own generator, which is not compiled.", "Set dropout to 0, or compile to false.")
    if hyper["loss"] == "binary-cross-entropy" and (len(dataset.classes) != 2 or dataset.positive_class is None):
        raise UserError(
            f"loss: binary-cross-entropy needs two classes with a positive one; {dataset.name} has {len(dataset.classes)}.",
            "Set loss to cross-entropy.",
        )
    if hyper["batchSize"] > len(parts["train"]):
        raise UserError(f"batchSize: {hyper['batchSize']} is more than the {len(parts['train'])} training cases.", "Set a smaller one.")
    objective = request["objective"]
    chooses = request["selection"]["epoch"] == "bestValidation"
    if not parts["validation"] and (chooses or request["threshold"]["rule"] != "fixed" or hyper["scheduler"] == "plateau"):
        raise UserError(
            "Epoch, threshold or learning rate is to follow validation data, but the split has none.",
            "Give dataset.split.validation a share.",
        )
    known = [f"validation{name}" for name in SPLIT_METRICS]
    if chooses and (objective is None or objective["metric"] not in known):
        raise UserError(
            f"Selection bestValidation needs an objective on validation; given: {objective and objective['metric']}.",
            f"Choose one of {', '.join(known)}.",
        )


def _normalisation(run, hyper, cases, train):
    asked = hyper["inputMean"], hyper["inputStd"]
    sample, _ = cases[(None, train[0])]
    channels = sample.shape[0]
    for name, values in zip(("inputMean", "inputStd"), asked):
        if values is not None and len(values) not in (1, channels):
            raise UserError(f"{name}: {len(values)} values are given for {channels} channels.", "Give one, or one per channel.")
    fitted = (None, None)
    if None in asked:
        fitted = mean_and_deviation(cases, train, hyper, lambda done: run.progress(done, len(train), "cases read"))
    chosen = [own if values is None else torch.tensor(values, dtype=torch.float64) for values, own in zip(asked, fitted)]
    shape = (-1, 1, 1) if sample.dim() == 3 else (-1,)
    return [values.reshape(shape) for values in chosen]


def _positive_weight(hyper, dataset, train):
    if hyper.get("positiveWeight") != "ratio":
        return 1.0
    positives = sum(dataset.labels[index] == dataset.positive_class for index in train)
    if positives == 0:
        raise UserError(
            "positiveWeight: the training part has no positive case.", "Divide the data otherwise, or set positiveWeight to none."
        )
    return (len(train) - positives) / positives


def _disclosures(hyper, dataset, parts, weight):
    sizes = ", ".join(f"{len(parts[part])} {part}" for part in PARTS)
    sentences = [
        f"Cases: {sizes}.",
        "trainLoss and trainAccuracy are averages over the cases of the epoch, taken while the weights change.",
    ]
    left = len(parts["train"]) % hyper["batchSize"]
    if left == 1 and hyper["model"] != "mlp":
        sentences.append("The last batch of an epoch would be a single case, of which batch normalisation has no variance: it is left out.")
    elif left:
        sentences.append(f"The last batch of an epoch holds {left} cases.")
    if hyper.get("positiveWeight") == "ratio":
        sentences.append(
            f"The positive class has weight {weight:.6g} in the loss, the ratio of the training cases; validationLoss and testLoss are of this loss."
        )
    return sentences + dataset.remarks
