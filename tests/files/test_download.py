"""Where the files of an answer go, and that each arrives with its beginning."""

from datetime import UTC, datetime

import pytest

from nbfiles._files.download import MOST_PREVIEWS, Download
from nbfiles._files.downloads_folder import OUT_FOLDER, folder_of
from nbfiles._files.index import FileIndex
from nbfiles._files.upload_cache import UploadCache
from nbfiles.records import Preview, RemoteFile


@pytest.mark.parametrize(
    ("question", "first_file", "name"),
    [
        ("Plot revenue by region!", "sales 2026.csv", "sales-2026-plot-revenue-by-region"),
        ("```python\nprint(1)\n```", "a.csv", "a"),
        ("```python\nprint(1)", "", "answer"),
        ("Größe nach Art", "", "größe-nach-art"),
        ("../../etc/passwd", "", "etc-passwd"),
        ("con", "", "_con"),
        ("word " * 99, "", "word-word-word-word-word-word-word-word-word"),
        ("x" * 999, "", "x" * 48),
        ("?!", "", "answer"),
    ],
)
def test_the_folder_of_an_answer_says_what_it_was_about(question, first_file, name):
    folder = folder_of(question, first_file)
    assert (folder.parent.name, folder.name) == (OUT_FOLDER, name)


class GeneratedFiles:
    """A workspace with files that code made, by id."""

    def __init__(self, files):
        self.files = files

    def alive(self, file_ids):
        now = datetime.now(UTC)
        sizes = {file_id: len(self.files[file_id]) for file_id in file_ids}
        return {i: RemoteFile(i, i, "text/csv", size, now, downloadable=True) for i, size in sizes.items()}

    def download(self, file_id, mime_type=""):
        assert mime_type == "text/csv"
        yield self.files[file_id]


@pytest.fixture
def download(tmp_path):
    """Download files of these names; returns the records as they were told of."""

    def run(names, **options):
        workspace = GeneratedFiles(dict.fromkeys(names, b"a,b\n1,2\n"))
        run.index = FileIndex(lambda: workspace, UploadCache(tmp_path / "data", "test"))
        arrived = []
        try:
            Download(run.index, tmp_path / "out", arrived.append, **options).run(dict.fromkeys(names))
        finally:
            run.index.cache.close()
        return arrived

    return run


def test_a_file_is_told_of_as_soon_as_it_is_here_and_again_with_its_preview(download):
    expected, first, second = download(["t.csv"])
    assert (expected.name, expected.path) == ("t.csv", None)
    assert (first.preview, second.preview) == (Preview(), Preview((("a", "b"), ("1", "2"))))
    assert first == second
    assert [record.preview for record in download.index.registry] == [second.preview]


def test_what_a_reader_stumbles_over_is_said_and_the_file_is_kept(download):
    def broken(_path):
        raise KeyError("cell")

    *_, record = download(["t.csv"], read_preview=broken)
    assert record.preview.notes == ("A preview could not be made (KeyError).",)
    assert record.path.is_file()


def test_of_many_files_the_first_and_the_first_pictures_have_a_preview(download):
    names = [*(f"{number}.csv" for number in range(MOST_PREVIEWS + 5)), "late.png"]
    read = []
    download(names, read_preview=lambda path: read.append(path.name) or Preview())
    assert sorted(read) == sorted([*names[:MOST_PREVIEWS], "late.png"])
