"""The one training loop of the three networks: forward, loss, backward, clip, step, log, judge, save."""

from __future__ import annotations

import json
import math
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from ocrcli import __version__
from ocrcli.datasets.stream import Position, Stream, StreamBatch, StreamPlan
from ocrcli.errors import OcrError, OutputError
from ocrcli.training import checkpoint
from ocrcli.training.ema import Ema
from ocrcli.training.interrupt import Interrupt
from ocrcli.training.machine import set_up
from ocrcli.training.optimiser import adamw
from ocrcli.training.progress import Reporter, Window, clock
from ocrcli.training.schedule import Limits, rate
from ocrcli.training.settings import EPOCH_SAMPLES
from ocrcli.training.task import Task

DEFAULT_MINUTES = 60.0  # when neither steps, minutes nor epochs are given
MOST_BAD_STEPS = 50  # steps in a row without a finite gradient: the run has diverged


@dataclass
class State:
    """Where a run is; all of it is in the checkpoint."""

    step: int = 0
    samples: int = 0
    seconds: float = 0.0  # wall clock, summed over resumes
    best: float = -math.inf
    stale: int = 0  # evaluations since the best one
    scores: dict[str, float] = field(default_factory=dict)  # of the last evaluation
    position: Position = field(default_factory=Position)


@dataclass(frozen=True)
class Result:
    """How a run ended."""

    run_dir: Path
    state: State
    interrupted: bool
    first: bool = True  # whether this is the process that tells


def train(
    task: Task, resume: dict[str, Any] | None = None, weights: dict[str, Tensor] | None = None
) -> Result:
    """Trains ``task`` by its settings, from a loaded checkpoint (``resume``) or ``weights`` if given."""
    return Trainer(task, resume, weights).run()


class Trainer:
    """The parts of a run and the loop over them."""

    def __init__(self, task: Task, resume: dict[str, Any] | None, weights: dict[str, Tensor] | None) -> None:
        self.task, self.settings = task, task.settings
        self.machine = set_up(self.settings)
        torch.manual_seed(self.settings.seed)  # the same first weights in every process
        network = task.network()
        if weights:
            network.load_state_dict(weights)
        self.network = network.to(self.machine.device).to(memory_format=torch.channels_last)
        self.ema = Ema(self.network)
        self.optimiser = adamw(self.network, self.settings.lr or 0.0, self.settings.weight_decay)
        self.scaler = torch.amp.GradScaler(enabled=self.machine.dtype is torch.float16)
        self.limits = _limits(task)
        self.state = State(position=Position(chunk=self.machine.rank))
        torch.manual_seed(self.settings.seed + self.machine.rank)  # its own dropout in each
        if resume:
            self._restore(resume)
        self.wrapped = self._wrap()
        self.bad_steps = 0

    # --- the loop -------------------------------------------------------------------------

    def run(self) -> Result:
        """Trains until a limit, the patience or an interrupt."""
        run_dir = self._open_run()
        began = time.monotonic() - self.state.seconds
        with Reporter(run_dir if self.machine.first else None) as report, Interrupt() as interrupt:
            self.report = report
            report.note(f"{self.task.name}: {self.machine.describe()}; results in {run_dir}")
            plan = self._plan()
            alone = self.machine.world == 1  # otherwise all processes stop after the same step
            stopped = lambda: alone and interrupt.asked  # noqa: E731
            with Stream(self.task.recipe(), plan, self.state.position, stopped) as stream:
                self._loop(stream, began, interrupt)
            self.state.seconds = time.monotonic() - began
            finished = not interrupt.asked
            if finished and not self._just_judged:
                self._judge()
            self._save()
            if finished:
                self._draw()
        self.machine.leave()
        return Result(run_dir, self.state, not finished, self.machine.first)

    def _loop(self, stream: Stream, began: float, interrupt: Interrupt) -> None:
        settings, state, machine = self.settings, self.state, self.machine
        logged = saved = time.monotonic()
        window = Window(state.samples)
        self._just_judged = False
        for batch in stream if self._progress() < 1 else ():
            losses = self._step(batch)
            window.add(losses)
            state.seconds = machine.agree(time.monotonic() - began)
            self._just_judged = state.step % settings.eval_every == 0
            now = time.monotonic()
            if now - logged >= settings.log_every or self._just_judged:
                self._log(window, stream)
                logged, window = now, Window(state.samples)
            else:
                self._tick(window)
            if self._just_judged:
                self._judge()
                window = Window(state.samples)
            out_of_patience = settings.patience is not None and state.stale >= settings.patience
            interrupt.asked = machine.any(interrupt.asked)
            if machine.agree(self._progress()) >= 1 or out_of_patience or interrupt.asked:
                return
            if now - saved >= settings.save_every * 60:
                self._save()
                saved = now

    def _step(self, item: StreamBatch) -> dict[str, Tensor]:
        """One optimiser step; the parts of the loss."""
        settings, state = self.settings, self.state
        factor = rate(self._progress(), settings.warmup)
        for group in self.optimiser.param_groups:
            group["lr"] = (settings.lr or 0.0) * factor
        batch = self.machine.tensors(item.arrays)
        if item.echo or self.task.augments_first:
            generator = torch.Generator().manual_seed(settings.seed * 1_000_003 + state.step)
            batch = self.task.augment(batch, generator)
        self.network.train()
        with self.machine.autocast():
            losses = self.task.loss(self.wrapped, batch)
        self.optimiser.zero_grad(set_to_none=True)
        self.scaler.scale(losses["loss"]).backward()
        self.scaler.unscale_(self.optimiser)
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), settings.clip or math.inf)
        self._update(norm)
        state.step += 1
        state.samples += len(item.arrays["image"]) * self.machine.world
        state.position = item.after
        return {name: value.detach() for name, value in losses.items()}

    def _update(self, norm: Tensor) -> None:
        """Takes the step unless the gradient is not finite; many such steps end the run."""
        finite = bool(torch.isfinite(norm))
        if finite or self.scaler.is_enabled():  # the scaler skips such steps by itself
            self.scaler.step(self.optimiser)
            self.scaler.update()
        self.bad_steps = 0 if finite else self.bad_steps + 1
        if self.bad_steps >= MOST_BAD_STEPS:
            raise OcrError(f"the loss has not been finite for {MOST_BAD_STEPS} steps: lower --lr")
        if finite:
            self.ema.update(self.network, self.state.step)

    def _progress(self) -> float:
        return self.limits.progress(self.state.step, self.state.seconds, self.state.samples)

    # --- judging and telling --------------------------------------------------------------

    def _judge(self) -> None:
        """Evaluates the averaged weights and keeps them when they are the best so far."""
        state = self.state
        if self.machine.first:
            with torch.no_grad():
                scores = self.task.evaluate(self.ema.network, self.machine.device)
            # A checkpoint holds tensors and plain values: NumPy's scalars could not be read back.
            state.scores = {name: float(value) for name, value in scores.items()}
        score = self.machine.agree(state.scores.get("score", math.nan))
        better = score > state.best or (math.isnan(score) and state.best == -math.inf)
        state.stale = 0 if better else state.stale + 1
        if better and not math.isnan(score):
            state.best = score
        if better and self.machine.first:
            checkpoint.save(self.settings.run_dir / checkpoint.BEST, self._weights())
        self.report.record("eval", {**self._where(), "scores": state.scores, "best": better})

    def _where(self) -> dict[str, Any]:
        state = self.state
        return {"step": state.step, "samples": state.samples, "seconds": round(state.seconds, 1)}

    def _values(self, window: Window) -> dict[str, Any]:
        progress, seconds = self._progress(), self.state.seconds
        left = seconds / progress - seconds if progress else None
        return {
            **self._where(),
            "losses": window.losses(),
            "lr": self.optimiser.param_groups[0]["lr"],
            "rate": round(window.rate(self.state.samples), 1),
            "left": left,
            "score": self.state.scores.get("score"),
        }

    def _log(self, window: Window, stream: Stream) -> None:
        waits = {"waited": round(stream.waited, 1), "dropped": stream.dropped}
        self.report.record("train", {**self._values(window), **waits})

    def _tick(self, window: Window) -> None:
        if self.report.live and window.steps % 10 == 0:  # reading a loss waits for the device
            self.report.tick(self._progress(), self._values(window))

    def _draw(self) -> None:
        if self.machine.first:
            from ocrcli.training.curves import draw

            draw(self.settings.run_dir)
            best = self.settings.run_dir / checkpoint.BEST
            self.report.note(f"done in {clock(self.state.seconds)}: {best}")

    # --- parts ----------------------------------------------------------------------------

    def _plan(self) -> StreamPlan:
        settings, machine = self.settings, self.machine
        chunk, echo = settings.chunk or 1, settings.echo or 1
        return StreamPlan(settings.seed, chunk, echo, settings.workers, machine.rank, machine.world)

    def _wrap(self) -> nn.Module:
        network: nn.Module = self.network
        if self.machine.world > 1:
            ids = [self.machine.device.index] if self.machine.device.type == "cuda" else None
            network = DistributedDataParallel(network, device_ids=ids)
        if self.settings.compile and self.machine.device.type == "cuda":
            network = torch.compile(network)  # type: ignore[assignment]
        return network

    def _open_run(self) -> Path:
        run_dir = self.settings.run_dir
        if self.machine.first:
            try:
                run_dir.mkdir(parents=True, exist_ok=True)
                text = json.dumps({"task": self.task.name, **self.settings.to_dict()}, indent=1)
                (run_dir / "settings.json").write_text(text + "\n")
            except OSError as error:
                raise OutputError(f"{run_dir}: cannot write the run's folder ({error.strerror})") from error
        return run_dir

    # --- checkpoints ----------------------------------------------------------------------

    def _weights(self) -> dict[str, Any]:
        """What evaluation and export need."""
        teachers = len(self.settings.teachers)
        return {
            "task": self.task.name,
            "code_version": __version__,
            "settings": self.settings.to_dict(),
            "state": asdict(self.state),
            "ema": self.ema.network.state_dict(),
            "data": {**self.task.describe_data(), **({"teachers": teachers} if teachers else {})},
            "machine": self.machine.describe(),
        }

    def _save(self) -> None:
        """Writes what a resumed run needs to go on as if it had never stopped."""
        if not self.machine.first:
            return
        cuda = self.machine.device.type == "cuda"
        values = {
            **self._weights(),
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "scaler": self.scaler.state_dict(),
            "random": torch.get_rng_state(),
            "random_cuda": torch.cuda.get_rng_state(self.machine.device) if cuda else None,
        }
        checkpoint.save(self.settings.run_dir / checkpoint.LAST, values)

    def _restore(self, values: dict[str, Any]) -> None:
        position = Position(**values["state"]["position"])
        # Each process has chunks of its own: others than the first start at the one nearest.
        shifted = position if self.machine.first else Position(chunk=position.chunk + self.machine.rank)
        self.state = State(**{**values["state"], "position": shifted})
        self.network.load_state_dict(values["network"])
        self.ema.network.load_state_dict(values["ema"])
        self.optimiser.load_state_dict(values["optimiser"])
        self.scaler.load_state_dict(values["scaler"])
        if self.machine.first:
            torch.set_rng_state(values["random"])
            if values["random_cuda"] is not None and self.machine.device.type == "cuda":
                torch.cuda.set_rng_state(values["random_cuda"], self.machine.device)


def _limits(task: Task) -> Limits:
    settings = task.settings
    samples = None
    if settings.epochs:
        samples = int(settings.epochs * (task.epoch_samples() or EPOCH_SAMPLES))
    minutes = settings.minutes
    if not (settings.steps or minutes or samples):
        minutes = DEFAULT_MINUTES
    return Limits(settings.steps, minutes * 60 if minutes else None, samples)
