"""The networks against what is published of them."""

import pytest
import torch

from reprise.trainers.classification.models.mobilenet_v3 import MobileNetV3
from reprise.trainers.classification.models.preact_resnet import PreActResNet
from reprise.trainers.classification.models.resnet import ResNet


@pytest.mark.parametrize(
    ("build", "parameters"),
    [
        # torchvision's documentation of its ImageNet weights.
        (lambda: ResNet(18, 1000), 11_689_512),
        (lambda: ResNet(34, 1000), 21_797_672),
        (lambda: ResNet(50, 1000), 25_557_032),
        (lambda: MobileNetV3("v3-large", 1000), 5_483_032),
        (lambda: MobileNetV3("v3-small", 1000), 2_542_856),
        # The usual form for CIFAR-10.
        (lambda: PreActResNet(18, 10), 11_171_146),
    ],
)
def test_parameters_are_as_many_as_published(build, parameters):
    with torch.device("meta"):
        network = build()
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters


def test_weights_have_the_names_of_torchvision():
    with torch.device("meta"):
        resnet, mobilenet = ResNet(50, 1000).state_dict(), MobileNetV3("v3-large", 1000).state_dict()
    assert {"conv1.weight", "layer1.0.downsample.1.running_var", "layer4.2.bn3.weight", "fc.bias"} <= set(resnet)
    assert len(resnet) == 320
    assert {"features.0.0.weight", "features.4.block.2.fc1.bias", "features.16.1.running_mean", "classifier.3.weight"} <= set(mobilenet)
    assert len(mobilenet) == 312
    assert resnet["layer2.0.conv2.weight"].shape == (128, 128, 3, 3)


@pytest.mark.parametrize(
    "network",
    [
        ResNet(18, 3, channels=1, stem="cifar", width=0.125),
        PreActResNet(34, 3, channels=1, width=0.125),
        MobileNetV3("v3-small", 3, channels=1, width=0.25),
    ],
)
def test_pictures_of_any_size_become_a_logit_per_class(network):
    network.eval()
    with torch.no_grad():
        assert network(torch.zeros(2, 1, 40, 24)).shape == (2, 3)
