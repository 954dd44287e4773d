"""``ocr download`` as a process: killed, interrupted, two at once, on a full disk, on a terminal."""

import contextlib
import os
import pty
import resource
import signal
import threading
import time

from downloads import ADDRESS, ARCHIVE, HALF, PATIENCE, ROOT, files_in
from fileserver import Reply

from ocrcli.errors import ExitCode


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def test_killed_download_is_gone_on_with(start_download, server, tmp_path):
    server.replies[ADDRESS] = [Reply(hold_after=HALF)]
    part = tmp_path / "data/raw/emnist/gzip.zip.part"
    first = start_download()
    wait_for(lambda: part.exists() and part.stat().st_size == HALF)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert files_in(tmp_path / "data/raw/emnist") >= {"gzip.zip.part", "gzip.zip.part.json"}
    second = start_download()
    out, err = second.communicate(timeout=PATIENCE)
    assert (second.returncode, out) == (0, "data/raw/emnist\n"), err
    assert server.ranges_of(ADDRESS) == [None, f"bytes={HALF}-"]
    assert part.with_name("gzip.zip").read_bytes() == ARCHIVE


def test_interrupted_download_says_how_to_go_on(start_download, server, tmp_path):
    server.replies[ADDRESS] = [Reply(hold_after=HALF)]
    part = tmp_path / "data/raw/emnist/gzip.zip.part"
    process = start_download()
    wait_for(lambda: part.exists() and part.stat().st_size == HALF)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (ExitCode.INTERRUPTED, "")
    assert "the same command goes on with it" in err and "Traceback" not in err
    assert part.stat().st_size == HALF


def test_two_at_once_fetch_the_file_once(start_download, server, tmp_path):
    server.replies[ADDRESS] = [Reply(hold_after=HALF)]
    first = start_download()
    server.holding.wait(PATIENCE)
    second = start_download()
    assert "another download is at work in data/raw/emnist" in second.stderr.readline()
    server.release.set()
    assert [process.wait(timeout=PATIENCE) for process in (first, second)] == [0, 0]
    assert len(server.requests) == 1
    assert (tmp_path / "data/raw/emnist/gzip.zip").read_bytes() == ARCHIVE


def test_second_takes_over_when_the_first_is_killed(start_download, server, tmp_path):
    server.replies[ADDRESS] = [Reply(hold_after=HALF)]
    first = start_download()
    server.holding.wait(PATIENCE)
    part = tmp_path / "data/raw/emnist/gzip.zip.part"
    wait_for(lambda: part.exists() and part.stat().st_size == HALF)
    second = start_download()
    assert "another download" in second.stderr.readline()
    first.kill()
    assert second.wait(timeout=PATIENCE) == 0
    assert server.ranges_of(ADDRESS) == [None, f"bytes={HALF}-"]


def test_terminal_shows_a_bar_with_bytes_and_pace(start_download, server):
    server.replies[ADDRESS] = [Reply(hold_after=HALF)]
    terminal, end = pty.openpty()
    process = start_download(
        stderr=end, env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "80"}
    )
    os.close(end)
    seen = b""
    while b"97.7 of 276.0 KiB" not in seen:
        seen += os.read(terminal, 4096)
    server.release.set()
    with contextlib.suppress(OSError):  # how the other end of a terminal says that it was closed
        while chunk := os.read(terminal, 4096):
            seen += chunk
    assert process.wait(timeout=PATIENCE) == 0 and b"next: ocr preprocess emnist" in seen
    assert process.stdout.read() == "data/raw/emnist\n"
    os.close(terminal)


def test_full_disk_half_way_keeps_what_came(start_download, server, tmp_path):
    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (HALF, HALF))

    process = start_download(preexec_fn=small_files)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (ExitCode.CANNOT_WRITE, "")
    assert "gzip.zip.part" in err and "make room, then run the same command again" in err
    assert (tmp_path / "data/raw/emnist/gzip.zip.part").stat().st_size == HALF
    assert start_download().wait(timeout=PATIENCE) == 0
    assert server.ranges_of(ADDRESS) == [None, f"bytes={HALF}-"]
