import pytest

from ocrcli.engine.lexicon import english
from ocrcli.engine.lookalikes import settled
from ocrcli.engine.reading import CharSpan, as_reading


def reading(text):
    return as_reading(tuple(CharSpan(c, 0.9, 8.0 * i, 8.0 * i + 8) for i, c in enumerate(text)))


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("12 Mill Lane, 0xford", "12 Mill Lane, Oxford"),
        ("INVOICE N0: 7", "INVOICE NO: 7"),
        ("T0TAL", "TOTAL"),
        ("fr0m t0day", "from today"),
        ("he1lo, 0n Friday", "hello, On Friday"),
        ("(0RIGINAL)", "(ORIGINAL)"),
        ("1O.5O", "10.50"),
        ("tel. o66-4O1", "tel. 066-401"),
        ("$2O,OOO.OO", "$20,000.00"),
        ("40o", "400"),
    ],
)
def test_company_tells(read, meant):
    result = settled(reading(read), english())
    assert result.text == meant == "".join(char.text for char in result.chars)
    assert [(char.start, char.end) for char in result.chars] == [
        (char.start, char.end) for char in reading(read).chars
    ]
    assert settled(result, english()).text == meant


@pytest.mark.parametrize(
    "text",
    [
        "HNO3",
        "H2O",
        "SO00046284",
        "MO3",
        "1st",
        "A10",
        "OX1",
        "B1",
        "I0",
        "10",
        "O",
        "2nd",
        "C0DE7",
        "o'clock",
        "x0y",
        "",
    ],
)
def test_what_may_be_either_stays(text):
    assert settled(reading(text), english()).text == text


def test_without_a_lexicon_only_numbers_are_settled():
    assert settled(reading("0xford 1O.50"), None).text == "0xford 10.50"
