"""Files that come back: whole or absent, safe, private, and never over something else."""

import os
import time
from pathlib import Path

import pytest

from nbfiles._files import downloads_folder
from nbfiles.errors import CutOff, WrongSize


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_download_is_private_and_whole(tmp_path):
    path = downloads_folder.save([b"ab", b"c"], tmp_path / "out", "a.txt", size=3)
    assert path.read_bytes() == b"abc"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_short_download_leaves_nothing(tmp_path):
    with pytest.raises(CutOff, match="2 of 3 bytes"):
        downloads_folder.save([b"ab"], tmp_path, "a.txt", size=3)
    assert names(tmp_path) == []


def test_a_download_that_breaks_off_leaves_nothing(tmp_path):
    def broken():
        yield b"ab"
        raise CutOff("gone")

    with pytest.raises(CutOff):
        downloads_folder.save(broken(), tmp_path, "a.txt", size=None)
    assert names(tmp_path) == []


def test_a_download_that_is_larger_than_the_file_leaves_nothing(tmp_path):
    with pytest.raises(WrongSize, match="larger than the file, which has 3 bytes"):
        downloads_folder.save([b"abcd"], tmp_path, "a.txt", size=3)
    assert names(tmp_path) == []
    assert downloads_folder.save([b"abcd"], tmp_path, "a.png", size=3, growth=1).read_bytes() == b"abcd"


def test_another_file_of_the_name_is_kept(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"mine")
    downloads_folder.save([b"new"], tmp_path, "a.txt", size=3)
    downloads_folder.save([b"newer"], tmp_path, "a.txt", size=5)
    assert names(tmp_path) == ["a-2.txt", "a-3.txt", "a.txt"]
    assert (tmp_path / "a.txt").read_bytes() == b"mine"


def test_the_same_bytes_under_the_same_name_are_one_file(tmp_path):
    first = downloads_folder.save([b"new"], tmp_path, "a.txt", size=3)
    assert downloads_folder.save([b"new"], tmp_path, "a.txt", size=3) == first
    assert names(tmp_path) == ["a.txt"]


def test_a_link_of_the_name_is_not_written_through(tmp_path):
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.txt").symlink_to(victim)
    downloads_folder.save([b"new"], out, "a.txt", size=3)
    assert victim.read_bytes() == b"precious"


@pytest.mark.parametrize("name", ["../../x.txt", "/etc/passwd", ".bashrc", "a\0b", "CON", "..", ""])
def test_a_hostile_name_stays_in_the_folder(tmp_path, name):
    path = downloads_folder.save([b"x"], tmp_path / "out", name, size=1)
    assert path.parent == tmp_path / "out"
    assert not path.name.startswith(".")


def test_a_download_without_an_end_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(downloads_folder, "MAX_BYTES", 10)
    with pytest.raises(Exception, match="stopped"):
        downloads_folder.save(iter(lambda: b"xxxx", b""), tmp_path, "a", size=None)
    assert names(tmp_path) == []


def part_of(folder: Path, number: int, seconds_old: int) -> Path:
    part = folder / f".{number:016x}.part"
    part.write_bytes(b"half")
    os.utime(part, (time.time() - seconds_old,) * 2)
    return part


def test_the_next_download_removes_what_a_killed_kernel_left(tmp_path):
    fcntl = pytest.importorskip("fcntl")
    left, held, new = (part_of(tmp_path, number, age) for number, age in enumerate((3600, 3600, 0)))
    (other := tmp_path / ".mine.part").write_bytes(b"of the user")
    os.utime(other, (0, 0))
    with held.open("rb") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        saved = downloads_folder.save([b"whole"], tmp_path, "a.txt", size=5)
    assert set(tmp_path.iterdir()) == {saved, held, new, other}
    assert not left.exists()
