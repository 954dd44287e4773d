"""One file from a real server on loopback: resumed, retried, checked, named."""

import errno
import hashlib
import json
import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from fileserver import HTML, FileServer, Reply

from ocrcli.datasets import partfile, web
from ocrcli.datasets.catalogue import RemoteFile, Source
from ocrcli.datasets.fetch import Fetcher
from ocrcli.datasets.web import Web, open_client
from ocrcli.errors import ExitCode, NetworkError, OutputError

PATH = "/EMNIST/gzip.zip"
CONTENT = b"PK\x03\x04" + np.random.default_rng(0).bytes(400_000)
HALF = 150_000


@pytest.fixture
def waits():
    """The pauses that were asked for; none of them takes place."""
    return []


@pytest.fixture
def told():
    return []


@pytest.fixture
def fetch(tmp_path, waits, told):
    """``fetch(file)`` brings a file into ``tmp_path`` and returns the outcome."""
    with open_client() as client:
        fetcher = Fetcher(Web(client, told.append, waits.append))
        yield lambda file, name="gzip.zip": fetcher.fetch(file, tmp_path / name)


@pytest.fixture
def file(server):
    """The archive, whose size and digest are known, as the server has it."""
    server.files[PATH] = CONTENT
    digest = hashlib.sha256(CONTENT).hexdigest()
    return RemoteFile("gzip.zip", (Source(server.url + PATH),), len(CONTENT), digest, b"PK\x03\x04")


@pytest.fixture
def unknown(file):
    """The same of which only the address is known."""
    return replace(file, size=None, sha256="")


def names(folder):
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def leave_part(folder, content, **record):
    (folder / "gzip.zip.part").write_bytes(content)
    (folder / "gzip.zip.part.json").write_text(json.dumps(record))


def test_file_arrives_whole_and_leaves_nothing_else(fetch, file, tmp_path):
    result = fetch(file)
    assert result.path.read_bytes() == CONTENT and result.size == len(CONTENT)
    assert names(tmp_path) == ["gzip.zip"]


def test_lost_connection_is_taken_up_where_it_broke(fetch, file, server, waits):
    server.replies[PATH] = [Reply(stop_after=HALF), Reply(stop_after=10_000)]
    assert fetch(file).path.read_bytes() == CONTENT
    assert server.ranges_of(PATH) == [None, f"bytes={HALF}-", f"bytes={HALF + 10_000}-"]
    assert waits == [1, 1]  # each try gained ground, so none of them counts as a failure in a row


def test_end_without_a_length_is_taken_for_a_break(fetch, file, server):
    server.replies[PATH] = [Reply(length=False, stop_after=HALF)]
    assert fetch(file).path.read_bytes() == CONTENT
    assert server.ranges_of(PATH)[1] == f"bytes={HALF}-"


def test_earlier_run_is_gone_on_with(fetch, file, server, tmp_path):
    leave_part(tmp_path, CONTENT[:HALF], url="elsewhere", sha256=file.sha256)
    assert fetch(file).path.read_bytes() == CONTENT
    assert server.ranges_of(PATH) == [f"bytes={HALF}-"]


def test_whole_part_needs_no_server(fetch, file, server, tmp_path):
    leave_part(tmp_path, CONTENT, url="elsewhere", sha256=file.sha256)
    assert fetch(file).path.read_bytes() == CONTENT
    assert server.requests == []


def test_part_of_another_file_is_not_gone_on_with(fetch, file, server, tmp_path):
    leave_part(tmp_path, b"x" * HALF, url="elsewhere", sha256="0" * 64)
    assert fetch(file).path.read_bytes() == CONTENT
    assert server.ranges_of(PATH) == [None]


def test_part_that_does_not_fit_is_fetched_anew(fetch, file, server, tmp_path, told):
    leave_part(tmp_path, b"x" * HALF, url=file.sources[0].url, sha256=file.sha256)
    assert fetch(file).path.read_bytes() == CONTENT
    assert server.ranges_of(PATH) == [f"bytes={HALF}-", None]
    assert "do not fit together" in told[0]


def test_whole_part_with_wrong_bytes_is_fetched_anew(fetch, file, server, tmp_path):
    leave_part(tmp_path, b"x" * len(CONTENT), url="elsewhere", sha256=file.sha256)
    assert fetch(file).path.read_bytes() == CONTENT
    assert server.ranges_of(PATH) == [None]


def test_part_longer_than_the_file_is_fetched_anew(fetch, file, server, tmp_path):
    leave_part(tmp_path, CONTENT + b"more", url=file.sources[0].url, sha256=file.sha256)
    assert fetch(file).path.read_bytes() == CONTENT


def test_server_without_ranges_starts_again(fetch, file, server, told):
    server.replies[PATH] = [Reply(stop_after=HALF, ranges=False), Reply(ranges=False)]
    assert fetch(file).path.read_bytes() == CONTENT
    assert any("cannot resume; starting again" in line for line in told)


def test_unchanged_file_without_a_digest_is_resumed(fetch, unknown, server):
    server.headers[PATH]["ETag"] = '"one"'
    server.replies[PATH] = [Reply(stop_after=HALF)]
    assert fetch(unknown).path.read_bytes() == CONTENT
    assert server.requests[1].headers["if-range"] == '"one"'
    assert server.ranges_of(PATH) == [None, f"bytes={HALF}-"]


@pytest.mark.parametrize(
    "before, after",
    [
        ({"ETag": '"one"'}, {"ETag": '"two"'}),
        (
            {"Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"},
            {"Last-Modified": "Tue, 02 Jan 2024 00:00:00 GMT"},
        ),
    ],
    ids=["etag", "date"],
)
def test_changed_file_starts_again(fetch, unknown, server, told, before, after):
    new = b"PK\x03\x04" + b"new" * 100_000
    server.replies[PATH] = [
        Reply(stop_after=HALF, headers=before),
        Reply(body=new, headers=after),
    ]
    assert fetch(unknown).path.read_bytes() == new
    assert any("the file has changed; starting again" in line for line in told)


@pytest.mark.parametrize("headers", [{}, {"ETag": 'W/"weak"'}], ids=["none", "weak"])
def test_file_that_may_have_changed_unseen_starts_again(fetch, unknown, server, headers):
    server.headers[PATH].update(headers)
    server.replies[PATH] = [Reply(stop_after=HALF)]
    assert fetch(unknown).path.read_bytes() == CONTENT
    assert server.ranges_of(PATH) == [None, None]


def test_shorter_file_than_the_part_starts_again(fetch, unknown, server, tmp_path):
    server.headers[PATH]["ETag"] = '"one"'
    leave_part(tmp_path, b"x" * (len(CONTENT) + 5), url=unknown.sources[0].url, validator='"one"')
    assert fetch(unknown).path.read_bytes() == CONTENT  # after a 416


def test_busy_server_is_waited_for(fetch, file, server, waits, told):
    server.replies[PATH] = [Reply(503), Reply(429, headers={"Retry-After": "7"})]
    assert fetch(file).path.read_bytes() == CONTENT
    assert waits == [1, 7]
    assert "503 Service Unavailable; trying again in 1 s" in told[0]


@pytest.mark.parametrize(
    "reply, words",
    [
        (Reply(404), "404 Not Found"),
        (Reply(503), "503 Service Unavailable"),
        (Reply(429, headers={"Retry-After": "86400"}), "asks to wait 86400 s"),
        (Reply(body=HTML, headers={"Content-Type": "text/html"}), "200 with 110.1 KiB of text/html"),
        (Reply(body=HTML, headers={"Content-Type": "app/zip"}), "200 with 110.1 KiB of app/zip"),
        (Reply(body=HTML, length=False), "web page"),
        (Reply(body=b"Rar!" + CONTENT[4:]), "something else than a .zip file"),
        (Reply(body=CONTENT + b"more", length=False), "sends more than"),
        (Reply(body=CONTENT[:-4] + b"oops"), "sha256"),
        (Reply(headers={"Content-Encoding": "gzip"}), "encoded as gzip"),
        (Reply(302, headers={"Location": "http://127.0.0.1:1/away"}), "connection refused"),
        (Reply(302, headers={"Location": PATH}), "redirect"),
    ],
    ids=["missing", "busy", "limit", "html", "html-as-zip", "html-no-length", "other-kind", "too-long",
         "wrong-hash", "encoded", "redirected-away", "redirected-for-ever"],
)  # fmt: skip
def test_next_server_helps_out(fetch, file, server, tmp_path, reply, words):
    server.always[PATH] = reply
    with FileServer() as mirror:
        mirror.files["/copy.zip"] = CONTENT
        result = fetch(replace(file, sources=(*file.sources, Source(f"{mirror.url}/copy.zip"))))
        assert (result.path.read_bytes(), result.host) == (CONTENT, mirror.host)
    assert words in result.failures[0] and server.host in result.failures[0]
    assert names(tmp_path) == ["gzip.zip"]


def test_next_server_goes_on_where_the_first_broke_off(fetch, file, server):
    server.replies[PATH] = [Reply(stop_after=HALF), Reply(404)]
    with FileServer() as mirror:
        mirror.files["/copy.zip"] = CONTENT
        fetch(replace(file, sources=(*file.sources, Source(f"{mirror.url}/copy.zip"))))
        assert mirror.ranges_of("/copy.zip") == [f"bytes={HALF}-"]


def test_web_page_without_a_length_does_not_cost_what_came(fetch, file, server, tmp_path):
    leave_part(tmp_path, CONTENT[:HALF], url="elsewhere", sha256=file.sha256)
    server.always[PATH] = Reply(body=HTML, length=False, ranges=False)
    with pytest.raises(NetworkError, match="web page"):
        fetch(file)
    assert (tmp_path / "gzip.zip.part").stat().st_size == HALF


def test_proxy_that_is_away_is_named(monkeypatch, file, tmp_path):
    monkeypatch.setenv("HTTP_PROXY", "http://user:secret@127.0.0.1:1")
    with open_client() as client, pytest.raises(NetworkError) as caught:
        file = replace(file, sources=(Source("http://data.invalid/gzip.zip"),))
        Fetcher(Web(client)).fetch(file, tmp_path / "gzip.zip")
    assert "data.invalid (connection refused by proxy 127.0.0.1:1)" in str(caught.value)


def test_failure_names_every_server_and_its_answer(fetch, file, server, tmp_path):
    server.always[PATH] = Reply(404)
    away = Source("http://127.0.0.1:1/gzip.zip")
    with pytest.raises(NetworkError) as caught:
        fetch(replace(file, sources=(*file.sources, away)))
    assert caught.value.exit_code == ExitCode.NETWORK
    assert f"{server.host} (404 Not Found), 127.0.0.1:1 (connection refused)" in str(caught.value)
    assert names(tmp_path) == []


def test_wrong_file_never_gets_the_name(fetch, file, server, tmp_path):
    server.always[PATH] = Reply(body=CONTENT[:-4] + b"oops")
    with pytest.raises(NetworkError, match="its sha256 is"):
        fetch(file)
    assert names(tmp_path) == []


def test_old_file_stays_until_the_new_one_is_whole(fetch, file, server, tmp_path):
    (tmp_path / "gzip.zip").write_bytes(b"old")
    server.always[PATH] = Reply(404)
    with pytest.raises(NetworkError):
        fetch(file)
    assert (tmp_path / "gzip.zip").read_bytes() == b"old"


def test_server_that_was_never_there_is_not_waited_for(fetch, file, waits):
    with pytest.raises(NetworkError):
        fetch(replace(file, sources=(Source("http://127.0.0.1:1/gzip.zip"),)))
    assert waits == []


def test_line_that_goes_away_half_way_is_waited_for(fetch, file, server, waits):
    server.always[PATH] = Reply(stop_after=0)
    server.replies[PATH] = [Reply(stop_after=HALF)]
    with pytest.raises(NetworkError, match="connection lost"):
        fetch(file)
    assert len(waits) == web.TRIES and sum(waits) > 100  # two minutes, for a router to start again


def test_what_came_stays_for_the_next_run(fetch, file, server, tmp_path):
    server.always[PATH] = Reply(stop_after=0)
    server.replies[PATH] = [Reply(stop_after=HALF)]
    with pytest.raises(NetworkError):
        fetch(file)
    assert (tmp_path / "gzip.zip.part").stat().st_size == HALF
    del server.always[PATH]
    assert fetch(file).path.read_bytes() == CONTENT
    assert server.ranges_of(PATH)[-1] == f"bytes={HALF}-"


def test_token_does_not_follow_a_redirect_to_another_server(fetch, file, server):
    with FileServer() as storage:
        storage.files["/blob"] = CONTENT
        server.always[PATH] = Reply(302, headers={"Location": f"{storage.url}/blob"})
        fetch(replace(file, sources=(Source(server.url + PATH, token="secret"),)))
        assert server.requests[0].headers["authorization"] == "Bearer secret"
        assert "authorization" not in storage.requests[0].headers


def test_proxy_of_the_environment_is_used(monkeypatch, file, server, tmp_path):
    with FileServer() as proxy:
        proxy.files["http://data.invalid/gzip.zip"] = CONTENT  # a proxy is asked for whole addresses
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        with open_client() as client:
            fetched = Fetcher(Web(client)).fetch(
                replace(file, sources=(Source("http://data.invalid/gzip.zip"),)), tmp_path / "gzip.zip"
            )
    assert fetched.path.read_bytes() == CONTENT


def test_full_disk_is_seen_before_the_transfer(fetch, file, server, monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=0))
    with pytest.raises(OutputError, match=r"disk is too small: .* 390\.6 KiB"):
        fetch(file)


def test_disk_that_fills_up_keeps_what_came(fetch, file, server, monkeypatch, tmp_path):
    write = partfile.PartFile.write

    def fill(part, block):
        if part.size() > HALF:
            monkeypatch.setattr(part, "stream", FullDisk())
        write(part, block)

    monkeypatch.setattr(partfile.PartFile, "write", fill)
    with pytest.raises(OutputError, match="No space left on device") as caught:
        fetch(file)
    assert "run the same command again" in str(caught.value)
    assert caught.value.exit_code == ExitCode.CANNOT_WRITE
    kept = (tmp_path / "gzip.zip.part").stat().st_size
    monkeypatch.undo()
    assert fetch(file).path.read_bytes() == CONTENT
    assert kept > HALF and server.ranges_of(PATH)[-1] == f"bytes={kept}-"


class FullDisk:
    """A file on a disk without room."""

    def write(self, block):
        raise OSError(errno.ENOSPC, "No space left on device")

    def close(self):
        pass
