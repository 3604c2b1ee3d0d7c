"""A data file that the local server reads neither as a table nor as a text is refused in one line."""

import anthropic
import pytest

from tests.server.official import CODE, text

BINARY = "application/octet-stream"


def block(upload, name, content):
    return {"type": "container_upload", "file_id": upload(name, BINARY, content).id}


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("old.doc", b"\xd0\xcf\x11\xe0" + bytes(600), "“old.doc” is an old Word file.* Save it as .docx"),
        ("film.mp4", b"\0\0\0\x20ftypisom" + bytes(600), "an audio or video file.* Transcribe it"),
        ("array.npy", b"\x93NUMPY\x01\0" + bytes(600), "binary file of an unknown kind"),
        ("noise", b"\x01" * 100_000, "binary file of an unknown kind"),
    ],
)
def test_what_nothing_reads_is_refused(ask, upload, name, content, words):
    with pytest.raises(anthropic.BadRequestError, match=words):
        ask(block(upload, name, content), text("What is in it?"), tools=[CODE])


def test_code_in_the_question_may_read_it(run, upload):
    _, result = run("print(len(open('noise.bin', 'rb').read()))", block(upload, "noise.bin", b"\x01" * 1000))
    assert result.stdout == "1000\n"


def test_a_table_by_any_name_is_profiled(ask, upload):
    table = block(upload, "table.dat", b"a,b\n" + b"1,2\n" * 20)
    answer = ask(table, text("What is the median of a?"), tools=[CODE])
    assert "20 rows and 2 columns" in str(answer.content)
