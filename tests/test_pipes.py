"""What comes through a pipe: all of it, and Ctrl-C heard while nothing comes."""

from __future__ import annotations

import io
import os
import signal
import threading
import time

import pytest

from ocrcli.pipes import CHUNK, read_file, read_to_end


def test_everything_is_read_however_it_arrives():
    data = os.urandom(CHUNK + 100_000)
    reading, writing = os.pipe()

    def write():
        with os.fdopen(writing, "wb", buffering=0) as pipe:
            for start in range(0, len(data), 300_000):
                pipe.write(data[start : start + 300_000])
                time.sleep(0.01)

    writer = threading.Thread(target=write)
    writer.start()
    with os.fdopen(reading, "rb") as file:
        assert read_to_end(file) == data
    writer.join()


def test_files_on_disk_and_in_memory_are_read(tmp_path):
    (tmp_path / "file").write_bytes(b"content")
    assert read_file(tmp_path / "file") == b"content"
    assert read_to_end(io.BytesIO(b"content")) == b"content"


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="needs POSIX threads")
def test_ctrl_c_given_to_another_thread_is_heard():
    reading, writing = os.pipe()
    done = threading.Event()

    def interrupt():
        time.sleep(0.2)  # the other thread waits for the pipe by now
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        if not done.wait(20):
            os.close(writing)  # unheard: end the reading, or the test would never

    other = threading.Thread(target=interrupt)
    with os.fdopen(reading, "rb") as file:
        other.start()
        with pytest.raises(KeyboardInterrupt):
            read_to_end(file)
    done.set()
    other.join()
    os.close(writing)
