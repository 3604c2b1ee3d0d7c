"""Official clients of now and of a year ago against one another: they run one scenario and must see the same.

Usage: python -m benchmarks.clients.compare [--cache FOLDER].
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import anthropic

from benchmarks.clients import environments, local_server
from benchmarks.common import SAMPLES

HERE = Path(__file__).parent
PDF = SAMPLES / "bzip2-manual.pdf"
SCENARIO = str(HERE / "scenario.py")
SERVE = """
import sys
from pathlib import Path
from nbfiles.server.middleware import guard
from nbfiles.server.serve import ServeOptions, serve
guard.UPLOAD_LIMIT = 20_000_000  # small enough to be exceeded by what is sent here, as is the quota
serve(ServeOptions(Path(sys.argv[1]), port=0, quota=10_000_000), lambda line: print(line, flush=True))
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=environments.CACHE, help="where environments are kept")
    cache = parser.parse_args().cache
    today = [sys.executable, "-W", "ignore", SCENARIO]
    clients = {
        "python today": today,
        "python async": [*today, "async"],
        "python 0.97": [*environments.python(cache / "python-0-97", ["anthropic==0.97.0"]), SCENARIO],
        "typescript": environments.javascript(cache / "scenario", ["@anthropic-ai/sdk"], HERE / "scenario.mjs"),
    }
    seen = {name: _saw(command) for name, command in clients.items()}
    first = seen["python today"]
    differences = [
        (name, key, saw.get(key), first.get(key))
        for name, saw in seen.items()
        for key in {*first, *saw}
        if saw.get(key) != first.get(key)
    ]
    for name, key, saw, expected in differences:
        print(f"{name}: {key}: {saw} instead of {expected}")
    print(f"{len(clients)} clients, {len(first)} steps, {len(differences)} differences")
    return len(differences)


def _saw(command: list[str]) -> dict[str, object]:
    with _server() as (url, key, expired):
        arguments = [*command, url, key, str(PDF), expired]
        done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"failed": f"{command}: {done.stderr[-2000:]}"}
    saw: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return saw


@contextmanager
def _server() -> Iterator[tuple[str, str, str]]:
    """Yield the address and the key of a server, and the id of a file in it that has expired."""
    with local_server.serving([sys.executable, "-c", SERVE]) as (url, key, folder):
        yield url, key, _expired(url, key, folder / "server.db")


def _expired(url: str, key: str, database: Path) -> str:
    """Upload a file, and put its end into the past, as no client can."""
    with anthropic.Anthropic(base_url=url, api_key=key) as client:
        file = client.files.upload(file=("old.txt", b"gone", "text/plain"), expires_in_seconds=3600)
    with closing(sqlite3.connect(database)) as db:
        db.execute("UPDATE files SET expires_at = created_at - 1")
        db.commit()
    return file.id


if __name__ == "__main__":
    sys.exit(main())
