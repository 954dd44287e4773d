"""Where a run computes: device, number format, threads, and the other processes of ``torchrun``."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor

from ocrcli.errors import UsageError
from ocrcli.training.settings import TrainSettings

PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True)
class Machine:
    """The device and number format of this process, and its place among the processes."""

    device: torch.device
    dtype: torch.dtype
    rank: int = 0
    world: int = 1

    @property
    def first(self) -> bool:
        """Whether this process writes and logs."""
        return self.rank == 0

    def autocast(self) -> contextlib.AbstractContextManager[None]:
        """Mixed precision (Micikevicius 2018), or nothing for float32."""
        if self.dtype is torch.float32:
            return contextlib.nullcontext()
        return torch.autocast(self.device.type, dtype=self.dtype)

    def describe(self) -> str:
        """Device and format for people, for example ``cpu (2 threads), bf16``."""
        name = str(self.dtype).removeprefix("torch.").replace("bfloat", "bf").replace("float", "fp")
        if self.device.type == "cuda":
            return f"{torch.cuda.get_device_name(self.device)} × {self.world}, {name}"
        return f"{self.device} ({torch.get_num_threads()} threads) × {self.world}, {name}"

    def tensors(self, arrays: dict[str, np.ndarray]) -> dict[str, Tensor]:
        """A batch on the device."""
        batch = {key: torch.from_numpy(value) for key, value in arrays.items()}
        if self.device.type == "cuda":
            return {key: t.pin_memory().to(self.device, non_blocking=True) for key, t in batch.items()}
        return batch

    def agree(self, value: float) -> float:
        """The first process's value, in every process."""
        if self.world == 1:
            return value
        shared = torch.tensor([value], dtype=torch.float64, device=self.device)
        dist.broadcast(shared, 0)
        return float(shared.item())

    def leave(self) -> None:
        """Parts from the other processes."""
        if self.world > 1:
            dist.barrier()  # the first one may still be writing
            dist.destroy_process_group()

    def any(self, flag: bool) -> bool:
        """Whether the flag is up in any process."""
        if self.world == 1:
            return flag
        shared = torch.tensor([float(flag)], device=self.device)
        dist.all_reduce(shared, dist.ReduceOp.MAX)
        return bool(shared.item())


def set_up(settings: TrainSettings) -> Machine:
    """The machine that the settings ask for. Raises UsageError for one that is not here."""
    rank, world = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    device = _device(settings.device)
    if settings.threads:
        torch.set_num_threads(settings.threads)
    if world > 1 and not dist.is_initialized():
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", device.index or 0)))
        torch.cuda.set_device(device)
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    return Machine(device, _dtype(settings.precision, device), rank, world)


def _device(name: str) -> torch.device:
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise UsageError(f"--device {name}: no such device; use auto, cpu or cuda") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise UsageError(f"--device {name}: PyTorch sees no GPU here; use --device cpu")
    return device


def _dtype(name: str, device: torch.device) -> torch.dtype:
    if name == "auto":
        if device.type == "cuda":
            name = "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
        else:
            name = "bf16" if cpu_has_bf16() else "fp32"
    if name not in PRECISIONS:
        raise UsageError(f"--precision {name}: use auto, fp32, bf16 or fp16")
    if name == "fp16" and device.type == "cpu":
        raise UsageError("--precision fp16 needs a GPU; use bf16 or fp32 on the CPU")
    return PRECISIONS[name]


def cpu_has_bf16() -> bool:
    """Whether this CPU multiplies bfloat16 in hardware; emulated it is slower than float32."""
    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, check, lambda: False)() for check in checks)
