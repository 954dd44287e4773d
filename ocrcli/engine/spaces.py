"""Narrow spaces that a network nearly saw: "1 kg", "$14 per user", a heading set tight.

A network is torn where the white between two words is hardly wider than that between letters. Then the ink
of the line decides: a gap that stands out among those of its letters is a space.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ocrcli.engine.wordedges import longest_gaps, moved, quiet_columns

if TYPE_CHECKING:
    from ocrcli.engine.reading import CharSpan

# Chosen on screens, slides and tables, and looked through on forms, letters, receipts and books: between
# letters that belong together a network hardly sees a space, or the gap is like the others.
LIKELY = 0.1  # probability of a space, from which the gap is looked at
NARROWEST = 4.0  # pixels of a strip
STANDS_OUT = 1.4  # times as wide as any other gap between letters of the line
AS_A_SPACE = 0.75  # of the narrowest space of the line
SURE = 0.9  # confidence of a space that network and ink agree on


def with_narrow_spaces(chars: list[CharSpan], likely: np.ndarray, strip: np.ndarray) -> list[CharSpan]:
    """The characters of a strip uint8 (h, w), and spaces at gaps between them that stand out.

    ``likely`` (k,) is how likely the network finds a space before each of the k characters.
    """
    places = [
        i
        for i in np.flatnonzero(likely >= LIKELY).tolist()
        if i and chars[i - 1].text.isalnum() and chars[i].text.isalnum()
    ]
    quiet = quiet_columns(strip) if places else None
    if quiet is None:
        return chars
    letters = [i for i in range(1, len(chars)) if " " not in (chars[i - 1].text, chars[i].text)]
    spaces = [i for i in range(1, len(chars) - 1) if chars[i].text == " "]
    gaps = longest_gaps(quiet, chars, [(i - 1, i) for i in letters])
    widths = {i: end - start for i, (start, end) in zip(letters, gaps, strict=True)}
    narrow = [end - start for start, end in longest_gaps(quiet, chars, [(i - 1, i + 1) for i in spaces])]
    usual = max((widths[i] for i in letters if i not in places), default=0.0)
    least = max(NARROWEST, STANDS_OUT * usual, AS_A_SPACE * min(narrow, default=0.0))
    found = {i: gap for i, gap in zip(letters, gaps, strict=True) if i in places and widths[i] >= least}
    spaced: list[CharSpan] = []
    for i, char in enumerate(chars):
        if i in found:
            start, end = found[i]
            spaced[-1] = moved(spaced[-1], end=start)
            spaced.append(type(char)(" ", SURE, start, end))
            char = moved(char, start=end)
        spaced.append(char)
    return spaced
