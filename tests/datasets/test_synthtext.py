"""SynthText in all its forms becomes the same words and pages; what cannot be used is counted."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import numpy as np
import pytest
from tiny_synthtext import (
    SIZE,
    add,
    annotation,
    box,
    scene,
    write_original,
    write_parquet,
    write_tars,
)  # fmt: skip

from ocrcli.cli.app import run
from ocrcli.datasets import synthtext as s
from ocrcli.datasets.annotation import Annotation, MatMarkup
from ocrcli.datasets.convert import convert
from ocrcli.datasets.hubstream import stream_jobs
from ocrcli.datasets.pagestore import PageStore
from ocrcli.datasets.quads import SMALL
from ocrcli.datasets.store import describe
from ocrcli.datasets.synthtext import Options, decode_grey, page_of, plan, words_of
from ocrcli.datasets.wordstore import WordStore
from ocrcli.errors import InputError


def make(source: Path, target: Path, **options: object) -> Path:
    convert(plan(source, target, Options(**options))[0])  # type: ignore[arg-type]
    return target


def texts_of(path: Path) -> list[str]:
    store = WordStore(path)
    return sorted(
        text for width, count in store.buckets.items() for text in store.read(width, 0, count).texts
    )


def test_tars_and_parquet_give_the_same_words(tmp_path: Path) -> None:
    expected = sorted(text for i in range(25) for text in scene(i).texts)
    sources = {
        "tar": write_tars(tmp_path / "tars", 25),
        "parquet": write_parquet(tmp_path / "parquet", 25),
        "text": write_parquet(tmp_path / "text", 25, as_text=True),
    }
    for name, source in sources.items():
        assert texts_of(make(source, tmp_path / f"{name}.h5")) == expected, name
    assert describe(tmp_path / "tar.h5").dropped == {}


def test_the_original_gives_its_words_of_which_some_stand_alone(tmp_path: Path) -> None:
    source = write_original(tmp_path / "SynthText", 9)
    found = texts_of(make(tmp_path, tmp_path / "words.h5"))  # the folder around it does too
    columns = list(s.CellFile(source / "gt.mat").cells("txt"))
    assert found == sorted(" ".join(" ".join(rows) for rows in columns).split())


def test_a_strip_shows_the_word_that_its_box_names(tmp_path: Path) -> None:
    store = WordStore(make(write_tars(tmp_path / "tars", 3), tmp_path / "words.h5"))
    width = next(iter(store.buckets))
    (quad,), (name,) = store.boxes(width, 0, 1)
    made = scene(int(name.rpartition("/")[2]))
    number = int(np.abs(made.words - quad).sum((1, 2)).argmin())
    np.testing.assert_allclose(made.words[number], quad, atol=1e-3)
    sample = store.read(width, 0, 1).strips()[0]
    assert sample.text == made.texts[number]
    assert sample.strip[:, :2].mean() > 150 and sample.strip.min() < 80  # light ground, dark ink


def test_a_word_at_any_angle_is_cut_out_level() -> None:
    grey = np.full((200, 200), 230, np.uint8)
    grey[40:160, 90:110] = 20  # a bar that stands: a dash in text that runs down
    quad = np.array([[130, 30], [130, 170], [70, 170], [70, 30]], float)
    found = Annotation(quad[None], ["-"], np.zeros(1, int), np.zeros((0, 4, 2)))
    (word,), reasons = words_of(grey, found, 0.0)
    assert not reasons
    assert word.strip.shape[1] > 60
    assert word.strip[16, 20:50].max() < 60 and word.strip[2].min() > 200


def test_loose_margins_show_more_around_a_word() -> None:
    made = scene(3)
    found = MatMarkup(made.words.transpose(2, 1, 0), made.instances).read(SIZE)
    grey = decode_grey(made.jpeg)
    tight, loose = (words_of(grey, found, s.MARGINS[name])[0] for name in ("tight", "loose"))
    share = [float((word.strip < 110).mean()) for word in (tight[0], loose[0])]
    assert share[1] < share[0]


def test_pages_have_lines_as_the_line_feeds_say(tmp_path: Path) -> None:
    tars = PageStore(make(write_tars(tmp_path / "tars", 6), tmp_path / "tar.h5", kind="page"))
    for i in range(6):
        page, made = tars.read(i), scene(i)
        assert page.image == made.jpeg
        assert page.line_texts == [row for text in made.instances for row in text.split("\n")]
        for number, quad in enumerate(page.line_quads):
            members = page.word_quads[page.line == number]
            assert (members.min((0, 1)) >= quad.min(0) - 1).all()
            assert (members.max((0, 1)) <= quad.max(0) + 1).all()
    original = write_original(tmp_path / "SynthText", 5)
    store = PageStore(make(original, tmp_path / "mat.h5", kind="page"))
    assert store.counts()["chars"] == sum(len("".join(page.word_texts)) for page in map(store.read, range(5)))


def test_a_line_with_a_dropped_word_is_ignored_not_forgotten() -> None:
    made = scene(3, lines=1)
    quads = np.concatenate([made.words[:1], [box(150, 20, 170, 23)]])
    found = Annotation(quads, ["word", "tiny"], np.array([0, 1]), np.zeros((0, 4, 2)))
    page, reasons = page_of(made.jpeg, "a", SIZE, found)
    assert reasons == [SMALL]
    assert page.ignore.tolist() == [False, True] and page.line_texts == ["word", ""]
    assert page.word_texts == ["word"]


def test_broken_samples_are_counted_and_the_others_kept(tmp_path: Path) -> None:
    (tmp_path / "tars").mkdir()
    made = scene(1)
    label = json.dumps(annotation(made)).encode()
    with tarfile.open(tmp_path / "tars/0.tar", "w") as tar:
        add(tar, "a.jpg", made.jpeg), add(tar, "a.json", label)
        add(tar, "b.jpg", made.jpeg[: len(made.jpeg) // 2]), add(tar, "b.json", label)
        add(tar, "c.jpg", b""), add(tar, "c.json", label)
        add(tar, "d.json", label)
        add(tar, "e.jpg", made.jpeg)
        add(tar, "f.jpg", made.jpeg), add(tar, "f.json", b"{}")
    for kind in ("word", "page"):
        info = describe(make(tmp_path / "tars", tmp_path / f"{kind}.h5", kind=kind))
        assert info.dropped == {s.BROKEN: 2, s.NO_IMAGE: 1, s.NO_LABEL: 1, "annotation not understood": 1}
        assert info.samples == (len(made.words) if kind == "word" else 1)


def test_missing_images_of_the_original_are_counted(tmp_path: Path) -> None:
    source = write_original(tmp_path / "SynthText", 4)
    next(source.glob("*/*.jpg")).unlink()
    assert describe(make(source, tmp_path / "a.h5")).dropped == {s.NO_IMAGE: 1}


def test_limit_takes_the_first_images(tmp_path: Path) -> None:
    for name, source in (
        ("tar", write_tars(tmp_path / "tars", 25)),
        ("parquet", write_parquet(tmp_path / "parquet", 25)),
        ("mat", write_original(tmp_path / "SynthText", 25)),
    ):
        store = PageStore(make(source, tmp_path / f"{name}.h5", kind="page", limit=12))
        assert len(store) == 12, name
        assert store.info.command.endswith("--kind page --limit 12")


@pytest.mark.parametrize("prepare", ["nothing", "empty", "columns", "cut"])
def test_wrong_sources_are_told_in_one_line(tmp_path: Path, prepare: str) -> None:
    source = tmp_path / "source"
    if prepare != "nothing":
        source.mkdir()
    if prepare == "columns":
        import pyarrow as pa
        from pyarrow import parquet

        parquet.write_table(pa.table({"x": [1]}), source / "a.parquet")
    if prepare == "cut":
        path = write_tars(source, 3) / "00000.tar"
        path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(InputError, match="source") as error:
        make(source, tmp_path / "a.h5")
    assert "\n" not in str(error.value)


def test_when_nothing_can_be_used_the_reasons_are_told(tmp_path: Path) -> None:
    (tmp_path / "tars").mkdir()
    with tarfile.open(tmp_path / "tars/0.tar", "w") as tar:
        for i in range(5):
            add(tar, f"{i}.jpg", scene(i).jpeg)
            add(tar, f"{i}.json", b"{}")
    with pytest.raises(InputError, match=r"nothing to be used in 5 images.*5 × annotation not understood"):
        make(tmp_path / "tars", tmp_path / "a.h5")
    assert not list(tmp_path.glob("a.h5*"))


def test_a_stream_goes_on_where_it_was(tmp_path: Path) -> None:
    from datasets import load_dataset

    files = [str(path) for path in sorted(write_tars(tmp_path / "tars", 70, a_tar=20).glob("*.tar"))]
    stream = lambda: load_dataset(  # noqa: E731
        "webdataset", data_files={"train": files}, split="train", streaming=True, cache_dir=str(tmp_path)
    )
    jobs = list(stream_jobs(stream(), None, None))
    assert [job.images for job in jobs] == [32, 32, 6]
    again = list(stream_jobs(stream(), json.loads(json.dumps(jobs[0].after)), None))
    assert [job.payload for job in again] == [job.payload for job in jobs[1:]]
    assert sum(job.images for job in stream_jobs(stream(), jobs[0].after, 40)) == 8


def test_without_a_network_streaming_ends_at_once_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # nobody listens there
    assert run(["preprocess", "synthtext", "--stream", "--limit", "100", "--workers", "1"]) == 6
    (line,) = capfd.readouterr().err.splitlines()
    assert "127.0.0.1" in line and "--source" in line
    assert not list(tmp_path.glob("data/*"))


def test_the_command_tells_what_it_made_and_what_it_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    source = write_original(tmp_path / "SynthText", 4)
    next(source.glob("*/*.jpg")).unlink()
    arguments = ["preprocess", "synthtext", "--source", "SynthText", "--workers", "1", "--margin", "loose"]
    assert run(arguments) == 0
    out, err = capfd.readouterr()
    assert out == "" and "data/synthtext.h5: strips/64" in err and "dropped 1 (image is missing)" in err
    assert run(arguments) == 0
    assert "already there" in capfd.readouterr().err
    assert run([*arguments, "--stream"]) == 2
    assert run(["preprocess", "mjsynth"]) == 3
    assert "ocr download mjsynth" in capfd.readouterr().err
