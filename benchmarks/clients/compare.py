"""Official clients against `nbfiles serve`: they run one scenario and must see the same.

Usage: run.py CACHE. Installs anthropic 0.97.0 and the TypeScript SDK into the folder CACHE, once.
"""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import anthropic

HERE = Path(__file__).parent
PDF = HERE.parents[1] / "notebooks" / "samples" / "bzip2-manual.pdf"
SERVE = """
import sys
from pathlib import Path
from nbfiles.server.middleware import guard
from nbfiles.server.serve import ServeOptions, serve
guard.UPLOAD_LIMIT = 20_000_000  # small enough to be exceeded by what is sent here, as is the quota
serve(ServeOptions(Path(sys.argv[1]), port=0, quota=10_000_000), lambda line: print(line, flush=True))
"""


def main(cache: Path) -> int:
    cache.mkdir(parents=True, exist_ok=True)
    clients = {
        "python today": [sys.executable, "-W", "ignore", str(HERE / "scenario.py")],
        "python async": [sys.executable, "-W", "ignore", str(HERE / "scenario.py"), "async"],
        "python 0.97": [str(_old_python(cache)), "-W", "ignore", str(HERE / "scenario.py")],
        "typescript": ["node", str(_typescript(cache))],
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
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", SERVE, folder]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(command, text=True, **pipes) as server:
            url = re.search(r"http://[\d.:]+", server.stdout.readline())[0]
            key = Path(folder, "key").read_text()
            yield url, key, _expired(url, key, Path(folder, "server.db"))
            server.terminate()


def _expired(url: str, key: str, database: Path) -> str:
    """Upload a file, and put its end into the past, as no client can."""
    with anthropic.Anthropic(base_url=url, api_key=key) as client:
        file = client.files.upload(file=("old.txt", b"gone", "text/plain"), expires_in_seconds=3600)
    with closing(sqlite3.connect(database)) as db:
        db.execute("UPDATE files SET expires_at = created_at - 1")
        db.commit()
    return file.id


def _old_python(cache: Path) -> Path:
    folder = cache / "old"
    if not folder.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin" / "pip", "install", "-q", "anthropic==0.97.0"], check=True)
    return folder / "bin" / "python"


def _typescript(cache: Path) -> Path:
    folder = cache / "ts"
    if not folder.exists():
        folder.mkdir()
        subprocess.run(["npm", "install", "--silent", "@anthropic-ai/sdk"], cwd=folder, check=True)
    script = folder / "scenario.mjs"  # where node finds the package
    script.write_text((HERE / "scenario.mjs").read_text())
    return script


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
