"""Whatever quads and texts go in, a store gives the good words back and names the reason for each other."""

from __future__ import annotations

import io
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ocrcli.datasets.annotation import Annotation
from ocrcli.datasets.convert import Conversion, Job, convert
from ocrcli.datasets.pagestore import PagePart, PageStore, PageWriter
from ocrcli.datasets.quads import REASONS, judge
from ocrcli.datasets.store import Header, describe
from ocrcli.datasets.synthtext import FAINT, MARGINS, page_of, words_of
from ocrcli.datasets.wordstore import WordPart, WordStore, WordWriter, pack_words
from ocrcli.errors import InputError

SIZE = (240, 160)
NOISE = np.random.default_rng(0).integers(0, 256, SIZE[::-1], np.uint8)  # nothing of it is faint

numbers = st.one_of(
    st.floats(-40, 280),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, -0.0, 1e-300, 240.0, -1e7, 1e30, 1.7e308]),
)
anything = st.lists(st.tuples(numbers, numbers), min_size=4, max_size=4)


@st.composite
def boxes(draw: st.DrawFn) -> list[tuple[float, float]]:
    """Boxes of a sane kind, on the image or beyond its border, so that some words are good."""
    x, y = draw(st.integers(-9, 180)), draw(st.integers(-9, 130))
    width, height = 130 - draw(st.integers(0, 130)), 40 - draw(st.integers(0, 40))  # large ones first
    lean = draw(st.integers(-6, 6))
    return [(x, y), (x + width, y + lean), (x + width, y + lean + height), (x, y + height)]


texts = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["word", "Größe", "שלום", "日本語", "e\u0301", "👩\u200d🚀", " padded "]),
    st.sampled_from(["", " ", "\x00", "\ud800"]),
)
annotations = st.lists(st.tuples(st.one_of(boxes(), anything), texts), max_size=10)


def annotation(words: list[tuple[list[tuple[float, float]], str]]) -> Annotation:
    quads = np.array([quad for quad, _ in words], float).reshape(-1, 4, 2)
    return Annotation(quads, [text for _, text in words], np.arange(len(words)) // 2, np.zeros((0, 4, 2)))


@settings(max_examples=60, deadline=None)
@given(annotations, st.sampled_from(list(MARGINS)))
def test_words_come_back_or_have_a_reason(
    words: list[tuple[list[tuple[float, float]], str]], margin: str
) -> None:
    found = annotation(words)
    cut, reasons = words_of(NOISE, found, MARGINS[margin])
    assert len(cut) + len(reasons) == len(words)
    assert set(reasons) <= {*REASONS, FAINT}
    part = pack_words(cut, ["image"], Counter(reasons))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "words.h5"
        if not made(path, "word", part):
            assert not cut
            return
        store = WordStore(path)
        assert describe(path).dropped == Counter(reasons)
        back = []
        for width in store.buckets:
            strips, (quads, names) = store.read(width, 0, 99).strips(), store.boxes(width, 0, 99)
            assert set(names) == {"image"}
            back += [(s.text, s.strip.tobytes(), q.tobytes()) for s, q in zip(strips, quads, strict=True)]
    judged = judge(found.quads, found.texts, SIZE)
    good = np.flatnonzero(judged.kept)
    expected = Counter((found.texts[i].strip(), judged.quads[i].tobytes()) for i in good)
    assert Counter((text, quad) for text, _, quad in back) <= expected
    assert len(back) == len(cut) == len(words) - len(reasons)
    assert Counter(strip for _, strip, _ in back) == Counter(word.strip.tobytes() for word in cut)


@settings(max_examples=60, deadline=None)
@given(annotations)
def test_pages_come_back_with_each_word_kept_or_a_reason(
    words: list[tuple[list[tuple[float, float]], str]],
) -> None:
    found = annotation(words)
    page, reasons = page_of(JPEG, "image", SIZE, found)
    assert len(page.word_texts) + len(reasons) == len(words)
    assert set(reasons) <= set(REASONS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pages.h5"
        pages = [page] if page.word_texts else []
        if not made(path, "page", PagePart(pages, Counter(reasons))):
            assert not pages
            return
        assert describe(path).dropped == Counter(reasons)
        back = PageStore(path).read(0)
    assert (back.image, back.word_texts, back.line_texts) == (JPEG, page.word_texts, page.line_texts)
    np.testing.assert_array_equal(back.word_quads, page.word_quads)
    np.testing.assert_array_equal(back.line_quads, page.line_quads)
    assert back.ignore.tolist() == page.ignore.tolist() and back.line.tolist() == page.line.tolist()
    assert np.isfinite(back.line_quads).all() and np.isfinite(back.word_quads).all()
    assert ((back.line >= 0) & (back.line < len(back.line_texts))).all()


def _jpeg() -> bytes:
    file = io.BytesIO()
    Image.fromarray(NOISE).save(file, "JPEG")
    return file.getvalue()


JPEG = _jpeg()


def made(path: Path, kind: str, part: WordPart | PagePart) -> bool:
    """Makes the store of a part; False where nothing of it could be used."""
    header = Header(kind, "made", "test")  # type: ignore[arg-type]
    writer = WordWriter if kind == "word" else PageWriter
    try:
        return convert(Conversion(path, header, writer, lambda _: iter([Job(part, 1)]), _same)).made
    except InputError as error:
        assert all(reason in str(error) for reason in part.dropped)
        return False


def _same(part: WordPart | PagePart) -> WordPart | PagePart:
    return part
