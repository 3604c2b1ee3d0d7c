"""Other people's clients against `nbfiles serve`: what each can do, as a table task × client.

Usage: python -m benchmarks.clients.run [--cache FOLDER] [CLIENT ...]. Each client has an environment of its own in
the cache folder, made at the first run.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.clients import environments, report, served
from benchmarks.clients.clients import CLIENTS, Client
from benchmarks.common import SAMPLES

CACHE = Path(tempfile.gettempdir()) / "nbfiles-clients"
LONGEST = 900  # seconds that a script may take; the SDK's tests take a hundred


def main() -> None:
    options = parser().parse_args()
    chosen = [client for client in CLIENTS if not options.clients or client.name in options.clients]
    said = {client.name: list(_said(client, options.cache)) for client in chosen}
    report.show(said)


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Other people's clients against `nbfiles serve`.")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where environments are kept; default: %(default)s")
    names = [client.name for client in CLIENTS]
    parser.add_argument("clients", nargs="*", metavar="CLIENT", help=f"of {', '.join(names)}; default: all")
    return parser


def _said(client: Client, cache: Path) -> Iterator[report.Said]:
    """Run a client's script against a server of its own, and yield what it said of each task."""
    command = _command(client, cache / re.sub(r"\W+", "-", client.name.lower()))
    with served.serving() as (url, key, folder):
        home = served.clean() | {"HOME": str(folder / "home")}
        arguments = [*command, url, key, str(SAMPLES)]
        done = subprocess.run(arguments, env=home, capture_output=True, text=True, check=False, timeout=LONGEST)
    lines = [line for line in done.stdout.splitlines() if line.startswith('{"task"')]
    yield from (report.Said(**json.loads(line)) for line in lines)
    if done.returncode:
        yield report.Said("script", error=done.stderr[-report.WIDTH :])


def _command(client: Client, folder: Path) -> list[str]:
    script = environments.SCRIPTS / client.script
    if script.suffix == ".mjs":
        return environments.javascript(folder, client.packages, script)
    return [*environments.python(folder, client.packages, client.source), str(script)]


if __name__ == "__main__":
    main()
