"""The failures a user can meet, and the exit code of each.

The exit codes are a contract with scripts (see ``ocr --help`` and the README); the
message of an exception is one line that names the file and the fix.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of the command ``ocr``."""

    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    BAD_INPUT = 3
    MODEL = 4
    CANNOT_WRITE = 5
    NETWORK = 6
    NOTHING_RECOGNISED = 7
    INTERRUPTED = 130


class OcrError(Exception):
    """A failure with an exit code and a one-line message for the user."""

    exit_code = ExitCode.UNEXPECTED


class UsageError(OcrError):
    """The options contradict each other or name something that is not there."""

    exit_code = ExitCode.USAGE


class InputError(OcrError):
    """An input file could not be read; the other inputs still are."""

    exit_code = ExitCode.BAD_INPUT


class ModelError(OcrError):
    """A model file is missing, damaged or of the wrong kind."""

    exit_code = ExitCode.MODEL


class OutputError(OcrError):
    """An output could not be written."""

    exit_code = ExitCode.CANNOT_WRITE


class NetworkError(OcrError):
    """A download failed, or its checksum did not match."""

    exit_code = ExitCode.NETWORK


class NothingRecognised(OcrError):
    """No text was found and the caller asked for that to be a failure."""

    exit_code = ExitCode.NOTHING_RECOGNISED
