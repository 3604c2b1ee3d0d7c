"""Bad input is refused or handled within two seconds and 300 MB, in one line, and the kernel lives on.

Every file goes through `%upload` in a real kernel on the embedded server. `s` are those of the cell, the MB
what it added to the kernel's memory, and the most that a reader's process had (before it began, it counts as
the kernel that it was split from).
"""

from __future__ import annotations

import io
import os
import tempfile
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
from common import SAMPLES, kernel, table, world
from PIL import Image

MB = 1_000_000
MANUAL = SAMPLES / "bzip2-manual.pdf"


def zipped(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def honest(kind: str) -> dict[str, bytes]:
    """Return the members of a small file that Office would open."""
    import docx
    import openpyxl
    import pptx

    book, buffer = {"docx": docx.Document, "pptx": pptx.Presentation, "xlsx": openpyxl.Workbook}, io.BytesIO()
    book[kind]().save(buffer)
    with zipfile.ZipFile(buffer) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def dense_docx(path: Path, paragraphs: int) -> None:
    """Write a Word file whose text unpacks to just under the limits, and whose tree is far larger."""
    members = honest("docx")
    cells = b"".join(b"<w:p><w:r><w:t>%d</w:t></w:r></w:p>" % number for number in range(paragraphs))
    members["word/document.xml"] = members["word/document.xml"].replace(b"<w:body>", b"<w:body>" + cells)
    zipped(path, members)


def fill_sheet(members: dict[str, bytes], cells: bytes) -> None:
    name = "xl/worksheets/sheet1.xml"
    members[name] = members[name].replace(b"<sheetData>", b"<sheetData>" + cells)


def dense_xlsx(path: Path, rows: int) -> None:
    members = honest("xlsx")
    cells = b"".join(b'<row r="%d"><c r="A%d"><v>%d</v></c></row>' % (n, n, n) for n in range(1, rows))
    fill_sheet(members, cells)
    zipped(path, members)


def far_xlsx(path: Path) -> None:
    """Write a sheet with two cells, at its opposite corners."""
    members = honest("xlsx")
    cells = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    fill_sheet(members, cells)
    zipped(path, members)


def entities(path: Path) -> None:
    members = honest("docx")
    lols = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
    members["word/document.xml"] = f"<!DOCTYPE x [<!ENTITY l0 'lol'>{lols}]><x>&l9;</x>".encode()
    zipped(path, members)


def picture(path: Path) -> None:
    Image.new("RGB", (12_000, 12_000)).save(path)


def locked(path: Path) -> None:
    with pikepdf.open(MANUAL) as document:
        document.save(path, encryption=pikepdf.Encryption(owner="o", user="u"))


def text(path: Path, content: bytes = b"hello") -> None:
    path.write_bytes(content)


BAD: dict[str, tuple[str, Callable[[Path], object]]] = {
    "zip bomb, docx, 500 MB": ("a.docx", lambda p: zipped(p, {"word/document.xml": bytes(500 * MB)})),
    "zip bomb, pptx, 500 MB": ("a.pptx", lambda p: zipped(p, {"ppt/presentation.xml": bytes(500 * MB)})),
    "zip bomb, epub, 500 MB": ("a.epub", lambda p: zipped(p, {"a.xhtml": bytes(500 * MB)})),
    "zip bomb, xlsx, 500 MB, --no-code": (
        "a.xlsx",
        lambda p: zipped(p, {"xl/workbook.xml": bytes(500 * MB)}),
    ),
    "3,000 members, docx": ("b.docx", lambda p: zipped(p, {f"word/{n}.xml": b"x" for n in range(3000)})),
    "docx, 900,000 paragraphs": ("c.docx", lambda p: dense_docx(p, 900_000)),
    "docx, 200,000 paragraphs, which is read": ("d.docx", lambda p: dense_docx(p, 200_000)),
    "dense xlsx, 1,000,000 rows, --no-code": ("c.xlsx", lambda p: dense_xlsx(p, 1_000_000)),
    "xlsx with two far cells, --no-code": ("d.xlsx", far_xlsx),
    "XML entities, docx": ("e.docx", entities),
    "HTML, 300,000 deep": ("f.html", lambda p: text(p, b"<div>" * 300_000)),
    "notebook, 500,000 deep": ("f.ipynb", lambda p: text(p, b'{"a":' * 500_000)),
    "PNG, 12,000 x 12,000": ("g.png", picture),
    "encrypted PDF": ("h.pdf", locked),
    "broken PDF": ("i.pdf", lambda p: text(p, b"%PDF-1.7\n" + b"1 0 obj<<" * 500_000)),
    "cut PDF": ("j.pdf", lambda p: text(p, MANUAL.read_bytes()[:90_000])),
    "unclosed CSV quote, 50 MB": ("k.csv", lambda p: text(p, b'a,b\n"1,2\n' * 5_000_000)),
    "FIFO": ("l.txt", os.mkfifo),
    "device": ("m.txt", lambda p: p.symlink_to("/dev/zero")),
    "symlink loop": ("n.txt", lambda p: p.symlink_to(p)),
    "folder with a symlink loop, -r": ("o", lambda p: (p.mkdir(), text(p / "a"), (p / "b").symlink_to(p))),
    "changes during upload, 100 MB": ("changing.bin", lambda p: text(p, bytes(100 * MB))),
    "surrogate in the name": ("a\udcffb.txt", text),
    "bidirectional name": ("\u202efdp.exe.txt", text),
    "name of 255 bytes": ("x" * 251 + ".txt", text),
    "name of 300 characters": ("y" * 296 + ".txt", lambda _: None),
    "names that differ by case": (
        "[Zz].txt",
        lambda p: (text(p.with_name("Z.txt")), text(p.with_name("z.txt"))),
    ),
}

SETUP = """
import resource, time
%load_ext nbfiles
from nbfiles import current_session
def peak(pid='self'):
    return int(next(l for l in open(f'/proc/{pid}/status') if l.startswith('VmHWM')).split()[1]) / 1000
def attempt(line):
    open('/proc/self/clear_refs', 'w').write('5')
    before, started = peak(), time.perf_counter()
    try:
        get_ipython().run_line_magic(*line)
        said = ''
    except Exception as error:
        said = '\\n'.join(getattr(error, '_render_traceback_', lambda: ['', ''])())
    return time.perf_counter() - started, peak() - before, said
"""
# A reader's process is measured from outside: the kernel's children, as they come and go.
WATCH = """
import threading
def _watch():
    import glob, os
    while True:
        for path in glob.glob(f'/proc/{os.getpid()}/task/*/children'):
            try:
                for pid in open(path).read().split():
                    childs.append(peak(pid))
            except (OSError, StopIteration):
                pass
        time.sleep(0.002)
childs = []
threading.Thread(target=_watch, daemon=True).start()
"""


def main() -> None:
    rows = []
    with (
        tempfile.TemporaryDirectory(prefix="nbfiles-benchmark-") as folder,
        world() as env,
        kernel(env) as run,
    ):
        run(f"{SETUP}\n%cd -q {folder}\n{WATCH}\nresult = 0")
        Path(folder, "first.html").write_text("<p>hello")
        run("result = attempt(('upload', 'first.html'))")
        for what, (name, make) in BAD.items():
            path = Path(folder, name)
            make(path)
            rows.append((what, *measure(run, what, path)))
        alive = run("result = 6 * 7").result == 42
    table(("input", "s", "kernel MB", "reader MB", "what is said"), *rows)
    print("\nThe kernel lives." if alive else "\nTHE KERNEL IS GONE.")


def measure(run: Callable[[str], Any], what: str, path: Path) -> tuple[str, str, str, str]:
    line = ("upload", f'"{path.name}"')
    if "--no-code" in what:
        line = ("ask_file", f"{path.name} --no-code --max-tokens 1 what is it?")
    if "-r" in what.split():
        line = ("upload", f"-r {path.name}")
    if "changes" in what:
        threading.Thread(target=grow, args=(path,), daemon=True).start()
    seconds, added, said = run(f"childs.clear(); result = attempt({line!r})").result
    reader = run("result = max(childs, default=0.0)").result
    lines = said.count("\n") + 1
    return (
        f"{seconds:.2f}",
        f"{max(added, 0):.0f}",
        f"{reader:.0f}",
        said[:100] if lines == 1 else "A TRACEBACK",
    )


def grow(path: Path) -> None:
    with path.open("ab") as handle:
        while path.exists():
            handle.write(b"x")
            handle.flush()
            threading.Event().wait(0.005)


if __name__ == "__main__":
    main()
