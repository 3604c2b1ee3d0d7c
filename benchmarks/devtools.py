"""A page of Chromium, steered without anything that watches its traffic.

Playwright turns on the browser's network log, which copies every websocket frame to it: fine for clicking,
but a transfer then takes three times as long. So Playwright opens the page and leaves; this goes on alone.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from playwright.sync_api import sync_playwright
from websocket import WebSocket, create_connection

from tests.browser.labpage import CHROMIUM_ARGS, Lab, NotebookPage

SIZE = "--window-size=1200,900"


class Tab:
    """One page; `send` calls a method of the DevTools protocol and returns its result."""

    def __init__(self, plug: WebSocket) -> None:
        self._plug = plug
        self._numbers = count(1)

    def send(self, method: str, **params: Any) -> Any:
        """Raise RuntimeError with what the browser said when it refused."""
        number = next(self._numbers)
        self._plug.send(json.dumps({"id": number, "method": method, "params": params}))
        while (reply := json.loads(self._plug.recv())).get("id") != number:
            pass
        if "error" in reply:
            raise RuntimeError(reply["error"]["message"])
        return reply["result"]

    def evaluate(self, expression: str) -> Any:
        """Return the value of some JavaScript, waiting for a promise; raise RuntimeError where it throws."""
        found = self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            raise RuntimeError(found["exceptionDetails"]["text"])
        return found["result"].get("value")


@contextmanager
def ran(lab: Lab, name: str, *, before: str, wait: str) -> Iterator[Tab]:
    """Open a notebook of the lab in a new Chromium, run its cells, and yield its page.

    `before` is JavaScript for the open page, `wait` the CSS of what must be there in the end.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        command = [shutil.which("chromium") or "google-chrome", "--headless", "--no-sandbox", SIZE]
        command += ["--remote-debugging-port=0", f"--user-data-dir={folder}", *CHROMIUM_ARGS, "about:blank"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as browser:
            try:
                url = _address(Path(folder, "DevToolsActivePort"))
                _run_cells(url, lab, name, before, wait)
                [target] = [t for t in json.load(urlopen(f"{url}/json")) if name in t["url"]]
                plug = create_connection(target["webSocketDebuggerUrl"], suppress_origin=True, timeout=60)
                yield Tab(plug)
                plug.close()
            finally:
                browser.terminate()


def _address(path: Path) -> str:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if path.exists() and (words := path.read_text().split()):
            return f"http://127.0.0.1:{words[0]}"
        time.sleep(0.05)
    raise RuntimeError("Chromium did not start")


def _run_cells(url: str, lab: Lab, name: str, before: str, wait: str) -> None:
    with sync_playwright() as playwright:
        page = playwright.chromium.connect_over_cdp(url).contexts[0].pages[0]
        notebook = NotebookPage(page, lab)
        notebook.open(name)
        page.evaluate(before)
        notebook.run_all()
        page.locator(wait).first.wait_for()
