"""A network that was trained before, wherever its weights lie: a run's folder, a checkpoint, a model file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor, nn

from ocrcli.errors import ModelError
from ocrcli.modelcard import Task as TaskName
from ocrcli.training import checkpoint


@dataclass(frozen=True)
class Trained:
    """What is known of a trained network.

    ``alphabet`` is empty where the task has none, or its usual one was meant. ``samples`` and ``hours``
    are all that its weights have seen.
    """

    path: Path
    task: TaskName
    size: str
    alphabet: str
    temperature: float
    samples: int
    hours: float
    weights: Callable[[nn.Module], dict[str, Tensor]]  # the state of such a network; raises ModelError

    def load_into(self, network: nn.Module) -> None:
        """Gives ``network`` the weights. Raises ModelError for a network of another kind."""
        try:
            network.load_state_dict(self.weights(network))
        except RuntimeError as error:
            raise ModelError(f"{self.path}: of an older network that this version does not know") from error


def trained(path: Path) -> Trained:
    """What lies there. Raises ModelError."""
    if path.suffix == ".onnx":
        return _exported(path)
    path = checkpoint.find(path, checkpoint.BEST)
    values = checkpoint.load(path)
    saved, state = values["settings"], values["state"]
    samples, hours = saved.get("before") or (0, 0.0)
    return Trained(
        path,
        values["task"],
        saved["size"],
        saved["alphabet"] or "",
        float((state.get("scores") or {}).get("temperature", 1.0)),
        samples + state["samples"],
        hours + state["seconds"] / 3600,
        lambda network: values["ema"],
    )


def _exported(path: Path) -> Trained:
    from ocrcli.training.recover import read_card, recover

    card = read_card(path)
    return Trained(
        path,
        card.task,
        card.architecture.rpartition("-")[2],
        card.alphabet,
        card.temperature,
        card.training.get("samples", 0),
        card.training.get("hours", 0.0),
        lambda network: recover(path, network),
    )
