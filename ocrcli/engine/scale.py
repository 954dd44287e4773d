"""At which size a page is shown to the detector.

Lines are found best at the letter heights the detector was taught most: those of a document
at about 150 dpi. The resolution of a picture is rarely known, so its size has to stand for it; clear print
of larger letters than that is seen as well, and in less time, at a smaller size. A page whose print is too
small at the usual size, as of a large screen or a newspaper, is shown larger, tile by tile.
"""

from __future__ import annotations

LONG_SIDE = 1728  # pixels; an A4 page at about 150 dpi (1754), and a multiple of 32
ENLARGED = 1.5  # a picture of middling size grows up to LONG_SIDE, so many times at most:
# its small letters get clear of each other, where its large ones stay in view
SMALL_LONG_SIDE = 960  # a small picture grows up to this …
MOST_ENLARGED = 3.0  # … so many times at most: there is nothing more to see
AS_IT_IS = 0.04  # by which a picture may differ from what it would be resized to, and is not
STRIP = 2.5  # long side over short side beyond which a picture counts as a strip
MOST_LONG_SIDE = 8192  # pixels of a strip
LETTERS = 9.0  # pixels of an x that are enough in clear print …
MOST_REDUCED = 0.6  # … and to how much of the usual size it may shrink: there may be small print as well
LOWEST_SEEN = 5.0  # pixels of an x; where letters are lower, lines are missed
MOST_PIXELS = LONG_SIDE * LONG_SIDE  # bound on time and memory …
MOST_TILED = 24e6  # … and on time where small print needs tiles


def working_scale(height: int, width: int, long_side: int = LONG_SIDE) -> float:
    """Factor from page pixels to detector pixels, for any page of at least 1 × 1 pixels.

    Larger pictures shrink to ``long_side``, smaller ones grow towards it. Very long strips (receipts,
    tickets, banners) shrink less than their long side asks for: their letters are sized by the
    short side, and their area is small.
    """
    longest, shortest = max(height, width), min(height, width)
    # An ordinary page is at most STRIP times longer than wide; the rest of a strip is more page.
    scale = long_side / min(longest, STRIP * shortest)
    if scale > 1:
        small = min(SMALL_LONG_SIDE / longest, MOST_ENLARGED)
        scale = max(1.0, min(scale, ENLARGED), small)
    if abs(scale - 1) < AS_IT_IS:  # A4 at 150 dpi: resizing takes as long as half the network
        scale = 1.0
    return min(scale, (MOST_PIXELS / (height * width)) ** 0.5, MOST_LONG_SIDE / longest)


def enlargement(letters: float, scale: float, pixels: int) -> float:
    """Factor on ``scale`` for a page of so many pixels whose small ``letters`` are so high, in its pixels."""
    most = min(1.0, (MOST_TILED / pixels) ** 0.5)
    return max(min(LETTERS / letters, most) / scale, 1.0)


def reduction(letters: float | None, scale: float) -> float:
    """Factor on ``scale`` for a page of clear print whose ``letters`` are so high, in pixels of the page."""
    if letters is None:
        return 1.0
    return float(min(max(LETTERS / (letters * scale), MOST_REDUCED), 1.0))
