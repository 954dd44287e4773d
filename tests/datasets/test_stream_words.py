"""Word strips in chunks and batches: nothing is lost, mixed up or unlearnable."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ocrcli.alphabet import Alphabet
from ocrcli.datasets.words import (
    BUCKETS,
    DROPPED,
    HEIGHT,
    REFERENCE_WIDTH,
    LabelledStrip,
    LabelledWords,
    WordRecipe,
    load_strip,
    read_labels,
    why_drop,
)
from ocrcli.errors import InputError

LETTERS = "abcdefgh "


def strip(width: int, value: int = 0) -> np.ndarray:
    return np.full((HEIGHT, width), value, np.uint8)


def recipe(batch_size: int = 8) -> WordRecipe:
    return WordRecipe(LETTERS, batch_size)


words = st.builds(
    lambda text, spare, grey: LabelledStrip(strip(8 * len(text) + spare, grey), text),
    st.text("abcdefgh", min_size=1, max_size=30),
    st.integers(8, 1500),
    st.integers(0, 255),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(words, min_size=1, max_size=60), st.integers(1, 16))
def test_every_strip_comes_once_a_pass_with_its_own_text(samples: list[LabelledStrip], size: int) -> None:
    own = recipe(size)
    chunk = own.join([own.pack(samples[::2]), own.pack(samples[1::2])])
    ordered = samples[::2] + samples[1::2]
    found = []
    for indices in own.batches(chunk, np.random.default_rng(0)):
        batch = own.collate(chunk, indices)
        assert batch["image"].shape[3] in BUCKETS
        texts = np.split(batch["targets"], np.cumsum(batch["lengths"])[:-1])
        for index, image, classes in zip(indices, batch["image"], texts, strict=True):
            sample = ordered[index]
            assert Alphabet(LETTERS).decode_ctc(classes.tolist()) == sample.text
            assert image.min() == image.max() == sample.strip[0, 0]
            assert image.shape[2] >= min(sample.strip.shape[1], BUCKETS[-1])
            found.append(index)
    assert sorted(found) == list(range(len(samples)))


def test_a_batch_of_wide_strips_holds_fewer_of_them() -> None:
    own = recipe(64)
    chunk = own.pack([LabelledStrip(strip(1280), "a")] * 30)
    batches = own.batches(chunk, np.random.default_rng(0))
    assert max(map(len, batches)) == 64 * REFERENCE_WIDTH // 1280


def test_a_short_strip_is_padded_with_its_last_column() -> None:
    sample = np.tile(np.arange(70, dtype=np.uint8), (HEIGHT, 1))
    own = recipe()
    chunk = own.pack([LabelledStrip(sample, "a")])
    (image,) = own.collate(chunk, np.array([0]))["image"][:, 0]
    assert image.shape == (HEIGHT, 96)
    np.testing.assert_array_equal(image[:, :70], sample)
    assert (image[:, 70:] == 69).all()


def test_what_cannot_be_learned_is_dropped_and_counted() -> None:
    own = recipe()
    chunk = own.pack(
        [
            LabelledStrip(strip(64), "abc"),
            LabelledStrip(strip(64), "  "),  # nothing to read
            LabelledStrip(strip(64), "xyz"),  # not in the alphabet
            LabelledStrip(strip(40), "aabbccdd"),  # 10 steps for 8 characters and 4 blanks between
        ]
    )
    assert own.length(chunk) == 1
    assert dict(zip(DROPPED, chunk["dropped"].sum(0), strict=True)) == dict.fromkeys(DROPPED, 1)


@pytest.mark.parametrize(
    ("text", "width", "learnable"), [("abab", 16, True), ("aabb", 16, False), ("aabb", 24, True)]
)
def test_equal_neighbours_need_a_blank_between_them(text: str, width: int, learnable: bool) -> None:
    assert (why_drop(text, width, Alphabet(LETTERS)) is None) == learnable


def test_labelled_folder_gives_its_images_at_height_32(tmp_path: Path) -> None:
    Image.new("RGB", (100, 50), "red").save(tmp_path / "a.png")
    (tmp_path / "labels.tsv").write_text("a.png\tab c\n\n")
    (sample,) = {LabelledWords([tmp_path / "labels.tsv"])(np.random.default_rng(i)).text for i in range(3)}
    assert sample == "ab c"
    assert load_strip(tmp_path / "a.png").shape == (HEIGHT, 64)


def test_held_out_part_of_a_folder_is_never_trained_on(tmp_path: Path) -> None:
    (tmp_path / "labels.tsv").write_text("".join(f"{i}.png\ttext\n" for i in range(400)))
    parts = {
        part: LabelledWords([tmp_path / "labels.tsv"], part).rows for part in ("all", "training", "held-out")
    }
    assert not {path for path, _ in parts["training"]} & {path for path, _ in parts["held-out"]}
    assert len(parts["training"]) + len(parts["held-out"]) == len(parts["all"]) == 400
    assert 8 < len(parts["held-out"]) < 40


def test_a_handful_of_samples_is_not_divided(tmp_path: Path) -> None:
    (tmp_path / "labels.tsv").write_text("a.png\ttext\nb.png\ttext\n")
    assert len(LabelledWords([tmp_path / "labels.tsv"], "training")) == 2


def test_data_share_mixes_folder_and_renderer(tmp_path: Path) -> None:
    Image.new("L", (64, 32)).save(tmp_path / "a.png")
    (tmp_path / "labels.tsv").write_text("a.png\tlabelled\n")
    source = WordRecipe(
        LETTERS, 8, lambda: lambda rng: LabelledStrip(strip(64), "rendered"), (tmp_path / "labels.tsv",), 0.25
    ).open()
    texts = [source(np.random.default_rng(i)).text for i in range(400)]
    assert 60 < texts.count("labelled") < 140


@pytest.mark.parametrize("content", ["", "no tab here\n"])
def test_bad_label_file_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "labels.tsv"
    path.write_text(content)
    with pytest.raises(InputError, match=r"labels\.tsv"):
        read_labels(path)


def test_unreadable_image_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"not an image")
    with pytest.raises(InputError, match=r"a\.png"):
        load_strip(tmp_path / "a.png")
