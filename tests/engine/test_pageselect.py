import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.engine.pageselect import PageSelection
from ocrcli.errors import InputError, UsageError


@pytest.mark.parametrize(
    ("text", "count", "expected"),
    [
        ("1", 9, [1]),
        ("1-3,7", 9, [1, 2, 3, 7]),
        ("7,1-3,2", 9, [1, 2, 3, 7]),
        ("5-", 7, [5, 6, 7]),
        (" 2 - 3 ", 7, [2, 3]),
    ],
)
def test_numbers_and_ranges(text, count, expected):
    assert PageSelection.parse(text).numbers(count, "a.pdf") == expected


@pytest.mark.parametrize("text", ["", ",", "1,", "-", "-3", "a", "1-2-3", "3-1", "0", "0-2", "1.5", "1;2"])
def test_nonsense_is_a_usage_error(text):
    with pytest.raises(UsageError, match="pages"):
        PageSelection.parse(text)


@pytest.mark.parametrize("text", ["4", "2-4", "4-"])
def test_pages_that_are_not_there_are_an_input_error(text):
    with pytest.raises(InputError, match=r"^a\.pdf: no page 4, it has 3 pages$"):
        PageSelection.parse(text).numbers(3, "a.pdf")


@given(st.sets(st.integers(1, 50), min_size=1))
def test_any_set_of_pages_can_be_written(pages):
    text = ",".join(map(str, sorted(pages, reverse=True)))
    assert PageSelection.parse(text).numbers(50, "a.pdf") == sorted(pages)
