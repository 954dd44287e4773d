from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.cli.inputs import find_sources, natural_key
from ocrcli.cli.outputs import places
from ocrcli.errors import InputError, UsageError


def test_numbers_in_names_count_as_numbers():
    names = ["p10.png", "p9.png", "P1.png", "a/p2.png", "p9b.png"]
    assert sorted(names, key=lambda name: natural_key(Path(name))) == [
        "a/p2.png", "P1.png", "p9.png", "p9b.png", "p10.png",
    ]  # fmt: skip


@given(st.lists(st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=8), max_size=8))
def test_any_names_can_be_sorted(names):
    sorted((Path("folder", name) for name in names), key=natural_key)


def test_missing_input_waits_for_its_turn():
    (source,) = find_sources(["no/such/file.png"], None)
    assert str(source.problem) == "no/such/file.png: no such file or folder"
    with pytest.raises(InputError):
        source.read()


def test_pattern_that_the_shell_left_is_named_as_one():
    (source,) = find_sources(["scans/*.png"], None)
    assert "no file matches" in str(source.problem)


def test_list_that_is_not_there_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="list"):
        find_sources([], str(tmp_path / "list"))


def test_nothing_to_read_is_a_usage_error():
    with pytest.raises(UsageError, match="nothing to read"):
        find_sources([], None)


def test_empty_list_is_no_error(tmp_path):
    (tmp_path / "list").write_text("\n\n")
    assert find_sources([], str(tmp_path / "list")) == []


def test_empty_inputs_still_make_an_empty_array(ocr, tmp_path):
    (tmp_path / "list").touch()
    result = ocr("predict", "--files-from", tmp_path / "list", "-f", "json")
    assert (result.code, result.out) == (0, "[]\n")


def test_each_input_gets_a_place_of_its_own(tmp_path):
    names = ["a.png", "a.jpg", "a.png", "b/a.png"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    sources = find_sources([str(tmp_path / name) for name in names], None)
    chosen = [path.name for path in places(tmp_path / "out", sources, ".txt")]
    assert chosen == ["a.txt", "a.jpg.txt", "a.png.txt", "a-2.txt"]
