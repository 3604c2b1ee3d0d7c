import anthropic
import pytest
from anthropic.types import FileExpiredError, FileNotDownloadableError

from tests.server.official import CODE, MODEL, document, text


def test_an_upload_says_what_was_stored(upload):
    sent = upload("report.txt", "text/plain", b"Hello", expires_in_seconds=3600)
    assert (sent.filename, sent.mime_type, sent.size_bytes) == ("report.txt", "text/plain", 5)
    assert sent.downloadable is False
    assert (sent.expires_at - sent.created_at).total_seconds() == pytest.approx(3600)


def test_ids_cannot_be_guessed(upload):
    ids = [upload("a.txt", "text/plain", b"a").id for _ in range(2)]
    assert all(i.startswith("file_011C") and len(i) == 29 for i in ids)
    assert ids[0][9:13] != ids[1][9:13]


def test_names_outside_ascii_arrive_whole(upload):
    assert upload("Übersicht – März.txt", "text/plain", b"x").filename == "Übersicht – März.txt"


def test_only_the_last_path_component_is_kept(upload):
    assert upload("../../etc/notes.txt", "text/plain", b"x").filename == "notes.txt"


@pytest.mark.parametrize(
    "name",
    [
        'a"b.txt',
        "a:b.txt",
        "a\\b.txt",
        "C:\\a.txt",
        "\\\\host\\a.txt",
        "a\nb.txt",
        "a*.txt",
        "a\x85b",
        "a\x7fb",
        "x" * 256,
    ],
)
def test_forbidden_names_are_refused(upload, name):
    with pytest.raises(anthropic.BadRequestError, match="filename"):
        upload(name, "text/plain", b"x")


@pytest.mark.parametrize("name", ["..", ".", "a/..", "a/", "\u202e"])
def test_a_name_that_is_none_gets_one(upload, name):
    assert upload(name, "text/csv", b"x").filename == "unnamed.csv"


def test_what_would_make_a_name_read_as_another_one_is_left_out(upload):
    assert upload("a\u202etxt.exe\u2028b\u2066", "text/plain", b"x").filename == "atxt.exeb"


def test_a_type_with_control_characters_is_refused(client):
    with pytest.raises(anthropic.BadRequestError, match="mime_type"):
        client.files.upload(file=("a.txt", b"x", "text/\x85plain"))


def test_a_file_without_name_and_type_gets_both(client):
    sent = client.files.upload(file=(None, b"%PDF-1.7 ..."))
    assert (sent.filename, sent.mime_type) == ("unnamed.pdf", "application/pdf")


@pytest.mark.parametrize(
    ("content", "mime_type", "name"),
    [
        (b"%PDF-1.7\n", "application/pdf", "unnamed.pdf"),
        (b"\x89PNG\r\n\x1a\n....", "image/png", "unnamed.png"),
        (b"\xff\xd8\xff\xe0..", "image/jpeg", "unnamed.jpg"),
        (b"GIF89a....", "image/gif", "unnamed.gif"),
        (b"RIFF....WEBPVP8 ", "image/webp", "unnamed.webp"),
        ("Grüße\n".encode() * 200, "text/plain", "unnamed.txt"),
        (b"\x00\x01\x02\x03\x04\x05", "application/octet-stream", "unnamed"),
        (b"\xfe\xfd\xfc\xfb\xfa\xf9", "application/octet-stream", "unnamed"),
    ],
)
def test_a_part_without_a_type_is_known_by_its_first_bytes(client, content, mime_type, name):
    sent = client.files.upload(file=(None, content))
    assert (sent.mime_type, sent.filename) == (mime_type, name)


def test_a_type_that_is_given_is_believed(upload):
    assert upload("a.pdf", "text/plain; charset=utf-8", b"%PDF-1.7").mime_type == "text/plain"
    assert upload("a.txt", "application/x-own", b"x").mime_type == "application/x-own"


OCTETS = "application/octet-stream"  # what clients send who do not know, those in TypeScript for every file


@pytest.mark.parametrize(
    ("name", "content", "mime_type"),
    [
        ("a.pdf", b"%PDF-1.7", "application/pdf"),
        ("notes.txt", b"Seven boats", "text/plain"),
        ("a.PNG", b"\x89PNG\r\n\x1a\n....", "image/png"),
        ("a.jpeg", b"\xff\xd8\xff\xe0..", "image/jpeg"),
        ("README", b"Seven boats", "text/plain"),
        (None, b"%PDF-1.7", "application/pdf"),
        ("a.bin", b"%PDF-1.7", OCTETS),
        ("a.pdf", b"Seven boats", OCTETS),
        ("a.txt", b"\x00\x01\x02\x03\x04\x05", OCTETS),
        ("a.csv", b"x,y\n1,2\n", OCTETS),
        ("a.npy", b"\x93NUMPY\x01\x00", OCTETS),
    ],
)
def test_octets_are_what_name_and_bytes_both_say(client, name, content, mime_type):
    file = content if name is None else (name, content, OCTETS)
    assert client.files.upload(file=file).mime_type == mime_type


def test_a_type_that_is_too_long_is_refused(upload):
    with pytest.raises(anthropic.BadRequestError, match="mime_type"):
        upload("a.txt", "text/" + "x" * 300, b"x")


def test_an_empty_file_is_refused(upload):
    with pytest.raises(anthropic.BadRequestError, match="empty"):
        upload("a.txt", "text/plain", b"")


@pytest.mark.parametrize("seconds", [0, 3599, 7_776_001])
def test_expiry_has_bounds(upload, seconds):
    with pytest.raises(anthropic.BadRequestError, match="expires_in_seconds"):
        upload("a.txt", "text/plain", b"x", expires_in_seconds=seconds)


def test_pages_follow_one_another_newest_first(client, upload):
    sent = [upload(f"{n}.txt", "text/plain", b"x").id for n in range(5)]
    first = client.files.list(limit=2)
    assert [file.id for file in first.data] == sent[:2:-1]
    assert [file.id for file in first.get_next_page().data] == sent[2:0:-1]


def test_ids_are_looked_up_at_once_and_unknown_ones_left_out(client, upload):
    sent = upload("a.txt", "text/plain", b"x").id
    assert [file.id for file in client.files.list(ids=[sent, "file_nobody"])] == [sent]


@pytest.mark.parametrize(
    "query",
    [{"limit": 0}, {"limit": 1001}, {"page": "nonsense"}, {"ids": ["a"], "limit": 1}, {"ids": ["a"] * 101}],
)
def test_wrong_list_parameters_are_refused(client, query):
    with pytest.raises(anthropic.BadRequestError):
        client.files.list(**query)


def test_parameters_of_the_old_paging_are_refused(client):
    with pytest.raises(anthropic.BadRequestError, match="after_id"):
        client.files.list(extra_query={"after_id": "file_x"})


def test_a_deleted_file_is_gone(client, upload):
    sent = upload("a.txt", "text/plain", b"x").id
    assert client.files.delete(sent).type == "file_deleted"
    for call in (client.files.delete, client.files.retrieve_metadata, client.files.download):
        with pytest.raises(anthropic.NotFoundError, match=f"File `{sent}` not found"):
            call(sent)


def test_ones_own_upload_cannot_be_downloaded(client, upload):
    sent = upload("a.txt", "text/plain", b"x").id
    with pytest.raises(FileNotDownloadableError) as refused:
        client.files.download(sent)
    assert refused.value.error_code == "file_not_downloadable"


def test_expired_content_is_gone_but_metadata_stays(client, upload, expire):
    sent = upload("a.txt", "text/plain", b"x", expires_in_seconds=3600).id
    expire("files", sent)
    with pytest.raises(FileExpiredError):
        client.files.download(sent)
    assert client.files.retrieve_metadata(sent).id == sent


def test_errors_carry_the_request_id_of_their_header(client):
    with pytest.raises(anthropic.NotFoundError) as refused:
        client.files.retrieve_metadata("file_nobody")
    assert refused.value.request_id.startswith("req_")
    assert refused.value.body["request_id"] == refused.value.request_id


def test_a_body_that_is_no_form_is_refused(client):
    with pytest.raises(anthropic.BadRequestError, match="multipart"):
        client.post("/v1/files", cast_to=object, body={"file": "x"})


def test_a_form_without_a_file_is_refused(client):
    options = {"headers": {"content-type": "multipart/form-data"}}
    with pytest.raises(anthropic.BadRequestError, match="Field required"):
        client.post("/v1/files", cast_to=object, files=[("note", b"hi")], options=options)


TAKEN = {  # by whom a file is read whose bytes are gone, as where another request has just deleted it
    "a document": lambda client, file: ask_about(client, document(file)),
    "code": lambda client, file: ask_about(client, {"type": "container_upload", "file_id": file}, tools=[CODE]),
}


def ask_about(client, block, **more):
    return client.messages.create(
        model=MODEL, max_tokens=99, messages=[{"role": "user", "content": [block, text("?")]}], **more
    )


@pytest.mark.parametrize("take", TAKEN.values(), ids=TAKEN)
def test_a_file_that_is_deleted_while_it_is_read_is_a_404(client, upload, data_dir, take):
    file = upload("a.txt", "text/plain", b"x" * 9).id
    (data_dir / "files" / file).unlink()
    with pytest.raises(anthropic.NotFoundError, match="has been deleted in the meantime"):
        take(client, file)


def test_no_file_belongs_to_a_scope(client, upload):
    upload("a.txt", "text/plain", b"x")
    assert client.beta.files.list(scope_id="session_011").data == []
