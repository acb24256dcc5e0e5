"""
A training that does not repeat on any processor with two threads, and one beside it that does: `python -m reprise.trainers.laptop`.

Handwritten digits are told apart by what their 64 pixels are looked up as: every place and grey level has a row of weights. Where the
rows are taken by indexing, PyTorch adds their gradients from several threads in the order in which these arrive; where they are taken by an
embedding, in one order. Batch statistics and large steps amplify the difference.
"""

import sys

from ..trainer import UserError, serve

NAME, VERSION = "torch-laptop", "0.1.0"
LEVELS, PIXELS = 17, 64

HYPERPARAMETERS = {
    "lookup": {
        "type": "string",
        "default": "index",
        "choices": ["index", "embedding"],
        "description": "How rows of weights are taken: by indexing, whose gradients threads add as they arrive, or by an embedding.",
    },
    "threads": {"type": "integer", "default": 2, "minimum": 1, "maximum": 64, "description": "Threads of PyTorch; one can not race."},
    "width": {"type": "integer", "default": 32, "minimum": 1, "maximum": 1024, "description": "Weights of a row."},
    "learningRate": {"type": "number", "default": 0.5, "minimum": 0, "description": "Learning rate of SGD with momentum 0.9."},
    "batchSize": {"type": "integer", "default": 64, "minimum": 2, "maximum": 65_536, "unit": "cases", "description": "Cases per step."},
    "epochs": {"type": "integer", "default": 20, "minimum": 1, "maximum": 100_000, "unit": "epochs", "description": "Passes over the data."},
}
METRICS = ("trainLoss", "validationLoss", "validationAccuracy", "testLoss", "testAccuracy")


def describe():
    """Capabilities."""
    from .classification.data.bundled import DIGITS
    from .classification.metrics import announced

    return {
        "name": NAME,
        "version": VERSION,
        "description": "Digits by rows of weights that are looked up: nondeterministic execution on any processor with two threads.",
        "tasks": ["classification"],
        "backends": ["cpu"],
        "deviceClass": "cpu",
        "summationOrders": ["fixed", "free"],
        "hyperparameters": HYPERPARAMETERS,
        "metrics": [metric for metric in announced() if metric["key"] in METRICS],
        "datasets": [{**DIGITS, "available": True, "hint": None, "digest": None}],
        "replay": False,
        "resume": True,
        "locate": True,
        "startsAhead": True,
        "nondeterminismSource": "Gradients of indexed rows, which threads add as they arrive.",
    }


def train(run):
    """Trains as a request asks and tells of every epoch."""
    import torch

    from ..hooks.settings import apply_to
    from .classification.data.bundled import load_digits
    from .classification.data.split import divide
    from .classification.streams import split_key

    hyper = {name: run.parameters.get(name, entry["default"]) for name, entry in HYPERPARAMETERS.items()}
    if run.request["dataset"]["name"] != "digits":
        raise UserError(f"dataset: {run.request['dataset']['name']} is not possible.", "This trainer knows digits.")
    run.seed_everything()
    apply_to(torch, run.execution)
    torch.set_num_threads(hyper["threads"])
    dataset = load_digits()
    split = run.request["dataset"]["split"]
    parts = dict(zip(("train", "validation", "test"), divide(dataset, split, split_key(split["seed"], None))))
    run.hello(hyper, disclosures=[f"PyTorch computes on {hyper['threads']} thread{'s' if hyper['threads'] > 1 else ''}."])
    run.environment(**{"dataset.digest": dataset.digest})
    training = _Training(torch, run, hyper, dataset, parts)
    try:
        training.to_the_end()
    finally:
        training.patches.remove()


class _Training:
    def __init__(self, torch, run, hyper, dataset, parts):
        from ..hooks.digests import StepDigests, budget
        from .classification.evidence import StepEvents, watch

        self._torch, self._run, self._hyper, self._dataset, self._parts = torch, run, hyper, dataset, parts
        levels = torch.stack([dataset.read(index).reshape(-1) for index in range(len(dataset.labels))]).mul(LEVELS - 1).round().long()
        # [cases, pixels]: the row that each pixel is looked up in.
        self._rows = levels + LEVELS * torch.arange(PIXELS)
        self._labels = torch.tensor(dataset.labels)
        width = hyper["width"]
        self._model = torch.nn.ParameterDict({"rows": torch.nn.Parameter(0.1 * torch.randn(PIXELS * LEVELS, width))})
        self._head = torch.nn.Sequential(
            torch.nn.BatchNorm1d(width), torch.nn.Linear(width, 64), torch.nn.ReLU(), torch.nn.BatchNorm1d(64), torch.nn.Linear(64, 10)
        )
        self._whole = torch.nn.ModuleDict({"lookup": self._model, "head": self._head})
        self._optimizer = torch.optim.SGD(self._whole.parameters(), lr=hyper["learningRate"], momentum=0.9)
        self._watch, self._optimizers, self.patches = watch(torch, run)
        events = StepEvents(self._whole, run)
        self._digests = StepDigests(events, events, budget())
        self._epoch = self._step = 0

    def _logits(self, indices):
        rows, own = self._rows[indices], self._model["rows"]
        taken = own[rows] if self._hyper["lookup"] == "index" else self._torch.nn.functional.embedding(rows, own)
        return self._head(taken.mean(1))

    def to_the_end(self):
        from ..trainer import digest_of
        from .classification.checkpoint import read_checkpoint, write_checkpoint
        from .classification.evidence import digest_of_json

        run, hyper = self._run, self._hyper
        self._watch.look(0, everything=True)
        run.digest("configuration", 0, digest_of_json(hyper))
        run.digest("dataset", 0, digest_of_json([self._dataset.digest, self._parts]))
        key = digest_of_json([hyper, run.seed, self._parts])
        if run.request["resume"] is None:
            run.digest("initialWeights", 0, digest_of(self._whole.state_dict()))
        else:
            state = read_checkpoint(run.request["resume"]["checkpointPath"])
            if state["key"] != key:
                raise UserError("The checkpoint belongs to another configuration or seed.", "Resume from this run's own checkpoint.")
            self._epoch, self._step = state["epoch"], state["step"]
            self._whole.load_state_dict(state["model"])
            self._optimizer.load_state_dict(state["optimizer"])
        while self._epoch < hyper["epochs"]:
            self._epoch += 1
            self._train_epoch(digest_of_json)
            scores = self._assess()
            run.digest("epoch", self._epoch, digest_of(self._whole.state_dict()))
            run.progress(self._epoch, hyper["epochs"])
            every = run.request["checkpointEveryEpochs"]
            if every is not None and self._epoch % every == 0 and self._epoch < hyper["epochs"]:
                state = {"key": key, "epoch": self._epoch, "step": self._step}
                state.update(model=self._whole.state_dict(), optimizer=self._optimizer.state_dict())
                run.checkpoint(write_checkpoint(run.output_directory, state), self._step, self._epoch)
        self._finish(scores, digest_of)

    def _train_epoch(self, digest_of_json):
        from .classification.loader import generator_of
        from .classification.streams import stream_seed

        torch, run, train = self._torch, self._run, self._parts["train"]
        self._whole.train()
        generator = generator_of(stream_seed(run.seed, "dataOrder", None, self._epoch))
        order = [train[place] for place in torch.randperm(len(train), generator=generator).tolist()]
        run.digest("dataOrder", self._epoch, digest_of_json(order))
        losses, size = [], self._hyper["batchSize"]
        for start in range(0, len(order) - len(order) % size, size):
            batch = order[start : start + size]
            self._step += 1
            self._optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(self._logits(batch), self._labels[batch])
            loss.backward()
            self._optimizer.step()
            self._watch.look(self._step)
            self._optimizers.look(self._step, self._optimizer)
            self._digests.after_step(self._step, loss)
            losses.append(loss.item())
        run.metrics(self._epoch, trainLoss=sum(losses) / len(losses))

    def _assess(self):
        """Scores [cases, classes] of validation and test part, whose metrics are told."""
        torch = self._torch
        self._whole.eval()
        scores, found = {}, {}
        for part in ("validation", "test"):
            labels = self._labels[self._parts[part]]
            with torch.no_grad():
                logits = self._logits(self._parts[part]).double()
            found[f"{part}Loss"] = torch.nn.functional.cross_entropy(logits, labels).item()
            found[f"{part}Accuracy"] = (logits.argmax(1) == labels).double().mean().item()
            scores[part] = logits.softmax(1)
        self._run.metrics(self._epoch, found)
        return scores

    def _finish(self, scores, digest_of):
        from .classification.evidence import digest_of_scores

        run = self._run
        self._watch.look(self._step, everything=True)
        self._optimizers.finish()
        self._digests.finish()
        run.digest("predictions", 0, digest_of_scores(scores))
        for part, rows in scores.items():
            names, labels = ([values[index] for index in self._parts[part]] for values in (self._dataset.names, self._dataset.labels))
            run.predictions(part, self._epoch, names, labels, rows)
        run.done_by_reprise(digest_of(self._whole.state_dict()), self._epoch)


def main():
    try:
        import torch  # noqa: F401

        if "--describe" not in sys.argv:
            # The first optimizer would import it; a process that waits for its run has the time.
            import torch._dynamo  # noqa: F401
    except ImportError as error:
        sys.exit(f"reprise.trainers.laptop needs {error.name}, which is not installed for {sys.executable}: pip install 'reprise[torch]'")
    serve(NAME, VERSION, train, describe() if "--describe" in sys.argv else {"hyperparameters": HYPERPARAMETERS})


if __name__ == "__main__":
    main()
