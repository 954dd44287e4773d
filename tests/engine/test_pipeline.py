import io
import threading

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

import ocrcli.engine
from ocrcli.engine.decoding import Decoding
from ocrcli.engine.images import LoadedPage
from ocrcli.engine.pageselect import PageSelection
from ocrcli.engine.pipeline import Reader
from ocrcli.engine.weights import find_model
from ocrcli.errors import InputError, ModelError, UsageError

LINES = [(60, 60, "first line of the page"), (60, 120, "the second"), (60, 400, "far below")]


@pytest.fixture
def reader(tiny_models):
    return Reader(tiny_models, threads=2)


@pytest.fixture
def page(paint_page):
    return LoadedPage("page.png", 1, paint_page(LINES))


def loaded(strip):
    return LoadedPage("word.png", 1, np.repeat(strip[:, :, None], 3, axis=2))


def test_a_page_is_read_line_by_line_into_blocks(reader, page):
    result = reader.read_page(page)
    assert result.mode == "page"
    assert result.text == "first line of the page\nthe second\n\nfar below"
    assert [len(block.lines) for block in result.blocks] == [2, 1]
    assert (result.source, result.number, result.width, result.height) == ("page.png", 1, 960, 640)
    assert result.confidence > 0.9
    assert result.angle == pytest.approx(0, abs=0.5)
    assert result.seconds > 0


def test_words_stand_where_they_were_painted(reader, page):
    words = {word.text: word.box for line in reader.read_page(page).lines for word in line.words}
    x0, y0, x1, y1 = words["second"]
    start = 60 + 12 + 32 * len("the ")
    assert x0 == pytest.approx(start, abs=10)
    assert x1 == pytest.approx(start + 32 * 6, abs=14)
    assert y0 == pytest.approx(120, abs=8)
    assert y1 == pytest.approx(152, abs=8)


def test_pieces_of_one_row_are_one_line(reader, paint_page):
    pixels = paint_page(
        [(62, 60 + 60 * i, "item") for i in range(3)] + [(700, 61 + 60 * i, "price") for i in range(3)]
    )
    result = reader.read_page(LoadedPage("receipt.png", 1, pixels))
    assert result.text == "\n".join(["item    price"] * 3)
    assert [word.text for word in result.lines[0].words] == ["item", "price"]


@pytest.mark.parametrize("mode", ["auto", "word"])
def test_a_strip_is_read_whole(reader, paint_strip, mode):
    result = reader.read_page(loaded(paint_strip("just one line")), mode)
    assert result.mode == "word"
    assert result.text == "just one line"
    assert len(result.lines[0].words) == 3


def test_only_the_models_of_the_mode_are_loaded(tiny_models, tmp_path, paint_strip):
    (tmp_path / "word.onnx").write_bytes((tiny_models / "word.onnx").read_bytes())
    for task in ("detect", "char"):
        (tmp_path / f"{task}.onnx").write_bytes(b"damaged")
    reader = Reader(tmp_path)
    assert reader.read_page(loaded(paint_strip("fine")), "word").text == "fine"
    with pytest.raises(ModelError, match=r"detect\.onnx: damaged"):
        reader.read_page(loaded(paint_strip("fine")), "page")
    with pytest.raises(ModelError, match=r"detect\.onnx: damaged"):
        reader.prepare()
    reader.prepare("word")


def test_a_single_model_may_be_given(tiny_models, tmp_path, paint_strip):
    own = tmp_path / "mine.onnx"
    own.write_bytes((tiny_models / "word.onnx").read_bytes())
    reader = Reader(models={"word": own})
    assert reader.read_page(loaded(paint_strip("fine")), "word").text == "fine"
    with pytest.raises(ModelError, match='task "word", where one for "detect"'):
        Reader(tiny_models, {"detect": own}).prepare("page")


@pytest.mark.parametrize("mode", ["auto", "page", "word", "char"])
@pytest.mark.parametrize("shape", [(1, 1), (3, 20_000), (400, 500)])
def test_a_blank_image_is_an_empty_page_and_needs_no_model(tmp_path, mode, shape):
    pixels = np.full((*shape, 3), 250, np.uint8)
    result = Reader(tmp_path / "nowhere").read_page(LoadedPage("blank.png", 1, pixels), mode)
    assert result.text == ""
    assert result.confidence == 0
    assert (result.height, result.width) == shape


def detecting(reader, monkeypatch, *boxes):
    """Makes the detector find these boxes, whatever the picture."""
    from ocrcli.engine.detector import Detections

    quads = np.array([[(a, b), (c, b), (c, d), (a, d)] for a, b, c, d in boxes], np.float32)
    found = Detections(quads.reshape(-1, 4, 2), np.ones(len(boxes), np.float32))
    monkeypatch.setattr(reader.detector, "detect", lambda pixels, scale: found)


def test_a_close_up_of_a_word_is_read_whole(reader, paint_strip, monkeypatch):
    word = np.asarray(Image.fromarray(paint_strip("word")).resize((280, 128), Image.Resampling.NEAREST))
    detecting(reader, monkeypatch)
    result = reader.read_page(loaded(word))
    assert (result.mode, result.text) == ("word", "word")
    assert reader.read_page(loaded(word), "page").text == ""


def test_a_small_image_of_two_lines_is_a_page(reader, paint_strip, monkeypatch):
    pixels = np.full((120, 300), 255, np.uint8)
    for y, text in ((10, "first"), (75, "second")):
        strip = paint_strip(text)
        pixels[y : y + 32, : strip.shape[1]] = strip
    detecting(reader, monkeypatch, (0, 10, 172, 42), (0, 75, 204, 107))
    result = reader.read_page(loaded(pixels))
    assert (result.mode, result.text) == ("page", "first\n\nsecond")


@pytest.mark.parametrize("size", [(480, 320), (320, 480)])
def test_a_mountain_is_no_letter(size):
    width, height = size
    picture = Image.new("RGB", size, "lightsteelblue")
    slopes = [(0, height), (0.45 * width, 0.25 * height), (width, height)]
    ImageDraw.Draw(picture).polygon(slopes, fill="dimgrey")
    mountain = LoadedPage("mountain.png", 1, np.asarray(picture.filter(ImageFilter.GaussianBlur(2))))
    reader = Reader(find_model("word").parent)
    assert len(reader.read_page(mountain, "word").text) == 1
    result = reader.read_page(mountain)
    assert (result.mode, result.text) == ("page", "")


def test_a_small_picture_without_text_is_an_empty_page(reader, monkeypatch):
    noise = np.random.default_rng(0).integers(0, 255, (128, 280), np.uint8)
    detecting(reader, monkeypatch)
    monkeypatch.setattr("ocrcli.engine.pipeline.SURE", 1.0)
    assert reader.read_page(loaded(noise)).mode == "page"


def test_doubtful_words_and_forbidden_characters_are_left_out(reader, page):
    assert reader.read_page(page, "page", Decoding(min_confidence=1.0)).blocks == ()
    allowed = reader.read_page(page, "page", Decoding(allow="fisrt "))
    assert set(allowed.text) <= set("fisrt \n")
    assert allowed.text.startswith("first")


def test_a_character_gets_candidates(reader, paint_strip):
    pixels = np.full((80, 60), 255, np.uint8)
    pixels[20:60, 25:35] = 0
    result = reader.read_page(loaded(pixels), "char", Decoding(top=3))
    assert result.mode == "char"
    assert len(result.candidates) == 3
    assert result.text == result.candidates[0].text
    confidences = [candidate.confidence for candidate in result.candidates]
    assert confidences == sorted(confidences, reverse=True)
    only = reader.read_page(loaded(pixels), "char", Decoding(allow="xyz"))
    assert {candidate.text for candidate in only.candidates} <= set("xyz")


def test_a_file_becomes_a_document(reader, paint_page, tmp_path):
    path = tmp_path / "two.tiff"
    frames = [Image.fromarray(paint_page([(60, 60, text)])) for text in ("one", "two")]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    document = reader.read(path)
    assert document.text == "one\ftwo"
    assert document.source == str(path)
    second = reader.read(path.read_bytes(), name="stdin", pages=PageSelection.parse("2"))
    assert [(page.source, page.number, page.text) for page in second.pages] == [("stdin", 2, "two")]


def test_a_bad_file_is_an_input_error(reader, tmp_path):
    with pytest.raises(InputError, match="no such file"):
        reader.read(tmp_path / "nothing.png")


def test_a_bad_device_is_a_usage_error(tiny_models, page):
    with pytest.raises(UsageError, match="device tpu"):
        Reader(tiny_models, device="tpu").read_page(page)


def test_words_in_bulk(reader, paint_strip):
    images = [np.repeat(paint_strip(text)[:, :, None], 3, axis=2) for text in ("one", "three words here")]
    assert [reading.text for reading in reader.read_words(images)] == ["one", "three words here"]


def test_threads_share_a_reader(tiny_models, page):
    reader = Reader(tiny_models, threads=1)
    expected = Reader(tiny_models, threads=1).read_page(page)
    results = []
    threads = [threading.Thread(target=lambda: results.append(reader.read_page(page))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 4


def test_the_package_is_the_front_door(tiny_models, paint_strip):
    file = io.BytesIO()
    Image.fromarray(paint_strip("hello")).save(file, "PNG")
    assert ocrcli.engine.Reader(tiny_models).read(file.getvalue()).text == "hello"
    with pytest.raises(AttributeError):
        ocrcli.engine.Nothing  # noqa: B018


def test_a_faint_line_counts_only_where_it_is_read_beyond_doubt(reader, page, monkeypatch):
    from ocrcli.engine.detector import Detections

    found = reader.detector.detect(page.pixels)
    faint = reader.detector.decoding["box_threshold"] * 1.1  # a line needs half as much again
    blot = np.array([[(500, 500), (560, 500), (560, 532), (500, 532)]], np.float32)
    pixels = page.pixels.copy()
    pixels[500:532, 500:560] = np.random.default_rng(0).integers(0, 255, (32, 60, 1), np.uint8)
    quads = np.concatenate([found.quads, blot])
    scores = np.full(len(quads), faint, np.float32)
    scores[0] = 1.0
    monkeypatch.setattr(reader.detector, "detect", lambda pixels, scale: Detections(quads, scores))
    result = reader.read_page(LoadedPage("page.png", 1, pixels), "page")
    assert sorted(line.text for line in result.lines) == sorted(text for _, _, text in LINES)


def test_pages_read_side_by_side_share_the_cores(tiny_models, page):
    reader = Reader(model_dir=tiny_models, threads=4)
    workers = reader.recogniser.workers
    seen = []
    meeting = threading.Barrier(2, timeout=20)
    read_lines = reader._read_lines

    def meet(*arguments):
        meeting.wait()
        seen.append(workers())
        meeting.wait()  # the other is still inside
        return read_lines(*arguments)

    reader._read_lines = meet
    assert workers() == 4
    threads = [threading.Thread(target=reader.read_page, args=(page, "page")) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [2, 2]
    assert workers() == 4


def drawn(size, place, text, font_size):
    """A page with a text, as it is loaded."""
    image = Image.new("RGB", size, (250, 245, 230))
    ImageDraw.Draw(image).text(place, text, (20, 30, 60), ImageFont.load_default(font_size), spacing=5)
    return LoadedPage("drawn.png", 1, np.asarray(image))


@pytest.mark.parametrize(("text", "height"), [("Open", 400), ("EXIT", 600), ("Welcome", 260)])
def test_lines_as_high_as_half_the_page_are_read(text, height):
    page = drawn((1800, 1200), (150, 200), text, height)
    assert Reader(find_model("word").parent).read_page(page, "page").text == text


def test_small_print_on_a_huge_page_is_read():
    line = "a row of small words that one can read on a large screen, number"
    text = "\n".join(f"{line} {number}" for number in range(60))
    page = drawn((3840, 2400), (1500, 300), text, 13)
    assert Reader(find_model("word").parent).read_page(page, "page").text == text
