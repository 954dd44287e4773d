import pickle
import resource
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from ocrcli.datasets import store
from ocrcli.datasets.store import (
    Header,
    Source,
    Store,
    StoreError,
    describe,
    is_made,
    open_store,
    write_store,
)
from ocrcli.errors import InputError, OutputError

ROOT = Path(__file__).resolve().parents[2]
HEADER = Header(
    "char", "own", "ocr preprocess folder own", "ab", (Source("ü.zip", 7),), 3, {"case_merged": "a"}
)


def write(path, header=HEADER, value=5):
    with write_store(path, header) as writer:
        writer.file.create_group("train")["images"] = np.full((2, 3), value, np.uint8)
        writer.parts["train"] = 2
        writer.dropped["blank"] += 1
    return path


def test_a_store_tells_what_it_is(tmp_path):
    info = describe(write(tmp_path / "a.h5"))
    assert (info.kind, info.dataset, info.alphabet, info.seed) == ("char", "own", "ab", 3)
    assert (info.parts, info.dropped, info.samples) == ({"train": 2}, {"blank": 1}, 2)
    assert info.created_from == (Source("ü.zip", 7),)
    assert info.attributes == {"case_merged": "a"}


def test_the_same_content_is_the_same_bytes_whenever_it_is_written(tmp_path):
    first, second = (write(tmp_path / name) for name in ("a.h5", "b.h5"))
    assert first.read_bytes() == second.read_bytes()
    with h5py.File(first) as file:
        for name in ("/", "train", "train/images"):
            assert h5py.h5g.get_objinfo(file.id, name.encode()).mtime == 0


def test_a_store_appears_whole_or_not_at_all(tmp_path):
    path = tmp_path / "a.h5"
    before = write(path).read_bytes()
    with pytest.raises(ZeroDivisionError), write_store(path, HEADER) as writer:
        writer.file["half"] = 1
        assert path.read_bytes() == before
        raise ZeroDivisionError
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.h5"]


def test_only_one_process_writes_a_store(tmp_path):
    with write_store(tmp_path / "a.h5", HEADER) as writer:
        writer.file["mine"] = 1
        with pytest.raises(OutputError, match="another process"), write_store(tmp_path / "a.h5", HEADER):
            pass
        writer.parts["train"] = 1
    with open_store(tmp_path / "a.h5") as file:
        assert file["mine"][()] == 1


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path):
    code = (
        "import sys, numpy as np; from pathlib import Path\n"
        "from ocrcli.datasets.store import Header, write_store\n"
        "with write_store(Path(sys.argv[1]), Header('char', 'x', 'y')) as w:\n"
        "    w.file['images'] = np.ones(3_000_000, np.uint8)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.h5")], capture_output=True, text=True,
        env={"PYTHONPATH": str(ROOT)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000)),
    )  # fmt: skip
    assert "OutputError" in run.stderr.splitlines()[-1]
    assert "File too large" in run.stderr.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_in_whatever_exception_hdf5_wraps_it(tmp_path):
    told = "Unable to create dataset (file write failed: error message = 'No space left on device')"
    with pytest.raises(OutputError, match="cannot write it: No space left on device"), \
            store.write_store(tmp_path / "a.h5", HEADER):  # fmt: skip
        raise ValueError(told)
    with pytest.raises(ValueError, match="mistake"), store.write_store(tmp_path / "a.h5", HEADER):
        raise ValueError("a mistake")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_too_small_is_told_before(tmp_path):
    with pytest.raises(OutputError, match="needs 1,000,000,000,000 MB"):
        store.needs_room(tmp_path / "new" / "a.h5", 10**18)
    store.needs_room(tmp_path / "new" / "a.h5", 1)


def test_what_is_no_store_is_told_apart(tmp_path):
    whole = write(tmp_path / "a.h5")
    (tmp_path / "cut.h5").write_bytes(whole.read_bytes()[:-500])
    (tmp_path / "page.h5").write_bytes(b"<html>moved</html>")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = 1
    with h5py.File(tmp_path / "later.h5", "w") as file:
        file.attrs["schema"] = "ocrcli-store/9"
    (tmp_path / "half.h5.part").write_bytes(b"")
    for name, told in {
        "nowhere.h5": "no such file", "cut.h5": "cut short", "page.h5": "not an HDF5 store",
        "other.h5": "not one that ocr preprocess made", "later.h5": "ocrcli-store/9", "half.h5": "unfinished",
    }.items():  # fmt: skip
        with pytest.raises(StoreError, match=told) as caught:
            describe(tmp_path / name)
        assert str(tmp_path / name) in str(caught.value)
        assert isinstance(caught.value, InputError)
    with pytest.raises(StoreError, match="holds chars, expected a store of words"):
        describe(whole, "word")


def test_a_store_is_made_again_only_from_something_else(tmp_path):
    path = tmp_path / "a.h5"
    assert not is_made(path, HEADER)
    write(path)
    assert is_made(path, HEADER)
    changed = {
        "seed": 4,
        "alphabet": "abc",
        "created_from": (Source("ü.zip", 8),),
        "more": {"case_merged": ""},
    }
    for name, value in changed.items():
        assert not is_made(path, Header(**{**vars(HEADER), name: value}))


class AnyStore(Store):
    kind = "char"


def test_a_store_is_opened_anew_in_each_process_and_after_closing(tmp_path):
    opened = AnyStore(write(tmp_path / "a.h5"))
    assert opened.file["train/images"][0, 0] == 5
    copy = pickle.loads(pickle.dumps(opened))
    assert copy.file["train/images"][0, 0] == 5
    opened.close()
    assert opened.file["train/images"][0, 0] == 5
