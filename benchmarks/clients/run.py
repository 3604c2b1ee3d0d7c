"""Other people's clients against `nbfiles serve`: what each can do, as a table task × client.

Usage: python -m benchmarks.clients.run [--cache FOLDER] [CLIENT ...]. Each client has an environment of its own in
the cache folder, made at the first run.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from benchmarks.clients import environments, local_server, table
from benchmarks.clients.clients import CLIENTS, Client
from benchmarks.common import SAMPLES

LONGEST = 900  # seconds that a script may take; the SDK's tests take a hundred


def main() -> None:
    options = _options()
    chosen = [client for client in CLIENTS if client.name in options.clients or not options.clients]
    table.show({client.name: list(_results(client, options.cache)) for client in chosen})


def _options() -> argparse.Namespace:
    parser, names = argparse.ArgumentParser(description=__doc__), [client.name for client in CLIENTS]
    parser.add_argument("--cache", type=Path, default=environments.CACHE, help="where environments are kept")
    parser.add_argument("clients", nargs="*", metavar="CLIENT", help=f"of {', '.join(names)}; all if none is named")
    options = parser.parse_args()
    if unknown := set(options.clients) - set(names):
        parser.error(f"there is no client {', '.join(unknown)}")
    return options


def _results(client: Client, cache: Path) -> Iterator[table.TaskResult]:
    """Run a client's script against a server of its own, and yield what it reports."""
    command = _command(client, cache / re.sub(r"\W+", "-", client.name.lower()))
    with local_server.serving() as (url, key, folder):
        home = local_server.clean() | {"HOME": str(folder / "home")}
        arguments = [*command, url, key, str(SAMPLES)]
        done = subprocess.run(arguments, env=home, capture_output=True, text=True, check=False, timeout=LONGEST)
    lines = [line for line in done.stdout.splitlines() if line.startswith('{"task"')]
    yield from (table.TaskResult(**json.loads(line)) for line in lines)
    if done.returncode:
        yield table.TaskResult("script", error=done.stderr[-table.WIDTH :])


def _command(client: Client, folder: Path) -> list[str]:
    script = environments.SCRIPTS / client.script
    if script.suffix == ".mjs":
        return environments.javascript(folder, client.packages, script)
    return [*environments.python(folder, client.packages, client.source), str(script)]


if __name__ == "__main__":
    main()
