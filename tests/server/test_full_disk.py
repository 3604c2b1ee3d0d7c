"""A disk that is really full: every request that needs room says so, and all goes on when there is room again."""

import os
import subprocess
from contextlib import ExitStack, suppress

import anthropic
import httpx2
import pytest

from nbfiles.server.embedded import Embedded
from nbfiles.server.workspaces import ServerSettings, Workspaces
from tests.server.official import CODE, MODEL, connect, data, text
from tests.server.test_skills_api import files
from tests.waiting import until

SIZE = 4_000_000  # bytes of the disk
FULL = "disk of the server's data folder is nearly full: make room"


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    """A small disk of its own."""
    folder = tmp_path_factory.mktemp("disk")
    with suppress(FileNotFoundError, subprocess.CalledProcessError), ExitStack() as mounted:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
        subprocess.run(mount, check=True, stderr=subprocess.DEVNULL)
        mounted.callback(subprocess.run, ["umount", "-l", folder], check=True)
        yield folder
        return
    pytest.skip("only root can mount a disk")


@pytest.fixture(scope="module")
def small(disk):
    """A client of a server whose data lie there."""
    server = Embedded(Workspaces(disk / "data", ServerSettings(floor=0)), tcp=False)
    with connect(server) as client:
        yield client
    server.stop()


@pytest.fixture
def table(small):
    return small.files.upload(file=("a.csv", b"a,b\n1,2\n", "text/csv")).id


@pytest.fixture
def full(disk, table):
    """Fill the disk to the last byte; a call makes room again."""
    rest = disk / "rest"
    handle = os.open(rest, os.O_CREAT | os.O_WRONLY)
    with suppress(OSError):
        while True:
            os.write(handle, bytes(512))
    os.close(handle)
    yield rest.unlink
    rest.unlink(missing_ok=True)


def request(*content, **more):
    return {"model": MODEL, "max_tokens": 3000, "messages": [{"role": "user", "content": list(content)}], **more}


TASKS = {  # each is given a client and a file
    "an upload": lambda client, _: client.files.upload(file=("b.bin", bytes(100_000), "text/plain")),
    "a deletion": lambda client, table: client.files.delete(table),
    "a skill": lambda client, _: client.skills.create(files=[*files(), ("tide-tables/x", os.urandom(9999))]),
    "a batch": lambda client, _: client.messages.batches.create(
        requests=[{"custom_id": "a", "params": request(text("?" * 20_000))}]
    ),
    "code": lambda client, _: client.messages.create(**request(text("```python\n1\n```"), tools=[CODE])),
    "a table": lambda client, table: client.messages.create(**request(data(table), text("What?"), tools=[CODE])),
    "a workspace": lambda client, _: client.files.list(workspace_id="wrkspc_01another"),
}


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_a_full_disk_is_told_as_what_it_is(small, table, full, task):
    with pytest.raises(anthropic.BadRequestError, match=FULL):
        task(small, table)
    assert table in [file.id for file in small.files.list()]


def test_it_is_told_in_a_stream(small, table, full):
    with (
        pytest.raises(anthropic.APIStatusError, match=FULL),
        small.messages.stream(**request(data(table), text("What?"), tools=[CODE])) as stream,
    ):
        stream.until_done()


def test_what_needs_no_room_goes_on(small, full):
    assert small.messages.create(**request(text("Hello?"))).content
    full()
    assert small.files.upload(file=("b.txt", b"x", "text/plain")).size_bytes == 1


def test_a_batch_ends_when_there_is_room_for_its_results(small, disk, table, full):
    full()
    many = [{"custom_id": f"n{n}", "params": request(text("?" * 500))} for n in range(300)]
    batch = small.messages.batches.create(requests=many)
    with (disk / "rest").open("wb", buffering=0) as rest, suppress(OSError):
        while True:
            rest.write(bytes(4096))
    full()
    until(lambda: small.messages.batches.retrieve(batch.id).processing_status == "ended")
    assert len(list(small.messages.batches.results(batch.id))) == 300


def test_what_fails_for_another_reason_is_not_called_a_full_disk(small):
    with pytest.raises((anthropic.NotFoundError, httpx2.HTTPError)):
        small.files.delete("file_nobody")
