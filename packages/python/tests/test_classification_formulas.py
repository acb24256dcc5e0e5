"""Metrics and augmentation of the classification trainer against worked examples."""

import itertools
import math
import types

import pytest
import torch

from reprise.trainers.classification import loader
from reprise.trainers.classification.augment import (
    augment,
    grey,
    sharpened,
    stretched,
    transformed,
)
from reprise.trainers.classification.data.dataset import Dataset
from reprise.trainers.classification.hyperparameters import HYPERPARAMETERS
from reprise.trainers.classification.metrics import (
    area_under_roc,
    measure,
    threshold_of,
)

LABELS = torch.tensor([0, 0, 0, 1, 1])
POSITIVE = torch.tensor([0.1, 0.6, 0.3, 0.6, 0.9], dtype=torch.float64)
SCORES = torch.stack([1 - POSITIVE, POSITIVE], 1)


def test_metrics_of_two_classes():
    found = measure(LABELS, SCORES, 1, 0.5)
    # Two of two cracks are found, one of three intact pictures raises an alarm; of six pairs one is tied.
    assert found == pytest.approx(
        {
            "Accuracy": 4 / 5,
            "BalancedAccuracy": (1 + 2 / 3) / 2,
            "Auc": 5.5 / 6,
            "F1": 4 / 5,
            # Of the three intact F1 is 2·2/(2·2 + 0 + 1).
            "WeightedF1": 0.6 * 0.8 + 0.4 * 0.8,
            "Sensitivity": 1.0,
            "Specificity": 2 / 3,
        }
    )


def test_metrics_of_three_classes_and_of_scores_that_are_no_numbers():
    scores = torch.tensor([[0.5, 0.3, 0.2], [0.2, 0.5, 0.3], [0.6, 0.2, 0.2], [math.nan] * 3], dtype=torch.float64)
    found = measure(torch.tensor([0, 1, 2, 2]), scores, None, 0.5)
    assert found["Accuracy"] == 0.5 and found["BalancedAccuracy"] == pytest.approx(2 / 3)
    assert found["F1"] == pytest.approx((2 / 3 + 1 + 0) / 3) and found["WeightedF1"] == pytest.approx((2 / 3 + 1) / 4)
    assert math.isnan(found["Auc"]) and "Sensitivity" not in found
    assert math.isnan(area_under_roc(torch.tensor([True, True]), torch.tensor([0.1, 0.2])))


def test_thresholds_are_chosen_by_their_rule():
    assert threshold_of({"rule": "fixed", "value": 0.4}, LABELS, SCORES, 1) == 0.4
    # Above 0.6 one of two is found without alarm; from 0.6 on both, with one alarm of three.
    assert threshold_of({"rule": "youdenOnValidation", "value": 0}, LABELS, SCORES, 1) == 0.6
    assert threshold_of({"rule": "sensitivityOnValidation", "value": 0.5}, LABELS, SCORES, 1) == 0.9


def test_changes_of_pictures_are_as_defined():
    picture = torch.rand(3, 5, 7, generator=loader.generator_of(1))
    smooth = sharpened(picture, 0)
    window = picture[:, 1:4, 2:5]
    assert torch.allclose(smooth[:, 2, 3], (window.sum((1, 2)) + 4 * picture[:, 2, 3]) / 13)
    assert torch.equal(smooth[:, 0], picture[:, 0]) and torch.equal(sharpened(picture, 1), picture)
    assert stretched(picture).amin((1, 2)).tolist() == [0] * 3 and torch.allclose(stretched(picture).amax((1, 2)), torch.ones(3))
    assert torch.allclose(grey(picture)[1], 0.2989 * picture[0] + 0.587 * picture[1] + 0.114 * picture[2])


def test_a_picture_is_turned_sheared_scaled_and_moved_about_its_middle():
    picture = torch.arange(25.0).reshape(1, 5, 5)
    same = transformed(picture, 0, [0, 0], 1, 0)
    assert torch.equal(same, picture)
    assert torch.equal(transformed(picture, 90, [0, 0], 1, 0), picture.rot90(-1, (1, 2)))
    moved = transformed(picture, 0, [1, 2], 1, 0)
    assert torch.equal(moved[:, 2:, 1:], picture[:, :3, :4]) and moved[:, :2].abs().sum() == 0
    # Three times the size: the middle pixel fills three by three.
    assert transformed(picture, 0, [0, 0], 3, 0)[0, 1:4, 1:4].unique().tolist() == [12.0]
    # A shear of 45° moves the row above the middle by one pixel.
    sheared = transformed(picture, 0, [0, 0], 1, 45)
    assert torch.equal(sheared[0, 2], picture[0, 2]) and torch.equal(sheared[0, 3, 1:], picture[0, 3, :4])


def test_augmentation_follows_from_its_generator_alone():
    hyper = {name: entry["default"] for name, entry in HYPERPARAMETERS.items()}
    picture = torch.rand(3, 16, 12, generator=loader.generator_of(2))
    assert torch.equal(augment(picture, hyper, loader.generator_of(5)), picture)
    every = {
        **hyper,
        "cropPadding": 2,
        "flip": "both",
        "sharpness": 2,
        "autocontrast": True,
        "grayscale": True,
        "rotation": 45.0,
        "translation": 0.1,
        "scaleRange": [0.8, 1.6],
        "shear": 25.0,
        "noiseSd": 0.005,
    }
    once, again, other = (augment(picture, every, loader.generator_of(seed)) for seed in (5, 5, 6))
    assert once.shape == picture.shape and torch.equal(once, again) and not torch.equal(once, other)


def test_inputs_are_standardised_per_channel_and_slow_reading_tells_how_far_it_is(monkeypatch):
    pictures = torch.rand(5, 3, 4, 6, generator=loader.generator_of(3))
    pictures[:, 2] = 0.5
    hyper = {**{name: entry["default"] for name, entry in HYPERPARAMETERS.items()}, "batchSize": 2}
    dataset = Dataset("made", ["a", "b"], None, [0] * 5, list("vwxyz"), lambda index: pictures[index], "")
    # A second passes with every look at the clock.
    monkeypatch.setattr(loader, "time", types.SimpleNamespace(monotonic=itertools.count().__next__))
    told = []
    mean, deviation = loader.mean_and_deviation(loader.Cases(dataset, hyper, None), [0, 1, 2, 3, 4], hyper, told.append)
    assert torch.allclose(mean, pictures.double().mean((0, 2, 3))) and told == [2, 4, 5]
    # A channel of one value is divided by 1.
    assert torch.allclose(deviation[:2], pictures[:, :2].double().std((0, 2, 3), correction=0)) and deviation[2] == 1
