"""``ocr download emnist``: an archive at fixed addresses, as a user fetches it."""

import re
import sys
from types import SimpleNamespace

import pytest
from downloads import ADDRESS, ARCHIVE, DIGEST, HALF, files_in, record, use_archive
from fileserver import HTML, Reply

from ocrcli.cli import transfer
from ocrcli.datasets import catalogue, partfile
from ocrcli.errors import ExitCode


def test_archive_is_fetched_and_the_folder_is_the_result(download, emnist_server, tmp_path):
    result = download("emnist")
    assert (result.code, result.out) == (0, "data/raw/emnist\n")
    folder = tmp_path / "data/raw/emnist"
    assert (folder / "gzip.zip").read_bytes() == ARCHIVE
    assert files_in(folder) == {"gzip.zip", "manifest.json", ".lock"}
    assert record(folder)["files"] == [
        {"path": "gzip.zip", "size": len(ARCHIVE), "sha256": DIGEST, "samples": None}
    ]
    assert record(folder)["complete"] and record(folder)["licence"]


def test_size_and_free_space_are_announced_first(download, emnist_server):
    lines = download("emnist").err.splitlines()
    assert lines[0].startswith("ocr: emnist: 276.0 KiB into data/raw/emnist; ") and " free" in lines[0]
    assert emnist_server.host in lines[1] and lines[2] == "ocr: emnist: next: ocr preprocess emnist"


def test_second_run_does_nothing_and_asks_nobody(download, emnist_server):
    download("emnist")
    asked = len(emnist_server.requests)
    result = download("emnist")
    assert (result.code, result.out) == (0, "data/raw/emnist\n")
    assert "everything is there already" in result.err and len(emnist_server.requests) == asked


def test_file_that_somebody_put_there_is_checked_and_taken(download, emnist_server, tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d/gzip.zip").write_bytes(ARCHIVE)
    assert download("emnist", "--dest", "d").code == 0
    assert emnist_server.requests == [] and record(tmp_path / "d")["complete"]


def test_file_of_the_wrong_size_is_fetched_again(download, emnist_server, tmp_path):
    download("emnist", "--dest", "d")
    (tmp_path / "d/gzip.zip").write_bytes(b"cut")
    assert download("emnist", "--dest", "d").code == 0
    assert (tmp_path / "d/gzip.zip").read_bytes() == ARCHIVE


def test_force_fetches_again_from_the_start(download, emnist_server, tmp_path):
    download("emnist", "--dest", "d")
    (tmp_path / "d/gzip.zip.part").write_bytes(ARCHIVE[:HALF])
    assert download("emnist", "--dest", "d", "--force").code == 0
    assert emnist_server.ranges_of(ADDRESS) == [None, None]


def test_dry_run_shows_the_files_and_leaves_nothing(download, emnist_server, tmp_path):
    result = download("emnist", "--dry-run")
    assert result.code == 0 and emnist_server.requests == [] and list(tmp_path.iterdir()) == []
    assert result.out.splitlines()[0] == f"gzip.zip\t276.0 KiB\t{emnist_server.url}{ADDRESS}"
    assert "to cite: Cohen" in result.out and result.err == ""


def test_quiet_says_nothing_but_the_result(download, emnist_server):
    emnist_server.replies[ADDRESS] = [Reply(503), Reply(stop_after=HALF)]
    result = download("emnist", "--quiet")
    assert (result.code, result.out, result.err) == (0, "data/raw/emnist\n", "")


def test_waits_are_told(download, emnist_server):
    emnist_server.replies[ADDRESS] = [Reply(503)]
    assert f"{emnist_server.host}: 503 Service Unavailable; trying again in 1 s" in download("emnist").err


@pytest.mark.parametrize("mirror", ["/mirror/gzip.zip", "/mirror/", "/mirror"])
def test_mirror_is_tried_first(download, emnist_server, mirror):
    emnist_server.files["/mirror/gzip.zip"] = ARCHIVE
    assert download("emnist", "--mirror", emnist_server.url + mirror).code == 0
    assert [request.path for request in emnist_server.requests] == ["/mirror/gzip.zip"]


def test_mirror_that_answers_with_a_web_page_is_passed_over(download, emnist_server):
    emnist_server.files["/mirror/gzip.zip"] = HTML
    emnist_server.headers["/mirror/gzip.zip"]["Content-Type"] = "text/html"
    result = download("emnist", "--mirror", f"{emnist_server.url}/mirror")
    assert result.code == 0
    assert (
        f"passed over {emnist_server.host} (answered 200 with 110.1 KiB of text/html instead of" in result.err
    )


def test_mirror_must_be_an_address(download, emnist_server):
    assert download("emnist", "--mirror", "backup/gzip.zip").code == ExitCode.USAGE


def test_network_away_is_one_line_with_hosts_and_the_way_out(download, monkeypatch):
    use_archive(monkeypatch, "http://127.0.0.1:1/gzip.zip", "http://nowhere.invalid/gzip.zip")
    result = download("emnist", "--quiet")
    assert (result.code, result.out, result.err.count("\n")) == (ExitCode.NETWORK, "", 1)
    assert "127.0.0.1:1 (connection refused), nowhere.invalid (" in result.err
    assert "ocr preprocess emnist --source FILE" in result.err


def test_wrong_digest_ends_with_6_and_no_file(download, emnist_server, tmp_path):
    emnist_server.files[ADDRESS] = ARCHIVE[:-1] + b"?"
    result = download("emnist", "--dest", "d")
    assert result.code == ExitCode.NETWORK and "sha256" in result.err
    assert not (tmp_path / "d/gzip.zip").exists() and not (tmp_path / "d/manifest.json").exists()


def test_small_disk_is_refused_before_the_first_request(download, emnist_server, monkeypatch):
    usage = SimpleNamespace(free=100_000 + partfile.RESERVE)
    monkeypatch.setattr(partfile.shutil, "disk_usage", lambda folder: usage)
    result = download("emnist")
    assert result.code == ExitCode.CANNOT_WRITE and emnist_server.requests == []
    assert "the disk is too small: emnist takes 276.0 KiB" in result.err and "--dest" in result.err


def test_disk_need_counts_only_what_is_missing(download, emnist_server, monkeypatch, tmp_path):
    usage = SimpleNamespace(free=len(ARCHIVE) - HALF + partfile.RESERVE)
    monkeypatch.setattr(partfile.shutil, "disk_usage", lambda folder: usage)
    (tmp_path / "d").mkdir()
    (tmp_path / "d/gzip.zip.part").write_bytes(ARCHIVE[:HALF])
    result = download("emnist", "--dest", "d")
    assert result.code == 0 and "97.7 KiB are there already" in result.err


def test_folder_that_cannot_be_made_ends_with_5(download, emnist_server, tmp_path):
    (tmp_path / "file").write_text("")
    result = download("emnist", "--dest", tmp_path / "file" / "d")
    assert result.code == ExitCode.CANNOT_WRITE and result.err.count("\n") == 1


def test_limit_on_an_archive_is_said_to_change_nothing(download, emnist_server):
    result = download("emnist", "--limit", "10")
    assert result.code == 0 and "--limit changes nothing" in result.err


def test_catalogue_names_the_archive_of_nist():
    (archive,) = catalogue.EMNIST.archives
    assert round(archive.size / 2**20, 2) == 535.73
    assert [source.url for source in archive.sources] == [
        "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip",
        "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/gzip.zip",
    ]


def test_log_gets_a_line_now_and_then(download, emnist_server, monkeypatch):
    monkeypatch.setattr(transfer, "LINE_SECONDS", 0)
    lines = [line for line in download("emnist").err.splitlines() if "gzip.zip: " in line]
    assert lines and all(re.search(r"of 276\.0 KiB, .*/s", line) for line in lines)


def test_missing_package_names_the_extra(download, emnist_server, monkeypatch):
    monkeypatch.setitem(sys.modules, "ocrcli.datasets.web", None)
    result = download("emnist")
    assert result.code == ExitCode.USAGE and "pip install 'ocrcli[train]'" in result.err


def test_proxy_that_is_no_address_is_a_usage_error(download, emnist_server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "nonsense://x")
    assert download("emnist").code == ExitCode.USAGE
