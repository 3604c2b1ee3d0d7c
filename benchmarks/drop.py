"""From a drop to the file in the kernel: nbfiles' zone, two upload widgets, and JupyterLab's file browser.

python benchmarks/drop.py [MEGABYTES ...]

One JupyterLab with stock settings and a headless Chromium; a fresh kernel and browser for every run. The
clock starts when the browser is given the file and stops when the kernel has all of it; hashes must agree.
Memory is how far the peak rose, in MB; `frozen` is the page's longest pause between two frames, in ms.
ipyvuetify is measured where it is installed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1]))

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from benchmarks.common import table
from benchmarks.devtools import Tab, ran
from tests.browser.labpage import Lab, running_lab

ROUNDS = 3  # whose medians are printed
SILENCE_MS = 10_000
ASKS_ABOVE = 15 << 20  # bytes; JupyterLab's file browser asks whether so large a file is meant
SIZES_MB = (1, 10, 50, 200, 500)
# The input that a button would open the dialog for; it need not stand in the page.
INPUT = """(selector => {
    const it = document.querySelector(selector);
    let found = it;
    HTMLInputElement.prototype.click = function () { found = this; };
    if (it.type !== "file") it.click();
    return found;
})(%s)"""
SPEC = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
KERNEL = "window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel"
FRAMES = """(() => {
    window.longest = 0;
    let last = performance.now();
    const frame = () => {
        const now = performance.now();
        window.longest = Math.max(window.longest, now - last);
        last = now;
        requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
})()"""
FILES = "window.jupyterapp.commands.execute('filebrowser:activate')"
# Its question comes a moment after the drop.
CONFIRM = """new Promise(done => {
    const look = () => {
        const button = document.querySelector(".jp-Dialog .jp-mod-accept");
        if (button) { button.click(); done(); } else setTimeout(look, 10);
    };
    look();
})"""
# Looks in a thread of its own, so that no question of ours stands in the way.
WATCH = """
import hashlib, os, threading, time
from pathlib import Path
at = 0.0
def watch():
    global at
    while not arrived():
        time.sleep(0.005)
    at = time.time()
threading.Thread(target=watch, daemon=True).start()
"""

ZONE = """
import nbfiles
nbfiles.upload_text("x", "first.txt")  # imports the SDK and starts the server, which is not what is measured
zone = nbfiles.drop_zone()
def arrived(): return next(iter(zone._chunks.paths), None)
def sha(): return hashlib.sha256(arrived().read_bytes()).hexdigest()
"""
UPLOAD = """
import ipywidgets
zone = ipywidgets.FileUpload()
def arrived(): return zone.value
def sha(): return hashlib.sha256(zone.value[0].content).hexdigest()
"""
VUETIFY = """
import ipyvuetify.extra
zone = ipyvuetify.extra.FileInput()
def arrived(): return zone.file_info
def sha(): return hashlib.sha256(zone.get_files()[0]["file_obj"].read()).hexdigest()
"""
BROWSER = """
from pathlib import Path
def arrived(): return Path(NAME).is_file() and Path(NAME).stat().st_size == SIZE
def sha(): return hashlib.sha256(Path(NAME).read_bytes()).hexdigest()
"""
BROWSER_WAY = "JupyterLab's file browser"
WAYS = {
    "nbfiles": (ZONE, ".nbfiles-drop"),
    "ipywidgets FileUpload": (UPLOAD, ".jupyter-widgets.widget-upload"),
    "ipyvuetify FileInput": (VUETIFY, ".v-file-input input"),
    BROWSER_WAY: (BROWSER, ".jp-DirListing-content"),
}


@dataclass
class Peak:
    """The memory of a process tree's one process, sampled: RSS in MB at the start and at its highest."""

    pid: int
    start: float = 0.0
    top: float = 0.0

    def look(self) -> None:
        """Take one sample."""
        with contextlib.suppress(OSError, IndexError):
            pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
            self.top = max(self.top, pages * os.sysconf("SC_PAGE_SIZE") / 1e6)
            self.start = self.start or self.top

    @property
    def growth(self) -> float:
        """How far it rose."""
        return self.top - self.start


@contextlib.contextmanager
def sampled(*pids: int) -> Iterator[list[Peak]]:
    peaks, over = [Peak(pid) for pid in pids], threading.Event()

    def run() -> None:
        while not over.wait(0.02):
            for peak in peaks:
                peak.look()

    for peak in peaks:
        peak.look()
    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield peaks
    finally:
        over.set()
        thread.join()


def children(pid: int) -> Iterator[int]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(path.read_text().rsplit(")", 1)[1].split()[1]) == pid:
                yield int(path.parent.name)
                yield from children(int(path.parent.name))


def renderer() -> int:
    """Return the browser process that draws the page: the largest of its kind."""
    found = []
    for pid in children(os.getpid()):
        with contextlib.suppress(OSError):
            if b"--type=renderer" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append((int(Path(f"/proc/{pid}/statm").read_text().split()[1]), pid))
    return max(found)[1]


def told(tab: Tab, expression: str) -> str:
    reply: str = tab.evaluate(
        f"""(async () => {{
            const it = {json.dumps(expression)};
            const content = {{ code: "", silent: true, user_expressions: {{ it }} }};
            const late = new Promise((_, failed) => setTimeout(failed, {SILENCE_MS}, "the kernel is silent"));
            const reply = await Promise.race([{KERNEL}.requestExecute(content).done, late]);
            return reply.content.user_expressions.it.data["text/plain"];
        }})()"""
    )
    return reply


def give(tab: Tab, way: str, path: Path) -> None:
    """Give the file to the browser, as a drop or to the input that a button's dialog fills."""
    if way.startswith("ipy"):
        found = tab.send("Runtime.evaluate", expression=INPUT % json.dumps(WAYS[way][1]))
        tab.send("DOM.setFileInputFiles", files=[str(path)], objectId=found["result"]["objectId"])
        return
    box = tab.evaluate(f"document.querySelector('{WAYS[way][1]}').getBoundingClientRect().toJSON()")
    data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        tab.send("Input.dispatchDragEvent", type=kind, x=box["x"] + 30, y=box["y"] + 12, data=data)
    if way == BROWSER_WAY and path.stat().st_size > ASKS_ABOVE:
        tab.evaluate(CONFIRM)


def measured(lab: Lab, way: str, path: Path) -> list[float]:
    """Return seconds, growth of kernel, server and page, ms frozen; nothing where it failed."""
    size = path.stat().st_size
    code = f"NAME, SIZE = {path.name!r}, {size}\n{WAYS[way][0]}\n{WATCH}\nglobals().get('zone')"
    nbformat.write(new_notebook(cells=[new_code_cell(code)], metadata=SPEC), lab.root / "drop.ipynb")
    before = FILES if way == BROWSER_WAY else "0"
    with ran(lab, "drop.ipynb", before=before, wait=WAYS[way][1]) as tab:
        kernel, server = int(told(tab, "os.getpid()")), int(told(tab, "os.getppid()"))
        tab.evaluate(FRAMES)
        with sampled(kernel, server, renderer()) as peaks:
            began = time.time()
            give(tab, way, path)
            at, patience = 0.0, 20 + size / 10e6
            while not at and time.time() < began + patience:
                time.sleep(0.25)
                with contextlib.suppress(RuntimeError):
                    at = float(told(tab, "at"))
        if not at:
            return []
        frozen = tab.evaluate("window.longest")
        try:
            right = told(tab, "sha()").strip("'") == sha256(path)
        except RuntimeError:  # the kernel cannot get at the bytes, or has hung
            return []
        tab.evaluate(f"{KERNEL}.shutdown()")
    if not right:
        raise RuntimeError(f"{way}: the bytes that arrived are not those of the file")
    return [at - began, *(peak.growth for peak in peaks), frozen]


def row(lab: Lab, way: str, path: Path) -> list[str]:
    """Return the medians of some runs in words, or that it failed."""
    runs = []
    for _ in range(ROUNDS):
        runs.append(measured(lab, way, path))
        (lab.root / path.name).unlink(missing_ok=True)
        if not runs[-1]:
            return ["failed"] + [""] * 5
    seconds, *more = map(median, zip(*runs, strict=True))
    speed = path.stat().st_size / 1e6 / seconds
    return [f"{seconds:.3f} s", f"{speed:.0f}", *(f"{number:.0f}" for number in more)]


def main() -> None:
    sizes = [int(word) for word in sys.argv[1:]] or SIZES_MB
    ways = [way for way in WAYS if "vuetify" not in way or find_spec("ipyvuetify")]
    failed: set[str] = set()  # ways that are not asked to take more
    rows: list[list[str]] = [["MB, way", "time", "MB/s", "kernel", "server", "page", "frozen"]]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        root = Path(folder, "notebooks")
        root.mkdir()
        with running_lab(Path(folder), root) as lab:
            for size in sizes:
                path = Path(folder, f"{size}.bin")
                path.write_bytes(os.urandom(1_000_000) * size)
                for way in ways:
                    numbers = ["failed", *[""] * 5] if way in failed else row(lab, way, path)
                    if not numbers[1]:
                        failed.add(way)
                    rows.append([f"{size}, {way}", *numbers])
                    print(*rows[-1], flush=True)
    table(*rows)


def sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


if __name__ == "__main__":
    main()
