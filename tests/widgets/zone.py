"""A drop zone in a notebook in a browser, and what a person does with it."""

import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.labpage import NotebookPage
from tests.waiting import until

SETUP = """
import glob, hashlib, os, threading
import nbfiles
from nbfiles._widgets import chunked_uploads, partial_file
registry = nbfiles.current_session().connection.files.registry
def sha(name):
    record = registry.get(name)
    digest = hashlib.sha256(record.path.read_bytes()).hexdigest()
    assert record.sha256 == digest and record.size_bytes == record.path.stat().st_size
    return digest
def temp_folder():
    return str(nbfiles.current_session().connection.files.index.temp_files.path_for("folder", "x").parents[1])
def unfinished():
    whole = {str(record.path) for record in registry}
    return [path for path in glob.glob(temp_folder() + '/*/*') if path not in whole]
"""
LARGE = 100_000_000  # bytes of a file that is read to a third at once, and the rest when it is released
SLOW_DISK = f"""
(() => {{
    const {{ slice, arrayBuffer }} = Blob.prototype;
    const gates = new Map();
    const gate = name => {{
        if (!gates.has(name)) {{
            let open;
            const opened = new Promise(done => {{ open = done; }});
            gates.set(name, {{ opened, open }});
        }}
        return gates.get(name);
    }};
    Blob.prototype.slice = function (start, ...more) {{
        const piece = slice.call(this, start, ...more);
        if (this.size === {LARGE} && start > {LARGE} / 3) {{
            piece.arrayBuffer = () => gate(this.name).opened.then(() => arrayBuffer.call(piece));
        }}
        return piece;
    }};
    window.releaseFile = name => gate(name).open();
}})();
"""
KERNEL = "window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel"


class Zone:
    """The last drop zone of a notebook: `zone` in its kernel, `root` in its page."""

    def __init__(self, notebook: NotebookPage) -> None:
        self.notebook, self.page = notebook, notebook.page
        zones = self.page.locator(".nbfiles-drop")
        before = zones.count()
        notebook.run("zone = nbfiles.drop_zone()\nzone")
        self.root = zones.nth(before)
        expect(self.root).to_be_visible()

    def drop(self, *paths: Path) -> None:
        drop(self.root, *paths)

    def row(self, name: str) -> Locator:
        return self.root.locator("li", has=self.page.locator("bdi", has_text=name))

    def button(self, name: str) -> Locator:
        return self.root.get_by_role("button", name=name, exact=True)

    def sent(self, *names: str) -> None:
        """Wait until files are uploaded."""
        for name in names:
            expect(self.row(name).locator(".state")).to_contain_text("uploaded")

    def ask(self, expression: str) -> Any:
        """Return a value of the kernel, which JSON can hold."""
        return ask(self.notebook, expression)

    def moving(self, name: str) -> Locator:
        """Return the row of a LARGE file of which some pieces have arrived and others cannot yet."""
        row = self.row(name)
        expect(row.locator(".state")).to_contain_text(re.compile(r"to the notebook: .*B/s"))
        return row

    def release(self, name: str) -> None:
        """Let the rest of a LARGE file be read."""
        self.page.evaluate("name => releaseFile(name)", name)


def last_zone(page: Page, count: int) -> Locator:
    """Return the last zone of a page that shows a notebook again, once all its zones are there."""
    zones = page.locator(".nbfiles-drop")
    expect(zones).to_have_count(count)
    return zones.last


def drop(root: Locator, *paths: Path) -> None:
    """Let the browser drop files or folders, as the mouse does; a script cannot.

    A page that is still being laid out moves its zones: the files are let go once the zone says that they are over it.
    """
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    devtools = root.page.context.new_cdp_session(root.page)

    def drag(*kinds: str) -> None:
        root.hover(position={"x": 30, "y": 12})  # waits until it stands still
        box = root.bounding_box()
        assert box
        for kind in kinds:
            where = {"type": kind, "x": box["x"] + 30, "y": box["y"] + 12, "data": data}
            devtools.send("Input.dispatchDragEvent", where)

    def over() -> bool:
        drag("dragEnter", "dragOver")
        # Or, without its kernel, that it takes none any more.
        return bool(root.evaluate("root => root.matches('.over') || root.querySelector('button').disabled"))

    def still() -> bool:
        before = root.bounding_box()
        root.evaluate("() => new Promise(requestAnimationFrame)")
        return before == root.bounding_box()

    until(lambda: over() and still())
    drag("drop")
    devtools.detach()


def ask(notebook: NotebookPage, expression: str) -> Any:
    reply = notebook.page.evaluate(
        """async code => {
            const { kernel } = window.jupyterapp.shell.currentWidget.context.sessionContext.session;
            const user_expressions = { it: `json.dumps(${code})` };
            const content = { code: 'import json', silent: true, user_expressions };
            const reply = await kernel.requestExecute(content).done;
            return reply.content.user_expressions.it;
        }""",
        expression,
    )
    assert reply["status"] == "ok", reply
    return json.loads(reply["data"]["text/plain"].strip("'").encode().decode("unicode_escape"))


def written(folder: Path, **contents: str | bytes | int) -> Iterable[Path]:
    """Write files, their dots as `_`; a number makes so many bytes, nearly all of them a hole."""
    for name, content in contents.items():
        path = folder / name.replace("_", ".")
        if isinstance(content, int):
            with path.open("wb") as handle:
                handle.write(path.name.encode())  # no two files are the same
                handle.truncate(content)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        yield path


def sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
