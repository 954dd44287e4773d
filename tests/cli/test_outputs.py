import os

import pytest

from ocrcli.cli.files import whole_file
from ocrcli.errors import ExitCode

WRITES_ALL = not hasattr(os, "geteuid") or os.geteuid() == 0


def test_file_appears_only_when_it_is_whole(tmp_path):
    with whole_file(tmp_path / "out.txt") as file:
        file.write(b"all of it")
        assert not (tmp_path / "out.txt").exists()
    assert (tmp_path / "out.txt").read_bytes() == b"all of it"
    assert [path.name for path in tmp_path.iterdir()] == ["out.txt"]


def test_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    (tmp_path / "out.txt").write_text("old")
    with pytest.raises(RuntimeError), whole_file(tmp_path / "out.txt") as file:
        file.write(b"half")
        raise RuntimeError
    assert (tmp_path / "out.txt").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out.txt"]


def test_link_stays_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to("real/a.txt")
    with whole_file(tmp_path / "link.txt") as file:
        file.write(b"new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real" / "a.txt").read_text() == "new"


def test_device_is_written_directly(ocr, word_file):
    result = ocr("predict", word_file("w.png", "hello"), "--mode", "word", "-o", "/dev/null")
    assert (result.code, result.out) == (0, "")
    several = ocr("predict", *[word_file(f"{i}.png", "hello") for i in range(3)], "-o", "/dev/null")
    assert (several.code, several.err) == (0, "")


def test_new_file_has_the_usual_permissions(tmp_path):
    with whole_file(tmp_path / "out.txt"):
        pass
    (tmp_path / "usual").touch()
    assert (tmp_path / "out.txt").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_long_name_is_no_obstacle(tmp_path):
    with whole_file(tmp_path / ("n" * 250 + ".txt")) as file:
        file.write(b"x")
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("option, name", [("-o", "out.txt"), ("--annotate", "seen.png")])
def test_missing_folder_ends_with_5(ocr, tmp_path, word_file, option, name):
    result = ocr("predict", word_file("w.png", "hello"), option, tmp_path / "no" / name)
    assert result.code == ExitCode.CANNOT_WRITE
    assert result.out == "" and result.err.count("\n") == 1 and name in result.err


def test_output_below_a_file_ends_with_5(ocr, tmp_path, word_file):
    (tmp_path / "file").write_text("x")
    for target in (tmp_path / "file" / "out.txt", f"{tmp_path}/file/"):
        result = ocr("predict", word_file("w.png", "hello"), "--mode", "word", "-o", target)
        assert result.code == ExitCode.CANNOT_WRITE
        assert result.out == "" and result.err.count("\n") == 1


@pytest.mark.skipif(WRITES_ALL, reason="root may write everywhere")
def test_folder_without_permission_ends_with_5(ocr, tmp_path, word_file):
    (tmp_path / "locked").mkdir(mode=0o500)
    for target in ("locked/out.txt", "locked/more/"):
        result = ocr("predict", word_file("w.png", "hello"), "--mode", "word", "-o", f"{tmp_path}/{target}")
        assert result.code == ExitCode.CANNOT_WRITE


def test_unreadable_input_is_not_looked_at_when_the_output_fails(ocr, tmp_path):
    result = ocr("predict", tmp_path / "missing.png", "-o", tmp_path / "no" / "out.txt")
    assert result.code == ExitCode.CANNOT_WRITE and "missing.png" not in result.err
