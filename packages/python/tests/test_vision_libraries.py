"""
OpenCLIP's own program, by the adapter, and networks of timm: the libraries themselves, with random weights and pictures that
are made here.
"""

import importlib.util
import json
import os
import random
import subprocess
import sys

import pytest
from test_laptop import DET, of
from test_locate_job import located, side
from warm import Warm

# Where CI installs what most tests are to be without: other libraries look for torchvision, and behave otherwise where it is.
APART = os.path.join(sys.prefix, "vision")
# Finds torchvision also where it was built for another PyTorch.
OTHER_BUILD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "other_build")
NEEDED = "timm open_clip_torch torchvision ftfy wcwidth webdataset braceexpand"


def _is_there(module):
    return importlib.util.find_spec(module) is not None or os.path.isdir(os.path.join(APART, module))


pytestmark = pytest.mark.skipif(
    not (_is_there("open_clip_train") and _is_there("timm")),
    reason=f"OpenCLIP and timm themselves are not tried: one of them is not installed (pip install --no-deps --target {APART} {NEEDED})",
)

TINY = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 16, "patch_size": 8, "width": 32, "layers": 1, "head_width": 16},
    "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1},
}


@pytest.fixture(scope="module")
def libraries(tmp_path_factory):
    """A program that stands for interpreters which have imported all of it: that takes ten times as long as to train."""
    with pytest.MonkeyPatch.context() as patch:
        paths = [OTHER_BUILD, APART, *filter(None, [os.environ.get("PYTHONPATH")])]
        patch.setenv("PYTHONPATH", os.pathsep.join(paths))
        interpreter = Warm(str(tmp_path_factory.mktemp("libraries")), "open_clip_train.main")
        patch.setattr(sys, "executable", interpreter.executable)
        yield interpreter.executable
        interpreter.close()


@pytest.fixture
def pairs(tmp_path, monkeypatch, libraries):
    from PIL import Image

    monkeypatch.setenv("REPRISE_DATA", str(tmp_path))
    (tmp_path / "pairs").mkdir()
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "open_clip_config.json").write_text(json.dumps({"model_cfg": TINY, "preprocess_cfg": {}}))
    draw = random.Random(0)
    rows = ["image_path,caption,split"]
    for index in range(12):
        Image.frombytes("RGB", (16, 16), draw.randbytes(768)).save(tmp_path / "pairs" / f"{index}.png")
        rows.append(f"{index}.png,a slide of case {index},{'train' if index < 8 else 'val'}")
    (tmp_path / "pairs" / "pairs.csv").write_text("\n".join(rows))
    return tmp_path


def request(folder, learning_rate):
    return {
        "parameters": {
            "model": f"local-dir:{folder / 'model'}",
            "learningRate": learning_rate,
            "epochs": 2,
            "batchSizePerRank": 4,
            "warmupSteps": 0,
            "precision": "fp32",
        },
        "seed": 3,
        "mode": "deterministic",
        "arm": {"name": "det", "execution": DET},
        "repeat": 0,
        "attempt": 1,
        "dataset": {"name": "pairs", "split": {}},
        "resources": {"threads": 1, "ranks": 1},
        "resume": None,
        "backend": "cpu",
    }


def trained(folder, name):
    """The events of a run, as a worker reads them."""
    words = ["sh", "-c", 'exec 3>"$0"; exec "$1" -m reprise.openclip', str(folder / f"{name}.events"), sys.executable]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        process.stdin.write(json.dumps({**request(folder, 1e-3), "outputDirectory": str(folder / name)}) + "\n")
        process.stdin.flush()
        said = process.stdout.read()
        assert process.wait() == 0, said
    return [json.loads(line) for line in (folder / f"{name}.events").read_text().splitlines()]


def test_openclip_repeats_to_the_bit_in_its_deterministic_arm_and_two_of_its_trainings_part_in_the_optimizer(pairs):
    first, second = trained(pairs, "first"), trained(pairs, "second")
    [done] = of("done", first)
    assert [one["digest"] for one in of("done", second)] == [done["digest"]]
    [hello] = of("hello", first)
    assert hello["effectiveParameters"]["precision"] == "fp32" and "8 training pairs, 4 validation pairs, 1 processes." in hello["disclosures"]
    metrics = {(one["key"], step) for one in of("metric", first) for step in one["steps"]}
    assert metrics >= {(key, step) for key in ("trainLoss", "validationLoss", "validationImageToTextRecall") for step in (1, 2)}
    looks = {(one["name"], one["step"]): one["value"] for one in of("observation", first)}
    assert looks["torch.use_deterministic_algorithms", None] is True and looks["torch.backends.cudnn.benchmark", None] is False
    versions = {key for one in of("environment", first) for key in one["values"]}
    assert versions >= {"open_clip.version", "torchvision.version", "timm.version"}

    sides = [side(["-m", "reprise.openclip"], request=request(pairs, rate)) for rate in (1e-3, 2e-3)]
    parted = located(sides)["found"]["parted"]
    assert (parted["step"], parted["phase"], parted["class"]) == (1, "optimizer", "arguments-differ"), json.dumps(parted)


def test_networks_of_timm_have_as_many_parameters_as_it_publishes(tmp_path, libraries):
    (tmp_path / "count.py").write_text(
        """
import torch
from reprise.trainers.classification.models.timm import timm_model
with torch.device("meta"):
    for name in ("resnet18", "vit_tiny_patch16_224"):
        print(sum(one.numel() for one in timm_model(name, [3, 224, 224], 1000, 0.0).parameters()))
"""
    )
    said = subprocess.run([libraries, str(tmp_path / "count.py")], stdout=subprocess.PIPE, text=True, check=True).stdout
    # The model cards of timm: 11.7 M and 5.7 M.
    assert said.split() == ["11689512", "5717416"]
