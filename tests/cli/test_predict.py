"""``ocr predict``: what goes where, in which format, with which exit code."""

import json

import pytest

from ocrcli.errors import ExitCode


def records(result):
    return [json.loads(line) for line in result.out.splitlines()]


def test_text_of_a_page_goes_to_stdout_and_nothing_to_stderr(ocr, page_file):
    result = ocr("predict", page_file("page.png", "hello world", "again"))
    assert (result.code, result.out, result.err) == (0, "hello world\nagain\n", "")


def test_word_mode_reads_the_whole_image(ocr, word_file):
    result = ocr("predict", word_file("w.png", "hello"), "--mode", "word")
    assert (result.code, result.out, result.err) == (0, "hello\n", "")


def test_auto_reads_a_strip_as_a_word(ocr, word_file):
    (record,) = records(ocr("predict", word_file("w.png", "hello"), "-f", "jsonl"))
    assert (record["mode"], record["text"]) == ("word", "hello")


def test_char_mode_gives_candidates(ocr, word_file):
    result = ocr("predict", word_file("c.png", "m"), "--mode", "char", "--top", "3")
    rows = [line.split("\t") for line in result.out.splitlines()]
    assert len(rows) == 3
    assert [float(score) for _, score in rows] == sorted((float(score) for _, score in rows), reverse=True)


def test_char_mode_without_top_gives_the_best_alone(ocr, word_file):
    assert len(ocr("predict", word_file("c.png", "m"), "--mode", "char").out) == 2


def test_several_inputs_are_read_in_the_order_given(ocr, word_file):
    names = [word_file(f"{text}.png", text) for text in ("two", "one", "six")]
    result = ocr("predict", *names, "--mode", "word")
    assert result.out == "two\none\nsix\n"


def test_pages_of_different_inputs_are_parted_by_a_blank_line(ocr, page_file):
    result = ocr("predict", page_file("a.png", "hello world"), page_file("b.png", "again"))
    assert result.out == "hello world\n\nagain\n"


def test_folder_is_searched_in_natural_order(ocr, page_file, tmp_path):
    for name in ("in/p10.png", "in/p9.png", "in/sub/p1.png", "in/.hidden.png"):
        page_file(name, "word")
    (tmp_path / "in" / "notes.txt").write_text("no picture")
    sources = [record["source"] for record in records(ocr("predict", tmp_path / "in", "-f", "jsonl"))]
    assert sources == [str(tmp_path / "in" / name) for name in ("p9.png", "p10.png", "sub/p1.png")]


@pytest.mark.parametrize("separator", ["\n", "\r\n", "\0"])
def test_names_come_from_a_list(ocr, word_file, tmp_path, separator):
    names = [str(word_file(name, text)) for name, text in (("a b.png", "one"), ("c.png", "two"))]
    (tmp_path / "list").write_bytes(separator.join([*names, ""]).encode())
    result = ocr("predict", "--files-from", tmp_path / "list", "--mode", "word")
    assert (result.code, result.out) == (0, "one\ntwo\n")


def test_suffix_of_the_output_chooses_the_format(ocr, page_file, tmp_path):
    page = page_file("page.png", "hello")
    for name in ("o.txt", "o.json", "o.jsonl"):
        result = ocr("predict", page, "-o", tmp_path / name)
        assert (result.code, result.out, result.err) == (0, "", "")
    assert (tmp_path / "o.txt").read_text() == "hello\n"
    assert json.loads((tmp_path / "o.json").read_text())[0]["text"] == "hello"
    assert json.loads((tmp_path / "o.jsonl").read_text())["text"] == "hello"


def test_format_wins_over_the_suffix(ocr, page_file, tmp_path):
    ocr("predict", page_file("page.png", "hello"), "-o", tmp_path / "o.txt", "-f", "json")
    assert json.loads((tmp_path / "o.txt").read_text())[0]["text"] == "hello"


def test_several_inputs_into_a_folder_give_a_file_each(ocr, page_file, tmp_path):
    page_file("in/a.png", "first")
    page_file("in/sub/b.png", "second")
    result = ocr("predict", tmp_path / "in", "-o", tmp_path / "out")
    assert result.code == 0
    assert (tmp_path / "out" / "a.txt").read_text() == "first\n"
    assert (tmp_path / "out" / "sub" / "b.txt").read_text() == "second\n"


def test_folder_with_one_image_gives_a_folder_too(ocr, page_file, tmp_path):
    page_file("in/a.png", "first")
    ocr("predict", tmp_path / "in", "-o", tmp_path / "out")
    assert (tmp_path / "out" / "a.txt").read_text() == "first\n"


def test_inputs_of_one_name_do_not_overwrite_each_other(ocr, page_file, tmp_path):
    pages = [page_file(name, text) for name, text in (("a.png", "one"), ("a.bmp", "two"), ("x/a.png", "six"))]
    ocr("predict", *pages, "-o", f"{tmp_path}/out/")
    written = {path.name: path.read_text() for path in (tmp_path / "out").iterdir()}
    assert written == {"a.txt": "one\n", "a.bmp.txt": "two\n", "a.png.txt": "six\n"}


def test_several_inputs_into_one_file(ocr, page_file, tmp_path):
    ocr("predict", page_file("a.png", "one"), page_file("b.png", "two"), "-o", tmp_path / "all.jsonl")
    lines = (tmp_path / "all.jsonl").read_text().splitlines()
    assert [json.loads(line)["text"] for line in lines] == ["one", "two"]


def test_pages_of_a_document_are_chosen_and_parted_by_form_feeds(ocr, tmp_path, paint_page):
    from PIL import Image

    frames = [Image.fromarray(paint_page([(80, 80, text)])) for text in ("one", "two", "three")]
    frames[0].save(tmp_path / "d.tif", save_all=True, append_images=frames[1:])
    assert ocr("predict", tmp_path / "d.tif").out == "one\n\ftwo\n\fthree\n"
    assert ocr("predict", tmp_path / "d.tif", "--pages", "3,1").out == "one\n\fthree\n"
    numbers = [r["page"] for r in records(ocr("predict", tmp_path / "d.tif", "--pages", "2-", "-f", "jsonl"))]
    assert numbers == [2, 3]


def test_page_that_is_not_there_is_an_input_error(ocr, page_file):
    result = ocr("predict", page_file("page.png", "hello"), "--pages", "4")
    assert result.code == ExitCode.BAD_INPUT and "no page 4" in result.err


def test_allow_restricts_the_characters(ocr, word_file):
    result = ocr("predict", word_file("w.png", "hello"), "--mode", "word", "--allow", "abcdefgh")
    assert set(result.out.strip()) <= set("abcdefgh")


def test_min_confidence_leaves_doubtful_words_out(ocr, page_file):
    page = page_file("page.png", "hello world")
    assert ocr("predict", page, "--min-confidence", "1").out == ""
    assert ocr("predict", page, "--min-confidence", "0").out == "hello world\n"


def test_single_model_file_is_used_for_its_task(ocr, word_file, tiny_models, tmp_path, monkeypatch):
    monkeypatch.delenv("OCR_MODELS")
    result = ocr("predict", word_file("w.png", "hi"), "--mode", "word", "--model", tiny_models / "word.onnx")
    assert (result.code, result.out) == (0, "hi\n")
    twice = ("--model", tiny_models / "word.onnx", "--model", tiny_models / "word.onnx")
    assert ocr("predict", tmp_path / "w.png", *twice).code == ExitCode.USAGE


def test_model_dir_comes_before_the_environment(ocr, word_file, tiny_models, tmp_path, monkeypatch):
    (tmp_path / "word.onnx").write_bytes(b"damaged")
    monkeypatch.setenv("OCR_MODELS", str(tmp_path))
    assert ocr("predict", word_file("w.png", "hi"), "--mode", "word").code == ExitCode.MODEL
    result = ocr("predict", word_file("w.png", "hi"), "--mode", "word", "--model-dir", tiny_models)
    assert (result.code, result.out) == (0, "hi\n")


def test_verbose_tells_on_stderr_only(ocr, word_file):
    result = ocr("predict", word_file("w.png", "hi"), "--mode", "word", "-v")
    assert result.out == "hi\n"
    assert "w.png: page 1" in result.err


def test_annotated_picture_is_written_beside_the_text(ocr, page_file, tmp_path):
    from PIL import Image

    page = page_file("page.png", "hello")
    result = ocr("predict", page, "--annotate", tmp_path / "seen.png")
    assert (result.code, result.out) == (0, "hello\n")
    with Image.open(tmp_path / "seen.png") as seen, Image.open(page) as original:
        assert seen.size == (2 * original.width, original.height)


def test_annotated_pictures_of_several_inputs_go_into_a_folder(ocr, page_file, tmp_path):
    pages = [page_file("a.png", "one"), page_file("b.png", "two")]
    assert ocr("predict", *pages, "--annotate", tmp_path / "seen").code == 0
    assert sorted(path.name for path in (tmp_path / "seen").iterdir()) == ["a.png", "b.png"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["predict"],
        ["predict", "x.png", "--mode", "line"],
        ["predict", "x.png", "--format", "yaml"],
        ["predict", "x.png", "--device", "tpu"],
        ["predict", "x.png", "--dpi", "many"],
        ["predict", "x.png", "--min-confidence", "1.5"],
        ["predict", "x.png", "--threads", "0"],
        ["predict", "x.png", "--pages", "3-1"],
        ["predict", "x.png", "--top", "3"],
        ["predict", "-", "-"],
        ["predict", "x.png", "-o", "page.docx"],
        ["predict", "x.png", "--annotate", "seen.txt"],
        ["predict", "x.png", "y.png", "--annotate", "seen.png"],
        ["predict", "x.png", "--bogus"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_usage_errors_end_with_2_and_one_line(ocr, arguments):
    result = ocr(*arguments)
    assert result.code == ExitCode.USAGE
    assert result.out == ""
    assert result.err.startswith("ocr: ") and result.err.count("\n") == 1


def test_fail_empty_ends_with_7_when_nothing_was_read(ocr, page_file, word_file):
    blank, page = page_file("blank.png"), page_file("page.png", "hello")
    assert ocr("predict", blank).code == ExitCode.OK
    assert ocr("predict", blank, "--fail-empty").code == ExitCode.NOTHING_RECOGNISED
    assert ocr("predict", blank, page, "--fail-empty").code == ExitCode.OK


def test_blank_page_gives_no_text_and_an_empty_record(ocr, page_file):
    blank = page_file("blank.png")
    assert ocr("predict", blank).out == ""
    (record,) = records(ocr("predict", blank, "-f", "jsonl"))
    assert record["text"] == "" and record["lines"] == []


@pytest.mark.parametrize("content", [None, b"", b"not an onnx file"], ids=["missing", "empty", "damaged"])
def test_missing_or_damaged_model_ends_with_4(ocr, page_file, tmp_path, content):
    folder = tmp_path / "weights"
    folder.mkdir()
    if content is not None:
        (folder / "word.onnx").write_bytes(content)
    result = ocr("predict", page_file("page.png", "hello"), "--model-dir", folder)
    assert result.code == ExitCode.MODEL
    assert result.out == "" and result.err.count("\n") == 1
    assert str(folder) in result.err


def test_output_is_not_an_input(ocr, page_file, tmp_path):
    page = page_file("in/page.png", "hello")
    before = page.read_bytes()
    assert ocr("predict", page, "--annotate", page).code == ExitCode.USAGE
    assert ocr("predict", tmp_path / "in", "--annotate", tmp_path / "in").code == ExitCode.USAGE
    assert ocr("predict", page, "-o", page, "-f", "text").code == ExitCode.USAGE
    assert page.read_bytes() == before
