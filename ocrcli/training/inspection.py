"""What the classifier has learned, and what it sees in one picture.

Filters and feature maps as Zeiler and Fergus show them (2014, arXiv 1311.2901), and where in the
picture the evidence for a class lies: Grad-CAM (Selvaraju 2017, arXiv 1610.02391).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ocrcli.alphabet import EMNIST_BYCLASS, Alphabet
from ocrcli.errors import ModelError, UsageError
from ocrcli.nets.layers import ConvBlock
from ocrcli.nets.vgg import CHAR_SIZE, SIZES, VGG
from ocrcli.training.calibration import softmax
from ocrcli.training.trained import trained

# Grad-CAM looks at the last stage whose map still tells places apart: the third, of 7×7.
CAM_SIZE = 7


@dataclass(frozen=True)
class Classifier:
    """The network of a checkpoint or a model file, in eval mode, with what its card says."""

    network: VGG
    alphabet: Alphabet
    temperature: float


@dataclass(frozen=True)
class Seen:
    """What the network makes of one normalised picture.

    ``maps``: name of each block and its feature maps float (C, H, W), none negative. ``candidates``: the
    likeliest classes and their probabilities. ``evidence``: for each of these a map (28, 28) in 0 … 1.
    """

    maps: list[tuple[str, np.ndarray]]
    candidates: list[tuple[str, float]]
    evidence: list[np.ndarray]


def load(path: Path) -> Classifier:
    """The classifier of a run's folder, a checkpoint or an ``.onnx``. Raises ModelError or UsageError."""
    found = trained(path)
    if found.task != "char":
        raise UsageError(f"{found.path}: a {found.task} model, where one of characters is needed")
    if found.size not in SIZES:
        raise ModelError(f"{found.path}: of a size {found.size!r} that this version does not know")
    alphabet = Alphabet(found.alphabet or EMNIST_BYCLASS)
    network = VGG(len(alphabet), found.size)
    found.load_into(network)
    return Classifier(network.eval(), alphabet, found.temperature)


def filters(network: VGG) -> np.ndarray:
    """Kernels of the first convolution float (C, 3, 3), as they act: batch norm's scale included."""
    first = network.backbone[0]
    assert isinstance(first, ConvBlock)
    convolution, norm = first[0], first[1]
    assert isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
    assert norm.running_var is not None
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return (convolution.weight * scale.view(-1, 1, 1, 1)).detach()[:, 0].numpy()


def look(classifier: Classifier, picture: np.ndarray, top: int) -> Seen:
    """Runs the network on one normalised picture uint8 (28, 28) and looks inside."""
    network = classifier.network
    x = network.scale(torch.from_numpy(picture)[None, None])
    maps: list[tuple[str, np.ndarray]] = []
    watched: Tensor | None = None
    for layer in network.backbone:
        x = layer(x)
        if isinstance(layer, ConvBlock):
            maps.append((f"block {len(maps) + 1}", x[0].detach().numpy()))
            if x.shape[-1] == CAM_SIZE:
                watched = x
    assert watched is not None
    logits = network.head(x)[0]
    chances = softmax(logits.detach().numpy()[None] / classifier.temperature)[0]
    best = np.argsort(-chances, kind="stable")[:top]
    names = classifier.alphabet.characters
    return Seen(
        maps,
        [(names[i], float(chances[i])) for i in best],
        [evidence(watched, logits[int(i)]) for i in best],
    )


def evidence(maps: Tensor, logit: Tensor) -> np.ndarray:
    """Where the maps (1, C, h, w) speak for a class, (28, 28) in 0 … 1 (Selvaraju 2017, eq. 1, 2)."""
    (gradient,) = torch.autograd.grad(logit, maps, retain_graph=True)
    weights = gradient.mean((2, 3), keepdim=True)
    cam = functional.relu((weights * maps).sum(1, keepdim=True)).detach()
    cam = functional.interpolate(cam, (CHAR_SIZE, CHAR_SIZE), mode="bilinear", align_corners=False)[0, 0]
    return (cam / cam.max().clamp_min(1e-6)).numpy()
