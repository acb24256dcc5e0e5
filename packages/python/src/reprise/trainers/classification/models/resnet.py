"""
Residual networks. Source: He et al. (2016), "Deep residual learning for image recognition" (CVPR), with the stride of a
bottleneck in its 3 × 3 convolution, as in torchvision, whose names of weights these are.
"""

from torch import nn

STAGES = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3)}
EXPANSION = 4


def convolution(inputs, outputs, size, stride=1):
    """A square convolution without bias that keeps height and width at stride 1."""
    return nn.Conv2d(inputs, outputs, size, stride=stride, padding=size // 2, bias=False)


def _shortcut(inputs, outputs, stride):
    if stride == 1 and inputs == outputs:
        return None
    return nn.Sequential(convolution(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))


class Basic(nn.Module):
    """Two 3 × 3 convolutions beside a shortcut."""

    def __init__(self, inputs, width, stride):
        super().__init__()
        self.outputs = width
        self.conv1 = convolution(inputs, width, 3, stride)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = convolution(width, width, 3)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = _shortcut(inputs, width, stride)

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        y = self.bn1(self.conv1(x)).relu()
        return (self.bn2(self.conv2(y)) + shortcut).relu()


class Bottleneck(nn.Module):
    """1 × 1, 3 × 3 and 1 × 1 convolutions beside a shortcut."""

    def __init__(self, inputs, width, stride):
        super().__init__()
        self.outputs = width * EXPANSION
        self.conv1 = convolution(inputs, width, 1)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = convolution(width, width, 3, stride)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = convolution(width, self.outputs, 1)
        self.bn3 = nn.BatchNorm2d(self.outputs)
        self.downsample = _shortcut(inputs, self.outputs, stride)

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        y = self.bn1(self.conv1(x)).relu()
        y = self.bn2(self.conv2(y)).relu()
        return (self.bn3(self.conv3(y)) + shortcut).relu()


class ResNet(nn.Module):
    """
    Pictures [cases, channels, height, width] → logits [cases, outputs]. `stem`: "imagenet" halves the picture twice before the
    first block, "cifar" not at all. `width`: factor of all numbers of filters.
    """

    def __init__(self, depth, outputs, channels=3, stem="imagenet", width=1.0):
        super().__init__()
        block = Bottleneck if depth == 50 else Basic
        first = round(64 * width)
        self.conv1 = (
            nn.Conv2d(channels, first, 7, stride=2, padding=3, bias=False) if stem == "imagenet" else convolution(channels, first, 3)
        )
        self.bn1 = nn.BatchNorm2d(first)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1) if stem == "imagenet" else nn.Identity()
        inputs = first
        for stage, blocks in enumerate(STAGES[depth]):
            layers = []
            for place in range(blocks):
                layers.append(block(inputs, first * 2**stage, 2 if stage > 0 and place == 0 else 1))
                inputs = layers[-1].outputs
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))
        self.fc = nn.Linear(inputs, outputs)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x):
        x = self.maxpool(self.bn1(self.conv1(x)).relu())
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        # Adaptive pooling would be the same, but its gradient has no deterministic form on CUDA by PyTorch's documentation.
        return self.fc(x.mean((2, 3)))
