"""``ocr download synthtext|mjsynth``: repositories on a Hub, as a user fetches them."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from downloads import MJSYNTH, SYNTHTEXT, files_in, record, webdataset
from fileserver import FileServer, Reply

from ocrcli.datasets import catalogue, manifest
from ocrcli.errors import ExitCode, InputError


def test_whole_repository_keeps_its_paths_training_files_first(download, hub_server, tmp_path):
    result = download("mjsynth")
    assert (result.code, result.out) == (0, "data/raw/mjsynth\n"), result.err
    found = record(tmp_path / "data/raw/mjsynth")
    splits = [Path(entry["path"]).name.split("-")[0] for entry in found["files"]]
    assert splits == ["train"] * 3 + ["val", "test"]
    assert [entry["samples"] for entry in found["files"]] == [10] * 5
    assert (found["revision"], found["origin"], found["complete"]) == ("a1b2c3", MJSYNTH, True)
    assert "README.md" not in files_in(tmp_path / "data/raw/mjsynth")


def test_webdataset_shards_are_counted(download, hub_server, tmp_path):
    result = download("synthtext")
    assert result.code == 0 and "3 files with 60 samples" in result.err
    paths = manifest.data_files(tmp_path / "data/raw/synthtext")
    assert [path.name for path in paths] == ["00000.tar", "00001.tar", "00002.tar"]


def test_limit_fetches_as_many_shards_as_hold_the_samples(download, hub_server, tmp_path):
    assert download("mjsynth", "--limit", "11").code == 0
    found = record(tmp_path / "data/raw/mjsynth")
    assert (len(found["files"]), found["limit"], found["complete"]) == (2, 11, False)
    asked = len(hub_server.requests)
    assert "everything is there already" in download("mjsynth", "--limit", "20").err
    assert len(hub_server.requests) == asked


def test_shards_that_hold_less_than_expected_are_made_up_for(download, hub_server, monkeypatch, tmp_path):
    sparse = replace(catalogue.MJSYNTH, size=1, samples=1_000_000)  # as if each byte held a million
    monkeypatch.setitem(catalogue.DATASETS, "mjsynth", sparse)
    download("mjsynth", "--limit", "15")
    assert len(record(tmp_path / "data/raw/mjsynth")["files"]) == 2
    download("mjsynth", "--limit", "25")
    assert len(record(tmp_path / "data/raw/mjsynth")["files"]) == 3
    assert sum("resolve" in request.path for request in hub_server.requests) == 3


def test_larger_limit_fetches_only_the_rest(download, hub_server, tmp_path):
    download("mjsynth", "--limit", "10")
    before = sum("resolve" in request.path for request in hub_server.requests)
    assert download("mjsynth").code == 0
    assert sum("resolve" in request.path for request in hub_server.requests) - before == 4
    assert record(tmp_path / "data/raw/mjsynth")["complete"]


def test_shard_of_an_earlier_run_is_not_fetched_again(download, hub_server, tmp_path):
    path = f"/datasets/{SYNTHTEXT}/resolve/a1b2c3/00001.tar"
    hub_server.always[path] = Reply(404)
    assert download("synthtext").code == ExitCode.NETWORK
    with pytest.raises(InputError, match="not finished"):
        manifest.data_files(tmp_path / "data/raw/synthtext")
    del hub_server.always[path]
    assert download("synthtext").code == 0
    assert len(hub_server.ranges_of(path.replace("00001", "00000"))) == 1


def test_new_commit_fetches_only_what_changed(download, hub_server, tmp_path):
    download("synthtext", "--limit", "25")
    shards = {f"{i:05d}.tar": webdataset(20 * i, 20 if i else 21) for i in range(3)}
    hub_server.add_repository(SYNTHTEXT, shards, revision="ffff")
    assert download("synthtext").code == 0
    fetched = [r.path.rpartition("/")[2] for r in hub_server.requests if "/resolve/ffff/" in r.path]
    assert fetched == ["00000.tar", "00002.tar"]
    assert (tmp_path / "data/raw/synthtext/00000.tar").read_bytes() == shards["00000.tar"]


def test_token_of_the_environment_or_the_token_file_is_sent(download, hub_server, monkeypatch, tmp_path):
    (tmp_path / "hf-home").mkdir()
    (tmp_path / "hf-home/token").write_text("from-file\n")
    download("synthtext", "--limit", "1")
    assert {request.headers.get("authorization") for request in hub_server.requests} == {"Bearer from-file"}
    hub_server.requests.clear()
    monkeypatch.setenv("HF_TOKEN", "from-environment")
    download("synthtext", "--limit", "1", "--force")
    assert {request.headers.get("authorization") for request in hub_server.requests} == {
        "Bearer from-environment"
    }


def test_mirror_of_the_hub_is_asked_first_and_gets_no_token(download, hub_server, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "secret")
    with FileServer() as mirror:
        mirror.files.update(hub_server.files)
        mirror.always[f"/datasets/{SYNTHTEXT}/resolve/a1b2c3/00001.tar"] = Reply(404)
        assert download("synthtext", "--mirror", mirror.url).code == 0
        assert len(mirror.requests) == 5  # commit, tree and three shards
        assert all("authorization" not in request.headers for request in mirror.requests)
    assert [request.path.rpartition("/")[2] for request in hub_server.requests] == ["00001.tar"]


def test_copy_in_the_cache_of_hugging_face_is_taken(download, hub_server, tmp_path):
    content = hub_server.files[f"/datasets/{SYNTHTEXT}/resolve/a1b2c3/00001.tar"]
    blobs = tmp_path / "hf-home/hub/datasets--wendlerc--CaptionedSynthText/blobs"
    blobs.mkdir(parents=True)
    (blobs / hashlib.sha256(content).hexdigest()).write_bytes(content)
    assert download("synthtext").code == 0
    assert (tmp_path / "data/raw/synthtext/00001.tar").read_bytes() == content
    assert not any(request.path.endswith("00001.tar") for request in hub_server.requests)


def test_offline_mode_asks_nobody(download, hub_server, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    result = download("synthtext")
    assert result.code == ExitCode.NETWORK and "HF_HUB_OFFLINE" in result.err and hub_server.requests == []


def test_closed_repository_points_to_the_token(download, hub_server):
    headers = {"X-Error-Code": "GatedRepo", "X-Error-Message": "Access to this dataset is restricted"}
    hub_server.always[f"/api/datasets/{SYNTHTEXT}"] = Reply(401, headers=headers)
    result = download("synthtext")
    assert result.code == ExitCode.NETWORK
    assert "401 Access to this dataset is restricted; if it asks for a token, set HF_TOKEN" in result.err


@pytest.mark.parametrize(
    "listing, words",
    [
        (b"<html>", "instead of a listing"),
        (b'{"error": "x"}', "no list of files"),
        (b"[]", "lists no .tar or .parquet files"),
        (b'[{"type": "file", "path": "../../x.tar", "size": 3}]', "outside of the repository"),
        (b'[{"type": "file", "path": "/etc/x.tar", "size": 3}]', "outside of the repository"),
    ],
    ids=["page", "object", "empty", "up", "root"],
)
def test_listing_that_makes_no_sense_ends_with_6(download, hub_server, listing, words):
    hub_server.files[f"/api/datasets/{SYNTHTEXT}/tree/a1b2c3"] = listing
    result = download("synthtext")
    assert (result.code, result.err.count("\n")) == (ExitCode.NETWORK, 1) and words in result.err


def test_damaged_shard_without_a_digest_is_found(download, hub_server):
    content = webdataset(0, 20)[:9_000]
    hub_server.files["/datasets/" + SYNTHTEXT + "/resolve/a1b2c3/00000.tar"] = content
    entry = {"type": "file", "path": "00000.tar", "size": len(content)}
    hub_server.files[f"/api/datasets/{SYNTHTEXT}/tree/a1b2c3"] = json.dumps([entry]).encode()
    result = download("synthtext")
    assert result.code == ExitCode.NETWORK and "00000.tar: what came is damaged" in result.err


def test_hub_away_is_one_line(download, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    result = download("mjsynth")
    assert (result.code, result.err.count("\n")) == (ExitCode.NETWORK, 1)
    assert "tried 127.0.0.1:1 (connection refused)" in result.err
    assert "ocr preprocess mjsynth --source DIR" in result.err


def test_folder_without_a_manifest_is_read_in_the_order_of_names(tmp_path):
    for name in ("b.tar", "a/c.tar", "a/x.tar.part", "notes.txt", "x.parquet"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found = [path.relative_to(tmp_path).as_posix() for path in manifest.data_files(tmp_path)]
    assert found == ["a/c.tar", "b.tar", "x.parquet"]


def test_altered_file_is_told_to_readers(download, hub_server, tmp_path):
    download("synthtext")
    folder = tmp_path / "data/raw/synthtext"
    (folder / "00002.tar").write_bytes(b"cut")
    with pytest.raises(InputError, match=r"00002\.tar: missing or altered"):
        manifest.data_files(folder)


def test_help_names_size_terms_and_examples(download):
    result = download("mjsynth", "--help")
    assert result.code == 0
    page = " ".join(result.out.split())
    for words in ("mjsynth --dry-run", "About 11.3 GiB, 8,919,257 samples", "Terms:", "To cite: Jaderberg"):
        assert words in page


def test_unknown_dataset_is_a_usage_error(download):
    assert download("imagenet").code == ExitCode.USAGE


def test_what_was_fetched_is_counted_for_the_progress_of_preprocess(download, hub_server, tmp_path):
    from ocrcli.datasets import mjsynth, synthtext

    assert download("mjsynth").code == download("synthtext").code == 0
    raw, target = tmp_path / "data/raw", tmp_path / "a.h5"
    assert mjsynth.plan(raw / "mjsynth", target)[1] == 30  # three files of train
    assert synthtext.plan(raw / "synthtext", target, synthtext.Options())[1] == 60
    assert synthtext.plan(raw / "synthtext", target, synthtext.Options(limit=5))[1] == 5
    (raw / "mjsynth/manifest.json").unlink()
    assert mjsynth.plan(raw / "mjsynth", target)[1] is None
