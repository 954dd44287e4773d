"""What a file is that Pillow does not open by itself, told by its first bytes."""

from __future__ import annotations

from contextlib import suppress

# Brands of the container that both share (ISO 14496-12, 4.3), where it says what is in it.
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx")
AVIF_BRANDS = (b"avif", b"avis")
BRANDS_END = 64  # bytes; no camera lists more
# Magic bytes of files that are often taken for a picture: (offset, bytes, what to say).
LOOKALIKES = (
    (0, b"PK\x03\x04", "a ZIP archive or office document, not an image"),
    (0, b"%!PS", "PostScript; convert it to PDF first"),
    (0, b"\x1f\x8b", "compressed by gzip, not an image"),
)


def is_heic(head: bytes) -> bool:
    """Whether a file is a photo in HEIC, as phones take them, and not its sister AVIF."""
    brands = head[8:BRANDS_END]
    return (
        head[4:8] == b"ftyp"
        and any(brand in brands for brand in (*HEIC_BRANDS, b"mif1"))
        and not _is_avif(head)
    )


def _is_avif(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and any(brand in head[8:BRANDS_END] for brand in AVIF_BRANDS)


def take_heic() -> None:
    """Teaches Pillow HEIC, where the extra ``heic`` is installed."""
    with suppress(ImportError):
        import pillow_heif

        pillow_heif.register_heif_opener()


def what_it_is(head: bytes) -> str:
    """Why Pillow could not open a file that begins so."""
    from PIL import Image

    if is_heic(head) and "HEIF" not in Image.OPEN:
        return "a HEIC photo: pip install 'ocrcli[heic]', or convert it to JPEG first"
    if is_heic(head):
        return "a HEIC photo, damaged or of an unknown kind"
    if _is_avif(head) and "AVIF" not in Image.OPEN:
        return "an AVIF picture, which needs Pillow 11.3 or newer: pip install --upgrade pillow"
    for offset, magic, reason in LOOKALIKES:
        if head[offset:].startswith(magic):
            return reason
    if b"<svg" in head:
        return "an SVG drawing; convert it to PNG first"
    if b"\0" not in head:
        return "not an image or PDF, it looks like a text file"
    return "not an image or PDF, or damaged beyond recognition"
