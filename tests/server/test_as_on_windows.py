"""Calls that behave otherwise on Windows are made to do so here: what is uploaded and run must not notice."""

import fcntl
import os
import stat
from pathlib import Path

import pytest

from nbfiles._files import downloads_folder
from nbfiles.server.engines.sandbox import container
from nbfiles.server.engines.sandbox.container_files import ContainerFiles
from nbfiles.server.storage.store import Store


@pytest.fixture
def windows(monkeypatch):
    """No directory can be opened, only a handle for writing can be flushed, no file moves onto another."""
    opened, synced, renamed = os.open, os.fsync, os.rename

    def open_file(path, flags, *more, **options):
        if Path(path).is_dir():
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, flags, *more, **options)

    def sync(handle):
        if stat.S_ISDIR(os.fstat(handle).st_mode) or fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
            raise OSError(9, "Bad file descriptor")
        synced(handle)

    def rename(source, target, **options):
        if os.path.lexists(target):
            raise FileExistsError(17, "File exists", str(target))
        renamed(source, target, **options)

    monkeypatch.setattr(os, "open", open_file)
    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "rename", rename)
    monkeypatch.delattr(os, "O_DIRECTORY")


def test_an_upload_is_kept(windows, tmp_path):
    store = Store(tmp_path / "data")
    staged = store.staging()
    staged.write_bytes(b"x")
    file = store.add(staged, filename="a.txt", mime_type="text/plain")
    assert store.content(file.id).read_bytes() == b"x"
    store.close()


def test_code_gets_what_programs_need_there_and_no_more(monkeypatch, tmp_path):
    monkeypatch.setenv("SYSTEMROOT", r"C:\Windows")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    environment = container._environment(ContainerFiles(tmp_path))
    assert environment["SYSTEMROOT"] == r"C:\Windows"
    assert Path(environment["TEMP"]) == Path(environment["TMP"]) == Path(environment["TMPDIR"])
    assert "ANTHROPIC_API_KEY" not in environment


@pytest.fixture
def no_links(monkeypatch):
    """A disk without hard links, such as exFAT, SMB, or a folder that a notebook service mounts."""

    def link(*_paths, **_options):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", link)


def test_a_download_arrives_where_there_are_no_hard_links(no_links, tmp_path):
    for content in (b"mine", b"other", b"mine"):
        downloads_folder.save([content], tmp_path, "a.png", size=len(content))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.png": b"mine", "a-2.png": b"other"}


def test_where_nothing_can_be_moved_nothing_is_left(no_links, monkeypatch, tmp_path):
    def replace(*_paths):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.setattr(Path, "replace", lambda *_paths: replace())
    with pytest.raises(PermissionError):
        downloads_folder.save([b"x"], tmp_path, "a.png", size=1)
    assert list(tmp_path.iterdir()) == []
