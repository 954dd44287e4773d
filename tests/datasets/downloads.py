"""What the tests of ``ocr download`` share: small datasets in their true formats, and a command to start."""

import hashlib
import io
import json
import tarfile
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ocrcli.datasets import catalogue
from ocrcli.datasets.catalogue import RemoteFile, Source

ROOT = Path(__file__).resolve().parents[2]
MJSYNTH, SYNTHTEXT = catalogue.MJSYNTH.repository, catalogue.SYNTHTEXT.repository
ADDRESS = "/cs_links/EMNIST/gzip.zip"
HALF = 100_000  # bytes of the archive, where it is broken off
PATIENCE = 300  # seconds that a process may take on a very busy machine
# Runs the command with another archive in the place of EMNIST's: url, size, sha256, then its arguments.
DRIVER = """
import dataclasses, signal, sys
from ocrcli.datasets import catalogue
from ocrcli.datasets.catalogue import RemoteFile, Source
urls, size, digest = sys.argv[1].split(), int(sys.argv[2]), sys.argv[3]
archive = RemoteFile("gzip.zip", tuple(Source(url) for url in urls), size, digest, catalogue.ZIP)
catalogue.DATASETS["emnist"] = dataclasses.replace(catalogue.EMNIST, size=size, archives=(archive,))
from ocrcli.cli.app import run
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs begin without one
sys.exit(run(["download", "emnist", *sys.argv[4:]]))
"""


@dataclass
class Result:
    code: int
    out: str
    err: str


def emnist_zip() -> bytes:
    """An archive with the member names of NIST's, of a size that a test can wait for."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for part, count in (("train", 300), ("test", 60)):
            pixels = np.random.default_rng(count).integers(0, 256, count * 784, dtype=np.uint8)
            head = np.array([2051, count, 28, 28], ">i4").tobytes()
            archive.writestr(f"gzip/emnist-balanced-{part}-images-idx3-ubyte.gz", head + pixels.tobytes())
    return buffer.getvalue()


ARCHIVE = emnist_zip()
DIGEST = hashlib.sha256(ARCHIVE).hexdigest()


def use_archive(monkeypatch, *urls):
    """Puts the small archive in the place of NIST's."""
    file = RemoteFile("gzip.zip", tuple(map(Source, urls)), len(ARCHIVE), DIGEST, catalogue.ZIP)
    dataset = replace(catalogue.EMNIST, size=len(ARCHIVE), archives=(file,))
    monkeypatch.setitem(catalogue.DATASETS, "emnist", dataset)


def shard(first: int, rows: int) -> bytes:
    """A Parquet file with the columns of the MJSynth copy."""
    import pyarrow as pa
    from pyarrow import parquet

    sink = io.BytesIO()
    image = [{"bytes": bytes([first % 256]) * 40, "path": None}] * rows
    parquet.write_table(pa.table({"image": image, "label": [f"w{first + i}" for i in range(rows)]}), sink)
    return sink.getvalue()


def webdataset(first: int, rows: int) -> bytes:
    """A tar with the members of the SynthText copy."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as tar:
        for key in range(first, first + rows):
            for suffix, content in (("jpg", b"\xff\xd8" * 50), ("json", b'{"ocr_annotation": {}}')):
                member = tarfile.TarInfo(f"{key:09d}.{suffix}")
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
    return sink.getvalue()


def record(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text())


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
