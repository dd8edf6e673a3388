"""Files are fetched from a server of this machine: whole and as published, or not at all."""

import errno
import hashlib
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from elbo_lab import download
from elbo_lab.data import load
from tests.elbo_lab.test_data import mnist


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def published(tmp_path, monkeypatch):
    """A folder that is served as that of MNIST, and the cache, which is empty."""
    folder = tmp_path / "published"
    folder.mkdir()
    mnist(folder)
    files = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}/"
    monkeypatch.setitem(download.SOURCES, "mnist", download.Source(address, files))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "*")
    yield folder
    server.shutdown()
    server.server_close()
    thread.join()


def fetched():
    folder = download.cache("mnist")
    for file in download.missing("mnist", folder):
        download.fetch("mnist", file, folder)
    return folder


def test_what_is_published_is_fetched_once(published):
    folder = fetched()
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == {
        file.name: file.read_bytes() for file in published.iterdir()
    }
    assert load("mnist", folder).train.shape == (5, 16)
    assert download.missing("mnist", folder) == []


def test_a_file_that_is_not_what_was_published_is_refused_and_not_kept(published):
    name = "t10k-labels-idx1-ubyte"
    (published / name).write_bytes((published / name).read_bytes()[:-1] + b"\xff")
    with pytest.raises(ValueError, match=rf"{name} must have the SHA-256 .*, got .*--folder"):
        fetched()
    assert name not in {file.name for file in download.cache("mnist").iterdir()}
    assert not any(file.name.startswith(".") for file in download.cache("mnist").iterdir())


def test_a_file_that_was_damaged_in_the_cache_is_fetched_again(published):
    file = fetched() / "t10k-labels-idx1-ubyte"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    assert download.missing("mnist", file.parent) == [file.name]
    assert (fetched() / file.name).read_bytes() == whole


def test_a_server_that_has_it_not_or_is_not_there_is_one_line(published, monkeypatch):
    (published / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(
        ValueError, match=r"could not be fetched \(HTTP Error 404.*put the files of mnist into a folder"
    ) as no:
        fetched()
    assert "\n" not in str(no.value)
    files = download.SOURCES["mnist"].files
    monkeypatch.setitem(download.SOURCES, "mnist", download.Source("http://127.0.0.1:9/", files))
    with pytest.raises(ValueError, match=r"could not be fetched \(.*refused.*--folder"):
        download.fetch("mnist", "t10k-labels-idx1-ubyte", download.cache("mnist"))


def test_every_file_has_a_digest_and_a_safe_address():
    for source in download.SOURCES.values():
        assert source.address.startswith("https://") and source.address.endswith("/")
        assert len(source.files) == 4 and all(len(digest) == 64 and int(digest, 16) for digest in source.files.values())


def test_a_folder_that_takes_no_file_is_one_line(published, tmp_path):
    (tmp_path / "file").touch()
    name = "t10k-labels-idx1-ubyte"
    with pytest.raises(ValueError, match=rf"{name} cannot be written \(.*--folder") as no:
        download.fetch("mnist", name, tmp_path / "file" / "mnist")
    assert "\n" not in str(no.value)


def test_a_disk_that_fills_up_leaves_the_folder_as_it_was(published, monkeypatch):
    folder = download.cache("mnist")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(download.os, "replace", full)
    with pytest.raises(ValueError, match="No space left on device"):
        download.fetch("mnist", "t10k-labels-idx1-ubyte", folder)
    assert list(folder.iterdir()) == []
