"""Reads the images of a list with RapidOCR; runs in RapidOCR's own environment.

usage: rapidocr_worker.py word|page LIST THREADS; one JSON object a line and image on stdout.
"""

import json
import sys
from pathlib import Path

from rapidocr import RapidOCR


def main(mode: str, listing: str, threads: str) -> None:
    engine = RapidOCR(
        params={"Global.log_level": "error", "EngineConfig.onnxruntime.intra_op_num_threads": int(threads)}
    )
    for image in Path(listing).read_text(encoding="utf-8").splitlines():
        record = read_word(engine, image) if mode == "word" else read_page(engine, image)
        print(json.dumps(record), flush=True)


def read_word(engine: RapidOCR, image: str) -> dict:
    result = engine(image, use_det=False, use_cls=False, use_rec=True)
    return {"text": " ".join(result.txts or ())}


def read_page(engine: RapidOCR, image: str) -> dict:
    result = engine(image, use_det=True, use_cls=True, use_rec=True, return_word_box=True)
    lines = []
    for i, text in enumerate(result.txts or ()):
        words = result.word_results[i] if result.word_results else ()
        boxed = [{"text": word, "quad": quad(box)} for word, _, box in words if box is not None]
        lines.append({"text": text, "quad": quad(result.boxes[i]), "words": boxed})
    return {"text": "\n".join(line["text"] for line in lines), "lines": lines}


def quad(box: object) -> list[list[float]]:
    return [[float(x), float(y)] for x, y in box]  # type: ignore[attr-defined]


if __name__ == "__main__":
    main(*sys.argv[1:])
