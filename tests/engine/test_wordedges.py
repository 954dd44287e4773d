"""Word edges from the ink between the words."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.engine.reading import CharSpan
from ocrcli.engine.wordedges import snap_to_ink

widths = st.lists(st.integers(9, 60), min_size=2, max_size=6)


def strip_of(words: list[int], gap: int, dark: bool = True) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Words of the given widths as grids of strokes with a margin of 12 pixels, and their true edges."""
    strip = np.full((32, sum(words) + gap * (len(words) - 1) + 24), 230, np.uint8)
    edges, x = [], 12
    for width in words:
        strip[8:26, x : x + width : 2] = 20
        strip[20:22, x : x + width] = 20
        edges.append((x, x + width))
        x += width + gap
    return (strip if dark else 255 - strip), edges


def spans_of(edges: list[tuple[int, int]], late: float) -> list[CharSpan]:
    """Two characters a word, and a space between words; all edges too far to the right."""
    chars: list[CharSpan] = []
    for i, (start, end) in enumerate(edges):
        if i:
            chars.append(CharSpan(" ", 0.9, edges[i - 1][1] + late, start + late))
        middle = (start + end) / 2 + late
        chars += [CharSpan("a", 0.9, start + late, middle), CharSpan("b", 0.9, middle, end + late)]
    return chars


@given(widths, st.integers(6, 20), st.floats(-1, 3), st.booleans())
def test_words_end_where_their_ink_does(words, gap, late, dark):
    strip, edges = strip_of(words, gap, dark)
    chars = snap_to_ink(strip, spans_of(edges, late))
    firsts, lasts = chars[::3], chars[1::3]
    found = [(first.start, last.end) for first, last in zip(firsts, lasts, strict=True)]
    assert found == [(float(start), float(end)) for start, end in edges]
    assert all(space.end - space.start == gap for space in chars[2::3])


def test_on_a_busy_background_edges_stay():
    rng = np.random.default_rng(0)
    strip = rng.integers(0, 256, (32, 120)).astype(np.uint8)
    chars = tuple(spans_of([(10, 50), (60, 100)], 0.0))
    assert snap_to_ink(strip, chars) == chars


@given(
    st.lists(st.floats(0, 118), min_size=2, max_size=12, unique=True),
    st.text(" ab", min_size=12, max_size=12),
)
def test_characters_keep_their_order(places, text):
    places = sorted(places)
    chars = tuple(
        CharSpan(letter, 0.5, a, b) for letter, a, b in zip(text, places, places[1:], strict=False) if b > a
    )
    strip, _ = strip_of([30, 30, 20], 8)
    snapped = snap_to_ink(strip, chars)
    assert [char.text for char in snapped] == [char.text for char in chars]
    assert all(char.end > char.start for char in snapped)
