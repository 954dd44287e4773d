"""Ctrl-C and SIGTERM end a run politely: the step is finished and the checkpoint written."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType
from typing import Any

from ocrcli.errors import ExitCode

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupt:
    """As a context manager: ``.asked`` turns true at the first signal; the second quits at once."""

    def __init__(self) -> None:
        self.asked = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Interrupt:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._handle) for number in SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            os._exit(ExitCode.INTERRUPTED)  # render workers end with their parent
        self.asked = True
