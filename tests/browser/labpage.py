"""A real JupyterLab on a loopback port, and its notebook page in a real headless Chromium.

with running_lab(home, notebooks) as lab, browser_page() as page:
    notebook = NotebookPage(page, lab)
    notebook.open("01_quickstart.ipynb")
    notebook.run_all()
"""

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

import nbformat
from ipykernel.kernelspec import write_kernel_spec
from playwright.sync_api import Locator, Page, expect, sync_playwright

from tests.waiting import HANG_S, until

LEFT_BEHIND = shutil.ignore_patterns(".ipynb_checkpoints", "nbfiles_out", "__pycache__", "*.executed.ipynb", "*.html")
CHROMIUM_ARGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: where it is, and the folder that it shows."""

    url: str
    token: str
    root: Path


def copy_notebooks(source: Path, target: Path) -> Path:
    """Copy a folder of notebooks without what earlier runs left in it, and clear all outputs.

    A notebook that names no kernel gets one: JupyterLab would wait in a dialog for somebody to choose.
    """
    shutil.copytree(source, target, ignore=LEFT_BEHIND)
    for path in target.glob("*.ipynb"):
        book = nbformat.read(path, as_version=4)
        for cell in book.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        book.metadata.setdefault("kernelspec", {"name": "python3", "display_name": "Python 3"})
        nbformat.write(book, path)
    return target


@contextmanager
def running_lab(home: Path, root: Path, *, dark: bool = False) -> Iterator[Lab]:
    """Run JupyterLab on `root`; everything it remembers stays under `home`."""
    token = secrets.token_hex(16)
    environ = _environ(home, token)
    _write_settings(Path(environ["JUPYTERLAB_SETTINGS_DIR"]), dark=dark)
    write_kernel_spec(home / "data" / "kernels" / "python3")
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += ["--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", f"--ServerApp.root_dir={root}"]
    command += ["--LabApp.expose_app_in_browser=True", "--LabApp.extension_manager=readonly"]
    command += ["--JupyterNotebookApp.expose_app_in_browser=True"]
    log = home / "lab.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(command, env=environ, cwd=root, stdout=sink, stderr=sink)
    try:
        yield Lab(_wait_for_url(process, home / "runtime", token, log), token, root)
    finally:
        process.terminate()
        try:
            process.wait(HANG_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environ(home: Path, token: str) -> dict[str, str]:
    """Keep the user's own Jupyter, IPython and nbfiles out of it, and every credential."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANTHROPIC_", "JUPYTER"))}
    folders = {
        "HOME": "",
        "IPYTHONDIR": "ipython",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "user",
        "JUPYTER_PATH": "data",  # searched first, so that `python3` is this interpreter
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "MPLCONFIGDIR": "matplotlib",
        "NBFILES_DATA_DIR": "nbfiles",
    }
    # The token is not in the command, which every user of the machine can read.
    own = {"JUPYTER_TOKEN": token, "NBFILES_USE": "local"}
    return {**kept, **{name: str(home / folder) for name, folder in folders.items()}, **own}


def _write_settings(folder: Path, *, dark: bool) -> None:
    wanted: dict[str, dict[str, Any]] = {
        # Lab otherwise draws only the cells in view, and the others have no outputs to look at.
        "notebook-extension/tracker": {"windowingMode": "none"},
        "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
        "apputils-extension/themes": {"theme": "JupyterLab Dark" if dark else "JupyterLab Light"},
    }
    for name, values in wanted.items():
        path = folder / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))


def _wait_for_url(process: subprocess.Popen[bytes], runtime: Path, token: str, log: Path) -> str:
    """Return the address once the server answers, however late; it announces its port in a file."""
    try:
        return str(until(lambda: _answering(runtime, token), alive=lambda: process.poll() is None))
    except AssertionError as error:
        raise RuntimeError(f"JupyterLab did not start: {error}.\n{log.read_text()[-3000:]}") from None


def _answering(runtime: Path, token: str) -> str | None:
    for path in runtime.glob("jpserver-*.json"):
        try:
            url = str(json.loads(path.read_text())["url"])
            with urlopen(Request(f"{url}api/status", headers={"Authorization": f"token {token}"})):
                return url
        except (OSError, ValueError):  # written but not whole, or bound but not listening
            pass
    return None


@contextmanager
def browser_page(*, width: int = 1200, height: int = 900) -> Iterator[Page]:
    """Open an empty page in a new Chromium that knows nothing and asks nobody.

    What is expected of the page may come late: Playwright's own 5 seconds are a test of the machine.
    """
    expect.set_options(timeout=HANG_S * 1000)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise RuntimeError("The browser tests need Chromium. Type: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=CHROMIUM_ARGS)
        with browser, browser.new_context(viewport={"width": width, "height": height}) as context:
            context.set_default_timeout(HANG_S * 1000)
            yield context.new_page()


class NotebookPage:
    """One notebook in the browser; `hosts` collects every host that the page talks to."""

    def __init__(self, page: Page, lab: Lab) -> None:
        self.page = page
        self.lab = lab
        self.hosts: set[str] = set()
        page.on("request", lambda request: self._note(request.url))
        page.on("websocket", lambda socket: self._note(socket.url))

    def _note(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob"):
            self.hosts.add(parts.netloc)

    def open(self, name: str, *, view: str = "doc/tree") -> None:
        """Open the notebook by its path below the lab's root, and wait for its kernel.

        A cell that is run before runs nothing, in JupyterLab and in Notebook 7 (`view="notebooks"`).
        """
        self.page.goto(f"{self.lab.url}{view}/{quote(name)}?token={self.lab.token}")
        self.wait_for_kernel()

    def reload(self) -> None:
        """Save the notebook and reload the page, and wait until it shows what was saved."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
        self.page.reload()
        self._wait_for_notebook()

    def _wait_for_notebook(self) -> None:
        self.page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.context?.isReady")

    def wait_for_kernel(self) -> None:
        """Wait until the page has its kernel, which answers when no cell runs."""
        self._wait_for_notebook()
        self.page.evaluate(
            """async () => {
                const { context } = window.jupyterapp.shell.currentWidget;
                await context.sessionContext.ready;
                await context.sessionContext.session.kernel.info;
            }"""
        )

    def run_all(self) -> None:
        """Run every cell, and wait until the last one has ended and all images are drawn."""
        # Lab's own promise ends at the first error, even where the cell's tag expects one. All cells
        # are in the kernel's queue by then, so an empty request behind them ends after the last.
        self.page.evaluate(
            """() => {
                const app = window.jupyterapp;
                const { kernel } = app.shell.currentWidget.context.sessionContext.session;
                const behind = () => kernel.requestExecute({ code: '', silent: true }).done;
                window.runEnded = false;
                app.commands.execute('notebook:run-all-cells').catch(() => null).then(behind)
                    .finally(() => { window.runEnded = true; });
            }"""
        )
        self.page.wait_for_function("() => window.runEnded")
        self.page.wait_for_function(
            "() => [...document.querySelectorAll('.jp-OutputArea-output img')].every(i => i.complete)"
        )

    def run(self, code: str) -> Locator:
        """Run code in a new cell below all others, wait until it has ended, and return its outputs."""
        return self._run(code, wait=True)

    def start(self, code: str) -> Locator:
        """Run code in a new cell below all others, and return its outputs to come."""
        return self._run(code, wait=False)

    def _run(self, code: str, *, wait: bool) -> Locator:
        self.page.evaluate(
            """async ([code, wait]) => {
                const { commands, shell } = window.jupyterapp;
                const book = shell.currentWidget.content;
                book.activeCellIndex = book.widgets.length - 1;
                await commands.execute('notebook:insert-cell-below');
                book.activeCell.model.sharedModel.setSource(code);
                const ended = commands.execute('notebook:run-cell');
                if (wait)
                    await ended;
            }""",
            [code, wait],
        )
        return self.page.locator(".jp-Notebook .jp-Cell").last.locator(".jp-OutputArea-output")

    def tell(self, code: str) -> None:
        """Run code in the kernel, past all cells; raises RuntimeError where it fails."""
        reply = self.page.evaluate(
            """async code => {
                const { session } = window.jupyterapp.shell.currentWidget.context.sessionContext;
                const { content } = await session.kernel.requestExecute({ code, silent: true }).done;
                return content.status === 'ok' ? null : `${content.ename}: ${content.evalue}`;
            }""",
            code,
        )
        if reply is not None:
            raise RuntimeError(reply)

    def cells(self) -> list[nbformat.NotebookNode]:
        """Return the notebook's cells as they are now, outputs included."""
        cells = self.page.evaluate(
            "() => [...window.jupyterapp.shell.currentWidget.content.model.cells].map(c => c.toJSON())"
        )
        return [nbformat.from_dict(cell) for cell in cells]

    def screenshots(self, folder: Path) -> list[Path]:
        """Save the whole notebook, one picture a screenful, as 01.png, 02.png, …"""
        folder.mkdir(parents=True, exist_ok=True)
        panel = self.page.locator(".jp-Notebook .jp-WindowedPanel-outer")
        step, total = panel.evaluate(
            """outer => {
                window.jupyterapp.shell.currentWidget.content.activeCellIndex = 0;
                const last = [...outer.querySelectorAll('.jp-Cell')].at(-1).getBoundingClientRect();
                const total = last.bottom - outer.getBoundingClientRect().top + outer.scrollTop;
                return [outer.clientHeight - 40, Math.ceil(total)];  // 40 pixels appear twice
            }"""
        )
        saved = []
        for number, top in enumerate(range(0, max(total - 40, 1), step), start=1):
            panel.evaluate("(outer, top) => { outer.scrollTop = top; }", top)
            saved.append(folder / f"{number:02}.png")
            panel.screenshot(path=saved[-1])
        return saved
