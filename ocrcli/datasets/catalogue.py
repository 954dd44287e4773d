"""The public datasets that ``ocr download`` knows: where they lie, how large they are, whose they are.

Sizes and digests are those that the publishers state; where a publisher states none, the
number is marked as about right and is used only to announce what is coming.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

RAW = Path("data/raw")  # where downloads go unless --dest says otherwise


@dataclass(frozen=True)
class Source:
    """One address of a file, and the access token to send there, if any."""

    url: str
    token: str = field(default="", repr=False)


@dataclass(frozen=True)
class RemoteFile:
    """A file to fetch: its place in the dataset's folder, its addresses in the order to try them.

    ``size`` is in bytes, ``sha256`` in hex digits; None and "" where nobody states them.
    ``signature`` is how the file's first bytes read.
    """

    path: str
    sources: tuple[Source, ...]
    size: int | None = None
    sha256: str = ""
    signature: bytes = b""


@dataclass(frozen=True)
class Dataset:
    """A public dataset: either ``archives`` at fixed addresses, or files of a Hub repository."""

    name: str
    title: str
    size: int  # bytes of all files; about right for Hub repositories, whose listing states it exactly
    samples: int  # images in all
    licence: str
    citation: str
    archives: tuple[RemoteFile, ...] = ()
    repository: str = ""  # on the Hugging Face Hub
    suffixes: tuple[str, ...] = ()  # of the files to fetch there, the preferred kind first
    splits: tuple[str, ...] = ()  # file names begin with one of these; --limit takes them in this order

    @property
    def local_copy(self) -> str:
        """How to go on without a download."""
        return f"ocr preprocess {self.name} --source {'FILE' if self.archives else 'DIR'}"


ZIP, PARQUET = b"PK\x03\x04", b"PAR1"

EMNIST = Dataset(
    name="emnist",
    title="EMNIST: handwritten characters in six splits",
    size=561_753_746,
    samples=814_255,  # ByClass, which holds all images of the other splits
    licence="no restrictions stated; made from NIST Special Database 19",
    citation="Cohen, Afshar, Tapson, van Schaik: EMNIST: extending MNIST to handwritten letters. IJCNN 2017",
    archives=(
        RemoteFile(
            "gzip.zip",
            (
                Source("https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip"),
                # Has answered with a web page instead of the archive.
                Source("https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/gzip.zip"),
            ),
            size=561_753_746,
            sha256="fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e",
            signature=ZIP,
        ),
    ),
)

SYNTHTEXT = Dataset(
    name="synthtext",
    title="SynthText: words drawn into photographs, a copy with captions",
    size=33_000_000_000,  # about
    samples=858_750,  # of the original; the copy may hold fewer
    licence="none stated with this copy; the original is for research, ask its authors for other uses",
    citation="Gupta, Vedaldi, Zisserman: Synthetic data for text localisation in natural images. CVPR 2016",
    repository="wendlerc/CaptionedSynthText",
    suffixes=(".tar", ".parquet"),
)

MJSYNTH = Dataset(
    name="mjsynth",
    title="MJSynth: single words of a 90,000 word lexicon",
    size=12_115_256_620,  # its card's download_size
    samples=8_919_257,  # its card: 7,224,600 train, 802,733 val, 891,924 test
    licence="none stated; the original is for research, its authors ask to be cited",
    citation="Jaderberg, Simonyan, Vedaldi, Zisserman: Synthetic data and artificial neural networks for "
    "natural scene text recognition. NIPS workshop on deep learning 2014; Reading text in the wild with "
    "convolutional neural networks. IJCV 2016",
    repository="priyank-m/MJSynth_text_recognition",
    suffixes=(".parquet",),
    splits=("train", "val", "test"),
)

DATASETS = {dataset.name: dataset for dataset in (EMNIST, SYNTHTEXT, MJSYNTH)}


def raw_folder(name: str) -> Path:
    """Where ``ocr download NAME`` puts its files unless told otherwise."""
    return RAW / name
