from xml.etree import ElementTree

import pytest

from ocrcli.document import Block, Line, Page, Word
from ocrcli.formats.alto import Writer
from ocrcli.formats.writer import Choices, Failure

ALTO = "{http://www.loc.gov/standards/alto/ns-v4#}"


@pytest.fixture
def alto(write):
    """``alto(page, page, …)`` writes pages of one input and parses the document."""

    def run(*pages):
        return ElementTree.fromstring(write(Writer, Choices(), [("a", pages)]))

    return run


def every(tree, name):
    return list(tree.iter(ALTO + name))


def names(element):
    return [child.tag.removeprefix(ALTO) for child in element]


def place(element):
    return [element.get(name) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT")]


def page_with(*quads, **values):
    line = Line("w", 0.9, quads[0], tuple(Word("w", 0.9, quad) for quad in quads))
    return Page("a", 1, 640, 480, "page", (Block((line,)),), **values)


def upright(x, y, w, h):
    return ((x, y), (x + w, y), (x + w, y + h), (x, y + h))


def test_document_is_of_version_4_4(alto, make_page):
    tree = alto(make_page("one"))
    assert (tree.tag, tree.get("SCHEMAVERSION")) == (f"{ALTO}alto", "4.4")
    assert names(tree) == ["Description", "Layout"]


def test_description_tells_unit_image_and_software(alto, make_page):
    (description,) = every(alto(make_page("one", source="scan.tif")), "Description")
    assert names(description) == ["MeasurementUnit", "sourceImageInformation", "Processing"]
    assert description.findtext(f"{ALTO}MeasurementUnit") == "pixel"
    assert description.findtext(f"{ALTO}sourceImageInformation/{ALTO}fileName") == "scan.tif"
    (software,) = every(description, "processingSoftware")
    assert software.findtext(f"{ALTO}softwareName") == "ocrcli"
    assert software.findtext(f"{ALTO}softwareVersion")


def test_elements_nest_from_the_page_to_its_words(alto, make_page):
    (page,) = every(alto(make_page("one two", "three\nfour")), "Page")
    (space,) = page
    assert [names(block) for block in space] == [["TextLine"], ["TextLine", "TextLine"]]
    assert [names(line) for line in every(page, "TextLine")] == [
        ["String", "SP", "String"],
        *[["String"]] * 2,
    ]
    assert [string.get("CONTENT") for string in every(page, "String")] == ["one", "two", "three", "four"]


def test_page_has_size_number_and_confidence(alto, make_page):
    (page,) = every(alto(make_page("one", number=4, confidence=0.98765)), "Page")
    assert page.attrib == {
        "ID": "page_4", "WIDTH": "640", "HEIGHT": "480", "PHYSICAL_IMG_NR": "4", "PC": "0.9877",
    }  # fmt: skip
    assert place(page[0]) == ["0", "0", "640", "480"]


def test_words_and_the_white_between_them_have_their_place(alto):
    tree = alto(page_with(upright(10, 20, 30, 12), upright(46, 21, 20, 12)))
    assert place(every(tree, "TextBlock")[0]) == place(every(tree, "TextLine")[0]) == ["10", "20", "56", "13"]
    assert [place(string) for string in every(tree, "String")] == [
        ["10", "20", "30", "12"],
        ["46", "21", "20", "12"],
    ]
    assert {string.get("WC") for string in every(tree, "String")} == {"0.9"}
    assert place(every(tree, "SP")[0]) == ["40", "20", "6", None]


def test_white_between_words_one_above_the_other_has_no_place(alto):
    up = [((20, y), (20, y - 40), (40, y - 40), (40, y)) for y in (200, 150)]
    assert every(alto(page_with(*up)), "SP")[0].attrib == {}


def test_upright_line_needs_no_shape(alto):
    tree = alto(page_with(upright(10.2, 20.4, 30.1, 12.3)))
    assert not every(tree, "Shape")
    assert every(tree, "TextLine")[0].get("BASELINE") == "10.2,29.9 40.3,29.9"


def test_leaning_line_has_its_outline_and_baseline(alto):
    (line,) = every(alto(page_with(((10, 20), (110, 10), (110, 50), (10, 60)))), "TextLine")
    assert names(line) == ["Shape", "String"]
    assert names(line[1]) == ["Shape"]
    assert line[0][0].get("POINTS") == line[1][0][0].get("POINTS") == "10,20 110,10 110,50 10,60"
    assert line.get("BASELINE") == "10,50.8 110,40.8"
    assert place(line) == ["10", "10", "100", "50"]


def test_page_tells_how_its_text_is_turned(alto):
    (page,) = every(alto(page_with(upright(10, 20, 30, 12), angle=-1.25)), "Page")
    assert page.get("ROTATION") == "-1.25"


def test_ids_are_unique_over_pages_and_inputs(write, make_page):
    inputs = [
        ("a", [make_page("x y", "z", source="a"), make_page(source="a", number=2)]),
        ("x", [Failure("x", "x: gone")]),
        ("b", [make_page("x y", "z", source="b")]),
    ]
    tree = ElementTree.fromstring(write(Writer, Choices(), inputs))
    assert [page.get("PHYSICAL_IMG_NR") for page in every(tree, "Page")] == ["1", "2", "3"]
    ids = [element.get("ID") for element in tree.iter() if element.get("ID")]
    assert len(ids) == len(set(ids)) == 1 + 3 + 2 * (2 + 2 + 3)


def test_further_inputs_are_named_before_their_pages(write, make_page):
    inputs = [(name, [make_page("x", source=name)]) for name in ("a.png", "b---<.png-")]
    text = write(Writer, Choices(), inputs)
    parser = ElementTree.XMLParser(target=ElementTree.TreeBuilder(insert_comments=True))
    layout = ElementTree.fromstring(text, parser).find(f"{ALTO}Layout")
    assert layout[1].tag is ElementTree.Comment
    assert layout[1].text.split() == ["b-", "-", "-&lt;.png-"]
    assert text.count("<fileName>a.png</fileName>") == 1


def test_markup_and_forbidden_characters_do_no_harm(alto, make_page):
    tree = alto(make_page("<b>&amp; \"x' \x00\x02z\ufffe", source="<&>\x01\udce9.png"))
    assert [string.get("CONTENT") for string in every(tree, "String")] == ["<b>&amp;", "\"x'", "z"]
    assert every(tree, "fileName")[0].text == "<&>\N{REPLACEMENT CHARACTER}.png"


def test_blank_page_is_there_and_empty(alto, make_page):
    (space,) = every(alto(make_page()), "PrintSpace")
    assert len(space) == 0


def test_without_any_page_the_document_has_an_empty_one(write):
    tree = ElementTree.fromstring(write(Writer, Choices(), [("x", [Failure("x", "x: gone")])]))
    (page,) = every(tree, "Page")  # the schema does not allow a layout without
    assert len(page) == 0


def test_word_is_one_line_and_character_one_word(alto, make_page, char_page):
    tree = alto(make_page("one two", mode="word"))
    assert (len(every(tree, "TextLine")), len(every(tree, "String"))) == (1, 2)
    (string,) = every(alto(char_page), "String")
    assert (string.get("CONTENT"), string.get("WC"), place(string)) == ("a", "0.93", ["0", "0", "640", "480"])
