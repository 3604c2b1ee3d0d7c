"""Every way out of nbfiles goes through the redactor: what is shown, raised, logged, sent to a page, or a repr."""

import ast
import logging
import pkgutil
from collections.abc import Iterator
from dataclasses import asdict, fields, is_dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import nbfiles
from nbfiles import config, errors
from nbfiles._client.logs import LOGGERS, redact_logs
from nbfiles._display.tables import TextTable
from nbfiles._messages.answer import Answer
from nbfiles._messages.prepared import PreparedRequest
from nbfiles._widgets.base import Widget
from nbfiles.records import FileRecord, Files
from tests.canaries import api_id, letters

PACKAGE = Path(nbfiles.__file__).parent
KEY = "sk-" + "ant-" + letters(40)
FILE_ID = api_id("file")

# Who may print or display: the exits themselves, the command line, and the child that reads files.
EXITS = {
    "_display/output.py": "the exit for all that is shown",
    "_magics/__init__.py": "the greeting, redacted there",
    "_documents/reader_process.py": "a child, read by its parent",
    "cli.py": "a terminal, redacted there but for the line of `nbfiles serve` that is typed in another one",
}
# Which dataclasses hold nothing that came from outside.
PLAIN = {"Usage", "Spelled", "Option", "NamedOption", "Timeouts", "BlockKind", "FileKind", "SourceKind", "UnreadKind"}
PLAIN |= {"DestinationKind", "WorkspaceUsage", "PagePicture"}
# Nor those that go between a reader and its child; views draw what is in them.
PLAIN |= {"DecodedText", "Limits", "QuoteContext", "QuotePosition", "QuoteResult", "ReaderResult", "ReaderRow"}
# Nor those that never leave the child.
PLAIN |= {"Annotation", "Findings", "Glyph", "Match"}


def _modules() -> Iterator[str]:
    for module in pkgutil.walk_packages([str(PACKAGE)], "nbfiles."):
        if not module.name.startswith(("nbfiles.server", "nbfiles.__main__")):
            yield module.name


def _dataclasses() -> list[type[Any]]:
    classes = {value for name in _modules() for value in vars(import_module(name)).values() if isinstance(value, type)}
    ours = [cls for cls in classes if is_dataclass(cls) and cls.__module__.startswith("nbfiles.")]
    return sorted(ours, key=lambda cls: cls.__qualname__)


def _prints(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="print" | "display" as name)):
                yield name
            case ast.Attribute(value=ast.Name(id="sys"), attr="stdout" | "stderr" as name):
                yield name
            case ast.Attribute(attr="publish_display_data" | "displayhook" | "write_err" as name):
                yield name


def test_nothing_is_shown_but_through_the_exits():
    paths = [path for path in PACKAGE.rglob("*.py") if "server" not in path.parts]
    printing = {p.relative_to(PACKAGE).as_posix(): {*_prints(ast.parse(p.read_text(encoding="utf-8")))} for p in paths}
    assert {path for path, names in printing.items() if names} <= EXITS.keys()


@pytest.mark.parametrize("cls", [cls for cls in _dataclasses() if not cls.__name__.startswith("_")])
def test_the_repr_of_every_value_is_redacted(cls: type[Any]) -> None:
    value = object.__new__(cls)
    for field in fields(cls):
        object.__setattr__(value, field.name, f"{KEY} {FILE_ID}")
    if cls.__name__ not in PLAIN and "__repr__" in dir(cls):
        shown = _repr(value)
        assert KEY[8:] not in shown
        assert FILE_ID[5:] not in shown


def _repr(value: object) -> str:
    try:
        return repr(value)
    except AttributeError:  # a value of another type is needed; it is tested by itself
        return ""


def test_the_settings_do_not_show_the_key():
    settings = config.read({"ANTHROPIC_API_KEY": KEY, "NBFILES_DATA_DIR": "/home/" + "anna/x"})
    assert settings.credentials.key == KEY
    assert KEY not in repr(settings)
    assert "anna" not in repr(settings)


def _record(**changes: Any) -> FileRecord:
    values = {"name": "a.csv", "file_id": FILE_ID, "kind": "data", "mime_type": "text/csv", "size_bytes": 1}
    return FileRecord(
        **values | {"created_at": datetime.now(UTC), "path": Path("/home/" + "anna/secret/a.csv")} | changes
    )


def test_a_record_keeps_its_values_and_shows_none():
    record = _record()
    for shown in (
        repr(record),
        repr(asdict(record)),
        repr([record.file_id]),
        repr(record.path),
        repr(record.path.parent),
    ):
        assert FILE_ID not in shown
        assert "anna" not in shown
    assert record.file_id == FILE_ID == str(record.file_id)
    assert record.path == Path("/home/" + "anna/secret/a.csv")
    assert f"{record.path}".startswith("/home/" + "anna")
    assert repr(Files([_record(name=f"{FILE_ID} x")])) == f"Files(file …{FILE_ID[-4:]} x)"


def test_a_request_is_sent_as_it_is_and_shows_no_id():
    block = {"type": "document", "source": {"type": "file", "file_id": FILE_ID}}
    request = {"messages": [{"role": "user", "content": [block]}], "container": api_id("container")}
    answer = Answer(asked=PreparedRequest(question=f"what is {KEY}", request=request), container=api_id("container"))
    assert answer.request == request
    assert answer.request["messages"][0]["content"][0]["source"]["file_id"] == FILE_ID
    inner = answer.request["messages"][0]["content"]
    for shown in map(
        repr, (answer, answer.asked, answer.request, inner, inner[0]["source"]["file_id"], answer.container)
    ):
        assert FILE_ID not in shown
        assert KEY not in shown
        assert "container_" not in shown


@pytest.mark.parametrize(
    "error", [errors.NbfilesError, errors.ApiError, errors.NoConnection, errors.CutOff, errors.Stopped]
)
def test_an_error_is_one_line_without_secrets_and_controls(error: type[errors.NbfilesError]) -> None:
    problem = error(f"The server says: \x1b[31mred\x1b[0m\r\n{KEY[:20]}\x1b[0m{KEY[20:]}\u202e\x07 about {FILE_ID}.")
    problem.add(f"More\n{KEY}")
    [line] = problem._render_traceback_()
    assert line == f"{error.__name__}: The server says: red sk-ant-… about file …{FILE_ID[-4:]}. More sk-ant-…"
    assert KEY not in repr(problem)


def test_a_table_is_redacted_before_its_cells_are_cut():
    table = TextTable(("a",), ((f"{'x' * 190} {KEY}",),), (f"note {FILE_ID}",))
    for shown in (str(table), *table._repr_mimebundle_().values(), repr(table)):
        assert KEY[8:16] not in shown
        assert FILE_ID not in shown


def test_messages_to_a_page_are_redacted_and_names_between_us_stay():
    sent: list[Any] = []

    class Recorded(Widget):
        _esm = "export default {}"

        def _send(self, msg: object, **_buffers: object) -> None:
            sent.append(msg)

    Recorded().send({"rows": [{"key": FILE_ID, "name": FILE_ID, "note": KEY}], "number": 3})
    [message] = [message for message in sent if message.get("method") == "custom"]
    assert message["content"] == {
        "rows": [{"key": FILE_ID, "name": f"file …{FILE_ID[-4:]}", "note": "sk-ant-…"}],
        "number": 3,
    }


def test_the_loggers_of_the_sdk_redact(caplog):
    redact_logs()
    for name in LOGGERS:
        logger = logging.getLogger(name)
        with caplog.at_level(logging.DEBUG, name):
            logger.debug("HTTP Response: %s %s", f"https://x.example/v1/files/{FILE_ID}/content", {"x-api-key": KEY})
            try:
                raise ValueError(FILE_ID)
            except ValueError:
                logger.debug("Encountered Exception", exc_info=True)
    assert len(caplog.records) == 2 * len(LOGGERS)
    assert FILE_ID not in caplog.text
    assert KEY not in caplog.text


def test_no_logger_of_the_sdk_is_forgotten():
    import anthropic
    import httpcore2
    import httpx2

    named = set()
    for package in (anthropic, httpx2, httpcore2):
        folder = Path(package.__file__).parent
        for path in folder.rglob("*.py"):
            if "_async" not in path.parts and "getLogger(" in (text := path.read_text(encoding="utf-8")):
                module = ".".join((package.__name__, *path.relative_to(folder).with_suffix("").parts))
                named |= {module} if "getLogger(__name__)" in text else set()
                named |= {part.split('"')[1] for part in text.split("getLogger(")[1:] if part.startswith('"')}
    unused = ("anthropic.lib.tools", "anthropic.lib.environments")  # agents and their tools, which nbfiles does not run
    assert {name for name in named if not name.startswith(unused)} <= {*LOGGERS}
