import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from ocrcli.datasets import charfolder, convert
from ocrcli.datasets.charfolder import BLANK, BROKEN, MISSING, NOT_ONE, Options
from ocrcli.datasets.charstore import CharStore
from ocrcli.engine.charnorm import looks_normal
from ocrcli.errors import InputError

ROOT = Path(__file__).resolve().parents[2]


def draw(path, character, ink=0, paper=255, size=(40, 60)):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("L", size, paper)
    ImageDraw.Draw(image).text((8, 8), character, font=ImageFont.load_default(36), fill=ink)
    image.save(path)
    return path


def folder_a_class(root, each=4, classes="Aa7"):
    for character in classes:
        for i in range(each):
            draw(root / f"{ord(character):02x}" / f"{i}.png", character, size=(40 + i, 60))
    return root


def make(folder, target, options=Options(), workers=1):
    plan, _ = charfolder.plan(folder, target, options)
    return convert.convert(plan, workers)


def test_a_folder_a_class_becomes_a_store(tmp_path):
    make(folder_a_class(tmp_path / "own"), tmp_path / "a.h5", Options(0.25))
    store = CharStore(tmp_path / "a.h5")
    assert store.alphabet == "7Aa"
    assert store.parts == {"train": 9, "validation": 3}
    labels = Counter(store.characters("train").tolist() + store.characters("validation").tolist())
    assert labels == {"A": 4, "a": 4, "7": 4}
    assert looks_normal(store.images("train")).all()


def test_folders_are_named_by_a_character_or_its_code():
    names = {
        "A": "A",
        "41": "A",
        "61": "a",
        "7": "7",
        "35": "5",
        "é": "é",
        "7f": "7f",
        "be": "be",
        "cat": "cat",
    }
    assert {name: charfolder.folder_label(name) for name in names} == names


def test_labels_tsv_names_each_image(tmp_path):
    for i, character in enumerate("xyé"):
        draw(tmp_path / "own" / "pictures" / f"{i}.png", character)
    rows = "\ufeffpictures/0.png\tx\r\npictures/1.png\ty\n\npictures/2.png\te\u0301\n"
    (tmp_path / "own" / "labels.tsv").write_text(rows, "utf-8")
    make(tmp_path / "own", tmp_path / "a.h5", Options(0))
    store = CharStore(tmp_path / "a.h5")
    assert store.characters("train").tolist() == ["x", "y", "é"]


def test_a_line_without_a_tab_is_named(tmp_path):
    draw(tmp_path / "0.png", "x")
    (tmp_path / "labels.tsv").write_text("0.png\tx\n0.png x\n", "utf-8")
    with pytest.raises(InputError, match=r"labels.tsv:2: expected path<TAB>character"):
        charfolder.list_characters(tmp_path)


def test_ready_made_parts_stay_apart(tmp_path):
    for name in ("train", "val", "test"):
        folder_a_class(tmp_path / "own" / name, each={"train": 3, "val": 2, "test": 1}[name])
    make(tmp_path / "own", tmp_path / "a.h5")
    assert CharStore(tmp_path / "a.h5").parts == {"train": 9, "validation": 6, "test": 3}


def test_ink_is_light_on_dark_whatever_the_picture_was(tmp_path):
    draw(tmp_path / "own" / "T" / "0.png", "T", ink=0, paper=255)
    draw(tmp_path / "own" / "T" / "1.png", "T", ink=255, paper=0)
    make(tmp_path / "own", tmp_path / "a.h5", Options(0))
    images = CharStore(tmp_path / "a.h5").images("train").astype(int)
    assert (images[:, 0] == 0).all()
    assert images.max() >= 200
    assert np.abs(images[0] - images[1]).mean() < 3


def test_what_is_dropped_is_counted_by_reason(tmp_path):
    own = folder_a_class(tmp_path / "own")
    (own / "41" / "bad.png").write_bytes(b"\x89PNG nothing")
    Image.new("L", (30, 30), 255).save(own / "41" / "blank.png")
    draw(own / "word" / "0.png", "w")
    make(own, tmp_path / "a.h5")
    assert CharStore(tmp_path / "a.h5").info.dropped == {BLANK: 1, BROKEN: 1, NOT_ONE: 1}


@given(
    labels=st.lists(
        st.text(st.characters(exclude_characters="\t\r\n", exclude_categories=["Cs"]), max_size=3)
    )
)
def test_every_label_is_kept_or_dropped_with_its_reason(tmp_path_factory, labels):
    folder = tmp_path_factory.mktemp("own")
    (folder / "0.png").write_bytes(b"")
    lines = "".join(f"{'0.png' if i % 3 else 'gone.png'}\t{label}\n" for i, label in enumerate(labels))
    (folder / "labels.tsv").write_text(lines + "0.png\tx\n", "utf-8", newline="")
    listed, dropped = charfolder.list_characters(folder)
    assert len(listed) + dropped.total() == len(labels) + 1
    assert set(dropped) <= {NOT_ONE, MISSING}
    assert all(len(item.label) == 1 and item.label.isprintable() for item in listed)


@pytest.mark.parametrize("content", ["nothing", "photos", "missing"])
def test_a_folder_without_characters_says_what_it_expected(tmp_path, content):
    if content == "photos":
        draw(tmp_path / "own" / "holiday" / "0.png", "x")
    elif content == "nothing":
        (tmp_path / "own").mkdir()
    with pytest.raises(InputError, match=r"no such folder|expected a labels\.tsv"):
        charfolder.list_characters(tmp_path / "own")


def test_folders_of_characters_are_told_from_others(tmp_path):
    assert charfolder.is_char_folder(folder_a_class(tmp_path / "a"))
    assert charfolder.is_char_folder(folder_a_class(tmp_path / "b" / "train").parent)
    draw(tmp_path / "c" / "words" / "0.png", "x")
    assert not charfolder.is_char_folder(tmp_path / "c")
    (folder_a_class(tmp_path / "d") / "labels.tsv").write_text("")
    assert not charfolder.is_char_folder(tmp_path / "d")
    assert not charfolder.is_char_folder(tmp_path / "nowhere")


MAKE = """
import os, sys
from pathlib import Path
from ocrcli.datasets import charfolder, convert
charfolder.FILES, convert.JOBS = 4, 2
if __name__ == "__main__":
    stop, workers = int(sys.argv[3]), int(sys.argv[4])
    plan, _ = charfolder.plan(Path(sys.argv[1]), Path(sys.argv[2]), charfolder.Options())
    def tell(progress):
        if progress.jobs == stop:
            os.kill(os.getpid(), 9)
    sys.exit(convert.convert(plan, workers, tell).resumed)
"""


def made(tmp_path, folder, target, stop, workers):
    script = tmp_path / "make.py"
    script.write_text(MAKE)
    command = [sys.executable, str(script), str(folder), str(target), str(stop), str(workers)]
    return subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}).returncode


def test_kills_and_workers_change_nothing_of_the_result(tmp_path):
    own = folder_a_class(tmp_path / "own", each=9)
    assert made(tmp_path, own, tmp_path / "whole.h5", -1, 1) == 0
    assert made(tmp_path, own, tmp_path / "killed.h5", 5, 2) == -9
    assert not (tmp_path / "killed.h5").exists()
    assert made(tmp_path, own, tmp_path / "killed.h5", -1, 2) == 16  # files that were done before
    assert (tmp_path / "killed.h5").read_bytes() == (tmp_path / "whole.h5").read_bytes()
    assert sorted(p.name for p in tmp_path.glob("killed*")) == ["killed.h5"]


def test_a_store_is_made_again_when_a_file_changed(tmp_path):
    own = folder_a_class(tmp_path / "own")
    assert make(own, tmp_path / "a.h5").made
    assert not make(own, tmp_path / "a.h5").made
    draw(own / "41" / "9.png", "A")
    assert make(own, tmp_path / "a.h5").made
