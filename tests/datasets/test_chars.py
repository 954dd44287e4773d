from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ocrcli.alphabet import EMNIST_BYCLASS, Alphabet
from ocrcli.datasets.charprior import FREQUENCIES, class_shares, sampling_weights
from ocrcli.datasets.chars import (
    CharExample,
    CharRecipe,
    DrawnChars,
    LabelledChars,
    class_pairs,
    read_chars,
)
from ocrcli.engine.charnorm import looks_normal
from ocrcli.errors import InputError

ALPHABET = Alphabet(EMNIST_BYCLASS)


def letter(character: str, size: int = 28) -> np.ndarray:
    image = Image.new("L", (size, size), 255)
    font = ImageFont.load_default(int(size * 0.8))
    ImageDraw.Draw(image).text((size // 2, size // 2), character, fill=0, font=font, anchor="mm")
    return np.asarray(image)


@pytest.fixture
def npz(tmp_path: Path) -> Path:
    labels = np.array(list("aaaaBBBB1111????") * 10)
    images = np.stack([letter(label) for label in labels])
    path = tmp_path / "letters.npz"
    np.savez(
        path, images=images, labels=labels, case_merged=labels == "B", nn_ok=np.arange(len(labels)) % 16 != 0
    )
    return path


def test_npz_is_read_normalised_and_without_the_doubtful(npz):
    found = read_chars(npz)
    assert found.name == "letters" and len(found) == 150
    assert found.images.shape == (150, 28, 28) and looks_normal(found.images[:4]).all()
    assert (found.merged == (found.labels == "B")).all()
    assert set(found.within(ALPHABET).labels) == {"a", "B", "1"}


def test_blank_pictures_are_left_out(tmp_path):
    images = np.stack([letter("a"), np.full((28, 28), 255, np.uint8)])
    np.savez(tmp_path / "x.npz", images=images, labels=np.array(["a", "b"]))
    assert read_chars(tmp_path / "x.npz").labels.tolist() == ["a"]


def test_the_same_tenth_is_always_held_back_and_never_drawn(npz):
    kept, held = read_chars(npz).split()
    assert len(held) == 15 and len(kept) == 135
    again = read_chars(npz).split()[1]
    assert (held.images == again.images).all() and (held.labels == again.labels).all()
    numbers = np.arange(150)[:, None, None] * np.ones((1, 28, 28), np.uint8)
    numbered = LabelledChars("n", numbers.astype(np.uint8), np.full(150, "a"), np.zeros(150, bool))
    kept, held = numbered.split()
    assert sorted([*kept.images[:, 0, 0], *held.images[:, 0, 0]]) == list(range(150))
    assert len(DrawnChars([npz], ALPHABET).labels) == (read_chars(npz).split()[0].labels != "?").sum()


def test_folder_of_classes_named_by_character_or_code(tmp_path):
    for name, character in (("A", "A"), ("62", "b")):
        (tmp_path / name).mkdir()
        for i in range(3):
            Image.fromarray(letter(character, 40 + 20 * i)).save(tmp_path / name / f"{i}.png")
    found = read_chars(tmp_path)
    assert found.labels.tolist() == ["b", "b", "b", "A", "A", "A"]
    assert looks_normal(found.images).all()


def test_folder_with_a_table_of_labels(tmp_path):
    Image.fromarray(letter("k", 60)).save(tmp_path / "one.png")
    (tmp_path / "labels.tsv").write_text("one.png\tk\n")
    assert read_chars(tmp_path).labels.tolist() == ["k"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 damaged", b"plain text"])
def test_damaged_file_is_named_in_one_line(tmp_path, content):
    path = tmp_path / "broken.npz"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_chars(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_wrong_shapes_and_missing_pictures_are_refused(tmp_path):
    np.savez(tmp_path / "flat.npz", images=np.zeros((4, 784), np.uint8), labels=np.array(list("abcd")))
    with pytest.raises(InputError, match=r"flat\.npz"):
        read_chars(tmp_path / "flat.npz")
    (tmp_path / "gone").mkdir()
    (tmp_path / "gone" / "labels.tsv").write_text("nowhere.png\ta\n")
    with pytest.raises(InputError, match=r"gone.*image is missing"):
        read_chars(tmp_path / "gone")


def pairs(labels: str, merged: bool = False, alphabet: Alphabet = ALPHABET) -> list[list[int]]:
    return class_pairs(np.array(list(labels)), np.full(len(labels), merged), alphabet).tolist()


def test_how_often_a_class_is_drawn_does_not_depend_on_how_much_there_is_of_it():
    labels = np.array(["o"] * 900 + ["0"] * 100)
    classes = class_pairs(labels, np.zeros(1000, bool), ALPHABET)
    weights = sampling_weights(classes, EMNIST_BYCLASS)
    assert weights.sum() == pytest.approx(1)
    shares = class_shares(EMNIST_BYCLASS)
    zero, small_o = (shares[ALPHABET.index(c)] for c in "0o")
    wanted = zero / (zero + small_o)
    assert weights[labels == "0"].sum() == pytest.approx(wanted)
    assert np.ptp(weights[labels == "o"]) == 0


def test_a_label_of_both_cases_is_drawn_for_both():
    classes = np.array(pairs("c" * 50, merged=True) + pairs("C" * 50))
    weights = sampling_weights(classes, EMNIST_BYCLASS)
    assert weights[0] > weights[-1]  # the rarer small c is in these alone


def test_frequencies_name_every_class_and_what_is_written_most_often_is_drawn_most():
    assert set(FREQUENCIES) == set(EMNIST_BYCLASS)
    assert sum(FREQUENCIES.values()) == pytest.approx(1000, abs=5)
    shares = dict(zip(EMNIST_BYCLASS + "+", class_shares(EMNIST_BYCLASS + "+"), strict=True))
    assert sum(shares.values()) == pytest.approx(1)
    assert min(shares["0"], shares["O"]) > shares["I"] > shares["o"] > 0 < shares["+"]


def test_the_cases_of_a_letter_share_as_people_write_them():
    shares = dict(zip(EMNIST_BYCLASS, class_shares(EMNIST_BYCLASS), strict=True))
    for small, capital in ("sS", "eE", "oO"):
        assert shares[small] / shares[capital] == pytest.approx(FREQUENCIES[small] / FREQUENCIES[capital])
    # Letters among each other, and digits, are nearer to each other than they are written.
    assert (
        1
        < shares["0"] / (shares["q"] + shares["Q"])
        < FREQUENCIES["0"] / (FREQUENCIES["q"] + FREQUENCIES["Q"])
    )
    assert class_shares("aA1").sum() == pytest.approx(1)


def test_a_label_of_both_cases_names_two_right_classes():
    assert pairs("c", merged=True) == [[ALPHABET.index("c"), ALPHABET.index("C")]]
    assert pairs("c") == [[ALPHABET.index("c")] * 2]
    assert pairs("7", merged=True) == [[7, 7]]
    assert pairs("c", merged=True, alphabet=Alphabet("abc")) == [[2, 2]]
    assert class_pairs(np.zeros(0, np.str_), np.zeros(0, bool), ALPHABET).shape == (0, 2)


class FixedRenderer:
    def __call__(self):
        return lambda rng: CharExample(np.full((28, 28), 9, np.uint8), "Z")


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_recipe_mixes_data_and_renders_by_their_share(npz, share):
    recipe = CharRecipe(EMNIST_BYCLASS, 16, FixedRenderer(), (npz,), share)
    draw = recipe.open()
    chunk = recipe.pack([draw(np.random.default_rng([1, 0, i])) for i in range(400)])
    drawn = (chunk["classes"][:, 0] != ALPHABET.index("Z")).mean()
    assert abs(drawn - share) < 0.08
    batch = recipe.collate(chunk, np.array([3, 1, 2]))
    assert batch["image"].shape == (3, 1, 28, 28) and batch["classes"].shape == (3, 2)
    assert (batch["image"][1] == chunk["image"][1]).all()
