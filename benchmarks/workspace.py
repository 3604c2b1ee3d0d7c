"""A workspace of 50,000 files is listed without holding more than one page in what is shown.

The embedded server's own store is filled; `%files --all` runs in a real kernel, which reaches the server over
HTTP.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from common import kernel, serving, table, world

COUNT = 50_000
LINES = {
    "%files --all": "('files', '--all')",
    "%files --all --sort name": "('files', '--all --sort name')",
    "%files --all *7777.csv": "('files', '--all *7777.csv')",
    "%files usage": "('files', 'usage')",
}
SETUP = """
import time
%load_ext nbfiles
from nbfiles import current_session
requests = []
hooks = current_session().connection.client._sdk._client.event_hooks
hooks['request'].append(lambda request: requests.append(request.url))
def peak():
    return int(next(l for l in open('/proc/self/status') if l.startswith('VmHWM')).split()[1]) / 1000
def attempt(line):
    requests.clear()
    open('/proc/self/clear_refs', 'w').write('5')
    before, started = peak(), time.perf_counter()
    found = get_ipython().run_line_magic(*line)
    seconds = time.perf_counter() - started
    shown = found._repr_mimebundle_()
    return seconds, len(requests), sum(map(len, shown.values())), len(found.rows), peak() - before
"""


def serve(folder: Path) -> None:
    """Run the embedded server on a store that was filled past its own doors."""
    from nbfiles.server import ids
    from nbfiles.server.embedded import start
    from nbfiles.server.storage.store import Store

    now = time.time()
    rows = [(ids.new("file"), f"n{n:05}.csv", "text/plain", 1000 + n, now - COUNT + n, None, 0) for n in range(COUNT)]
    store = Store(folder)
    with store.database.transaction() as db:
        names = "id, filename, mime_type, size_bytes, created_at, expires_at, downloadable"
        db.executemany(f"INSERT INTO files ({names}) VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    for row in rows:
        store.content(row[0]).touch()  # what has no content would be swept
    store.close()
    server = start(folder, tcp=True)
    print(json.dumps({"url": server.base_url, "key": server.key}), flush=True)
    sys.stdin.read()
    server.stop()


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="nbfiles-benchmark-") as folder,
        serving("workspace.py", folder) as where,
    ):
        place = {"NBFILES_USE": where["url"], "ANTHROPIC_API_KEY": where["key"]}
        with world(**place) as env, kernel(env) as run:
            run(f"{SETUP}\nresult = 0")
            run("result = attempt(('files', '--all'))")
            rows = []
            for line, code in LINES.items():
                seconds, requests, shown, lines, added = run(f"result = attempt({code})").result
                rows.append((line, f"{seconds:.2f}", requests, lines, f"{shown / 1e3:.0f}", f"{added:.1f}"))
    print(f"{COUNT:,} files\n")
    table(("line", "s", "requests", "rows shown", "KB shown", "added MB"), *rows)


if __name__ == "__main__":
    serve(Path(sys.argv[1])) if len(sys.argv) > 1 else main()
