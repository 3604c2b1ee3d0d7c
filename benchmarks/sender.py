"""What `upload.py` starts: `sender.py WAY FILE WHERE` uploads once, `sender.py serve FOLDER` is a server."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Measured = tuple[float, float]  # seconds, MB of memory above what the process had
Where = dict[str, str]  # `url`, and of the embedded server `key`, and `socket` of a Unix socket


def with_curl(path: Path, where: Where) -> Measured:
    socket = ["--unix-socket", where["socket"]] if "socket" in where else []
    key = ["-H", f"x-api-key: {where.get('key', 'key')}", "-H", "anthropic-version: 2023-06-01"]
    form = ["-F", f"file=@{path};type=text/csv", f"{where['url']}/v1/files"]
    started = time.perf_counter()
    reply = subprocess.run(["curl", "-sS", *socket, *key, *form], stdout=subprocess.PIPE, check=True)
    seconds = time.perf_counter() - started
    if json.loads(reply.stdout).get("size_bytes") != path.stat().st_size:
        raise RuntimeError(reply.stdout.decode())
    return seconds, 0.0


def with_sdk(path: Path, where: Where) -> Measured:
    import anthropic

    client = anthropic.Anthropic(base_url=where["url"], api_key=where.get("key", "key"))

    def upload(path: Path) -> None:
        with path.open("rb") as handle:
            client.files.upload(file=(path.name, handle, "text/csv"))

    return measured(upload, path)


def with_nbfiles(path: Path, _: Where) -> Measured:
    import nbfiles

    return measured(nbfiles.upload, path)


def measured(upload: Callable[[Path], object], path: Path) -> Measured:
    """Time an upload in a process that has done one before, and see how high its memory rises."""
    upload(path.with_name("tiny.csv"))
    Path("/proc/self/clear_refs").write_text("5")  # the high-water mark starts anew from here
    before, started = memory("VmRSS"), time.perf_counter()
    upload(path)
    return time.perf_counter() - started, (memory("VmHWM") - before) / 1e6


def memory(name: str) -> int:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024


def with_own_server(path: Path) -> dict[str, Measured]:
    """Start the embedded server as a kernel has it, and send it the file from outside and from inside."""
    import nbfiles

    place = nbfiles.current_session().connection.client._sender._destination
    where = {"url": str(place.base_url), "key": str(place.api_key), "socket": str(place.socket)}
    (before, _), ours, (after, _) = with_curl(path, where), with_nbfiles(path, where), with_curl(path, where)
    return {"curl -F": ((before + after) / 2, 0.0), "nbfiles.upload": ours}  # a later upload may be slower


def serve(folder: Path) -> None:
    from nbfiles.server.embedded import start

    server = start(folder, tcp=True)
    print(json.dumps({"url": server.base_url, "key": server.key}), flush=True)
    sys.stdin.read()
    server.stop()


WAYS: dict[str, Callable[[Path, Where], Any]] = {
    "curl -F": with_curl,
    "SDK, open handle": with_sdk,
    "nbfiles.upload": with_nbfiles,
}

if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", folder]:
            serve(Path(folder))
        case ["own server", path, _]:
            print(json.dumps(with_own_server(Path(path))))
        case [way, path, where]:
            print(json.dumps({way: WAYS[way](Path(path), json.loads(where))}))
