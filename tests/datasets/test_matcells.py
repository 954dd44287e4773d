"""Cell arrays of MATLAB files are read as scipy reads them, one cell at a time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.io

from ocrcli.datasets.matcells import CellFile
from ocrcli.errors import InputError


def write(path: Path, compressed: bool, count: int = 60) -> Path:
    rng = np.random.default_rng(0)
    boxes, texts = np.empty((1, count), object), np.empty((1, count), object)
    for i in range(count):
        values = rng.random((2, 4, i % 7 + 1)) * 300
        boxes[0, i] = [values, values.astype(np.float32), values.astype(np.int16), values[..., 0]][i % 4]
        texts[0, i] = np.array(["two\nlines", "wörld “”", "x"][: i % 3 + 1])
    columns = {"wordBB": boxes, "txt": texts, "other": np.arange(3.0)}
    scipy.io.savemat(path, columns, do_compression=compressed)
    return path


@pytest.mark.parametrize("compressed", [False, True])
def test_cells_are_what_scipy_reads(tmp_path: Path, compressed: bool) -> None:
    path = write(tmp_path / "gt.mat", compressed)
    expected, file = scipy.io.loadmat(path), CellFile(path)
    assert file.count("wordBB") == 60
    for found, values in zip(file.cells("wordBB"), expected["wordBB"][0], strict=True):
        np.testing.assert_array_equal(found, values)
    assert list(file.cells("txt")) == [rows.tolist() for rows in expected["txt"][0]]


@pytest.mark.parametrize("compressed", [False, True])
def test_a_file_cut_short_is_told_in_one_line(tmp_path: Path, compressed: bool) -> None:
    path = write(tmp_path / "gt.mat", compressed)
    whole = path.read_bytes()
    for size in (100, 130, 400, len(whole) // 2, len(whole) - 9):
        path.write_bytes(whole[:size])
        with pytest.raises(InputError, match=r"gt\.mat: "):
            file = CellFile(path)
            for name in ("wordBB", "txt"):
                list(file.cells(name))


def test_what_is_no_cell_array_is_named(tmp_path: Path) -> None:
    file = CellFile(write(tmp_path / "gt.mat", True))
    with pytest.raises(InputError, match="no imnames in it"):
        next(file.cells("imnames"))
    with pytest.raises(InputError, match="other is no cell array"):
        next(file.cells("other"))


def test_newer_matlab_files_are_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "gt.mat").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(500))
    with pytest.raises(InputError, match="save it as v5"):
        CellFile(tmp_path / "gt.mat")
