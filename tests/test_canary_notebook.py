"""A notebook of 60 cells with a secret of every kind wherever one can come from: what is saved of it holds none.

The cells run in one kernel, on the embedded server and on one that answers with secrets. Then the notebook, the state
of its widgets, its HTML page, and the log at DEBUG are searched for every secret in every way a file may write it.
"""

import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook

from tests.canaries import api_id, canaries, letters, written
from tests.scripted import BLOCK, METADATA, START, USAGE, Reply, as_json, error, events, reply, scripted
from tests.waiting import HANG_S

CANARIES = canaries()
ALL = "\n\n".join(canary.text for canary in CANARIES)
LINE = " ".join(canary.text.replace("\n", " ") for canary in CANARIES)
KEY = "sk-" + "ant-" + letters(40)
GATEWAY_KEY = "zzTopSecret" + letters(12)
FOLDER, ELSEWHERE, DATA = (letters(12, "abcdefgh23") for _ in range(3))  # names of folders
UNASKED, VALUE = letters(20), letters(20)  # words of a file and of a variable that nobody asks about
FILE_ID, MADE_ID = api_id("file"), api_id("file")
TABLE = "a,b\n" + "1,2\n" * 4000 + f"{UNASKED},3\n"
SECRETS = {canary.kind: canary.secret for canary in CANARIES} | {
    "the key in the environment": KEY,
    "the key of a gateway": GATEWAY_KEY,
    "the working folder": FOLDER,
    "a folder elsewhere": ELSEWHERE,
    "the data folder": DATA,
    "what nobody asked about": UNASKED,
    "a variable": VALUE,
    "the id of an upload": FILE_ID[5:],
    "the id of a file that code made": MADE_ID[5:],
}

BEGIN = """
import json, logging, os, pathlib, traceback
logging.basicConfig(filename="debug.log", level=logging.DEBUG)
import nbfiles
secret = json.loads(pathlib.Path("canaries.json").read_text())
elsewhere, every, line, value = (secret[name] for name in ("elsewhere", "every", "line", "value"))
b, c, missing, empty = (f"{elsewhere}/{name}" for name in ("b.txt", "c.csv", "missing.csv", "empty.txt"))
paths, odd, table, url = [b, c], f"{secret['id']}.txt", f"{secret['id']}.csv", secret["url"]
"""
DROP = """
zone = nbfiles.drop_zone()
for number, name in enumerate([line[:150], "a.txt", "../../" + secret["id"] + ".txt", elsewhere + "/x.csv"]):
    message = {"tab": "t", "page": "p", "id": f"x{number}", "name": name, "size": 5}
    zone._receive(zone, {"type": "hello", "tab": "t", "page": "p", "query": 1}, [])
    zone._receive(zone, message | {"type": "begin"}, [])
    zone._receive(zone, message | {"type": "piece", "offset": 0, "epoch": 0}, [memoryview(b"abcde")])
zone
"""
RUN = "%%ask_file --code b.txt -o ans\n```python\n{}\n```"
LOCAL = (
    BEGIN,
    "%load_ext nbfiles",
    "%nbfiles",
    "nbfiles.current_session().settings",
    "nbfiles.current_session().connection.destination",
    "%upload {b}",
    "%upload *paths",
    "%upload {missing}",
    "nbfiles.upload(f'{elsewhere}/sub')",
    "nbfiles.upload(pathlib.Path(empty))",
    "df = __import__('pandas').DataFrame({line[:80]: [value, line], 'n': [1, 2]}); nbfiles.upload(df)",
    "%upload every",
    "%%upload {odd}\nwords",
    "%upload --as {table} {c}",
    "nbfiles.files()",
    "print(nbfiles.files()); nbfiles.files()[0]",
    "import dataclasses; dataclasses.asdict(nbfiles.files()[0])",
    "[record.path for record in nbfiles.files()], [record.file_id for record in nbfiles.files()]",
    "vars(nbfiles.files()[0]) if hasattr(nbfiles.files()[0], '__dict__') else repr(nbfiles.files())",
    "%files",
    "%files --all",
    "%files info b.txt",
    "%files usage",
    "%files verify",
    "%files rm {table}",
    DROP,
    "zone.files",
    "nbfiles.file_table()",
    "%%ask_file b.txt -o ans\nWhat are the keys, tokens, passwords and paths?",
    "ans",
    "print(ans); ans.show()",
    "ans.citations",
    "ans.request",
    "ans.blocks, ans.usage, ans.asked",
    "dataclasses.asdict(ans)",
    "%cite 1",
    "%%ask_file every -t talk -o ans\nWhich token is in it? {{line}}",
    "dataclasses.asdict(ans), ans.text, [block.raw for block in ans.blocks]",
    "%thread show talk",
    "%ask_file {line} What is it?",
    "%nbfiles cost",
    "%nbfiles eject",
    RUN.format("import os, sys; print(dict(os.environ)); print(os.getcwd(), sys.path, os.listdir())"),
    RUN.format("print(open('b.txt').read()); raise ValueError(open('b.txt').read())"),
    "ans.code, ans.files",
    "%nbfiles code 1",
    "%nbfiles doctor",
    "%nbfiles use {url}",
)
REMOTE = (
    ("%nbfiles use URL",),
    ("%upload {c}",),
    ("%%ask_file -o ans\nWhy?", "all"),
    ("%%ask_file -o ans\nWhy?", "growing"),
    ("%%ask_file c.csv -o ans\nCompute it", "code"),
    ("ans.code, ans.files, ans.blocks",),
    ("%download *",),
    ("%%ask_file -o ans\nWhy?", "refused"),
    ("%%ask_file -o ans\nWhy?", "gone"),
    ("%%ask_file -o ans\nWhy?", "forbidden"),
    ("%%ask_file -o ans\nWhy?", "failed"),
    (
        "try:\n    nbfiles.ask('Why?')\nexcept Exception as e:\n    traceback.print_exc(); print(repr(e), vars(e))",
        "refused",
    ),
    ("%files --all",),
    ("ans.error, ans.problem, ans",),
    ("%nbfiles use URL/ --key-from GATEWAY_KEY",),
    ("%%ask_file -o ans\nWhy?", "named"),
    ("%%ask_file -o ans\nWhy?", "told"),
    ("ans.error, ans.problem, ans, repr(ans.request)",),
    ("%nbfiles",),
    ("%nbfiles doctor",),
    ("nbfiles.current_session().connection.destination",),
)


def _replies() -> dict[str, Reply]:
    words = [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": ALL[at : at + 40]}}
        for at in range(0, len(ALL), 40)
    ]
    end = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": USAGE}
    call = {"type": "server_tool_use", "id": api_id("srvtoolu"), "name": "bash_code_execution"}
    result = {
        "type": "bash_code_execution_tool_result",
        "tool_use_id": call["id"],
        "content": {
            "type": "bash_code_execution_result",
            "stdout": ALL,
            "stderr": f"Traceback (most recent call last):\n{ALL}",
            "return_code": 1,
            "content": [{"type": "bash_code_execution_output", "file_id": MADE_ID}],
        },
    }
    blocks = [
        {"type": "content_block_start", "index": 1, "content_block": call | {"input": {"command": f"cat {LINE}"}}},
        {"type": "content_block_start", "index": 2, "content_block": result},
    ]
    return {
        "all": reply(ALL),
        "growing": events(START, BLOCK, *words, end, {"type": "message_stop"}),
        "code": events(START, BLOCK, *blocks, end, {"type": "message_stop"}),
        "refused": error(400, "invalid_request_error", LINE),
        "gone": error(404, "not_found_error", f"No file {LINE}"),
        "forbidden": error(403, "permission_error", LINE),
        "named": error(400, "invalid_request_error", f"Not {GATEWAY_KEY}", f"c_{GATEWAY_KEY}", request_id=GATEWAY_KEY),
        "told": reply(f"It is {GATEWAY_KEY}, {GATEWAY_KEY[:9]}**{GATEWAY_KEY[9:]}**"),
        "failed": events(START, BLOCK, words[0], {"type": "error", "error": {"type": "api_error", "message": LINE}}),
    }


def _files() -> dict[str, Reply]:
    named = METADATA | {"id": FILE_ID, "filename": f"{LINE[:200]}.csv", "downloadable": True, "size_bytes": len(ALL)}
    made = named | {"id": MADE_ID, "filename": f"{api_id('file')} {LINE[:150]}.txt", "mime_type": "text/plain"}
    content = Reply(ALL.encode(), headers={"content-type": "text/plain"})
    return {
        f"GET /v1/files/{MADE_ID}/content": content,
        f"GET /v1/files/{MADE_ID}": as_json(made),
        "GET /v1/files/": as_json(named),
        "GET /v1/files": as_json({"data": [named, made], "next_page": None}),
        "POST /v1/files": as_json(named | {"filename": "c.csv", "size_bytes": len(TABLE)}),
        "GET /v1/models": as_json({"data": [], "has_more": False}),
    }


def _write_files(home: Path, elsewhere: Path, url: str) -> None:
    for folder in (home, elsewhere / "sub"):
        folder.mkdir(parents=True)
    (elsewhere / "b.txt").write_text(ALL, encoding="utf-8")
    (elsewhere / "c.csv").write_text(TABLE)
    (elsewhere / "empty.txt").write_text("")
    values = {"elsewhere": str(elsewhere), "every": ALL, "line": LINE, "value": VALUE, "id": api_id("file")}
    (home / "canaries.json").write_text(json.dumps(values | {"url": f"{url}/?token={SECRETS['?token=']}"}))


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is kept of the notebook: by what it is called."""
    folder, replies = tmp_path_factory.mktemp("notebook"), _replies()
    home, elsewhere = folder / FOLDER / "book", folder / ELSEWHERE / "files"
    with scripted(*(replies[name] for _, *names in REMOTE for name in names), always=_files()) as server:
        _write_files(home, elsewhere, server.url)
        remote = (cell.replace("URL", server.url) for cell, *_ in REMOTE)
        book = new_notebook(cells=[new_code_cell(cell) for cell in (*LOCAL, *remote)])
        environ = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_LOG": "debug"}
        environ |= {
            "GATEWAY_KEY": GATEWAY_KEY,
            "NBFILES_USE": "local",
            "NBFILES_DATA_DIR": str(folder / DATA / "nbfiles"),
        }
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environ.items():
                patch.setenv(name, value)
            resources = {"metadata": {"path": str(home)}}
            NotebookClient(
                book, kernel_name="python3", startup_timeout=HANG_S, resources=resources, allow_errors=True
            ).execute()
        assert server.replies == []
    page, _ = HTMLExporter().from_notebook_node(book)
    states = book.metadata.get("widgets", {})
    return {
        "notebook": nbformat.writes(book),
        "state of widgets": json.dumps(states, ensure_ascii=False),
        "page": page,
        "log": (home / "debug.log").read_text(encoding="utf-8"),
    }


def test_there_are_enough_cells() -> None:
    assert len(LOCAL) + len(REMOTE) >= 60


@pytest.mark.parametrize("where", ["notebook", "state of widgets", "page", "log"])
def test_no_secret_is_kept(saved: dict[str, str], where: str) -> None:
    kept = {kind: way for kind, secret in SECRETS.items() for way in written(secret) if way in saved[where]}
    assert kept == {}
