"""Runs of the classification trainer: what repeats, what goes on, what is told."""

import math
import os

import pytest
import torch
from classification_run import make_cifar10, rungs, series

from reprise.trainer import UserError
from reprise.trainers.classification.capabilities import describe
from reprise.trainers.classification.compiling import why_not
from reprise.trainers.classification.models.resnet import ResNet

SMALL = {"model": "resnet", "depth": 18, "widthMultiplier": 0.0625, "epochs": 3, "batchSize": 128}


def test_a_run_goes_on_from_its_checkpoint_as_if_it_had_not_stopped(trained):
    asked = {
        **{"model": "mobilenet", "variant": "v3-small", "widthMultiplier": 0.125, "dropout": 0.3, "epochs": 2, "batchSize": 128},
        **{"flip": "both", "noiseSd": 0.1, "scheduler": "plateau", "plateauPatience": 0, "amsgrad": True},
    }
    whole = trained(asked, checkpointEveryEpochs=1)
    first = next(event for event in whole if event["type"] == "checkpoint")
    assert (first["epoch"], first["step"]) == (1, 9)
    rest = trained(asked, resume={"checkpointPath": first["path"], "step": 9})
    assert rungs(rest, "epoch") == {epoch: digest for epoch, digest in rungs(whole, "epoch").items() if epoch > 1}
    assert rungs(rest, "predictions") == rungs(whole, "predictions")
    assert series(rest, "bestTestAccuracy") == series(whole, "bestTestAccuracy")[1:]
    with pytest.raises(UserError, match="another configuration, data set, split or seed"):
        trained({**asked, "learningRate": 0.5}, resume={"checkpointPath": first["path"], "step": 9})


def test_steps_have_digests_that_two_runs_have_in_common(trained):
    def parts(events):
        told = [event for event in events if event["type"] == "tensor-digests" and event["positions"] == [1]]
        return {
            event["part"]: dict(zip(event["names"], [event["digests"][0][8 * i :][:8] for i in range(len(event["names"]))]))
            for event in told
        }

    asked = {"model": "mlp", "hiddenUnits": [8], "epochs": 1}
    first, again, other = trained(asked), trained(asked), trained({**asked, "learningRate": 0.5})
    assert rungs(first, "step")[1] == rungs(again, "step")[1] != rungs(other, "step")[1]
    assert parts(first) == parts(again)
    # Another learning rate shows in the weights after the step, not in the loss and gradient before it.
    assert [parts(first)[part] == parts(other)[part] for part in ("loss", "gradient", "weights")] == [True, True, False]


def test_loader_processes_change_no_bit(trained):
    asked = {**SMALL, "epochs": 1, "cropPadding": 1, "rotation": 20.0, "noiseSd": 0.05}
    alone, helped = trained(asked), trained({**asked, "loaderWorkers": 2})
    for kind in ("dataOrder", "epoch", "predictions"):
        assert rungs(alone, kind) == rungs(helped, kind)


def test_scores_of_equal_weights_in_batches_of_other_sizes_are_a_factor_of_their_own(trained):
    asked = {**SMALL, "epochs": 1}
    runs = {size: trained({**asked, "scoringBatchSize": size}) for size in (1, 8, 64)}
    assert len({rungs(events, "finalWeights")[0] for events in runs.values()}) == 1
    assert [events[0]["effectiveParameters"]["scoringBatchSize"] for events in runs.values()] == [1, 8, 64]
    # Whether a case is scored alike in any company is what such a study asks; each size repeats by itself.
    assert rungs(runs[64], "predictions") == rungs(trained({**asked, "scoringBatchSize": 64}), "predictions")
    scores = {size: next(event for event in events if event["type"] == "predictions")["scores"] for size, events in runs.items()}
    assert torch.allclose(torch.tensor(scores[1]), torch.tensor(scores[64]), atol=1e-4)


def test_mixed_precision_computes_otherwise_and_repeats_itself(trained):
    asked = {**SMALL, "epochs": 1}
    plain, mixed, again = trained(asked), trained({**asked, "precision": "bfloat16"}), trained({**asked, "precision": "bfloat16"})
    assert rungs(mixed, "initialWeights") == rungs(plain, "initialWeights")
    assert rungs(mixed, "epoch") == rungs(again, "epoch") != rungs(plain, "epoch")
    kept = trained({**asked, "precision": "bfloat16"}, keepWeights="always")
    assert next(event for event in kept if event["type"] == "artifact")
    with pytest.raises(UserError, match='precision: "float16" is not offered'):
        trained({**asked, "precision": "float16"})


def test_a_compiled_network_trains_where_there_is_a_compiler_and_is_refused_elsewhere(trained, monkeypatch):
    asked = {"model": "mlp", "hiddenUnits": [8], "epochs": 1, "compile": True}
    missing = why_not()
    if missing is None:
        first, again = trained(asked), trained(asked)
        assert rungs(first, "epoch") == rungs(again, "epoch")
        assert rungs(first, "initialWeights") == rungs(trained({**asked, "compile": False}), "initialWeights")
        with pytest.raises(UserError, match="compile: dropout draws from its own generator"):
            trained({**asked, "dropout": 0.5})
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("CXX", raising=False)
    assert describe()["hyperparameters"]["compile"]["fits"][0]["because"].startswith("no C++ compiler")
    with pytest.raises(UserError, match="compile: a network cannot be compiled here: no C\\+\\+ compiler"):
        trained(asked)
    if missing is not None:
        pytest.skip(f"no network was compiled: {missing}")


def test_each_source_of_noise_varies_what_it_names_and_nothing_else(trained):
    asked = {**SMALL, "epochs": 1, "cropPadding": 1}
    fixed = trained(asked)
    for source, kinds in {
        "init": {"initialWeights"},
        "dataOrder": {"dataOrder"},
        "augmentation": set(),
        "split": {"dataset", "dataOrder"},
    }.items():
        noise = {**dict.fromkeys(("init", "dataOrder", "augmentation", "dropout", "split"), "fixed"), source: "varied"}
        varied = trained(asked, noise=noise, repeat=1)
        changed = {kind for kind in ("initialWeights", "dataset", "dataOrder") if rungs(varied, kind) != rungs(fixed, kind)}
        assert changed == kinds, source
        assert rungs(varied, "epoch") != rungs(fixed, "epoch")


def test_settings_are_observed_where_they_live_and_a_switch_is_seen_at_its_step(trained, monkeypatch):
    original = torch.optim.Adam.step

    def step(self, *words, **named):
        torch.backends.cudnn.benchmark = True
        return original(self, *words, **named)

    monkeypatch.setattr(torch.optim.Adam, "step", step)
    events = trained({"model": "mlp", "epochs": 1})
    torch.backends.cudnn.benchmark = False
    looks = [event for event in events if event["type"] == "observation" and event["name"] == "torch.backends.cudnn.benchmark"]
    assert [(look["step"], look["value"]) for look in looks][:2] == [(0, False), (1, True)]
    assert {look["observer"] for look in looks} == {"reprise"}


def test_the_selected_epoch_is_that_of_the_objective_and_best_on_test_is_a_metric_of_its_own(trained):
    asked = {"model": "mlp", "hiddenUnits": [16], "epochs": 6, "optimizer": "sgd", "learningRate": 2.0, "momentum": 0.9}
    events = trained(asked, selection={"epoch": "bestValidation"}, objective={"metric": "validationLoss", "direction": "minimize"})
    losses = series(events, "validationLoss")
    assert events[-1]["selectedEpoch"] == losses.index(min(losses)) + 1
    accuracies = series(events, "testAccuracy")
    assert series(events, "bestTestAccuracy") == [max(accuracies[: epoch + 1]) for epoch in range(6)]


def test_cifar10_trains_on_all_published_training_images(trained, tmp_path, monkeypatch):
    make_cifar10(tmp_path, 20)
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path))
    split = {"train": 5 / 6, "validation": 0, "test": 1 / 6, "seed": 1, "groupBy": None, "published": True}
    asked = {**SMALL, "model": "preact-resnet", "epochs": 2, "batchSize": 32, "cropPadding": 4, "flip": "horizontal", "scheduler": "cosine"}
    events = trained(asked, dataset={"name": "cifar10", "split": split})
    hello = events[0]
    assert hello["disclosures"][0] == "Cases: 100 train, 0 validation, 20 test."
    assert "The last batch of an epoch holds 4 cases." in hello["disclosures"]
    (predictions,) = [event for event in events if event["type"] == "predictions"]
    assert predictions["ids"] == [f"test_batch.bin/{record}" for record in range(20)]
    assert not any(event.get("key", "").startswith("validation") for event in events)
    assert series(events, "learningRate") == pytest.approx([0.001, 0.0005])


def test_initial_weights_come_from_a_file_but_for_a_last_layer_of_other_classes(trained, tmp_path, monkeypatch):
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path))
    (tmp_path / "weights").mkdir()
    state = ResNet(18, 1000, width=0.0625).state_dict()
    torch.save(state, tmp_path / "weights" / "resnet.pth")
    asked = {**SMALL, "epochs": 1, "stem": "imagenet", "imageSize": [32, 32], "grayAsColor": True, "pretrained": "resnet.pth"}
    events = trained(asked, keepWeights="always")
    assert any("fc.bias, fc.weight are random" in sentence for sentence in events[0]["disclosures"])
    # Kept weights are a file to begin with.
    kept = next(event for event in events if event["type"] == "artifact")
    os.replace(kept["path"], tmp_path / "weights" / "kept.safetensors")
    again = trained({**asked, "pretrained": "kept.safetensors"})
    assert rungs(again, "initialWeights")[0] == rungs(events, "finalWeights")[0]
    for wrong, said in (
        ({"stem": "cifar"}, "other shapes: conv1.weight"),
        ({"depth": 34}, "are missing"),
        ({"pretrained": "../x"}, "plain file name"),
    ):
        with pytest.raises(UserError, match=said):
            trained({**asked, **wrong})


def test_what_cannot_be_is_refused_by_name(trained):
    for parameters, said in (
        ({"optimizer": "lion"}, 'optimizer: "lion"'),
        ({"learningRate": -1}, "learningRate: -1 is out of range"),
        ({"imageSize": [8]}, "imageSize: 1 values"),
        ({"epochs": 1.5}, "epochs: 1.5 is not of type integer"),
        ({"loss": "binary-cross-entropy"}, "digits has 10"),
        ({"model": "preact-resnet", "depth": 50}, "depth: 50"),
        ({"batchSize": 2000}, "batchSize: 2000"),
    ):
        with pytest.raises(UserError, match=said):
            trained(parameters)
    assert trained({"optimizer": "adam", "momentum": 0.9, "epochs": 1})[0]["unusedParameters"] == ["momentum"]


def test_a_training_that_diverges_goes_on_and_says_so(trained):
    events = trained({"model": "mlp", "epochs": 2, "optimizer": "sgd", "learningRate": 1e30})
    assert series(events, "trainLoss")[-1] == "NaN"
    assert series(events, "testAccuracy")[-1] == 0 and not math.isnan(series(events, "bestTestAccuracy")[-1])
