"""Uploading 500 MB with nbfiles, hash included, takes at most 1.5 times as long as `curl -F`, and no memory.

To a server that drops the bytes, to the embedded server in another process, and in the kernel's own.
"""

from __future__ import annotations

import json
import tempfile
from contextlib import nullcontext
from pathlib import Path

from common import child, middle, serving, table, world
from sender import WAYS, Measured, Where

SIZE = 500 * 1000 * 1000
ROUNDS = 5
LINE = b"Adelie,Torgersen,39.1,18.7,181.0,3750.0,male,2007\n"


def rounds(path: Path, where: Where | None, stored: Path) -> dict[str, list[Measured]]:
    """Upload the file in every way by turns, each in a fresh process."""
    found: dict[str, list[Measured]] = {}
    ways = list(WAYS) if where else ["own server"]
    for _ in range(ROUNDS):
        ways = [*ways[1:], ways[0]]  # no way is always the first
        for way in ways:
            place = {"NBFILES_USE": where["url"], "ANTHROPIC_API_KEY": where.get("key", "key")} if where else {}
            with world(**place) as env:
                result = child("sender.py", way, str(path), json.dumps(where), env=env)
            for name, (seconds, added) in result.items():
                found.setdefault(name, []).append((seconds, added))
            for file in stored.rglob("file_*"):
                file.unlink()  # else the rounds would fill the disk
    return found


def row(server: str, way: str, runs: dict[str, list[Measured]]) -> tuple[str, ...]:
    ratio = middle([ours / curl for (ours, _), (curl, _) in zip(runs[way], runs["curl -F"], strict=True)])
    seconds, added = (middle([run[i] for run in runs[way]]) for i in (0, 1))
    memory = "-" if way == "curl -F" else f"{added:.1f}"
    return f"{server}: {way}", f"{seconds:.2f}", f"{SIZE / 1e6 / seconds:.0f}", f"{ratio:.2f}", memory


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="nbfiles-benchmark-") as folder:
        path, stored = Path(folder) / "big.csv", Path(folder) / "stored"
        path.write_bytes(LINE * (SIZE // len(LINE)))
        path.with_name("tiny.csv").write_bytes(LINE)
        servers = {
            "drops the bytes": serving("loopback.py"),
            "embedded, own process": serving("sender.py", "serve", str(stored)),
            "embedded, in the kernel": nullcontext(None),
        }
        rows = []
        for name, server in servers.items():
            with server as where:
                runs = rounds(path, where, stored)
            rows += [row(name, way, runs) for way in WAYS if way in runs]
    print(f"A file of {SIZE / 1e6:.0f} MB, medians of {ROUNDS} rounds\n")
    table(("server: way", "s", "MB/s", "× curl", "added MB"), *rows)


if __name__ == "__main__":
    main()
