"""One table of the kinds of file: a new kind is one row, and one estimate holds for every output."""

from dataclasses import replace

import pytest

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
