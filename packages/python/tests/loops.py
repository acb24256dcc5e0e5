"""Every kind of training loop, one after another; prints a digest of weights and random states after each, as JSON."""

import copy
import hashlib
import importlib.util
import json
import random
import sys
import tempfile

import numpy
import torch
from torch import nn
from torch.nn import functional


def net():
    return nn.Sequential(nn.Linear(6, 12), nn.BatchNorm1d(12), nn.ReLU(), nn.Dropout(0.2), nn.Linear(12, 3))


def batch():
    return torch.randn(8, 6), torch.randint(3, (8,))


def judged(model, cases):
    inputs, labels = cases
    return functional.cross_entropy(model(inputs), labels)


def steps(model, optimizer, loss_of=judged, count=4):
    for _ in range(count):
        optimizer.zero_grad()
        loss_of(model, batch()).backward()
        optimizer.step()


def plain():
    model = net()
    steps(model, torch.optim.SGD(model.parameters(), 0.1, momentum=0.9))
    return model


def two_optimizers():
    first, second = net(), net()
    pairs = [(model, torch.optim.Adam(model.parameters(), 0.01)) for model in (first, second)]
    for _ in range(3):
        for model, optimizer in pairs:
            steps(model, optimizer, count=1)
    return nn.ModuleList([first, second])


def accumulation():
    model = net()
    optimizer = torch.optim.AdamW(model.parameters(), 0.01)
    for _ in range(3):
        optimizer.zero_grad()
        for _ in range(2):
            (judged(model, batch()) / 2).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    return model


def mixed_precision():
    model = net()
    optimizer, scaler = torch.optim.SGD(model.parameters(), 0.1), torch.amp.GradScaler("cpu")
    for _ in range(4):
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = judged(model, batch())
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
    return model


def closure():
    model, cases = net().eval(), batch()
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=3)

    def again():
        optimizer.zero_grad()
        loss = judged(model, cases)
        loss.backward()
        return loss

    for _ in range(2):
        optimizer.step(again)
    return model


class Signs(torch.optim.Optimizer):
    """An optimizer of the program's own."""

    def __init__(self, parameters):
        super().__init__(parameters, {"lr": 0.01})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter -= group["lr"] * parameter.grad.sign()


def own_optimizer():
    model = net()
    steps(model, Signs(model.parameters()))
    return model


def hand_made():
    model = net()
    for _ in range(3):
        judged(model, batch()).backward()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter -= 0.1 * parameter.grad
                parameter.grad = None
    return model


class Noisy(torch.utils.data.Dataset):
    def __len__(self):
        return 32

    def __getitem__(self, index):
        if isinstance(index, list):
            return torch.utils.data.default_collate([self[one] for one in index])
        return torch.randn(6) + index / 32, index % 3


def loader_workers():
    model = net()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for cases in torch.utils.data.DataLoader(Noisy(), batch_size=8, shuffle=True, num_workers=2):
        optimizer.zero_grad()
        judged(model, cases).backward()
        optimizer.step()
    return model


class Drawn:
    """A sampler that draws when it is asked for its iterator, and not at the first of its batches."""

    def __init__(self, size):
        self.size = size

    def __iter__(self):
        order = torch.randperm(32).tolist()
        return iter(order if self.size is None else [order[at : at + self.size] for at in range(0, 32, self.size)])

    def __len__(self):
        return 32 // (self.size or 1)


class Chunks(Drawn):
    """Batches that can be looked at once."""

    def __iter__(self):
        for chunk in torch.randperm(32).split(self.size):
            yield map(int, chunk)


def own_samplers():
    model = net()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    data, loader = Noisy(), torch.utils.data.DataLoader
    for cases in [
        *loader(data, batch_sampler=Drawn(8)), *loader(data, batch_sampler=Drawn(8), num_workers=1), *loader(data, batch_sampler=Chunks(8)),
        *loader(data, batch_size=8, sampler=Drawn(None)), *loader(data, batch_size=None, sampler=Drawn(8), collate_fn=lambda batch: batch),
    ]:  # fmt: skip
        optimizer.zero_grad()
        judged(model, cases).backward()
        optimizer.step()
    return model


def compiled_model():
    model = net()
    fast = torch.compile(model, backend="aot_eager")
    steps(model, torch.optim.SGD(model.parameters(), 0.1), lambda _, cases: judged(fast, cases))
    return model


def compiled_loss():
    model = net()
    steps(model, torch.optim.SGD(model.parameters(), 0.05), torch.compile(judged, backend="aot_eager"))
    return model


def averaged():
    model = net()
    average = copy.deepcopy(model)
    optimizer = torch.optim.RMSprop(model.parameters(), 0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.02, total_steps=4)
    for _ in range(4):
        steps(model, optimizer, count=1)
        schedule.step()
        with torch.no_grad():
            for kept, parameter in zip(average.parameters(), model.parameters()):
                kept.lerp_(parameter, 0.1)
    return average


def lightning():
    import lightning.pytorch as pl

    class Judged(pl.LightningModule):
        def __init__(self):
            super().__init__()
            self.model = net()

        def training_step(self, cases, index):
            loss = judged(self.model, cases)
            self.log("train_loss", loss)
            return loss

        def validation_step(self, cases, index):
            self.log("val_loss", judged(self.model, cases))

        def configure_optimizers(self):
            optimizer = torch.optim.AdamW(self.parameters(), 0.01)
            return [optimizer], [torch.optim.lr_scheduler.StepLR(optimizer, 1)]

    cases = torch.utils.data.DataLoader(Noisy(), batch_size=8, shuffle=True)
    quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False, "enable_model_summary": False}
    module = Judged()
    pl.Trainer(max_epochs=2, accelerator="cpu", accumulate_grad_batches=2, **quiet).fit(module, cases, cases)
    return module


def transformers():
    from transformers import Trainer, TrainingArguments

    class Judged(nn.Module):
        def __init__(self):
            super().__init__()
            self.model = net()

        def forward(self, inputs, labels):
            answers = self.model(inputs)
            return {"loss": functional.cross_entropy(answers, labels), "logits": answers}

    model = Judged()
    data = [{"inputs": torch.randn(6), "labels": torch.tensor(index % 3)} for index in range(32)]
    quiet = {"report_to": [], "save_strategy": "no", "disable_tqdm": True, "use_cpu": True}
    # Nothing is written there.
    arguments = TrainingArguments(output_dir=tempfile.gettempdir(), max_steps=4, per_device_train_batch_size=8, eval_strategy="epoch", **quiet)
    Trainer(model=model, args=arguments, train_dataset=data, eval_dataset=data).train()
    return model


def accelerate():
    from accelerate import Accelerator

    accelerator, model = Accelerator(cpu=True, gradient_accumulation_steps=2), net()
    optimizer = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
    cases = torch.utils.data.DataLoader(Noisy(), batch_size=4, shuffle=True)
    model, optimizer, cases = accelerator.prepare(model, optimizer, cases)
    for batch in cases:
        with accelerator.accumulate(model):
            accelerator.backward(judged(model, batch))
            accelerator.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
    return accelerator.unwrap_model(model)


def drawn_elsewhere():
    """Seeds itself, draws from every generator, and puts states back."""
    model = net()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    before = random.getstate(), numpy.random.get_state(), torch.get_rng_state()
    random.seed(7)
    numpy.random.seed(8)
    torch.manual_seed(9)
    own = numpy.random.default_rng(10), random.Random(11)
    for step in range(4):
        if step == 2:
            random.setstate(before[0])
            numpy.random.set_state(before[1])
            torch.set_rng_state(before[2])
        drawn = numpy.random.randn(8, 6) + own[0].normal(size=(8, 6)) + random.random() + own[1].random()
        optimizer.zero_grad()
        judged(model, (torch.from_numpy(drawn).float(), torch.randint(3, (8,)))).backward()
        optimizer.step()
    return model


# By the names of the libraries that they need.
OF_LIBRARIES = [lightning, transformers, accelerate]
LOOPS = [
    plain, two_optimizers, accumulation, mixed_precision, closure, own_optimizer, hand_made, loader_workers,
    own_samplers, compiled_model, compiled_loss, averaged, drawn_elsewhere,
    *(loop for loop in OF_LIBRARIES if importlib.util.find_spec(loop.__name__)),
]  # fmt: skip


def digest(model):
    """SHA-256 over weights, buffers and the states of the generators."""
    total = hashlib.sha256()
    for name, value in [*model.state_dict().items(), ("torch", torch.get_rng_state())]:
        total.update(name.encode() + bytes(value.contiguous().view(-1).view(torch.uint8).tolist()))
    kind, words, *rest = numpy.random.get_state()
    total.update(repr((random.getstate(), kind, words.tolist(), rest)).encode())
    return total.hexdigest()


if __name__ == "__main__":
    if sys.argv[2:] == ["captured"]:
        import reprise

        reprise.capture(arm="det", seed=4)
    found = {}
    for loop in LOOPS:
        torch.manual_seed(5)
        random.seed(5)
        numpy.random.seed(5)
        found[loop.__name__] = digest(loop())
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump(found, file)
