"""Starts servers."""

import os
import subprocess
import sys

import downloads
import pytest
from fileserver import FileServer


@pytest.fixture
def server():
    """A file server on loopback, empty and well behaved until told otherwise."""
    with FileServer() as running:
        yield running


@pytest.fixture(autouse=True)
def no_network_settings(monkeypatch, tmp_path):
    """Nothing of the user's proxies, tokens and caches reaches a test."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "HF_TOKEN", "HF_TOKEN_PATH", "HF_ENDPOINT",
                 "HF_HUB_OFFLINE", "HF_HUB_CACHE"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf-home"))


@pytest.fixture
def download(capfd, tmp_path, monkeypatch):
    """``download(*arguments)`` runs ``ocr download`` in this process, in ``tmp_path``, without its pauses."""
    from ocrcli.cli.app import run
    from ocrcli.datasets import web

    monkeypatch.chdir(tmp_path)
    init = web.Web.__init__
    monkeypatch.setattr(
        web.Web, "__init__", lambda self, client, tell: init(self, client, tell, lambda seconds: None)
    )

    def call(*arguments):
        capfd.readouterr()
        code = run(["download", *map(str, arguments)])
        return downloads.Result(int(code), *capfd.readouterr())

    return call


@pytest.fixture
def emnist_server(server, monkeypatch):
    """The catalogue's archive is a small one on the server."""
    server.files[downloads.ADDRESS] = downloads.ARCHIVE
    downloads.use_archive(monkeypatch, server.url + downloads.ADDRESS)
    return server


@pytest.fixture
def start_download(tmp_path, server):
    """``start_download(*arguments)`` starts ``ocr download emnist`` as a process of its own."""
    server.files[downloads.ADDRESS] = downloads.ARCHIVE
    started = []

    usual = {
        "env": {**os.environ, "PYTHONPATH": str(downloads.ROOT)},
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
    }

    def begin(*arguments, **more):
        archive = (server.url + downloads.ADDRESS, str(len(downloads.ARCHIVE)), downloads.DIGEST)
        command = [sys.executable, "-c", downloads.DRIVER, *archive, *arguments]
        process = subprocess.Popen(
            command,
            cwd=tmp_path,
            text=True,
            **{**usual, **more},
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def hub_server(server, monkeypatch):
    """The server is the Hub, and has both datasets in small."""
    names = ["test-00000-of-00001-ee", "train-00000-of-00003-aa", "train-00001-of-00003-bb",
             "train-00002-of-00003-cc", "val-00000-of-00001-dd"]  # fmt: skip
    files = {f"data/{name}.parquet": downloads.shard(10 * i, 10) for i, name in enumerate(names)}
    server.add_repository(downloads.MJSYNTH, {"README.md": b"# card", **files}, page=3)
    server.add_repository(
        downloads.SYNTHTEXT, {f"{i:05d}.tar": downloads.webdataset(20 * i, 20) for i in range(3)}
    )
    monkeypatch.setenv("HF_ENDPOINT", server.url + "/")
    return server
