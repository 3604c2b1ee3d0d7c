"""One table of what can be named as a file: a new source is one row."""

import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from nbfiles._files.sources import resolve
from nbfiles._files.sources.resolve import ResolvedSource, SourceKind
from nbfiles.errors import UnusableFile
from tests.magics.conftest import SAMPLES

NOTES = {"birds": "Adelie penguins weigh about 3.7 kg."}


def fetch_note(value, context):
    name = str(value).removeprefix("note://")
    if name not in NOTES:
        raise UnusableFile(f"There is no note “{name}”. Type: %upload note://birds")
    path = context.temp_files.path_for(str(value), f"{name}.txt")
    path.write_text(NOTES[name])
    yield ResolvedSource(path, "from your notes")


@pytest.fixture(autouse=True)
def notes(monkeypatch):
    row = SourceKind("note", lambda value, _context: str(value).startswith("note://"), fetch_note)
    monkeypatch.setattr(resolve, "SOURCES", (row, *resolve.SOURCES))


def test_a_new_source_is_uploaded_by_its_name(shell):
    (record,) = shell.run("%upload note://birds")
    assert (record.name, record.kind) == ("birds.txt", "text")
    assert "from your notes" in shell.shown
    with pytest.raises(UnusableFile, match="no note “fish”"):
        shell.run("%upload note://fish")


def test_a_question_takes_a_new_source_with_other_files(shell):
    answer = shell.run("%%ask_file note://birds penguins.csv --no-code -o ans\nWhat do Adelie penguins weigh?")
    assert answer.sources == ("birds.txt", "penguins.csv")
    shell.run("%%ask_file note://birds --dry-run\nWhat do they weigh?")
    assert "birds" in shell.shown


def test_a_question_of_a_url_is_about_its_file(shell, files_over_http):
    answer = shell.run(f"%%ask_file {files_over_http}/bzip2-manual.pdf -o ans\nWhat is the block size?")
    assert answer.sources == ("bzip2-manual.pdf",)


@pytest.fixture
def files_over_http(tmp_path):
    """The address of a folder of files, on this machine."""
    folder = tmp_path / "served"
    folder.mkdir()
    shutil.copy(SAMPLES / "bzip2-manual.pdf", folder)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
