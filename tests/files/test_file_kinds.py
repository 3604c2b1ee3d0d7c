"""One table of the kinds of file: a new kind is one row, and one estimate holds for every output."""

from dataclasses import replace

import pytest
from PIL import Image

from nbfiles._documents.pdf import DocumentError
from nbfiles._files import file_kinds
from nbfiles._files.file_kinds import FileKind, begins
from nbfiles._files.file_tokens import LOCAL, Range
from nbfiles._messages import content, token_estimate
from nbfiles._messages.models import Models, needs
from nbfiles._messages.request import AskRequest
from nbfiles.errors import BadInput, UnusableFile


def check_sheet(path):
    if b"torn" in path.read_bytes():
        raise DocumentError(f"“{path.name}” is torn.")
    return "two staves"


SHEET_MUSIC = FileKind(
    name="sheet music",
    matches=begins(b"X:1\n"),
    mime_type="text/plain",
    block="document",
    read_as="document, cited by passage",
    needs={"music_input": "read music"},
    check=check_sheet,
    estimate=lambda record, _counting: Range(record.size_bytes, 2 * record.size_bytes),
)
TUNE = b"X:1\nT:Speed the Plough\n"


@pytest.fixture
def music(monkeypatch):
    """The table with one more row."""
    monkeypatch.setattr(file_kinds, "FILE_KINDS", (SHEET_MUSIC, *file_kinds.FILE_KINDS))


@pytest.mark.usefixtures("music")
def test_a_new_kind_is_one_row_from_the_upload_to_the_estimate(session, tmp_path):
    (tmp_path / "plough.abc").write_bytes(TUNE)
    (record,) = session.upload(["plough.abc"])
    assert record.kind == "sheet music"
    assert dict(session.connection.files.facts(record))["contains"] == "two staves"
    answer = session.ask(AskRequest("Which tune is the Plough?", ["plough.abc"]))
    assert [block["type"] for block in answer.request["messages"][0]["content"]] == ["document", "text"]
    assert file_kinds.tokens(record) == Range(len(TUNE), 2 * len(TUNE))
    assert needs(answer.request, [record.kind])[0] == "music_input"
    (tmp_path / "torn.abc").write_bytes(TUNE + b"torn")
    with pytest.raises(UnusableFile, match="is torn"):
        session.upload(["torn.abc"])


@pytest.mark.usefixtures("music")
def test_a_model_that_lacks_what_a_new_kind_needs_is_told_of():
    models = Models(lambda: [{"id": "deaf", "capabilities": {"music_input": {"supported": False}}}])
    with pytest.raises(BadInput, match="deaf cannot read music"):
        models.check("deaf", ["music_input"], 1)


@pytest.mark.parametrize("name", ["bzip2-manual.pdf", "flower.jpg", "notes.txt", "penguins.csv"])
def test_info_and_a_dry_run_have_the_same_estimate(session, name):
    (record,) = session.upload([name])
    blocks = content.blocks([record], code=True)
    request = {"system": "", "messages": [{"role": "user", "content": blocks}]}
    planned = token_estimate.of_request(request, [record], LOCAL)
    assert str(planned) in dict(session.connection.files.facts(record))["tokens per question"]
    assert planned == file_kinds.tokens(replace(record), LOCAL)


@pytest.mark.parametrize(
    ("name", "data", "note"),
    [
        ("old.doc", b"\xd0\xcf\x11\xe0" + bytes(600), "an old Word file. Save it as .docx to have it read"),
        ("german.txt", "Die Prüfung über Köln läuft.".encode("cp1252"), "read as Windows-1252, a guess"),
        ("moves.gif", "GIF", "animated, 2 frames: Claude may see only the first one"),
        ("turned.jpg", "JPEG", "rotated upright, 5 × 9 pixels"),
    ],
)
def test_what_was_said_of_an_upload_is_said_again(session, tmp_path, name, data, note):
    if isinstance(data, str):
        exif = Image.Exif()
        exif[0x0112] = 6
        pictures = [Image.new("RGB", (9, 5), colour) for colour in ("red", "blue")]
        pictures[0].save(tmp_path / name, data, exif=exif, save_all=data == "GIF", append_images=pictures[1:])
    else:
        (tmp_path / name).write_bytes(data)
    (record,) = session.upload([name])
    facts = dict(session.connection.files.facts(record))
    assert note in facts.get("contains", facts.get("contents", ""))


@pytest.mark.parametrize(("stream", "converter"), [("EncryptedPackage", None), ("Workbook", "xls")])
def test_an_old_workbook_is_told_from_one_with_a_password(tmp_path, stream, converter):
    head = b"\xd0\xcf\x11\xe0" + bytes(1000) + stream.encode("utf-16-le")
    row = file_kinds.recognise("a.xlsx", head)
    assert row.converter_without_code == converter
    assert ("encrypted" in row.refusal) == (converter is None)
    assert file_kinds.recognise("a.docx", head).refusal
