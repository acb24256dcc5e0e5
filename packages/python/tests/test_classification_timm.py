"""
Networks of timm. A stand-in plays the library, with the functions that are asked of it; its networks drop units as timm's do. The
library itself is in test_vision_libraries.py.
"""

import pytest
import torch
from classification_run import rungs

from reprise.trainer import UserError
from reprise.trainers.classification.models.timm import timm_model, why_not

STAND_IN = """
import torch
__version__ = "1.0.0"

class About:
    fixed_input_size = False

def is_model(name):
    return name in list_models()

def list_models():
    return ["tiny", "tinier"]

def get_pretrained_cfg(name):
    return About()

def create_model(name, pretrained, num_classes, in_chans, drop_rate):
    assert not pretrained
    layers = [torch.nn.Conv2d(in_chans, 4, 3), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten()]
    return torch.nn.Sequential(*layers, torch.nn.Dropout(drop_rate), torch.nn.Linear(4, num_classes))
"""

PARAMETERS = {"model": "timm", "timmModel": "tiny", "epochs": 2, "batchSize": 512, "dropout": 0.5}


@pytest.fixture
def timm(tmp_path, monkeypatch):
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "timm.py").write_text(STAND_IN)
    monkeypatch.syspath_prepend(str(tmp_path / "library"))
    monkeypatch.delitem(__import__("sys").modules, "timm", raising=False)


def test_where_it_is_absent_it_is_refused_with_the_reason_and_the_way_to_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "timm", None)
    assert why_not() is not None and "pip install timm" in why_not()
    with pytest.raises(UserError, match="model: timm is not possible: .*is not installed"):
        timm_model("resnet18", [3, 8, 8], 2, 0.0)


def test_a_name_that_it_does_not_know_is_told_with_those_near_it(timm):
    with pytest.raises(UserError, match='timm 1.0.0 has no network "tinny"') as refused:
        timm_model("tinny", [3, 8, 8], 2, 0.0)
    assert refused.value.hint == "Near it: tiny."


def test_what_its_layers_drop_follows_from_the_seed_and_goes_on_from_a_checkpoint(timm, trained):
    whole, again = trained(PARAMETERS, checkpointEveryEpochs=1), trained(PARAMETERS)
    assert rungs(whole, "epoch") == rungs(again, "epoch")
    [path] = [event["path"] for event in whole if event["type"] == "checkpoint"]
    rest = trained(PARAMETERS, resume={"checkpointPath": path})
    assert rungs(rest, "epoch")[2] == rungs(whole, "epoch")[2]
    assert rungs(trained({**PARAMETERS, "dropout": 0.1}), "epoch") != rungs(whole, "epoch")
    seen = {event["name"]: event["value"] for event in whole if event["type"] == "observation"}
    assert seen["torch.initial_seed"] == 0
