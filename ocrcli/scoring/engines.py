"""Opens the models in use for `ocrcli.scoring.runs`, which knows only functions that read.

Everything is read the way ``ocr predict`` reads it, but words go through the recogniser many at a
time: their speed is that of the recogniser, not of starting it for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ocrcli.document import Page
from ocrcli.engine.decoding import Decoding
from ocrcli.engine.images import LoadedPage
from ocrcli.engine.model import Model
from ocrcli.engine.pipeline import AskedMode, Reader
from ocrcli.scoring.runs import Classify, ReadPage, ReadWords

# Task → file and sha256 of the model, by which a figure can be traced; "lexicon" if there was one.
Models = dict[str, dict[str, str]]


def page_reader(reader: Reader, mode: AskedMode, decoding: Decoding | None = None) -> tuple[ReadPage, Models]:
    """Reads pages; the models that do it. Raises ModelError."""
    reader.prepare(mode)

    def read(page: LoadedPage) -> Page:
        return reader.read_page(page, mode, decoding)

    return read, _described(reader.detector.model, reader.recogniser.networks["lines"])


def word_reader(
    reader: Reader, mode: AskedMode, decoding: Decoding | None = None
) -> tuple[ReadWords, Models]:
    """Reads word images: whole in mode ``word``, else as pages with their text joined. Raises ModelError."""
    reader.prepare(mode)

    def read_whole(images: Sequence[NDArray[np.uint8]]) -> list[tuple[str, float]]:
        return [(reading.text, reading.confidence) for reading in reader.read_words(images, decoding)]

    def read_as_pages(images: Sequence[NDArray[np.uint8]]) -> list[tuple[str, float]]:
        pages = [reader.read_page(LoadedPage("", 1, image), mode, decoding) for image in images]
        return [(" ".join(page.text.split()), page.confidence) for page in pages]

    if mode == "word":
        return read_whole, _described(reader.recogniser.networks["words"])
    return read_as_pages, _described(reader.detector.model, reader.recogniser.networks["lines"])


def char_classifier(reader: Reader, looks: bool = False) -> tuple[Classify, str, Models]:
    """Names characters, at several ``looks`` if asked; the alphabet of its classes. Raises ModelError."""
    classifier = reader.classifier
    classify: Classify = classifier.classify_batch
    if looks:
        from ocrcli.scoring.looksaround import classify_with_looks

        classify = partial(classify_with_looks, classifier)
    return classify, classifier.alphabet.characters, _described(classifier.model)


def _described(*networks: object) -> Models:
    models = [network for network in networks if isinstance(network, Model)]
    return {model.card.task: {"file": str(model.path), "sha256": model.sha256} for model in models}
