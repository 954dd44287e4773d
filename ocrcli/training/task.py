"""What a task (char, word, detect) gives to the one training loop.

A task is four small things: a **network**, a **recipe** (how samples are rendered, packed
and put into batches, in ``datasets/stream.py``), a **loss** and an **evaluation**. The loop in
``loop.py`` owns everything else: devices, precision, schedule, EMA, checkpoints, logs.

The life of a sample::

    recipe.open()            in a worker process: builds the renderer, returns rng -> sample
    recipe.pack(samples)     in the worker: many samples -> dict of NumPy arrays (a chunk part)
    recipe.batches(chunk, rng)      in the trainer: which samples form which batch
    recipe.collate(chunk, indices)  in the trainer: one batch, a dict of NumPy arrays
    task.augment(batch, generator)  on the device, tensors: when a chunk is seen again (echo)
    task.loss(network, batch)       under autocast; ``network(...)`` may be wrapped by DDP

The recipe lives in a module that does **not** import torch (render workers import it).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from ocrcli.datasets.stream import Recipe
from ocrcli.modelcard import ModelCard
from ocrcli.modelcard import Task as TaskName
from ocrcli.training.settings import TrainSettings

Batch = dict[str, Tensor]
CALIBRATION_SEED = 20180615  # fixed: an export can be repeated


class Task(ABC):
    """One of the three networks, with what is needed to train, judge and export it.

    The constructor must be cheap (no rendering, no reading of data sets): export builds a
    task only to get the network. Read data on first use.
    """

    name: ClassVar[TaskName]
    # Values for settings the user left at None: batch_size, lr, clip, echo, chunk, size. All six.
    defaults: ClassVar[dict[str, Any]]
    sizes: ClassVar[tuple[str, ...]] = ("tiny", "small", "base")
    calibration: ClassVar[int] = 512  # training samples that the 8-bit export looks at
    output_name: ClassVar[str]  # name of the ONNX output
    # ONNX axes that are free, per tensor name: {"image": {0: "batch", 3: "width"}, ...}
    dynamic_axes: ClassVar[dict[str, dict[int, str]]]
    augments_first = False  # whether samples are augmented the first time they are seen as well

    def __init__(self, settings: TrainSettings) -> None:
        missing = {key: value for key, value in self.defaults.items() if getattr(settings, key) is None}
        self.settings = replace(settings, **missing)

    @property
    def size(self) -> str:
        """The wanted size of the network."""
        return self.settings.size or self.defaults["size"]

    @abstractmethod
    def network(self) -> nn.Module:
        """A fresh network with initialised weights, in float32 on the CPU. Its input is uint8."""

    @abstractmethod
    def recipe(self) -> Recipe:
        """How training samples are made. Picklable, torch-free."""

    @abstractmethod
    def loss(self, network: nn.Module, batch: Batch) -> dict[str, Tensor]:
        """Scalars by name; ``"loss"`` is the one to minimise, the others are logged.

        Called under autocast in training mode. ``batch["image"]`` is uint8 on the device. The mean
        over the samples, in float32. Call ``network(batch["image"])``, not its methods: it may be
        wrapped for several GPUs.
        """

    def fewer_blocks(self, weights: dict[str, Tensor], size: str) -> dict[str, Tensor] | None:
        """Weights of a network of ``size`` for the task's own, which may lack some of its blocks.

        None where the two have no more in common.
        """
        return None

    def augment(self, batch: Batch, generator: torch.Generator) -> Batch:
        """Light, cheap changes for a batch that is seen again. Tensors stay on their device.

        ``generator`` lives on the CPU and is seeded by (seed, step).
        """
        return batch

    @abstractmethod
    def evaluate(self, network: nn.Module, device: torch.device) -> dict[str, float]:
        """Figures on held-out data; ``"score"`` (higher is better) chooses the best checkpoint.

        ``network`` is the EMA copy in eval mode, float32, on ``device``. Must be repeatable and must
        not draw from the global random generators. Called without gradients. ``{}`` if nothing is held
        out. A figure called ``temperature`` goes into the model card as such.
        """

    @abstractmethod
    def card(self) -> ModelCard:
        """The model card without ``training``, ``scores`` and ``code_version`` (export adds those)."""

    def epoch_samples(self) -> int | None:
        """Samples of one epoch: the size of the labelled data; None when all is rendered."""
        return None

    def describe_data(self) -> dict[str, Any]:
        """What the training samples are, for the card: sources, licences, fonts…"""
        return {}

    def finish(self, run_dir: Path) -> list[str]:
        """What is left to do after the last step, by one process; lines to tell the user."""
        return []

    def deploy(self, network: nn.Module) -> nn.Module:
        """The network in the shape in which it is exported (re-parameterised blocks merged…).

        Batch norms need nothing: onnxruntime folds them when it loads the file.
        """
        return network

    @abstractmethod
    def example_inputs(self) -> list[Tensor]:
        """uint8 inputs of several batch sizes and sizes, for the parity check of the export.

        Take rendered or development samples: random pixels tell little.
        """

    def training_inputs(self, count: int) -> list[Tensor]:
        """Training batches, uint8, of ``count`` samples that show what numbers the layers meet."""
        recipe = self.recipe()
        draw = recipe.open()
        samples = [draw(np.random.default_rng([CALIBRATION_SEED, i])) for i in range(count)]
        chunk = recipe.pack(samples)
        batches = recipe.batches(chunk, np.random.default_rng(CALIBRATION_SEED))
        return [torch.from_numpy(np.ascontiguousarray(recipe.collate(chunk, b)["image"])) for b in batches]

    @abstractmethod
    def agreement(self, expected: Any, found: Any) -> float:
        """How far two outputs (NumPy arrays of the network, one sample) decode to the same: 1 is fully."""
