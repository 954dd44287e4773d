"""Any picture a person may hand over, as upright RGB pages.

What a file is, its content says, not its suffix. Everything that can be wrong with a
file comes out as an InputError of one line, ``name: reason``.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from ocrcli.engine.filekinds import is_heic, take_heic, what_it_is
from ocrcli.engine.pageselect import PageSelection, chosen_pages
from ocrcli.engine.scale import LONG_SIDE
from ocrcli.errors import InputError
from ocrcli.pipes import read_file

if TYPE_CHECKING:
    from PIL import Image

    from ocrcli.document import Block
    from ocrcli.engine.pdf import PdfAsk
    from ocrcli.engine.pdfcopy import PdfOriginal

DEFAULT_DPI = 200  # of PDF pages: small print is 20 pixels high, as the networks like it
MAX_PIXELS = 178_956_970  # Pillow's own limit: half a gigabyte of RGB
SNIFF = 1024  # bytes; a PDF may begin with as much junk (ISO 32000-1, annex H)
# Pillow knows more formats; these are pictures that people have, and none runs a program
# to decode (EPS would start Ghostscript). The common ones are tried before the plugins of
# the others are loaded.
COMMON_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "DIB", "PPM")
OTHER_FORMATS = ("TIFF", "WEBP", "AVIF", "HEIF", "JPEG2000", "ICO", "ICNS", "PCX", "SGI", "PSD")
EXIF_ORIENTATION = 0x0112
LYING = (5, 6, 7, 8)  # orientations in which width and height change places
# Long side that a huge JPEG keeps: what is found at the usual size is twice as large in it, and can be read.
DRAFT_LONG_SIDE = 2 * LONG_SIDE


@dataclass(frozen=True, slots=True, eq=False)
class Jpeg:
    """A JPEG file: its bytes, whether it is grey, and the EXIF orientation (1 … 8) to show it in."""

    data: bytes
    grey: bool
    orientation: int


@dataclass(frozen=True, slots=True, eq=False)
class LoadedPage:
    """One upright page: RGB ``pixels``, uint8 (H, W, 3), and where it comes from.

    ``dpi`` is the resolution across and down, None where the file does not tell. ``jpeg`` is
    the file itself where it was asked for and is a JPEG picture of the page. ``printed`` is the
    text that a PDF page holds already, where it is to be kept: there is no need to read it.
    ``original`` is a PDF page itself, where it was asked for. ``full`` is the width and height of
    the upright picture where ``pixels`` shows it smaller.
    """

    source: str
    number: int  # from 1
    pixels: np.ndarray
    dpi: tuple[float, float] | None = None
    jpeg: Jpeg | None = None
    printed: tuple[Block, ...] | None = None
    original: PdfOriginal | None = None
    full: tuple[int, int] | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the upright picture in pixels."""
        return self.full or (self.pixels.shape[1], self.pixels.shape[0])


def load_pages(
    source: Path | bytes,
    *,
    name: str,
    dpi: int = DEFAULT_DPI,
    pages: PageSelection | None = None,
    keep_jpeg: bool = False,
    pdf: PdfAsk | None = None,
    draft: bool = False,
) -> Iterator[LoadedPage]:
    """The pages of an image or PDF file, one at a time.

    Each frame of a TIFF is a page; of an animation (GIF, WebP, APNG) only the first
    frame is. ``dpi`` is the resolution at which PDF pages are drawn; ``pages`` chooses
    among the pages; ``keep_jpeg`` asks for the file beside the pixels; ``pdf`` is what is
    asked of a PDF; ``draft`` allows huge JPEGs to be decoded smaller, in less time and memory.
    Raises InputError while iterating.
    """
    with _opened(source, name) as file:
        head = file.read(SNIFF)
        file.seek(0)
        if not head:
            raise InputError(f"{name}: empty file")
        if b"%PDF-" in head:
            from ocrcli.engine.pdf import pdf_pages

            document = source if isinstance(source, Path) and source.is_file() else file.read()
            for page in pdf_pages(document, name=name, dpi=dpi, pages=pages, ask=pdf):
                yield LoadedPage(
                    name,
                    page.number,
                    page.pixels,
                    (page.dpi, page.dpi),
                    printed=page.printed,
                    original=page.original,
                )
            return
        for number, image in _frames(file, head, name, pages):
            with _damage_is_told(name):
                size = image.size
                if draft:
                    image.draft(None, _draft_size(*size))  # does something for JPEG alone
                pixels = to_rgb(image)
                turned = _orientation(image)
                resolution = _resolution(image, turned)
                jpeg = _jpeg(image, file, turned, pixels) if keep_jpeg else None
                full = None
                if image.size != size:
                    full = (size[1], size[0]) if turned in LYING else size
            yield LoadedPage(name, number, pixels, resolution, jpeg, full=full)


@contextmanager
def _opened(source: Path | bytes, name: str) -> Iterator[BinaryIO]:
    """A seekable file; what comes through a pipe is read into memory."""
    if isinstance(source, bytes):
        yield io.BytesIO(source)
        return
    try:
        if source.is_dir():
            raise InputError(f"{name}: a folder, not a file")
        # A pipe or a device cannot be wound back.
        file = source.open("rb") if source.is_file() else io.BytesIO(read_file(source))
    except FileNotFoundError as error:
        raise InputError(f"{name}: no such file") from error
    except PermissionError as error:
        raise InputError(f"{name}: permission denied") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise InputError(f"{name}: {getattr(error, 'strerror', None) or error}") from error
    with file:
        yield file


def _frames(
    file: BinaryIO, head: bytes, name: str, pages: PageSelection | None
) -> Iterator[tuple[int, Image.Image]]:
    with _open(file, head, name) as image:
        with _damage_is_told(name):
            count = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1
        for number in chosen_pages(pages, count, name):
            with _damage_is_told(name):
                if count > 1:
                    image.seek(number - 1)
                _check_size(image, name)
            yield number, image


def _open(file: BinaryIO, head: bytes, name: str) -> Image.Image:
    from PIL import Image, UnidentifiedImageError

    # Pillow warns on stderr of odd tags, and of half the size limit; what matters is told below.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    with _damage_is_told(name):
        try:
            return Image.open(file, formats=COMMON_FORMATS)
        except UnidentifiedImageError:
            Image.init()
            if is_heic(head):
                take_heic()
        try:
            return Image.open(file, formats=[one for one in OTHER_FORMATS if one in Image.OPEN])
        except UnidentifiedImageError as error:
            raise InputError(f"{name}: {what_it_is(head)}") from error


@contextmanager
def _damage_is_told(name: str) -> Iterator[None]:
    """Turns what Pillow raises on bad content into an InputError."""
    from PIL import Image

    try:
        yield
    except InputError:
        raise
    except Image.DecompressionBombError as error:
        raise InputError(f"{name}: too large ({_first_number(error)} pixels, limit {MAX_PIXELS})") from error
    except MemoryError as error:
        raise InputError(f"{name}: too large for the memory of this machine") from error
    except Exception as error:  # decoders raise nearly anything on damaged files
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"{name}: damaged or cut short ({reason})") from error


def _first_number(error: Exception) -> str:
    return next((word.strip("(") for word in str(error).split() if word.strip("(").isdigit()), "too many")


def _check_size(image: Image.Image, name: str) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise InputError(f"{name}: too large ({width} × {height} pixels, limit {MAX_PIXELS} in all)")


def _draft_size(width: int, height: int) -> tuple[int, int]:
    """The least size that will do: a decoder takes a half, a quarter or an eighth that is no smaller."""
    share = min(1.0, DRAFT_LONG_SIDE / max(width, height))
    return max(1, round(width * share)), max(1, round(height * share))


def to_rgb(image: Image.Image) -> np.ndarray:
    """A Pillow image of any mode as upright RGB pixels, uint8 (H, W, 3).

    The EXIF orientation is applied, deep greys are scaled to eight bits, and
    transparency is laid over the background on which the ink shows.
    """
    image.load()
    if _may_be_turned(image):
        from PIL import ImageOps

        with suppress(Exception):  # damaged EXIF raises nearly anything; the picture is still good
            image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I") or image.mode == "F":
        grey = _to_eight_bits(image)
        return np.repeat(grey[:, :, None], 3, axis=2)  # (H, W) → (H, W, 3)
    if image.has_transparency_data:
        return _over_contrasting_background(np.asarray(image.convert("RGBA")))
    if image.mode == "LAB":
        image = image.getchannel("L")  # Pillow cannot convert it, and text is lightness
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))


def _may_be_turned(image: Image.Image) -> bool:
    """Whether there is EXIF or XMP at all: reading it takes longer than a small picture does."""
    names = (str(key).lower() for key in image.info)
    return image.format == "TIFF" or any("exif" in name or "xmp" in name for name in names)


def _orientation(image: Image.Image) -> int:
    """How the picture is turned: 1 … 8 as EXIF counts, 1 where nothing is said."""
    if _may_be_turned(image):
        with suppress(Exception):  # as in to_rgb
            return int(image.getexif().get(EXIF_ORIENTATION, 1))
    return 1


def _resolution(image: Image.Image, orientation: int) -> tuple[float, float] | None:
    """Dots per inch across and down the upright page, as the file tells them."""
    with suppress(Exception):  # whatever stands in the file
        across, down = (float(value) for value in image.info["dpi"])
        return (down, across) if orientation in LYING else (across, down)
    return None


def _jpeg(image: Image.Image, file: BinaryIO, orientation: int, pixels: np.ndarray) -> Jpeg | None:
    """The file, if it is a JPEG that any viewer shows as ``pixels``."""
    width, height = reversed(image.size) if orientation in LYING else image.size
    if image.format not in ("JPEG", "MPO") or image.mode not in ("L", "RGB"):
        return None  # MPO: a JPEG with more of them behind it, as phones write
    if orientation not in range(1, 9) or (height, width) != pixels.shape[:2]:
        return None
    file.seek(0)
    return Jpeg(file.read(), image.mode == "L", orientation)


def _to_eight_bits(image: Image.Image) -> np.ndarray:
    """Grey of more than eight bits, scaled by the depth that it really uses: uint8 (H, W)."""
    values = np.nan_to_num(np.asarray(image).astype(np.float32))  # (H, W)
    low, high = float(values.min()), float(values.max())
    if low >= 0 and high <= 1:  # floats in 0 … 1, or a mask
        depth = 1.0
    else:  # scanners write 10, 12 or 14 bits into 16
        depth = next((2.0**bits - 1 for bits in (8, 10, 12, 14, 16) if high < 2**bits), 0.0)
        if low < 0 or not depth:  # floats or 32-bit integers without a known range
            values, depth = values - low, max(high - low, 1.0)
    grey = (values * (255 / depth) + 0.5).clip(0, 255).astype(np.uint8)
    # Photometric interpretation 0 of a TIFF: white is zero. Pillow minds it up to 8 bits only.
    tags = getattr(image, "tag_v2", None)
    return 255 - grey if tags is not None and tags.get(262) == 0 else grey


def _over_contrasting_background(pixels: np.ndarray) -> np.ndarray:
    """RGBA (H, W, 4) laid over white; over black where the ink is light: RGB (H, W, 3).

    Text on a transparent ground was made for a page of the other colour. If next to
    nothing of what is drawn is dark, the text in it must be light.
    """
    alpha = pixels[:, :, 3:].astype(np.uint16)  # (H, W, 1)
    drawn = alpha[:, :, 0] > 127
    luma = pixels[:, :, 1]  # green carries most of the lightness
    dark_share = float((luma[drawn] < 128).mean()) if drawn.any() else 1.0
    background = 0 if dark_share < 0.02 and not drawn.all() else 255  # 2 %: sparse text on a card
    mixed = pixels[:, :, :3] * alpha + background * (255 - alpha)  # ≤ 65,025 fits 16 bits
    return ((mixed + 127) // 255).astype(np.uint8)
