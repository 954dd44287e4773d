"""SynthText's annotations: the nesting of the boxes is told from the numbers, or not at all."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from tiny_synthtext import SIZE, annotation, box, scene

from ocrcli.datasets import annotation as a
from ocrcli.datasets.annotation import AnnotationError, HubMarkup, MatMarkup, quads_of

FORMS: dict[str, Any] = {
    "n×4×2": lambda quads: quads,
    "2×4×n, as in MATLAB": lambda quads: quads.transpose(2, 1, 0),
    "n×2×4": lambda quads: quads.transpose(0, 2, 1),
    "n×8, corner by corner": lambda quads: quads.reshape(-1, 8),
    "n×8, all x first": lambda quads: quads.transpose(0, 2, 1).reshape(-1, 8),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("relative", [False, True])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 8])
def test_boxes_are_found_however_they_are_nested(form: str, relative: bool, count: int) -> None:
    quads = np.array([box(5 + 3 * i, 10 + 15 * i, 90 + 9 * i, 22 + 15 * i) for i in range(count)], float)
    quads += np.random.default_rng(count).uniform(-1, 1, quads.shape)
    numbers = FORMS[form](quads / SIZE if relative else quads)
    np.testing.assert_allclose(quads_of(numbers.tolist(), count, SIZE), quads)


@pytest.mark.parametrize("bare", [(4, 2), (2, 4), (8,)])
def test_a_single_box_may_lack_its_number(bare: tuple[int, ...]) -> None:
    quad = np.array(box(10, 10, 60, 30), float)
    numbers = quad.T if bare == (2, 4) else quad.reshape(bare)
    np.testing.assert_allclose(quads_of(numbers.tolist(), 1, SIZE), [quad])


@pytest.mark.parametrize(
    "boxes",
    [
        None, "boxes", [], [[1, 2], [3]], {"x": 1}, [[1, 2, 3, 4, 5]], 7,
        np.zeros((2, 4, 2)).tolist(),  # nothing tells a corner from a coordinate
        (np.array([box(10, 10, 60, 30)] * 2) + 1000).tolist(),  # nowhere on the image
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_refused(boxes: Any) -> None:
    with pytest.raises(AnnotationError):
        quads_of(boxes, 2, SIZE)


def test_words_lines_and_characters_of_the_hub_copy() -> None:
    made = scene(4, lines=3)
    for record in (annotation(made), json.dumps(annotation(made)), json.dumps(annotation(made)).encode()):
        found = HubMarkup(record).read(SIZE)
        assert found.texts == made.texts
        np.testing.assert_allclose(found.quads, made.words)
        np.testing.assert_allclose(found.chars, made.chars)
        assert len(np.unique(found.lines)) == 3
        assert found.lines.tolist() == sorted(found.lines)


def test_texts_by_word_get_their_lines_from_their_places() -> None:
    made = scene(4, lines=3)
    by_line = HubMarkup(annotation(made)).read(SIZE).lines
    found = HubMarkup(annotation(made, text=made.texts)).read(SIZE)
    assert found.texts == made.texts
    assert found.lines.tolist() == by_line.tolist()


def test_relative_boxes_serve_where_the_others_are_missing() -> None:
    made = scene(1)
    found = HubMarkup(annotation(made, bounding_boxes=None)).read(SIZE)
    np.testing.assert_allclose(found.quads, made.words)
    flagged = HubMarkup(annotation(made, bb_relative=True, bounding_boxes=(made.words / SIZE).tolist()))
    np.testing.assert_allclose(flagged.read(SIZE).quads, made.words)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b"{not json", a.NOT_UNDERSTOOD),
        (annotation(scene(1), text=[1, 2]), a.NOT_UNDERSTOOD),
        (annotation(scene(1), text=[" \n"]), a.NO_WORDS),
        (
            annotation(scene(1), text=["far more words than there are boxes in it"], bb_relative=None),
            a.COUNTS_DIFFER,
        ),
        ({"ocr_annotation": None}, a.NOT_UNDERSTOOD),
    ],
)
def test_a_reason_is_named(record: Any, reason: str) -> None:
    with pytest.raises(AnnotationError, match=reason):
        HubMarkup(record).read(SIZE)


def test_boxes_of_characters_that_do_not_fit_are_left_out() -> None:
    found = HubMarkup(annotation(scene(1), bb_character_level=[[1, 2]])).read(SIZE)
    assert found.chars.shape == (0, 4, 2)


def test_gt_mat_has_no_third_dimension_for_one_word() -> None:
    quad = np.array(box(10, 10, 60, 30), float)
    np.testing.assert_allclose(MatMarkup(quad.T, ["word "]).read(SIZE).quads, [quad])
    with pytest.raises(AnnotationError, match=a.COUNTS_DIFFER):
        MatMarkup(quad.T, ["two words"]).read(SIZE)
