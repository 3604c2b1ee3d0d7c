"""Documents become text: pages or cells a second and peak memory, beside markitdown, each in a fresh process.

markitdown is not a dependency: install it for this alone, with `pip install 'markitdown[docx,pptx,xlsx]'`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from common import middle, table, world

ROUNDS = 3
LINES_A_PAGE, PAGES, SLIDES, ROWS, COLUMNS = 40, 500, 100, 5_000, 10
SENTENCE = "The block size affects both the ratio and the memory, for compression and for the other way. "


def docx(path: Path) -> None:
    import docx as library

    document = library.Document()
    for number in range(PAGES):
        document.add_heading(f"Chapter {number}", 2)
        for _ in range(LINES_A_PAGE // 4):
            document.add_paragraph(SENTENCE * 3)
    document.save(str(path))


def pptx(path: Path) -> None:
    import pptx as library

    deck = library.Presentation()
    for number in range(SLIDES):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = f"Slide {number}"
        slide.placeholders[1].text = "\n".join([SENTENCE] * 5)
    deck.save(str(path))


def xlsx(path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for number in range(ROWS):
        sheet.append([f"name {number}", *(number * column / 7 for column in range(1, COLUMNS))])
    book.save(path)


def html(path: Path) -> None:
    page = f"<h2>Chapter</h2>{f'<p>{SENTENCE * 3}</p>' * (LINES_A_PAGE // 4)}"
    path.write_text(f"<!doctype html><title>x</title>{page * PAGES}")


# what is made, how many of them
KINDS: dict[str, tuple[Callable[[Path], None], int, str]] = {
    "docx": (docx, PAGES, "pages"),
    "pptx": (pptx, SLIDES, "slides"),
    "xlsx": (xlsx, ROWS * COLUMNS, "cells"),
    "html": (html, PAGES, "pages"),
}
OURS = """
import sys
from pathlib import Path
from nbfiles._documents import convert
source, target = Path(sys.argv[1]), Path(sys.argv[2])
convert.to_text(source, source.suffix[1:], target)
"""
THEIRS = """
import sys
from pathlib import Path
from markitdown import MarkItDown
Path(sys.argv[2]).write_text(MarkItDown(enable_plugins=False).convert(sys.argv[1]).text_content)
"""
PEAK = """
import resource
print(max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
"""


def main() -> None:
    rows = []
    with tempfile.TemporaryDirectory(prefix="nbfiles-benchmark-") as folder, world() as env:
        for kind, (make, count, unit) in KINDS.items():
            make(path := Path(folder, f"a.{kind}"))
            for name, code in {"nbfiles": OURS, "markitdown": THEIRS}.items():
                runs = [measured(code, path, env) for _ in range(ROUNDS)]
                seconds, memory = middle([run[0] for run in runs]), max(run[1] for run in runs)
                text = f"{path.with_suffix('.out').stat().st_size / 1e3:,.0f}"
                rows.append(
                    (
                        f"{kind}: {name}",
                        f"{seconds:.2f}",
                        f"{count / seconds:,.0f} {unit}",
                        f"{memory:.0f}",
                        text,
                    )
                )
    print(f"Fresh processes, imports included; medians of {ROUNDS}\n")
    table(("kind: way", "s", "a second", "peak MB", "KB of text"), *rows)


def measured(code: str, path: Path, env: dict[str, str]) -> tuple[float, float]:
    """Return the seconds of a process and the most memory that it or a child of it had, in MB."""
    command = [sys.executable, "-c", code + PEAK, str(path), str(path.with_suffix(".out"))]
    started = time.perf_counter()
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    return time.perf_counter() - started, int(done.stdout.split()[-1]) / 1000


if __name__ == "__main__":
    main()
