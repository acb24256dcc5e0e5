"""Each framework for itself: none is a dependency, and a test of one that is not installed says so."""

import importlib.util

import pytest
from test_capture import ends, losses, observed, program
from test_loggers import of, reported

pytestmark = pytest.mark.usefixtures("warm")

LIGHTNING = """
import torch
import lightning.pytorch as pl
from reprise.callbacks.lightning import RepriseLogger

class Small(pl.LightningModule):
    def __init__(self, lr=0.1):
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(4, 1)
    def training_step(self, batch, index):
        loss = self.layer(batch[0]).square().mean()
        self.log("train_loss", loss)
        return loss
    def validation_step(self, batch, index):
        self.log("val_loss", self.layer(batch[0]).square().mean())
    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=self.hparams.lr)

pl.seed_everything(7)
data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.randn(32, 4)), batch_size=8)
logger = RepriseLogger(study="lightning", arm="det")
trainer = pl.Trainer(max_epochs=2, logger=logger, log_every_n_steps=2, enable_checkpointing=False,
    enable_progress_bar=False, enable_model_summary=False, accelerator="cpu")
trainer.fit(Small(), data, data)
"""

HUGGINGFACE = """
import torch
from transformers import Trainer, TrainingArguments
from reprise.callbacks.huggingface import RepriseCallback

class Small(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(4, 2)
    def forward(self, inputs, labels):
        logits = self.layer(inputs)
        return {"loss": torch.nn.functional.cross_entropy(logits, labels), "logits": logits}

data = [{"inputs": torch.randn(4), "labels": torch.tensor(index % 2)} for index in range(32)]
arguments = TrainingArguments(output_dir="out", num_train_epochs=2, per_device_train_batch_size=8, logging_steps=2,
    eval_strategy="epoch", learning_rate=0.01, report_to=[], seed=11, use_cpu=True, save_strategy="no", disable_tqdm=True)
trainer = Trainer(model=Small(), args=arguments, train_dataset=data, eval_dataset=data, callbacks=[RepriseCallback(arm="det")])
trainer.train()
"""

KERAS = """
import os
os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy
from reprise.callbacks.keras import RepriseCallback

keras.utils.set_random_seed(3)
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
model.compile(optimizer="sgd", loss="mse", metrics=["mae"])
inputs = numpy.random.rand(32, 4)
model.fit(inputs, inputs.sum(1), epochs=2, validation_split=0.25, verbose=0, callbacks=[RepriseCallback(seed=3)])
"""


def run_of(folder, code, *libraries):
    for library in libraries:
        if importlib.util.find_spec(library) is None:
            pytest.skip(f"{library} is not installed (pip install {' '.join(libraries)})")
    answer, [(about, lines)] = program(folder, code)
    assert answer.returncode == 0, answer.stderr
    [end] = ends(lines)
    assert (end["status"], len(end["digest"])) == ("succeeded", 64)
    return about["body"], lines


def test_lightning_reports_what_its_modules_log(tmp_path):
    body, lines = run_of(tmp_path, LIGHTNING, "lightning")
    assert (body["study"], body["mode"], body["seed"]) == ("lightning", "deterministic", 7)
    assert [step for step, _ in of(lines, "val_loss")] == [3, 7]
    assert len(of(lines, "train_loss")) == 4
    assert [step for step, _ in losses(lines)] == list(range(1, 9))
    assert reported(lines)["lightning.hparams.lr"] == 0.1
    assert observed(lines)["torch.use_deterministic_algorithms"] is True


def test_the_trainer_of_hugging_face_reports_results_and_its_chosen_arguments(tmp_path):
    body, lines = run_of(tmp_path, HUGGINGFACE, "transformers", "accelerate")
    assert (body["seed"], body["mode"]) == (11, "deterministic")
    assert [step for step, _ in of(lines, "train/loss")] == [2, 4, 6, 8]
    assert [step for step, _ in of(lines, "eval/loss")] == [4, 8]
    names = {name for line in lines for name in line.get("metrics", {})}
    assert names <= {"loss", "train/loss", "train/grad_norm", "eval/loss", "train/train_loss"}
    arguments = reported(lines)
    assert arguments["huggingface.args.learning_rate"] == 0.01
    assert "huggingface.args.weight_decay" not in arguments


def test_keras_reports_every_epoch_with_a_digest_of_its_weights(tmp_path):
    body, lines = run_of(tmp_path, KERAS, "keras")
    assert body["seed"] == 3
    for name in ("loss", "mae", "val_loss", "val_mae"):
        assert [step for step, _ in of(lines, name)] == [1, 2]
    rungs = [(line["position"], line["digest"]) for line in lines if line.get("kind") == "epoch"]
    assert [position for position, _ in rungs] == [1, 2]
    assert len({digest for _, digest in rungs}) == 2
