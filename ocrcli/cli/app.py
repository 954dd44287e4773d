"""The command ``ocr``: which verbs there are, and how each failure ends.

A verb's module is imported only when the verb is used, so that ``ocr --help`` answers at
once and ``ocr predict`` pays for nothing but itself.
"""

from __future__ import annotations

import gc
import os
import sys
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from ocrcli import __version__
from ocrcli.cli import completion, console, helptext
from ocrcli.cli.plainvalues import read_plainly
from ocrcli.errors import ExitCode, OcrError, UsageError

if TYPE_CHECKING:
    from ocrcli.cli.settings import Settings

# verb → (module, one line of help), in the order of the help page
VERBS = {
    "predict": ("ocrcli.cli.predict", "Read the text in images and PDFs."),
    "download": ("ocrcli.cli.download", "Fetch a public dataset to train on."),
    "preprocess": ("ocrcli.cli.preprocess", "Turn raw datasets into stores to train from."),
    "data": ("ocrcli.cli.data", "Show what a store holds."),
    "synth": ("ocrcli.cli.synth", "Render training data: characters, words, pages."),
    "train": ("ocrcli.cli.train", "Train a network."),
    "eval": ("ocrcli.cli.eval", "Score a model on labelled data."),
    "export": ("ocrcli.cli.export", "Turn a checkpoint into a model file."),
    "inspect": ("ocrcli.cli.inspect", "Draw what a network learned and sees."),
    "models": ("ocrcli.cli.models", "Show the models in use."),
    "config": ("ocrcli.cli.config", "Show which settings apply, and from where."),
    "man": ("ocrcli.cli.man", "Print the manual page."),
    "doctor": ("ocrcli.cli.doctor", "Check this installation."),
}
WITHOUT_SETTINGS = {"config", "man"}
HELP = {"-h", "--help"}
CLOSED_PIPE = 128 + 13  # what a shell reports of a program ended by SIGPIPE
# Top-level modules of the packages that only the extra [train] brings.
TRAIN_EXTRA = {"torch", "torchvision", "h5py", "datasets", "scipy", "onnx", "fontTools", "matplotlib",
               "wordfreq", "faker"}  # fmt: skip


class VerbGroup(TyperGroup):
    """A group of commands that are imported when they are used.

    Its ``commands`` are stand-ins with a name and a line of help, which is all that the
    help page and the completion of a verb's name need.
    """

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.settings: Settings | None = None  # of the verb, once it is known
        for verb, (_, line) in VERBS.items():
            self.add_command(TyperCommand(verb, help=line), verb)
        helptext.dress(self)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The real command in place of its stand-in, with the options that every verb has."""
        name, stand_in, rest = super().resolve_command(ctx, args)
        command = stand_in and load_verb(name or "")
        # For help, for completion and to look at the settings, they need not be right.
        if command and not ctx.resilient_parsing and not HELP & set(rest) and name not in WITHOUT_SETTINGS:
            from ocrcli.cli.settings import settings_of

            self.settings = settings_of(name or "", command)
            ctx.default_map = self.settings.defaults
        return name, command, rest


def load_verb(verb: str) -> Any:
    """The command of a verb, imported now. Raises UsageError when a package it needs is missing."""
    from importlib import import_module

    try:
        module = import_module(VERBS[verb][0])
    except ModuleNotFoundError as error:
        if error.name and error.name.split(".")[0] in TRAIN_EXTRA:
            raise UsageError(
                f"ocr {verb} needs the package {error.name}: pip install 'ocrcli[train]'"
            ) from error
        raise
    module.app._add_completion = False  # the completion options belong to ocr itself
    command = typer.main.get_command(module.app)
    _add_common_options(command)
    read_plainly(command)
    helptext.dress(command)
    return command


def _add_common_options(command: Any) -> None:
    """Gives a verb, and the verbs under it, the options of all verbs that it lacks."""
    for child in getattr(command, "commands", {}).values():
        _add_common_options(child)
    known = {name for option in command.params for name in option.opts}
    common = common_options().params
    command.params.extend(option for option in common if not known & set(option.opts))


def common_options() -> Any:
    """A command that has the options of all verbs, and nothing else."""
    return typer.main.get_command(_common)


_common = typer.Typer(add_completion=False)


@_common.command()
def _common_options(
    no_color: bool = typer.Option(
        False,
        "--no-color",
        expose_value=False,
        help="No colours (also NO_COLOR).",
        rich_help_panel="Everywhere",
    ),
    debug: bool = typer.Option(
        False,
        "--debug",
        expose_value=False,
        help="Show the traceback of an error (also OCR_DEBUG).",
        rich_help_panel="Everywhere",
    ),
) -> None:
    """Holds the declarations; main reads both options from the command line itself."""


app = typer.Typer(
    cls=VerbGroup, add_completion=False, context_settings={"help_option_names": sorted(HELP, key=len)}
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ocr {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def ocr(
    ctx: typer.Context,
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Show the version."
    ),
    install_completion: str = typer.Option(
        None,
        metavar="[SHELL]",
        callback=completion.install,
        is_eager=True,
        help="Install completion for this shell, or for bash, zsh or fish.",
    ),
    show_completion: str = typer.Option(
        None,
        metavar="[SHELL]",
        callback=completion.show,
        is_eager=True,
        help="Print the script that does it, to be kept elsewhere.",
    ),
    no_color: bool = typer.Option(False, "--no-color", hidden=True),
    debug: bool = typer.Option(False, "--debug", hidden=True),
) -> None:
    """Read text out of images, offline. Retrain it from the data up.

    ocr predict page.png

    ocr predict scan.pdf -o scan.txt
    """
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help(), err=True)
        raise typer.Exit(ExitCode.USAGE)


def main() -> NoReturn:
    """The entry point of the console script ``ocr``."""
    # NumPy's BLAS starts a thread for each core with buffers of its own when it is loaded, and nothing
    # here multiplies matrices with it: on two cores that is a fifth of the processor time of one word.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # A page makes thousands of small objects and no cycles: the collector's usual rounds over everything
    # that was ever imported take a twentieth of its time.
    gc.set_threshold(50_000)
    code = run(sys.argv[1:])
    if "onnxruntime" in sys.modules and "torch" not in sys.modules:
        # Taking the libraries down takes a fifth of the time of reading a word, for nothing:
        # all outputs are closed and flushed. Training, which has more to tidy up, ends as usual.
        os._exit(code)
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Runs one command line and returns its exit code; whatever fails is one line on stderr."""
    flags = set(_before_double_dash(arguments))
    debug = "--debug" in flags or bool(os.environ.get("OCR_DEBUG"))
    if "--no-color" in flags:
        os.environ["NO_COLOR"] = "1"  # Rich and everything else that colours honours it
    if not sys.warnoptions and not debug:
        warnings.simplefilter("ignore")  # a library's advice to programmers is no result
    try:
        code = _invoke(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        if sys.stderr is not None:
            sys.stderr.write("\n")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        _forget_stdout()
        return CLOSED_PIPE
    except Exception as error:
        if debug:
            import traceback

            traceback.print_exc()
        return _tell(error)


def _before_double_dash(arguments: list[str]) -> Iterable[str]:
    return arguments[: arguments.index("--")] if "--" in arguments else arguments


def _invoke(arguments: list[str]) -> int:
    command: Any = typer.main.get_command(app)
    read_plainly(command)
    if shell := os.environ.get(completion.VARIABLE):
        return completion.answer(command, shell)
    try:
        with command.make_context("ocr", completion.with_shell(arguments)) as ctx:
            command.invoke(ctx)
    except typer.Exit as end:
        return end.exit_code
    except typer.Abort as end:
        raise KeyboardInterrupt from end
    except Exception as error:  # a wrong value may stand in a file that the user has forgotten
        if command.settings:
            error.origin = command.settings.origin_of(_message(error), arguments)  # type: ignore[attr-defined]
        raise
    return ExitCode.OK


def _tell(error: Exception) -> int:
    """Says what went wrong in one line and returns the exit code for it."""
    origin = getattr(error, "origin", "")
    if isinstance(error, OcrError):
        console.say(f"{origin}: {error}" if origin else error)
        return error.exit_code
    if hasattr(error, "format_message"):  # Typer's own: a wrong option, a missing argument
        return _tell_usage(error)
    detail = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    console.say(f"unexpected {detail} (run with --debug for the traceback)")
    return ExitCode.UNEXPECTED


def _tell_usage(error: Any) -> int:
    if type(error).__name__ == "NoArgsIsHelpError":  # a group without its verb
        sys.stderr.write(error.format_message().rstrip() + "\n")
        return ExitCode.USAGE
    message = _message(error).rstrip(".")
    near = getattr(error, "possibilities", None)
    if near and "did you mean" not in message.lower():
        message += f"; did you mean {', '.join(sorted(near))}?"
    path = error.ctx.command_path if getattr(error, "ctx", None) else "ocr"
    origin = f"{error.origin}: " if getattr(error, "origin", "") else ""
    console.say(f"{origin}{message[:1].lower()}{message[1:]} (see {path} --help)")
    return ExitCode.USAGE


def _message(error: Any) -> str:
    """What an error says; of Typer's own, the option that it is about is named too."""
    if not hasattr(error, "format_message"):
        return str(error)
    of_option = getattr(error, "param", None) is not None
    return console.one_line(error.format_message() if of_option else error.message or error.format_message())


def _forget_stdout() -> None:
    """Points stdout at nothing, so that Python's last flush cannot complain."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)
