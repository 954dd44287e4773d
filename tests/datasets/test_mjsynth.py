"""MJSynth in both its forms, and plain folders of words."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from ocrcli.datasets import mjsynth, wordfolder
from ocrcli.datasets.convert import Conversion, convert
from ocrcli.datasets.synthtext import BROKEN, FAINT, NO_IMAGE, NO_LABEL
from ocrcli.datasets.wordstore import WordStore
from ocrcli.errors import InputError

WORDS = ["Lube", "SLINKING", "don't", "a", "Hemoglobins"]


def picture(text: str, form: str = "JPEG") -> bytes:
    font = ImageFont.load_default(24.0)
    image = Image.new("L", (round(font.getlength(text)) + 8, 31), 200)
    ImageDraw.Draw(image).text((4, 0), text, fill=30, font=font)
    file = io.BytesIO()
    image.save(file, form)
    return file.getvalue()


def write_hub(folder: Path, broken: bool = False) -> Path:
    import pyarrow as pa
    from pyarrow import parquet

    folder.mkdir(parents=True)
    for split, words in (("train", WORDS), ("val", ["val"]), ("test", ["test"])):
        images = [{"bytes": picture(word), "path": None} for word in words]
        if broken and split == "train":
            images += [{"bytes": b"", "path": None}, {"bytes": None, "path": None}]
            words = [*words, "broken", "missing"]
        parquet.write_table(
            pa.table({"image": images, "label": list(words)}), folder / f"{split}-00000-of-00001-ab.parquet"
        )
    return folder


def write_original(folder: Path) -> Path:
    """``90kDICT32px``: labels in the files' names, splits in lists, one image broken and one missing."""
    rows = []
    for i, word in enumerate(WORDS):
        name = f"{i % 2 + 1}/7/{i + 1}_{word}_{4500 + i}.jpg"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(picture(word) if i != 3 else b"")
        rows.append(f"./{name} {4500 + i}\n")
    rows.append("./9/9/9_gone_99.jpg 99\n")
    (folder / "annotation.txt").write_text("".join(rows))
    (folder / "annotation_val.txt").write_text(rows[0])
    (folder / "annotation_train.txt").write_text("".join(rows[1:]))
    return folder


def texts(plan: Conversion) -> list[str]:
    convert(plan)
    store = WordStore(plan.path)
    return sorted(
        text for width, count in store.buckets.items() for text in store.read(width, 0, count).texts
    )


def test_parquet_files_are_chosen_by_split(tmp_path: Path) -> None:
    source = write_hub(tmp_path / "raw" / "data", broken=True).parent
    assert texts(mjsynth.plan(source, tmp_path / "train.h5")[0]) == sorted(WORDS)
    assert WordStore(tmp_path / "train.h5").info.dropped == {BROKEN: 1, NO_IMAGE: 1}
    assert texts(mjsynth.plan(source, tmp_path / "val.h5", "val")[0]) == ["val"]
    assert texts(mjsynth.plan(source, tmp_path / "all.h5", "all")[0]) == sorted([*WORDS, "val", "test"])


def test_the_original_folder_is_read_by_its_lists(tmp_path: Path) -> None:
    write_original(tmp_path / "mnt/ramdisk/max/90kDICT32px")
    assert texts(mjsynth.plan(tmp_path, tmp_path / "a.h5")[0]) == sorted([WORDS[1], WORDS[2], WORDS[4]])
    assert WordStore(tmp_path / "a.h5").info.dropped == {BROKEN: 1, NO_IMAGE: 1}
    assert texts(mjsynth.plan(tmp_path, tmp_path / "b.h5", "val")[0]) == [WORDS[0]]
    with pytest.raises(InputError, match=r"annotation_test\.txt; --split all"):
        mjsynth.plan(tmp_path, tmp_path / "c.h5", "test")


def test_without_lists_every_image_is_taken(tmp_path: Path) -> None:
    folder = write_original(tmp_path / "90kDICT32px")
    for path in folder.glob("*.txt"):
        path.unlink()
    assert texts(mjsynth.plan(tmp_path, tmp_path / "a.h5", "all")[0]) == sorted(WORDS[:3] + WORDS[4:])


def test_strips_keep_their_shape(tmp_path: Path) -> None:
    plan, _ = mjsynth.plan(write_hub(tmp_path / "data"), tmp_path / "a.h5")
    convert(plan)
    store = WordStore(tmp_path / "a.h5")
    for sample in store.spread(9):
        with Image.open(io.BytesIO(picture(sample.text))) as image:
            assert abs(sample.strip.shape[1] - max(image.width * 32 / image.height, 8)) <= 1


@pytest.mark.parametrize("name", ["Lube", "1_Lube", "_Lube_"])
def test_names_without_a_label_hold_none(name: str) -> None:
    assert mjsynth.label_of(f"2425/1/{name}.jpg") == ""
    assert mjsynth.label_of("2425/1/115_Lube_45484.jpg") == "Lube"


def test_missing_copies_are_told_with_the_way_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ocr download mjsynth.*--source"):
        mjsynth.plan(tmp_path / "raw", tmp_path / "a.h5")
    with pytest.raises(InputError, match="neither Parquet files nor"):
        mjsynth.plan(tmp_path, tmp_path / "a.h5")


def write_folder(folder: Path, table: bool) -> Path:
    folder.mkdir()
    rows = []
    for i, word in enumerate(["two words", "Zürich", "x"]):
        (folder / f"{i}.png").write_bytes(picture(word, "PNG"))
        rows.append(f"{i}.png\t{word}\n")
        if not table:
            (folder / f"{i}.txt").write_text(f"{word}\n", "utf-8")
    (folder / "blank.png").write_bytes(picture(" ", "PNG"))
    (folder / "bad.jpg").write_bytes(b"no image")
    if table:
        rows += ["blank.png\tblank\n", "bad.jpg\tbad\n", "gone.png\tgone\n"]
        (folder / "labels.tsv").write_text("".join(rows), "utf-8")
    else:
        for name in ("blank", "bad"):
            (folder / f"{name}.txt").write_text(name)
        (folder / "latin.txt").write_bytes(b"\xff\xfe")
        (folder / "latin.png").write_bytes(picture("latin", "PNG"))
        (folder / "bare.png").write_bytes(picture("bare", "PNG"))  # and no text beside
    return folder


@pytest.mark.parametrize("table", [True, False])
def test_a_folder_of_words_is_read_by_its_table_or_the_texts_beside(tmp_path: Path, table: bool) -> None:
    folder = write_folder(tmp_path / "mine", table)
    assert texts(wordfolder.plan(folder, tmp_path / "a.h5")[0]) == ["Zürich", "two words", "x"]
    dropped = WordStore(tmp_path / "a.h5").info.dropped
    assert dropped == {BROKEN: 1, FAINT: 1, **({NO_IMAGE: 1} if table else {NO_LABEL: 2})}
    if table:
        assert texts(wordfolder.plan(folder / "labels.tsv", tmp_path / "b.h5")[0]) == [
            "Zürich",
            "two words",
            "x",
        ]


def test_a_changed_folder_is_made_again(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "mine", True)
    assert convert(wordfolder.plan(folder, tmp_path / "a.h5")[0]).made
    assert not convert(wordfolder.plan(folder, tmp_path / "a.h5")[0]).made
    (folder / "labels.tsv").write_text("0.png\tother\n")
    assert convert(wordfolder.plan(folder, tmp_path / "a.h5")[0]).made
    assert len(WordStore(tmp_path / "a.h5")) == 1


def test_a_folder_without_labels_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"labels\.tsv of image<TAB>text"):
        wordfolder.plan(tmp_path, tmp_path / "a.h5")
