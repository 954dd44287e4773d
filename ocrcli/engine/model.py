"""One ONNX file, ready to run.

The only module that knows onnxruntime: everything else of the engine feeds an array
and gets one back. onnxruntime is imported inside :meth:`Model.load`, because its
import costs more than reading a small image.
"""

from __future__ import annotations

import os
import warnings
from contextlib import suppress
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ocrcli.errors import ModelError, UsageError
from ocrcli.modelcard import METADATA_KEY, ModelCard, Task

DEVICES = ("auto", "cpu", "cuda")
FIX = "reinstall ocrcli, or name a folder with models by --model-dir"
SILENT = 4  # onnxruntime severity "fatal": what goes wrong is raised, and told in our words
CUDA = "CUDAExecutionProvider"
CPU = "CPUExecutionProvider"


class Model:
    """A network with its card. Safe to run from several threads at once."""

    def __init__(self, path: Path, session: Any, card: ModelCard) -> None:
        self.path = path
        self.card = card
        self._session = session
        self._input: str = session.get_inputs()[0].name

    @classmethod
    def load(
        cls, path: Path, *, task: Task | None = None, threads: int | None = None, device: str = "auto"
    ) -> Model:
        """Open a model file.

        ``task`` is what the file has to be for (None: anything of ours). ``threads`` is
        the number of cores one run may use (None: all that this process may use).
        ``device`` is one of :data:`DEVICES`.

        Raises ModelError when the file is missing, damaged, not one of ours or for
        another task; UsageError when the device is not there.
        """
        path = Path(path)
        if not path.is_file():
            raise ModelError(f"{path}: no such model file; {FIX}")
        session = _open_session(path, threads or usable_cores(), device)
        card = _read_card(path, session)
        if task is not None and card.task != task:
            raise ModelError(f'{path}: a model for task "{card.task}", where one for "{task}" is needed')
        return cls(path, session, card)

    def run(self, array: np.ndarray) -> np.ndarray:
        """The first output of the network for one batch.

        ``array`` is uint8 (N, channels, height, width) as the card's input contract says.
        Raises ModelError when the network cannot digest it.
        """
        try:
            return self._session.run(None, {self._input: np.ascontiguousarray(array)})[0]
        except Exception as error:  # onnxruntime raises a dozen unrelated classes
            raise ModelError(f"{self.path}: failed on input {array.shape}: {_first_line(error)}") from error

    @cached_property
    def sha256(self) -> str:
        """Digest of the file, hexadecimal."""
        import hashlib  # loads OpenSSL: only who asks for the digest waits for that

        digest = hashlib.sha256()
        with self.path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
        return digest.hexdigest()

    @property
    def device(self) -> str:
        """Where the network runs: ``cpu`` or ``cuda``."""
        return "cuda" if CUDA in self._session.get_providers() else "cpu"


def usable_cores() -> int:
    """Physical cores that this process may use, at least one.

    Hyper-threads share the units that convolutions need, so two on one core count once;
    a container's processor quota counts too.
    """
    try:
        processors = os.sched_getaffinity(0)
    except AttributeError:  # not on macOS and Windows
        return max(1, (os.cpu_count() or 1) // 2)
    topology = Path("/sys/devices/system/cpu")
    cores = set()
    for processor in processors:
        try:
            cores.add((topology / f"cpu{processor}/topology/thread_siblings_list").read_text())
        except OSError:
            cores.add(str(processor))
    return max(1, min(len(cores), _cgroup_quota()))


def _cgroup_quota() -> int:
    """Processors that cgroup v2 grants, rounded up, or a large number without a limit."""
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return -(-int(quota) // int(period))
    except (OSError, ValueError, ZeroDivisionError):  # no cgroup v2, or the word "max"
        return 1 << 16


def _open_session(path: Path, threads: int, device: str) -> Any:
    import onnxruntime as ort

    ort.set_default_logger_severity(SILENT)
    options = ort.SessionOptions()
    options.log_severity_level = SILENT
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Spinning burns the other cores while Python prepares the next batch, for no latency.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Every page has another shape: a plan for the last one is no use and grows without end.
    options.enable_mem_pattern = False
    # What the arena holds is bounded by the largest page that the detector is shown (scale.py). Memory
    # fetched from the system anew for every page costs a fifth of the page's time.
    options.enable_cpu_mem_arena = True
    options.add_session_config_entry("session.use_env_allocators", "1")
    _share_memory()
    providers = _providers(ort.get_available_providers(), device)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a provider is not there is told below
            session = ort.InferenceSession(str(path), options, providers=providers)
    except Exception as error:  # onnxruntime raises a dozen unrelated classes
        raise ModelError(f"{path}: damaged, or not an ONNX model; {FIX}") from error
    if device == "cuda" and CUDA not in session.get_providers():
        raise UsageError("device cuda: the GPU could not be used; check its driver, or use --device cpu")
    return session


@lru_cache(maxsize=1)
def _share_memory() -> None:
    """One arena for all sessions of this process: what the detector leaves, the recogniser takes.

    It grows by powers of two: grown by what is asked for it takes half as much again after ten pages, for
    what one page leaves is too small for the next.
    """
    import onnxruntime as ort

    memory = ort.OrtMemoryInfo("Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT)
    with suppress(Exception):  # another part of the process has registered one: it serves as well
        ort.create_and_register_allocator(memory, ort.OrtArenaCfg({"arena_extend_strategy": 0}))


def may_use_cuda(device: str) -> bool:
    """Whether models opened for ``device`` may run on a GPU. Raises UsageError for a bad device."""
    import onnxruntime as ort

    return _providers(ort.get_available_providers(), device) != [CPU]


def _providers(available: list[str], device: str) -> list[Any]:
    if device not in DEVICES:
        raise UsageError(f"device {device}: not one of {', '.join(DEVICES)}")
    if device == "cuda" and CUDA not in available:
        raise UsageError("device cuda: needs onnxruntime-gpu in place of onnxruntime; or use --device cpu")
    if device == "cpu" or CUDA not in available:
        return [CPU]
    # The default search tries every algorithm again for every new shape: seconds a page.
    return [(CUDA, {"cudnn_conv_algo_search": "DEFAULT"}), CPU]


def _read_card(path: Path, session: Any) -> ModelCard:
    text = session.get_modelmeta().custom_metadata_map.get(METADATA_KEY)
    if text is None:
        raise ModelError(f"{path}: not a model of ocrcli (it has no card); {FIX}")
    try:
        card = ModelCard.from_json(text)
    except ValueError as error:
        raise ModelError(f"{path}: made by another version of ocrcli ({error}); {FIX}") from error
    if len(session.get_inputs()) != 1 or session.get_inputs()[0].type != "tensor(uint8)":
        raise ModelError(f"{path}: its input is not one uint8 array; export it again with ocr export")
    return card


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
