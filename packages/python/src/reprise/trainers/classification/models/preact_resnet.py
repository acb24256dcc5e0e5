"""
Residual networks with normalisation and activation before each convolution. Source: He et al. (2016), "Identity mappings in
deep residual networks" (ECCV), in the form that is common for CIFAR-10: shortcuts of one convolution, and no normalisation
between the last block and the pooling.
"""

from torch import nn

from .resnet import STAGES, convolution


class PreActBasic(nn.Module):
    """Two 3 × 3 convolutions, each behind its normalisation, beside a shortcut that starts after the first activation."""

    def __init__(self, inputs, width, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = convolution(inputs, width, 3, stride)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv2 = convolution(width, width, 3)
        self.shortcut = None if stride == 1 and inputs == width else convolution(inputs, width, 1, stride)

    def forward(self, x):
        active = self.bn1(x).relu()
        shortcut = x if self.shortcut is None else self.shortcut(active)
        return self.conv2(self.bn2(self.conv1(active)).relu()) + shortcut


class PreActResNet(nn.Module):
    """
    Pictures [cases, channels, height, width] → logits [cases, outputs], with PyTorch's own initial weights. `depth` is 18 or
    34; `width`: factor of all numbers of filters.
    """

    def __init__(self, depth, outputs, channels=3, width=1.0):
        super().__init__()
        first = round(64 * width)
        self.conv1 = convolution(channels, first, 3)
        inputs = first
        for stage, blocks in enumerate(STAGES[depth]):
            layers = []
            for place in range(blocks):
                layers.append(PreActBasic(inputs, first * 2**stage, 2 if stage > 0 and place == 0 else 1))
                inputs = first * 2**stage
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))
        self.linear = nn.Linear(inputs, outputs)

    def forward(self, x):
        x = self.layer4(self.layer3(self.layer2(self.layer1(self.conv1(x)))))
        return self.linear(x.mean((2, 3)))
