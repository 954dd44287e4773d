"""Pages that curl are laid flat, and what is read has its place in the picture."""

from __future__ import annotations

import numpy as np
import pytest

from ocrcli.document import Block, Char, Line, Word, moved
from ocrcli.engine.flatten import Surface, remapped, surface_of
from ocrcli.engine.kernels import find_kernels

SIZE = 1200, 900  # height, width


def sunk(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A page that falls towards the spine at its right, most at its head, in pixels."""
    return 40 * np.exp(-5 * (1 - x / 900)) * (1 - 0.4 * y / 1200)


def curves(lines: int = 20, lean: float = 0.0, noise: float = 0.0, sinks=sunk) -> np.ndarray:
    """Places of the middles of level lines on a page that sinks."""
    rng = np.random.default_rng(1)
    places = []
    for line in range(lines):
        x = np.arange(80.0, 830.0 - 200 * (line % 3 == 2), 24.0)
        y = 80 + 50 * line + lean * x
        y = y + sinks(x, y) + rng.normal(0, noise, len(x))
        places.append(np.stack([np.full(len(x), line), x, y], -1))
    return np.concatenate(places)


@pytest.mark.parametrize("lean", [0.0, 0.05])
def test_lines_are_straight_on_the_flat_page(lean: float) -> None:
    surface = surface_of(curves(lean=lean, noise=0.4), SIZE)
    assert surface is not None
    x = np.linspace(100, 800, 30)
    for height in (150.0, 600.0, 1000.0):
        line = height + lean * x
        y = line + sunk(x, line)
        flat = y - surface.sinks(x, y)
        off = flat - np.polyval(np.polyfit(x, flat, 1), x)
        assert np.abs(off).max() < 2.5 < 5 < np.ptp(y - np.polyval(np.polyfit(x, y, 1), x))
        assert np.allclose(surface.back(np.stack([x, flat], -1))[:, 1], y, atol=0.1)


def test_straight_lines_and_such_that_bend_each_in_its_own_way_make_no_surface() -> None:
    assert surface_of(curves(sinks=lambda x, y: 0 * x, noise=0.5), SIZE) is None
    assert surface_of(curves(sinks=lambda x, y: 20 * np.sin(x / 40 + y), noise=0.5), SIZE) is None
    assert surface_of(curves(lines=4), SIZE) is None
    assert surface_of(np.zeros((0, 3)), SIZE) is None


@pytest.mark.parametrize("channels", [(), (3,)])
def test_the_picture_is_moved_as_the_places_are(channels: tuple[int, ...]) -> None:
    surface = surface_of(curves(), SIZE)
    assert surface is not None
    x, y = np.arange(900)[None], np.arange(1200)[:, None]
    stripes = 127 + 100 * np.sin(2 * np.pi * (y - surface.sinks(*np.broadcast_arrays(x * 1.0, y * 1.0))) / 60)
    stripes = np.broadcast_to(stripes.reshape(1200, 900, *(1 for _ in channels)), (1200, 900, *channels))
    flat = surface.picture(stripes.astype(np.uint8)).astype(float)
    assert flat.shape == stripes.shape
    inside = flat[60:-60]
    assert inside.std(1).max() < 4 < 20 < stripes[60:-60].std(1).max()  # rows are of one shade now


def test_bent_kernels_tell_their_middles_and_straight_ones_do_not() -> None:
    def page(bend: float) -> np.ndarray:
        probability = np.zeros((200, 260), np.float32)
        x = np.arange(20, 240)
        for line in range(8):
            middle = np.rint(15 + 20 * line + bend * np.sin(np.pi * x / 260)).astype(int)
            for row in range(3):
                probability[middle + row, x] = 0.95
        return probability

    found = find_kernels(page(8.0), 0.3, 0.5)
    assert len(found.scores) == 8
    line, x, y = found.curves.T
    assert len(np.unique(line)) == 8
    expected = (
        16.5 + 20 * np.rint((y - 16.5 - 8 * np.sin(np.pi * x / 260)) / 20) + 8 * np.sin(np.pi * x / 260)
    )
    assert np.abs(y - expected).max() < 0.8
    assert not len(find_kernels(page(0.0), 0.3, 0.5).curves)


def test_places_are_moved_from_line_to_character() -> None:
    def quad(x: float) -> tuple:
        return ((x, 0.0), (x + 1, 0.0), (x + 1, 1.0), (x, 1.0))

    chars = tuple(Char(text, 0.9, quad(i)) for i, text in enumerate("ab"))
    word = Word("ab", 0.9, quad(5), chars)
    block = Block((Line("ab", 0.9, quad(7), (word,)), Line("", 0.9, quad(8))))
    (found,) = moved([block], lambda points: points * (2, 3) + (1, 0))
    assert found.text == block.text
    assert found.lines[0].quad == ((15, 0), (17, 0), (17, 3), (15, 3))
    assert found.lines[1].quad[0] == (17, 0)
    assert found.lines[0].words[0].quad[0] == (11, 0)
    assert [char.quad[0] for char in found.lines[0].words[0].chars] == [(1, 0), (3, 0)]


def test_the_surface_has_no_lean_of_its_own() -> None:
    surface = surface_of(curves(lean=0.05), SIZE)
    assert isinstance(surface, Surface) and surface.coefficients[0] == 0


def test_places_far_beyond_the_picture_are_as_its_edge():
    pixels = np.tile(np.arange(0, 200, dtype=np.uint8), (100, 1))
    flat = remapped(pixels, (150, 60), lambda places: places + np.array([1e6, 0.0]))
    assert flat.shape == (60, 150)
    assert (flat == 199).all()
    assert np.array_equal(remapped(pixels, (150, 60), lambda places: places), pixels[:60, :150])
