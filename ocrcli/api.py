"""The library: :func:`read` for one picture, :class:`Reader` for many.

    from ocrcli import read
    print(read("page.png").text)

Settings of the command line (its file, its variables) do not apply here, but for
``$OCR_MODELS``.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypedDict, TypeVar, get_args

from ocrcli.document import Document
from ocrcli.errors import UsageError
from ocrcli.formats.writer import AskedMode

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image
    from typing_extensions import Unpack

    from ocrcli.engine.decoding import Decoding
    from ocrcli.engine.images import LoadedPage
    from ocrcli.engine.lexicon import Lexicon
    from ocrcli.engine.pdf import PdfText
    from ocrcli.modelcard import Task

    #: A path, the content of a file, an open file, a Pillow image or an array.
    Source = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO | Image.Image | np.ndarray

_T = TypeVar("_T")


class Options(TypedDict, total=False):
    """How to read: what ``ocr predict`` has under the same names."""

    mode: AskedMode  # "auto"
    pages: str | None  # of PDF and TIFF files, such as "1-3,7"
    dpi: int  # at which PDF pages are drawn, 200
    password: str | None  # of a PDF
    pdf_text: PdfText  # "auto", "ocr" or "keep": what becomes of text that a PDF holds already
    min_confidence: float | None  # None: 0.5 to 0.7 for words on pages
    allow: Collection[str] | None  # no other characters than these
    lexicon: Lexicon | Iterable[str] | os.PathLike[str] | None  # "english", words, a file; None: without
    top: int  # candidates of a character in mode "char", 5
    name: str  # what to call a source that has no path


def read(source: Source, **options: Unpack[Options]) -> Document:
    """Reads one source with the packaged models, which stay loaded.

    ``source`` is a path, the bytes of a file, an open binary file, a Pillow image, or a NumPy
    array (H, W), (H, W, 3) in RGB or (H, W, 4) in RGBA. May be called from any thread. Raises
    InputError, ModelError and UsageError, each an OcrError with a message of one line.
    """
    return _default_reader().read(source, **options)


class Reader:
    """Reads with models that are loaded when first needed and kept; threads may share it.

    ``model_dir`` is a folder and ``models`` names files by their task (``word``, ``detect``,
    ``char``) that come before the packaged ones. ``device`` is ``auto``, ``cpu`` or ``cuda``,
    ``threads`` the number of cores for one page (None: all), ``batch_size`` the number of
    lines read at once.
    """

    def __init__(
        self,
        *,
        model_dir: str | os.PathLike[str] | None = None,
        models: Mapping[Task, str | os.PathLike[str]] | None = None,
        device: str = "auto",
        threads: int | None = None,
        batch_size: int | None = None,
    ) -> None:
        from ocrcli.engine.pipeline import Reader as Engine

        files = {task: Path(file) for task, file in (models or {}).items()}
        folder = None if model_dir is None else Path(model_dir)
        self._engine = Engine(folder, files, device=device, threads=threads, batch_size=batch_size)

    def read(self, source: Source, **options: Unpack[Options]) -> Document:
        """All chosen pages of one source, as :func:`read`."""
        if unknown := options.keys() - Options.__annotations__.keys():
            raise TypeError(f"no such option: {', '.join(sorted(unknown))}")
        mode = options.get("mode", "auto")
        if mode not in get_args(AskedMode):
            raise UsageError(f"mode {mode!r}: not one of {', '.join(get_args(AskedMode))}")
        decoding = _decoding(options)
        name = options.get("name", _name_of(source))
        pages = _pages(source, name, options)
        return Document(name, tuple(self._engine.read_page(page, mode, decoding) for page in pages))

    def prepare(self, mode: AskedMode = "auto") -> None:
        """Loads what a mode needs now, so that the first picture does not wait."""
        self._engine.prepare(mode)


_lock = threading.Lock()
_shared: list[Reader] = []


def _default_reader() -> Reader:
    with _lock:
        if not _shared:
            _shared.append(Reader())
        return _shared[0]


def _decoding(options: Options) -> Decoding:
    from ocrcli.engine.decoding import Decoding

    given: dict[str, Any] = {
        key: value for key, value in options.items() if key in ("allow", "min_confidence", "top")
    }
    if "lexicon" in options:
        given["lexicon"] = _lexicon(options["lexicon"])
    return Decoding(**given)


def _lexicon(given: Any) -> Lexicon | None:
    from ocrcli.engine.lexicon import Lexicon, english

    if given is None or isinstance(given, Lexicon):
        return given
    if given == "english":
        return english()
    return Lexicon.load(Path(given)) if isinstance(given, str | os.PathLike) else Lexicon(given)


def _name_of(source: Any) -> str:
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    named = getattr(source, "filename", None) or getattr(source, "name", None)
    return named if isinstance(named, str) and named else "image"


def _pages(source: Any, name: str, options: Options) -> Iterator[LoadedPage]:
    """The pages of a source of any kind. Raises InputError, TypeError for what is no source."""
    from PIL import Image

    from ocrcli.engine.arrays import array_pixels, image_pixels
    from ocrcli.engine.images import LoadedPage

    if isinstance(source, Image.Image):
        return iter([LoadedPage(name, 1, image_pixels(source, name))])
    if isinstance(source, str | os.PathLike):
        return _file_pages(Path(source), name, options)
    if isinstance(source, bytes | bytearray | memoryview):
        return _file_pages(bytes(source), name, options)
    if hasattr(source, "read"):
        return _file_pages(source.read(), name, options)
    if hasattr(source, "__array__"):
        return iter([LoadedPage(name, 1, array_pixels(source, name))])
    raise TypeError(f"a path, bytes, an open file, a Pillow image or an array, not {type(source).__name__}")


def _file_pages(file: Path | bytes, name: str, options: Options) -> Iterator[LoadedPage]:
    from ocrcli.engine.images import DEFAULT_DPI, load_pages
    from ocrcli.engine.pageselect import PageSelection
    from ocrcli.engine.pdf import PdfAsk

    pages = options.get("pages")
    # Text that a PDF holds may have other characters than those that are allowed, and more than one word.
    read = options.get("allow") is not None or options.get("mode") in ("word", "char")
    pdf_text = "ocr" if read else options.get("pdf_text", "auto")
    return load_pages(
        file,
        name=name,
        dpi=options.get("dpi", DEFAULT_DPI),
        pages=PageSelection.parse(pages) if pages else None,
        pdf=PdfAsk(options.get("password"), pdf_text, draw=False),
        draft=True,
    )
