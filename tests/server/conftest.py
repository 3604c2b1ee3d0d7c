"""One server for all tests of this folder, reached as a user reaches it: the official SDK over its socket."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import anthropic
import pytest

from nbfiles.server.embedded import Embedded, start
from nbfiles.server.storage.store import Store
from nbfiles.server.workspaces import ServerSettings, Workspaces
from tests.server.official import CODE, MODEL, SAMPLES, connect, text

Ask = Callable[..., Any]


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def server(data_dir: Path) -> Iterator[Embedded]:
    running = start(data_dir)
    yield running
    running.stop()


@pytest.fixture
def open_store() -> Iterator[Callable[..., Store]]:
    """Open the store of a directory, as often as a test likes; all are closed in the end."""
    with ExitStack() as opened:
        yield lambda root, **more: opened.enter_context(closing(Store(root, **more)))


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Embedded]]:
    """Start servers of a test's own, over `tmp_path`, with settings of its own."""
    with ExitStack() as running:

        def start_one(rate: int | None = None, *, tcp: bool = False, **settings: Any) -> Embedded:
            one = Embedded(Workspaces(tmp_path, ServerSettings(**settings)), tcp=tcp, rate=rate)
            running.callback(one.stop)
            return one

        yield start_one


@pytest.fixture
def connect_to(serve: Callable[..., Embedded]) -> Iterator[Callable[..., anthropic.Anthropic]]:
    """Start a server with settings of its own and connect to it."""
    with ExitStack() as open_clients:
        yield lambda *args, **settings: open_clients.enter_context(connect(serve(*args, **settings)))


@pytest.fixture
def expire(data_dir: Path) -> Callable[[str, str], None]:
    """Let a file or a container of the common server expire, as its database says."""

    def mark(table: str, row_id: str) -> None:
        with closing(sqlite3.connect(data_dir / "server.db")) as db, db:
            db.execute(f"UPDATE {table} SET expires_at = 1 WHERE id = ?", (row_id,))

    return mark


@pytest.fixture(scope="session")
def client(server: Embedded) -> Iterator[anthropic.Anthropic]:
    with connect(server) as connected:
        yield connected


@pytest.fixture(scope="session")
def upload(client: anthropic.Anthropic) -> Callable[..., Any]:
    def send(name: str, mime_type: str, content: bytes | None = None, **more: Any) -> Any:
        if content is not None:
            return client.files.upload(file=(name, content, mime_type), **more)
        with (SAMPLES / name).open("rb") as handle:
            return client.files.upload(file=(name, handle, mime_type), **more)

    return send


@pytest.fixture(scope="session")
def manual(upload: Callable[..., Any]) -> str:
    return str(upload("bzip2-manual.pdf", "application/pdf").id)


@pytest.fixture(scope="session")
def penguins(upload: Callable[..., Any]) -> str:
    return str(upload("penguins.csv", "text/csv").id)


@pytest.fixture(scope="session")
def ask(client: anthropic.Anthropic) -> Ask:
    def send(*content: Any, **more: Any) -> Any:
        options = {"model": MODEL, "max_tokens": 4000, **more}
        options.setdefault("messages", [{"role": "user", "content": list(content)}])
        return client.messages.create(**options)

    return send


@pytest.fixture(scope="session")
def run(ask: Ask) -> Ask:
    def send(code: str, *content: Any, **more: Any) -> Any:
        message = ask(*content, text(f"```python\n{code}\n```"), tools=[CODE], **more)
        result = next(b.content for b in message.content if b.type == "code_execution_tool_result")
        return message, result

    return send
