"""Exports networks of PyTorch, for Lenslet to import and to train further.

    torch_networks.py FOLDER

Writes for each network, with random parameters:
  NAME.onnx           as PyTorch exports a network by default: batch
                      normalizations are folded
  NAME.training.onnx  with batch normalizations as nodes
  NAME.images.npy, NAME.classes.npy
                      images of bytes, channels last, and their classes
  NAME.scores         what PyTorch computes for the images, float32
  NAME.losses         the mean cross-entropies of steps of plain gradient
                      descent, before each step, one a line; step i takes the
                      i-th batch
  NAME.losses64       the same computed in float64
  steps               the learning rate and the number of images in a batch
"""

import copy
import os
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

STEPS = 20
BATCH = 16
RATE = 0.01
CLASSES = 10


class LeNet(nn.Sequential):
    def __init__(self):
        super().__init__(
            # Exported as shapes, a slice and a transposition that make pads.
            nn.ZeroPad2d(2),
            nn.Conv2d(1, 6, 5),
            nn.Sigmoid(),
            nn.AvgPool2d(2),
            nn.Conv2d(6, 16, 5),
            nn.Sigmoid(),
            nn.AvgPool2d(2),
            nn.Flatten(),
            nn.Linear(400, 120),
            nn.Sigmoid(),
            nn.Linear(120, 84),
            nn.Sigmoid(),
            nn.Linear(84, CLASSES),
        )


class ResidualBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False),
                nn.BatchNorm2d(outputs),
            )

    def forward(self, x):
        y = F.relu(self.norm1(self.conv1(x)))
        return F.relu(self.norm2(self.conv2(y)) + self.shortcut(x))


class ResNet18(nn.Sequential):
    """Its stem, 4 stages of 2 blocks and head, with 8 to 64 channels."""

    def __init__(self):
        layers = [
            nn.Conv2d(3, 8, 7, 2, 3, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2, 1),
        ]
        channels = 8
        for outputs, stride in ((8, 1), (16, 2), (32, 2), (64, 2)):
            layers += [
                ResidualBlock(channels, outputs, stride),
                ResidualBlock(outputs, outputs, 1),
            ]
            channels = outputs
        super().__init__(
            *layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, CLASSES)
        )


class InvertedResidual(nn.Module):
    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        hidden = inputs * expansion
        layers = []
        if expansion != 1:
            layers += [
                nn.Conv2d(inputs, hidden, 1, bias=False),
                nn.BatchNorm2d(hidden),
                nn.ReLU6(inplace=True),
            ]
        layers += [
            nn.Conv2d(hidden, hidden, 3, stride, 1, groups=hidden, bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU6(inplace=True),
            nn.Conv2d(hidden, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        ]
        self.layers = nn.Sequential(*layers)
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.layers(x) if self.adds else self.layers(x)


class MobileNetV2(nn.Module):
    def __init__(self):
        super().__init__()
        layers = [nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU6()]
        channels = 8
        for expansion, outputs, count, stride in (
            (1, 8, 1, 1),
            (6, 12, 2, 2),
            (6, 16, 2, 2),
            (6, 24, 1, 1),
        ):
            for i in range(count):
                layers.append(
                    InvertedResidual(
                        channels, outputs, stride if i == 0 else 1, expansion
                    )
                )
                channels = outputs
        layers += [nn.Conv2d(channels, 48, 1, bias=False), nn.BatchNorm2d(48), nn.ReLU6()]
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(48, CLASSES)

    def forward(self, x):
        return self.classifier(self.features(x).mean([2, 3]))


class Fire(nn.Module):
    def __init__(self, inputs, squeezed, expanded):
        super().__init__()
        self.squeeze = nn.Conv2d(inputs, squeezed, 1)
        self.expand1 = nn.Conv2d(squeezed, expanded, 1)
        self.expand3 = nn.Conv2d(squeezed, expanded, 3, padding=1)

    def forward(self, x):
        x = F.relu(self.squeeze(x))
        return torch.cat([F.relu(self.expand1(x)), F.relu(self.expand3(x))], 1)


class SqueezeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 16, 3, stride=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2, ceil_mode=True),
            Fire(16, 4, 16),
            Fire(32, 4, 16),
            nn.MaxPool2d(3, 2, ceil_mode=True),
            Fire(32, 8, 24),
            Fire(48, 8, 24),
        )
        # Without its dropout, whose random numbers differ.
        self.classifier = nn.Sequential(
            nn.Conv2d(48, CLASSES, 1), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1)
        )

    def forward(self, x):
        return torch.flatten(self.classifier(self.features(x)), 1)


class DenseLayer(nn.Module):
    def __init__(self, inputs, growth):
        super().__init__()
        self.layers = nn.Sequential(
            nn.BatchNorm2d(inputs),
            nn.ReLU(inplace=True),
            nn.Conv2d(inputs, 4 * growth, 1, bias=False),
            nn.BatchNorm2d(4 * growth),
            nn.ReLU(inplace=True),
            nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False),
        )

    def forward(self, x):
        return torch.cat([x, self.layers(x)], 1)


class DenseNet(nn.Sequential):
    def __init__(self):
        layers = [
            nn.Conv2d(3, 8, 7, 2, 3, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2, 1),
        ]
        channels = 8
        for block, count in enumerate((3, 4, 3)):
            if block > 0:
                layers += [
                    nn.BatchNorm2d(channels),
                    nn.ReLU(inplace=True),
                    nn.Conv2d(channels, channels // 2, 1, bias=False),
                    nn.AvgPool2d(2, 2),
                ]
                channels //= 2
            for _ in range(count):
                layers.append(DenseLayer(channels, 4))
                channels += 4
        super().__init__(
            *layers,
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
            nn.AdaptiveAvgPool2d((1, 1)),
            nn.Flatten(),
            nn.Linear(channels, CLASSES),
        )


def randomize_statistics(network):
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.5, 0.5)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)


def export(network, images, path, **options):
    torch.onnx.export(
        network,
        images,
        path,
        input_names=["image"],
        output_names=["scores"],
        dynamic_axes={"image": {0: "batch"}, "scores": {0: "batch"}},
        **options,
    )


def write_losses(path, network, x, y):
    network.train()
    optimizer = torch.optim.SGD(network.parameters(), lr=RATE)
    with open(path, "w") as file:
        for step in range(STEPS):
            batch = slice(step * BATCH, (step + 1) * BATCH)
            loss = F.cross_entropy(network(x[batch]), y[batch])
            file.write(f"{loss.item()}\n")
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def write(folder, name, network, shape):
    height, width, channels = shape
    base = os.path.join(folder, name)
    count = STEPS * BATCH
    random = np.random.default_rng(1)
    images = random.integers(0, 256, (count, height, width, channels), np.uint8)
    classes = random.integers(0, CLASSES, count)
    # So that Lenslet counts as many.
    classes[:CLASSES] = np.arange(CLASSES)
    np.save(base + ".images.npy", images)
    np.save(base + ".classes.npy", classes)
    x = torch.from_numpy(images.astype(np.float32) / 255).permute(0, 3, 1, 2)
    x = x.contiguous()
    y = torch.from_numpy(classes)

    randomize_statistics(network)
    network.eval()
    with torch.no_grad():
        network(x).numpy().tofile(base + ".scores")
    export(network, x[:2], base + ".onnx")
    export(
        network,
        x[:2],
        base + ".training.onnx",
        training=torch.onnx.TrainingMode.PRESERVE,
        do_constant_folding=False,
    )
    write_losses(base + ".losses64", copy.deepcopy(network).double(), x.double(), y)
    write_losses(base + ".losses", network, x, y)


def main(folder):
    os.makedirs(folder, exist_ok=True)
    torch.manual_seed(1)
    torch.set_num_threads(1)
    write(folder, "lenet", LeNet(), (28, 28, 1))
    write(folder, "resnet18", ResNet18(), (64, 64, 3))
    write(folder, "mobilenet_v2", MobileNetV2(), (32, 32, 3))
    write(folder, "squeezenet", SqueezeNet(), (48, 48, 3))
    write(folder, "densenet", DenseNet(), (64, 64, 3))
    with open(os.path.join(folder, "steps"), "w") as file:
        file.write(f"{RATE}\n{BATCH}\n")


if __name__ == "__main__":
    main(sys.argv[1])
