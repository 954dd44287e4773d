"""What tools of other people make of each output: one receipt, read once and written in every format.

A tool that is not installed skips its test. ``ALTO_XSD`` names the official schema, ``alto-4-4.xsd``.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ocrcli.cli.app import run
from ocrcli.formats.writer import FORMATS

SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "receipt.jpg"
NEAR = 3  # pixels; so far may a tool see a word from where it was read
PATIENCE = 120  # seconds, for a busy machine


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """``receipt.*``, one file a format."""
    folder = tmp_path_factory.mktemp("written")
    formats = [part for name in FORMATS for part in ("-f", name)]
    assert run(["predict", str(SAMPLE), *formats, "-o", f"{folder}/"]) == 0
    return folder


@pytest.fixture(scope="module")
def page(written):
    """The page as JSON tells it."""
    (page,) = json.loads((written / "receipt.json").read_text(encoding="utf-8"))
    return page


@pytest.fixture(scope="module")
def words(page):
    """Texts and boxes of all words, in order."""
    return [(word["text"], word["box"]) for line in page["lines"] for word in line["words"]]


def tool(name: str) -> str:
    """Where a tool is, also one of the packages of this Python. Skips the test without it."""
    found = shutil.which(name, path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def output_of(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=PATIENCE)


def test_hocr_tools_find_nothing_wrong(written):
    checked = output_of(tool("hocr-check"), written / "receipt.hocr")
    assert checked.returncode == 0 and "ok 1 " in checked.stderr
    assert [line for line in checked.stderr.splitlines() if line.startswith("not ok")] == []


def test_hocr_spec_finds_nothing_wrong(written):
    checked = output_of(tool("hocr-spec"), "--profile", "standard", written / "receipt.hocr")
    assert checked.returncode == 0, checked.stdout


# The last release of hocr-tools calls a function that Python 3.9 took away, and writes bytes as Latin 1.
AS_BEFORE = (
    "import base64, runpy, sys; base64.decodestring = base64.decodebytes; "
    "del sys.argv[0]; runpy.run_path(sys.argv[0], run_name='__main__')"
)


def test_hocr_pdf_puts_each_word_in_its_place(written, words, page, tmp_path):
    pypdfium2, _ = pytest.importorskip("pypdfium2"), pytest.importorskip("reportlab")
    shutil.copy(SAMPLE, tmp_path / "receipt.jpg")
    shutil.copy(written / "receipt.hocr", tmp_path)
    command = [sys.executable, "-c", AS_BEFORE, tool("hocr-pdf"), tmp_path]
    latin = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    made = subprocess.run(command, capture_output=True, env=latin, timeout=PATIENCE)
    assert made.returncode == 0, made.stderr
    sheet = pypdfium2.PdfDocument(made.stdout)[0]
    scale = page["width"] / sheet.get_width()
    starts = [thing.get_matrix().e * scale for thing in sheet.get_objects(filter=[1])]  # 1: text
    assert starts == pytest.approx([box[0] for _, box in words], abs=NEAR)


def test_alto_is_valid_by_the_official_schema(written):
    etree = pytest.importorskip("lxml.etree")
    if "ALTO_XSD" not in os.environ:
        pytest.skip("ALTO_XSD does not name the schema")
    schema = etree.XMLSchema(etree.parse(os.environ["ALTO_XSD"]))
    schema.assertValid(etree.parse(written / "receipt.xml"))


def test_pandas_and_pytesseract_read_the_tsv(written, words):
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_csv(written / "receipt.tsv", sep="\t", quoting=3, keep_default_na=False)
    found = frame[frame.level == 5]
    boxes = zip(found.left, found.top, found.left + found.width, found.top + found.height, strict=True)
    assert list(zip(found.text, map(list, boxes), strict=True)) == words
    parser = pytest.importorskip("pytesseract").pytesseract
    table = parser.file_to_dict((written / "receipt.tsv").read_text(encoding="utf-8"), "\t", -1)
    assert [text for text in table["text"] if text] == [text for text, _ in words]
    assert table["level"] == list(frame.level) and table["conf"][0] == -1


def test_jsonschema_accepts_json_and_json_lines(written, page):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((SAMPLE.parents[2] / "ocrcli/formats/ocrcli-1.schema.json").read_text())
    jsonschema.validate(page, schema)
    (line,) = (written / "receipt.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line) == page


def test_poppler_finds_each_word_where_it_stands(written, words, page):
    found = output_of(tool("pdftotext"), "-bbox", written / "receipt.pdf", "-").stdout
    size = re.search(r'<page width="([\d.]+)"', found)
    scale = page["width"] / float(size[1])
    pattern = r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>'
    seen = [
        (html.unescape(text), [float(v) * scale for v in box]) for *box, text in re.findall(pattern, found)
    ]
    assert sorted(text for text, _ in seen) == sorted(text for text, _ in words)
    for text, box in words:
        assert any(t == text and max(abs(a - b) for a, b in zip(box, place, strict=True)) <= NEAR
                   for t, place in seen), (text, box)  # fmt: skip


def test_qpdf_finds_nothing_wrong(written):
    checked = output_of(tool("qpdf"), "--check", written / "receipt.pdf")
    assert checked.returncode == 0, checked.stdout + checked.stderr


# Selects all as Ctrl-A does, copies, and measures where the words are, in parts of the page.
IN_BROWSER = """<script>
addEventListener("load", () => {
  document.execCommand("selectAll");
  const clipboardData = new DataTransfer();
  const copy = new ClipboardEvent("copy", {clipboardData, cancelable: true, bubbles: true});
  document.dispatchEvent(copy);
  const page = document.querySelector(".page").getBoundingClientRect();
  const words = [...document.querySelectorAll(".word")].map(word => {
    const box = word.getBoundingClientRect();
    return [word.textContent, [(box.left - page.left) / page.width, (box.top - page.top) / page.height,
                               (box.right - page.left) / page.width, (box.bottom - page.top) / page.height]];
  });
  const told = document.createElement("pre");
  told.id = "told";
  told.textContent = JSON.stringify({copied: copy.clipboardData.getData("text/plain"), words});
  document.body.append(told);
});
</script>"""


@pytest.mark.parametrize("width", [500, 1400])
def test_browser_copies_the_text_and_shows_words_on_their_boxes(written, words, page, tmp_path, width):
    browser = shutil.which("chromium") or tool("google-chrome")
    shown = tmp_path / "shown.html"
    source = (written / "receipt.html").read_text(encoding="utf-8")
    shown.write_text(source.replace("</body>", f"{IN_BROWSER}</body>"), encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    seen = output_of(browser, *options, f"--window-size={width},900", "--dump-dom", shown.as_uri())
    (told,) = re.findall(r'<pre id="told">(.*?)</pre>', seen.stdout, re.DOTALL) or [seen.stderr]
    told = json.loads(html.unescape(told))
    assert told["copied"] == page["text"]
    assert [text for text, _ in told["words"]] == [text for text, _ in words]
    sizes = [page["width"], page["height"]] * 2
    for (_, box), (text, place) in zip(words, told["words"], strict=True):
        # A word that leans has an upright box in the browser too: only its middle is sure to be the same.
        middles = [(box[i] + box[i + 2]) / 2 - sizes[i] * (place[i] + place[i + 2]) / 2 for i in (0, 1)]
        assert max(map(abs, middles)) <= NEAR, (text, middles)
