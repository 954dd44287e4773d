import re
from xml.etree import ElementTree

import pytest

from ocrcli.document import Block, Line, Page, Word
from ocrcli.formats.hocr import Writer
from ocrcli.formats.writer import Choices, Failure

XHTML = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture
def hocr(write):
    """``hocr(page, page, …)`` writes pages of one input and parses the document."""

    def run(*pages):
        return ElementTree.fromstring(write(Writer, Choices(), [("a", pages)]))

    return run


def of_class(tree, name):
    return [element for element in tree.iter() if element.get("class") == name]


def properties(element):
    """``{"bbox": "0 0 1 1", …}`` of a title."""
    return dict(part.strip().split(" ", 1) for part in element.get("title").split(";"))


def page_with(quad, width=640, height=480):
    line = Line("word", 0.9, quad, (Word("word", 0.9, quad),))
    return Page("a", 1, width, height, "page", (Block((line,)),))


def test_elements_nest_from_the_page_to_its_words(hocr, make_page):
    tree = hocr(make_page("one two", "three\nfour"))
    (page,) = of_class(tree, "ocr_page")
    areas = of_class(page, "ocr_carea")
    assert [len(of_class(area, "ocr_par")) for area in areas] == [1, 1]
    assert [len(of_class(area, "ocr_line")) for area in areas] == [1, 2]
    texts = [[word.text for word in of_class(line, "ocrx_word")] for line in of_class(tree, "ocr_line")]
    assert texts == [["one", "two"], ["three"], ["four"]]
    assert " ".join("".join(tree.find(f"{XHTML}body").itertext()).split()) == "one two three four"


def test_head_names_the_system_and_what_it_can(hocr, make_page):
    tree = hocr(make_page("one"))
    meta = {element.get("name"): element.get("content") for element in tree.iter(f"{XHTML}meta")}
    assert re.fullmatch(r"ocrcli \d+\.\d+\S*", meta["ocr-system"])
    used = {element.get("class") for element in tree.iter() if element.get("class")}
    assert used <= set(meta["ocr-capabilities"].split())
    assert tree.find(f"{XHTML}head/{XHTML}title") is not None


def test_page_names_its_image_and_size(hocr, make_page):
    (page,) = of_class(hocr(make_page("one", source="scan 1.png")), "ocr_page")
    assert properties(page) == {"image": '"scan 1.png"', "bbox": "0 0 640 480", "ppageno": "0"}


def test_word_has_box_and_confidence_in_percent(hocr, make_page):
    word = of_class(hocr(make_page("one two", confidence=0.876)), "ocrx_word")[1]
    assert properties(word) == {"bbox": "22 20 33 28", "x_wconf": "88"}


def test_baseline_of_a_level_line_lies_above_its_descenders(hocr):
    (line,) = of_class(hocr(page_with(((10, 20), (110, 20), (110, 60), (10, 60)))), "ocr_line")
    assert properties(line) == {"bbox": "10 20 110 60", "baseline": "0 -9"}


def test_baseline_of_a_leaning_line_starts_at_the_left_of_its_box(hocr):
    # Ten pixels up over a hundred: the bottom edge runs from (10, 60) to (110, 50).
    (line,) = of_class(hocr(page_with(((10, 20), (110, 10), (110, 50), (10, 60)))), "ocr_line")
    values = properties(line)
    assert (values["bbox"], values["baseline"]) == ("10 10 110 60", "-0.1 -9")


@pytest.mark.parametrize(
    "quad, angle",
    [
        (((20, 110), (20, 10), (60, 10), (60, 110)), "90"),  # bottom to top
        (((60, 10), (60, 110), (20, 110), (20, 10)), "-90"),
        (((110, 60), (10, 60), (10, 20), (110, 20)), "180"),
    ],
)
def test_line_that_is_not_level_has_an_angle_instead(hocr, quad, angle):
    values = properties(of_class(hocr(page_with(quad)), "ocr_line")[0])
    assert values["textangle"] in (angle, angle.replace("180", "-180"))
    assert "baseline" not in values


def test_boxes_stay_on_the_page(hocr):
    tree = hocr(page_with(((-5, -3), (700, -3), (700, 30), (-5, 30))))
    for name in ("ocr_carea", "ocr_par", "ocr_line", "ocrx_word"):
        assert properties(of_class(tree, name)[0])["bbox"] == "0 0 640 30"


def test_pages_of_all_inputs_are_counted_on(write, make_page):
    inputs = [
        ("a", [make_page("x", source="a"), make_page(source="a", number=2)]),
        ("x", [Failure("x", "x: gone")]),
        ("b", [make_page("y", source="b")]),
    ]
    tree = ElementTree.fromstring(write(Writer, Choices(), inputs))
    pages = [properties(page) for page in of_class(tree, "ocr_page")]
    assert [(page["image"], page["ppageno"]) for page in pages] == [('"a"', "0"), ('"a"', "1"), ('"b"', "2")]
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids)) == 3 + 2 * 4


def test_markup_and_forbidden_characters_in_text_do_no_harm(hocr, make_page):
    tree = hocr(make_page("<b>&amp; \"x' \x00\x02z\ufffe"))
    assert [word.text for word in of_class(tree, "ocrx_word")] == ["<b>&amp;", "\"x'", "z"]


def test_odd_file_names_keep_to_their_property(hocr, make_page):
    name = 'a";<&>\x01' + b"\xe9".decode("utf-8", "surrogateescape") + ".png"
    (page,) = of_class(hocr(make_page("one", source=name)), "ocr_page")
    assert properties(page)["image"] == '"a%22%3B<&>\N{REPLACEMENT CHARACTER}.png"'


def test_blank_page_is_there_and_empty(hocr, make_page):
    (page,) = of_class(hocr(make_page()), "ocr_page")
    assert len(page) == 0 and properties(page)["bbox"] == "0 0 640 480"


def test_without_any_page_the_document_has_an_empty_one(write):
    tree = ElementTree.fromstring(write(Writer, Choices(), [("x", [Failure("x", "x: gone")])]))
    assert len(of_class(tree, "ocr_page")) == 1 and not of_class(tree, "ocrx_word")


def test_word_is_one_line_and_character_one_word(hocr, make_page, char_page):
    tree = hocr(make_page("one two", mode="word"))
    assert (len(of_class(tree, "ocr_line")), len(of_class(tree, "ocrx_word"))) == (1, 2)
    (word,) = of_class(hocr(char_page), "ocrx_word")
    assert (word.text, properties(word)) == ("a", {"bbox": "0 0 640 480", "x_wconf": "93"})


def test_pages_are_written_as_they_come(make_page, tmp_path):
    with (tmp_path / "o").open("wb") as stream:
        writer = Writer(stream, Choices())
        writer.begin("a")
        writer.page(make_page("one"))
        assert "one</span>" in (tmp_path / "o").read_text()
