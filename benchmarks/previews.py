"""Previews and `%cite` in the limited child take at most 1.3 times what they took in the kernel.

    git worktree add ../before fe39ff1
    python benchmarks/previews.py ../before

Both trees run in turn, in fresh processes: milliseconds of the first call, and the median of those after it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from common import HERE, SAMPLES, middle, table, world

ROUNDS, CALLS = 5, 15
MEASURE = """
import json, sys, time
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from nbfiles._documents import previews
from nbfiles._messages import citation_check
from nbfiles.records import FileRecord, Kind
from tests.answers import answer_of

folder, manual = Path(sys.argv[1]), Path(sys.argv[2])
digest = sha256(manual.read_bytes()).hexdigest()
record = FileRecord("m", "file_1", Kind.PDF, "x/y", 9, datetime.now(UTC), sha256=digest, path=manual)
quote = "compressing a file 20,000 bytes long with the flag -9 will cause the compressor to allocate around 7600k"
place = {"type": "page_location", "start_page_number": 9, "end_page_number": 10}
citation = {"cited_text": quote, "document_index": 0, **place}
answer = answer_of({"type": "text", "text": "A", "citations": [citation] * 4}, documents=("m",))
ways = {f"preview of {path.name}": (lambda path=path: previews.read(path)) for path in sorted(folder.iterdir())}
ways["%cite of a page"] = lambda: citation_check.context(answer.citations[0], record, None)
ways["four quotes looked up"] = lambda: citation_check.look_up(answer, lambda name: record, None)
times = {}
for what, way in ways.items():
    taken = []
    for _ in range(int(sys.argv[3])):
        started = time.perf_counter()
        way()
        taken.append((time.perf_counter() - started) * 1000)
    times[what] = [taken[0], sorted(taken[1:])[len(taken) // 2]]
print(json.dumps(times))
"""
MAKE = """
import sys, json, io
from pathlib import Path
import docx, openpyxl, pptx
from PIL import Image
folder = Path(sys.argv[1])
rows = "region,sales,share\\n" + "north,12345,0.25\\n" * 500
(folder / "a.csv").write_text(rows)
(folder / "large.csv").write_text(rows * 100)
(folder / "a.json").write_text(json.dumps([{"region": "north", "sales": n} for n in range(500)]))
(folder / "a.txt").write_text("some words on a line\\n" * 500)
(folder / "a.html").write_text("<h1>Report</h1>" + "<p>some words on a line</p>" * 500)
(folder / "a.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>')
Image.effect_noise((1200, 900), 50).save(folder / "a.png")
book = openpyxl.Workbook()
for number in range(500):
    book.active.append(["north", number, number / 7])
book.save(folder / "a.xlsx")
document = docx.Document()
for number in range(200):
    document.add_paragraph("some words on a line")
document.save(str(folder / "a.docx"))
deck = pptx.Presentation()
deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = "Hello"
deck.save(str(folder / "a.pptx"))
"""


def main(before: str) -> None:
    times: dict[str, dict[str, list[list[float]]]] = {}
    with tempfile.TemporaryDirectory(prefix="nbfiles-benchmark-") as folder, world() as env:
        subprocess.run([sys.executable, "-c", MAKE, folder], check=True)
        Path(folder, "a.pdf").symlink_to(SAMPLES / "bzip2-manual.pdf")
        Path(folder, "a.jpg").symlink_to(SAMPLES / "flower.jpg")
        for _ in range(ROUNDS):
            for name, tree in {"before": before, "now": str(HERE.parent)}.items():
                for what, taken in measured(tree, folder, env).items():
                    times.setdefault(what, {}).setdefault(name, []).append(taken)
    print(f"Milliseconds: medians of {ROUNDS} processes, in each the first call, and the median of {CALLS} more\n")
    table(("what", "first: before", "now", "ratio", "then: before", "now", "ratio"), *map(row, times, times.values()))


def measured(tree: str, folder: str, env: dict[str, str]) -> dict[str, list[float]]:
    path = os.pathsep.join([tree, env.get("PYTHONPATH", "")])
    command = [sys.executable, "-c", MEASURE, folder, str(SAMPLES / "bzip2-manual.pdf"), str(CALLS + 1)]
    done = subprocess.run(command, env=env | {"PYTHONPATH": path}, cwd=tree, stdout=subprocess.PIPE, check=True)
    times: dict[str, list[float]] = json.loads(done.stdout)
    return times


def row(what: str, times: dict[str, list[list[float]]]) -> tuple[str, ...]:
    cells = []
    for index in (0, 1):
        before, now = (middle([taken[index] for taken in times[name]]) for name in ("before", "now"))
        cells += [f"{before:.2f}", f"{now:.2f}", f"{now / before:.2f}"]
    return what, *cells


if __name__ == "__main__":
    main(*sys.argv[1:])
