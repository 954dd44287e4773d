"""A conversion gives the same bytes with any number of workers, and however often it was killed."""

from __future__ import annotations

import hashlib
import os
import resource
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from tiny_synthtext import write_tars

from ocrcli.datasets import columns
from ocrcli.datasets import convert as c
from ocrcli.datasets.convert import Conversion, Job, convert
from ocrcli.datasets.rollback import RollbackFile, commit, forget, journal_path, recover
from ocrcli.datasets.store import Header, describe, part_path
from ocrcli.datasets.synthtext import Options, plan
from ocrcli.datasets.wordstore import Word, WordPart, WordStore, WordWriter, pack_words
from ocrcli.errors import OutputError

ROOT = Path(__file__).parents[2]
DRIVER = """
import os, sys
from pathlib import Path
from ocrcli.datasets import convert as c, rollback
from ocrcli.datasets.synthtext import Options, plan
source, target, kind, kill = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
c.JOBS = 2
writes = 0
write = rollback.RollbackFile.write
def dying(self, data):
    global writes
    writes += 1
    if writes == kill:
        write(self, memoryview(data).cast("B")[: max(1, len(data) // 2)])
        os.kill(os.getpid(), 9)
    return write(self, data)
rollback.RollbackFile.write = dying
c.convert(plan(source, target, Options(kind=kind))[0])
"""


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def draw(payload: tuple[int, int]) -> WordPart:
    """Some random words; every fifth is dropped."""
    words, dropped = [], Counter[str]()
    for i in range(*payload):
        rng = np.random.default_rng(i)
        if i % 5 == 4:
            dropped["a fifth"] += 1
        else:
            strip = rng.integers(0, 256, (32, int(rng.integers(8, 400))), np.uint8)
            words.append(Word(strip, f"word {i}", rng.random((4, 2)) * 99))
    return pack_words(words, [f"image {payload[0]}"], dropped)


def conversion(path: Path, count: int = 40, stop: int | None = None) -> Conversion:
    def jobs(after: object) -> Iterator[Job]:
        for i in range(count):
            if i == stop:
                raise KeyboardInterrupt
            yield Job((10 * i, 10 * i + 10), 10)

    return Conversion(path, Header("word", "made", "test"), WordWriter, jobs, draw)


def test_the_number_of_workers_does_not_show(tmp_path: Path) -> None:
    for workers in (1, 2, 3):
        outcome = convert(conversion(tmp_path / f"{workers}.h5"), workers)
        assert (outcome.progress.images, outcome.progress.kept) == (400, 320)
    assert len({digest(tmp_path / f"{workers}.h5") for workers in (1, 2, 3)}) == 1
    assert describe(tmp_path / "1.h5").dropped == {"a fifth": 80}


def test_a_second_run_does_nothing_and_force_does_it_again(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    assert convert(conversion(path)).made
    before = path.stat()
    assert not convert(conversion(path)).made
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert convert(conversion(path), force=True).made
    assert [p.name for p in tmp_path.iterdir()] == ["a.h5"]


def test_an_interrupted_run_goes_on_at_its_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(c, "JOBS", 4)
    convert(conversion(tmp_path / "whole.h5"))
    with pytest.raises(KeyboardInterrupt):
        convert(conversion(tmp_path / "a.h5", stop=22))
    assert not (tmp_path / "a.h5").exists() and part_path(tmp_path / "a.h5").exists()
    told: list[int] = []
    outcome = convert(conversion(tmp_path / "a.h5"), tell=lambda p: told.append(p.images))
    assert outcome.resumed == told[0] == 200  # five checkpoints of four jobs of ten
    assert digest(tmp_path / "a.h5") == digest(tmp_path / "whole.h5")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.h5", "whole.h5"]


def test_an_unfinished_store_of_something_else_is_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(c, "JOBS", 4)
    with pytest.raises(KeyboardInterrupt):
        convert(conversion(tmp_path / "a.h5", stop=22))
    other = conversion(tmp_path / "a.h5")
    other = Conversion(other.path, Header("word", "other", "test"), other.writer, other.jobs, other.work)
    assert convert(other).resumed == 0
    assert len(WordStore(tmp_path / "a.h5")) == 320


@pytest.mark.parametrize("kind", ["word", "page"])
def test_killed_in_the_middle_of_a_write_it_gives_the_same_bytes(tmp_path: Path, kind: str) -> None:
    source = write_tars(tmp_path / "tars", 130, a_tar=50)
    run = [sys.executable, "-c", DRIVER, str(source), str(tmp_path / "a.h5"), kind]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for kill in (30, 55):  # the second kill comes to the resumed run
        ended = subprocess.run([*run, str(kill)], env=environment, capture_output=True, timeout=120)
        assert ended.returncode == -signal.SIGKILL, ended.stderr
        assert not (tmp_path / "a.h5").exists()
    subprocess.run([*run, "0"], env=environment, check=True, timeout=120)
    subprocess.run(
        [*run[:4], str(tmp_path / "whole.h5"), kind, "0"], env=environment, check=True, timeout=120
    )
    assert digest(tmp_path / "a.h5") == digest(tmp_path / "whole.h5")
    assert not journal_path(part_path(tmp_path / "a.h5")).exists()


def test_a_full_disk_is_told_and_the_run_goes_on_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(c, "JOBS", 4)
    monkeypatch.setattr(columns, "BULK_CHUNK", 1 << 14)
    monkeypatch.setattr(columns, "CHUNK", 1 << 10)
    convert(conversion(tmp_path / "whole.h5"))
    size = (tmp_path / "whole.h5").stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, hard))
    try:
        with pytest.raises(OutputError, match="goes on where this one stopped") as error:
            convert(conversion(tmp_path / "a.h5"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "File too large" in str(error.value)
    assert convert(conversion(tmp_path / "a.h5")).resumed > 0
    assert digest(tmp_path / "a.h5") == digest(tmp_path / "whole.h5")


def test_a_disk_surely_too_small_is_refused_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="choose another place with -o"):
        convert(replace(conversion(tmp_path / "new/a.h5"), room=10**18))
    assert not list(tmp_path.iterdir())
    source = write_tars(tmp_path / "tars", 40)
    size = sum(tar.stat().st_size for tar in source.iterdir())
    for options in (Options(), Options(kind="page"), Options(limit=1)):
        made, _ = plan(source, tmp_path / "a.h5", options)
        assert 0 < made.room <= min(size, (options.limit or 40) * 15_000)


def test_workers_failures_reach_the_caller(tmp_path: Path) -> None:
    source = write_tars(tmp_path / "tars", 40)
    made, _ = plan(source, tmp_path / "a.h5", Options())
    (source / "00001.tar").unlink()
    with pytest.raises(Exception, match=r"00001\.tar"):
        convert(made, 2)


def test_memory_stays_flat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(c, "BYTES", 1 << 18)
    waiting: list[int] = []
    append = WordWriter.append
    monkeypatch.setattr(
        WordWriter,
        "append",
        lambda self, parts: (waiting.append(sum(p.bytes for p in parts)), append(self, parts)),
    )
    convert(conversion(tmp_path / "a.h5", 60))
    assert len(waiting) > 3 and max(waiting) < (1 << 18) + 200_000


def test_rollback_gives_the_checkpoint_back_after_any_write(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with h5py.File(path, "w") as file:
        file["a"] = np.arange(50_000)
    commit(path, {"step": 1})
    before = path.read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(3):  # each recovery leaves the journal for the next kill
        raw = RollbackFile(path)
        for place in rng.integers(0, len(before) + 9000, 40):
            raw.seek(int(place))
            raw.write(rng.bytes(int(rng.integers(1, 9000))))
        raw.truncate(len(before) // 2)
        raw.close()
        assert path.read_bytes() != before
        assert recover(path) == {"step": 1}
        assert path.read_bytes() == before
    forget(path)
    assert recover(path) is None
