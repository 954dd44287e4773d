"""At which size a page is shown to the detector.

Lines are found best at the letter heights the detector was taught most: those of a document
at about 150 dpi. The resolution of a picture is rarely known, so its size has to stand for it.
"""

from __future__ import annotations

LONG_SIDE = 1728  # pixels; an A4 page at about 150 dpi (1754), and a multiple of 32
SMALL_LONG_SIDE = 960  # pictures below are enlarged up to it …
MOST_ENLARGED = 3.0  # … but no more than so many times: there is nothing more to see
MOST_PIXELS = LONG_SIDE * LONG_SIDE  # bound on time and memory


def working_scale(height: int, width: int, long_side: int = LONG_SIDE) -> float:
    """Factor from page pixels to detector pixels, for any page of at least 1 × 1 pixels.

    Larger pictures shrink to ``long_side``, smaller ones grow towards SMALL_LONG_SIDE. Very long strips
    (receipts, tickets, banners) shrink less than their long side asks for: their
    letters are sized by the short side, and their area is small.
    """
    longest, shortest = max(height, width), min(height, width)
    if longest < SMALL_LONG_SIDE:
        return min(SMALL_LONG_SIDE / longest, MOST_ENLARGED)
    if longest <= long_side:
        return 1.0
    # An ordinary page is at most STRIP times longer than wide; the rest of a strip is more page.
    ordinary = min(longest, STRIP * shortest)
    scale = min(1.0, long_side / ordinary)
    return min(scale, (MOST_PIXELS / (height * width)) ** 0.5, MOST_LONG_SIDE / longest)


STRIP = 2.5  # long side over short side beyond which a picture counts as a strip
MOST_LONG_SIDE = 8192  # pixels
