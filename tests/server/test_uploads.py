import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbfiles.server.errors import ApiProblem
from nbfiles.server.storage import uploads

TYPE = "multipart/form-data; boundary=cut"


def part(name, content, *more):
    head = "\r\n".join([f'Content-Disposition: form-data; name="{name}"' + "".join(more), "", ""])
    return b"--cut\r\n" + head.encode() + content + b"\r\n"


def receive(tmp_path_factory, body, at=()):
    target = tmp_path_factory.mktemp("staged") / "part"

    async def chunks():
        edges = [0, *sorted(at), len(body)]
        for start, end in pairwise(edges):
            yield body[start:end]

    return asyncio.run(uploads.receive(chunks(), TYPE, target)), target


@given(st.binary(max_size=60), st.lists(st.integers(0, 300), max_size=5))
def test_bytes_arrive_whole_however_they_are_cut(tmp_path_factory, content, at):
    content = content.replace(b"--cut", b"")
    body = part("expires_in_seconds", b"3600") + part("file", content, '; filename="a.bin"') + b"--cut--\r\n"
    sent, target = receive(tmp_path_factory, body, [min(place, len(body)) for place in at])
    assert target.read_bytes() == content
    assert (sent.filename, sent.size, sent.fields) == ("a.bin", len(content), {"expires_in_seconds": "3600"})


@pytest.mark.parametrize(
    "body",
    [
        b"no form at all",
        part("file", b"x") * 2 + b"--cut--\r\n",
        part("note", b"x") * 9 + b"--cut--\r\n",
        part("note", b"x" * 2000) + b"--cut--\r\n",
        part("file", b"cut off", '; filename="a"')[:-4],
    ],
)
def test_a_broken_form_is_refused(tmp_path_factory, body):
    with pytest.raises(ApiProblem) as refused:
        receive(tmp_path_factory, body)
    assert refused.value.status == 400


def test_an_upload_that_breaks_off_leaves_nothing(client, server, upload):
    class Cut:
        def __init__(self):
            self.left = 3

        def read(self, _=-1):
            self.left -= 1
            if not self.left:
                raise KeyboardInterrupt
            return b"x" * 100_000

    before = [file.id for file in client.files.list().data]
    with pytest.raises(KeyboardInterrupt):
        client.files.upload(file=("cut.bin", Cut(), "application/octet-stream"))
    assert [file.id for file in client.files.list().data] == before
