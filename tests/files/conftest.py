"""A session on the embedded server, in a folder with the sample files."""

import shutil
from pathlib import Path

import pytest

from nbfiles.session import Session

SAMPLES = Path(__file__).parents[2] / "notebooks" / "samples"


@pytest.fixture
def session(tmp_path, monkeypatch):
    for name in ("bzip2-manual.pdf", "penguins.csv", "flower.jpg"):
        shutil.copy(SAMPLES / name, tmp_path)
    (tmp_path / "notes.txt").write_text("One note, and another.\n" * 40)
    monkeypatch.chdir(tmp_path)
    session = Session()
    yield session
    session.close()
