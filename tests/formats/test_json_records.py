import json
from importlib import resources

import jsonschema
import pytest

from ocrcli.document import Candidate
from ocrcli.formats.json import Writer as JsonWriter
from ocrcli.formats.jsonl import Writer as JsonlWriter
from ocrcli.formats.records import failure_record, record_of
from ocrcli.formats.writer import Choices, Failure


@pytest.fixture(scope="module")
def schema():
    text = resources.files("ocrcli.formats").joinpath("ocrcli-1.schema.json").read_text(encoding="utf-8")
    return jsonschema.Draft202012Validator(json.loads(text))


def test_schema_is_a_schema(schema):
    jsonschema.Draft202012Validator.check_schema(schema.schema)


def test_page_record(make_page, schema):
    record = record_of(make_page("Hello World", "two\nthree", number=3, angle=-0.001))
    schema.validate(record)
    assert list(record) == [
        "schema", "source", "page", "width", "height", "mode", "text", "confidence", "angle", "lines",
    ]  # fmt: skip
    assert record["schema"] == "ocrcli/1"
    assert (record["source"], record["page"], record["width"], record["height"]) == ("page.png", 3, 640, 480)
    assert record["text"] == "Hello World\n\ntwo\nthree"
    assert record["confidence"] == 0.9877
    assert str(record["angle"]) == "0.0"
    assert [line["block"] for line in record["lines"]] == [0, 1, 1]
    assert record["lines"][0] == {
        "text": "Hello World",
        "confidence": 0.9877,
        "box": [10, 20, 143, 28],
        "quad": [[10.0, 20.0], [142.0, 20.0], [142.0, 28.0], [10.0, 28.0]],
        "block": 0,
        "words": [
            {"text": "Hello", "confidence": 0.9877, "box": [10, 20, 21, 28],
             "quad": [[10.0, 20.0], [20.0, 20.0], [20.0, 28.0], [10.0, 28.0]]},
            {"text": "World", "confidence": 0.9877, "box": [22, 20, 33, 28],
             "quad": [[22.0, 20.0], [32.0, 20.0], [32.0, 28.0], [22.0, 28.0]]},
        ],
    }  # fmt: skip


def test_word_record_has_words_and_no_lines(make_page, schema):
    record = record_of(make_page("Hello World", mode="word"))
    schema.validate(record)
    assert [word["text"] for word in record["words"]] == ["Hello", "World"]
    assert "lines" not in record and "angle" not in record


def test_character_record_has_candidates(char_page, schema):
    record = record_of(char_page)
    schema.validate(record)
    assert (record["text"], record["confidence"]) == ("a", 0.93)
    assert record["candidates"] == [{"text": "a", "confidence": 0.93}, {"text": "o", "confidence": 0.05}]
    assert len(record_of(char_page, top=1)["candidates"]) == 1


def test_empty_page_record(make_page, schema):
    for mode in ("page", "word", "char"):
        record = record_of(make_page(mode=mode))
        schema.validate(record)
        assert (record["text"], record["confidence"]) == ("", 0.0)


def test_failure_record(schema):
    record = failure_record(Failure("x.png", "x.png: no such file"))
    schema.validate(record)
    assert record == {
        "schema": "ocrcli/1",
        "source": "x.png",
        "error": {"code": 3, "message": "x.png: no such file"},
    }


def test_schema_refuses_what_is_wrong(make_page, schema):
    record = record_of(make_page("Hello"))
    for change in (
        {"confidence": 1.5},
        {"page": 0},
        {"lines": [{}]},
        {"schema": "ocrcli/2"},
        {"mode": "word"},
    ):
        assert not schema.is_valid({**record, **change})


def test_file_name_of_odd_bytes_is_still_json(make_page, write):
    name = b"caf\xe9.png".decode("utf-8", "surrogateescape")
    text = write(JsonlWriter, Choices(), [(name, [make_page("x", source=name)])])
    assert json.loads(text)["source"] == "caf\N{REPLACEMENT CHARACTER}.png"


def test_json_is_one_array_over_all_inputs(make_page, char_page, write, schema):
    inputs = [("a", [make_page("one"), make_page()]), ("x", [Failure("x", "x: gone")]), ("c", [char_page])]
    text = write(JsonWriter, Choices(), inputs)
    rows = json.loads(text)
    for row in rows:
        schema.validate(row)
    assert [row.get("text") for row in rows] == ["one", "", None, "a"]
    assert text.endswith("]\n")


def test_json_without_any_input_is_an_empty_array(write):
    assert json.loads(write(JsonWriter, Choices(), [])) == []


def test_json_puts_each_line_of_text_on_a_line_of_its_own(make_page, write):
    text = write(JsonWriter, Choices(), [("a", [make_page("one\ntwo\nthree")])])
    assert sum(row.startswith('  {"text": ') for row in text.splitlines()) == 3


def test_jsonl_is_one_object_a_line(make_page, write):
    inputs = [("a", [make_page("one\ntwo"), make_page("three")]), ("x", [Failure("x", "x: gone")])]
    rows = [json.loads(line) for line in write(JsonlWriter, Choices(), inputs).splitlines()]
    assert [row.get("text") for row in rows] == ["one\ntwo", "three", None]


def test_signs_outside_ascii_are_kept(make_page, write):
    for writer in (JsonWriter, JsonlWriter):
        assert "“5 €”" in write(writer, Choices(), [("a", [make_page("“5 €”")])])


def test_top_limits_the_candidates(write, make_page):
    page = make_page(mode="char", candidates=[Candidate(c, 0.1) for c in "abc"])
    assert len(json.loads(write(JsonlWriter, Choices("char", 2), [("c", [page])]))["candidates"]) == 2
