"""Twenty files of 5 MB come back in at most 1.3 times the time of `curl`, as many at once, in under 64 MB.

Both write to the same disk, from the same server. nbfiles also asks for names and sizes, hashes what comes,
and has each file whole on the disk before it has its name.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import anthropic
from common import child, middle, serving, table, world
from sender import Measured, Where, memory

COUNT, SIZE, ROUNDS = 20, 5_000_000, 7
CODE = f"""```python
import os
for n in range({COUNT}):
    open(f"{{os.environ['OUTPUT_DIR']}}/{{n}}.bin", "wb").write(os.urandom({SIZE}))
```"""


def made(where: Where) -> list[str]:
    """Let the server's code make the files, and return their ids."""
    client = anthropic.Anthropic(base_url=where["url"], api_key=where["key"])
    message = client.messages.create(
        model="claude-sonnet-5-5",
        max_tokens=1000,
        messages=[{"role": "user", "content": CODE}],
        tools=[{"type": "code_execution_20260521", "name": "code_execution"}],
    )
    results = [block.content for block in message.content if block.type == "code_execution_tool_result"]
    return [output.file_id for result in results for output in result.content]


def with_curl(where: Where, file_ids: Sequence[str], folder: Path) -> Measured:
    from nbfiles._files.progress import WORKERS

    lines = [f'header = "x-api-key: {where["key"]}"', 'header = "anthropic-version: 2023-06-01"']
    for file_id in file_ids:
        lines += [f'url = "{where["url"]}/v1/files/{file_id}/content"', f'output = "{folder}/{file_id}"']
    command = [
        "curl",
        "-sSf",
        "--no-progress-meter",
        "--parallel",
        "--parallel-immediate",
        "--parallel-max",
        str(WORKERS),
    ]
    started = time.perf_counter()
    subprocess.run([*command, "--config", "-"], input="\n".join(lines).encode(), check=True)
    return time.perf_counter() - started, 0.0


def with_curl_and_fsync(where: Where, file_ids: Sequence[str], folder: Path) -> Measured:
    """Show what the disk adds: nbfiles waits until a file is on it, `curl` does not."""
    seconds, _ = with_curl(where, file_ids, folder)
    started = time.perf_counter()
    with ThreadPoolExecutor(len(file_ids)) as threads:
        list(threads.map(_fsync, folder.iterdir()))
    return seconds + time.perf_counter() - started, 0.0


def _fsync(path: Path) -> None:
    with path.open("rb") as handle:
        os.fsync(handle.fileno())


def with_nbfiles(_: Where, file_ids: Sequence[str], folder: Path) -> Measured:
    """Measure a process that has downloaded one file before, and see how high its memory rises."""
    from nbfiles import current_session
    from nbfiles._files.download import Download

    def fetch(ids: Sequence[str], into: Path) -> None:
        for error in Download(current_session().connection.files.index, into, lambda _: None).run(dict.fromkeys(ids)):
            raise error

    fetch(file_ids[:1], folder / "first")
    Path("/proc/self/clear_refs").write_text("5")  # the high-water mark starts anew from here
    before, started = memory("VmRSS"), time.perf_counter()
    fetch(file_ids, folder / "all")
    return time.perf_counter() - started, (memory("VmHWM") - before) / 1e6


WAYS: dict[str, Callable[[Where, Sequence[str], Path], Measured]] = {
    "curl --parallel": with_curl,
    "curl, then fsync": with_curl_and_fsync,
    "nbfiles": with_nbfiles,
}


def rounds(where: Where, file_ids: Sequence[str]) -> dict[str, list[Measured]]:
    """Download in both ways by turns, each in a fresh process."""
    found: dict[str, list[Measured]] = {way: [] for way in WAYS}
    for number in range(ROUNDS):
        for way in list(WAYS)[:: 1 if number % 2 else -1]:
            with world(NBFILES_USE=where["url"], ANTHROPIC_API_KEY=where["key"]) as env:
                found[way].append(child("download.py", way, json.dumps([where, file_ids]), env=env))
    return found


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="nbfiles-benchmark-") as stored,
        world() as env,
        serving("sender.py", "serve", stored, env=env) as where,
    ):
        runs = rounds(where, made(where))
    rows = []
    for way, measured in runs.items():
        seconds, added = (middle([run[i] for run in measured]) for i in (0, 1))
        pairs = zip(measured, runs["curl --parallel"], strict=True)
        ratio = middle([ours / curl for (ours, _), (curl, _) in pairs])
        rows.append((way, f"{seconds:.2f}", f"{ratio:.2f}", f"{added:.1f}" if added else "-"))
    print(f"{COUNT} files of {SIZE / 1e6:.0f} MB, medians of {ROUNDS} rounds\n")
    table(("way", "s", "× curl", "added MB"), *rows)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        with tempfile.TemporaryDirectory(prefix="nbfiles-benchmark-") as folder:
            print(json.dumps(WAYS[sys.argv[1]](*json.loads(sys.argv[2]), Path(folder))))
    else:
        main()
