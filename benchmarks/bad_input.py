"""Bad input is refused or handled in one line, and the kernel lives on with 2 GB of address space.

Every file meets nbfiles as a person would bring them together, in a real kernel on the embedded server: it is uploaded,
asked about without code or with, shown as a file that code made, or cited. `s` are those of the cell; the MB are
what it added to the kernel's memory, the most that a reader's process had, and the most of any other process that the
kernel started, such as one of the local server's sandbox.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
import threading
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
from common import SAMPLES, kernel, serving, table, world
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


def pdf(path: Path, content: bytes, *, filters: str = "", pages: int = 1) -> None:
    """Write a PDF whose pages are one object, named `pages` times."""
    kids = b"3 0 R " * pages
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, kids),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<<>>>>",
        b"<</Length %d%s>>stream\n%s\nendstream" % (len(content), filters.encode(), content),
    )
    out, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    path.write_bytes(out + b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % start)


def pdf_bomb(path: Path) -> None:
    """Write a page of 1.6 GB, packed twice."""
    once, twice = zlib.compressobj(9), zlib.compressobj(9)
    packed = b"".join(twice.compress(once.compress(bytes(MB))) for _ in range(1600)) + twice.compress(once.flush())
    pdf(path, packed + twice.flush(), filters="/Filter[/FlateDecode/FlateDecode]")


def lines_pdf(path: Path) -> None:
    """Write a page that draws three million lines."""
    content = zlib.compress(b"0 0 m 600 800 l S\n" * 3_000_000)
    pdf(path, content, filters="/Filter/FlateDecode")


def lying_xlsx(path: Path) -> None:
    """Write a sheet whose part has 500 MB and says that it has 1,000 bytes."""
    zipped(path, honest("xlsx") | {"xl/worksheets/sheet1.xml": bytes(500 * MB)})
    raw = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = -1
        while (place := raw.find(signature, place + 1)) >= 0:
            if int.from_bytes(raw[place + offset : place + offset + 4], "little") == 500 * MB:
                raw[place + offset : place + offset + 4] = (1000).to_bytes(4, "little")
    path.write_bytes(raw)


def empty_rows_xlsx(path: Path) -> None:
    members = honest("xlsx")
    fill_sheet(members, b"".join(b'<row r="%d"/>' % n for n in range(1, 1_000_001)))
    zipped(path, members)


def long_notebook(path: Path) -> None:
    cell = '{"cell_type":"markdown","metadata":{},"source":"x","id":"c%d"}'
    cells = ",".join(cell % number for number in range(100_000))
    path.write_text(f'{{"cells":[{cells}],"metadata":{{}},"nbformat":4,"nbformat_minor":5}}')


def gif(path: Path, frames: int) -> None:
    """Write a GIF of one pixel with many frames."""
    frame = b"\x21\xf9\x04\x00\x01\x00\x00\x00\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00"
    path.write_bytes(b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff" + frame * frames + b"\x3b")


def wide_csv(path: Path) -> None:
    names = ",".join(f"c{number}" for number in range(1_000_000))
    text(path, f"{names}\n{'1,' * 999_999}1\n".encode())


def svg(path: Path) -> None:
    """Write a drawing whose elements each repeat the one before ten times."""
    uses = "".join(f'<g id="a{n + 1}">{f"""<use href="#a{n}"/>""" * 10}</g>' for n in range(9))
    text(path, f'<svg xmlns="http://www.w3.org/2000/svg"><defs><rect id="a0"/>{uses}</defs></svg>'.encode())


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
    "PDF, 3 KB that unpack to 1.6 GB": ("p.pdf", pdf_bomb),
    "PDF, a million pages": ("q.pdf", lambda p: pdf(p, b"", pages=1_000_000)),
    "PDF, three million lines, shown": ("r.pdf", lines_pdf),
    "HTML, 16 MB": ("s.html", lambda p: text(p, b"<p>some <b>words</b> here</p>\n" * 550_000)),
    "HTML, 5 MB of comments that do not end": ("t.html", lambda p: text(p, b"<p><!-- a " * 500_000)),
    "HTML, 55,000 deep, shown": ("u.html", lambda p: text(p, b"<div>" * 55_000)),
    "notebook, 100,000 cells": ("v.ipynb", long_notebook),
    "text, one line of 100 MB, asked": ("w.txt", lambda p: text(p, b"word " * 20_000_000)),
    "text, one line of 4 MB, asked": ("x.txt", lambda p: text(p, b"word " * 800_000)),
    "CSV, a million columns, --no-code": ("y.csv", wide_csv),
    "CSV, a million columns, asked": ("z.csv", wide_csv),
    "CSV, a million columns, shown": ("aa.csv", wide_csv),
    "xlsx that lies about 500 MB, --no-code": ("ab.xlsx", lying_xlsx),
    "xlsx that lies about 500 MB, asked": ("ac.xlsx", lying_xlsx),
    "xlsx, a million empty rows, --no-code": ("ad.xlsx", empty_rows_xlsx),
    "JSON, 500,000 deep, asked": ("ae.json", lambda p: text(p, b'{"a":' * 500_000)),
    "JSON, 2 MB of lists, shown": ("af.json", lambda p: text(p, b"[" + b"[]," * 600_000 + b"[]]")),
    "GIF, 100,000 frames": ("ag.gif", lambda p: gif(p, 100_000)),
    "PNG, 12,000 x 12,000, shown": ("ah.png", picture),
    "SVG that repeats itself, shown": ("ai.svg", svg),
}
# Tokens that a model sends in one event: 20 MB of text.
ONE_EVENT = 5_000_000

SETUP = """
import resource, time
from pathlib import Path
%load_ext nbfiles
from nbfiles import current_session
def peak(pid='self'):
    return int(next(l for l in open(f'/proc/{pid}/status') if l.startswith('VmHWM')).split()[1]) / 1000
resource.setrlimit(resource.RLIMIT_AS, (2 * 1024**3,) * 2)
def attempt(magic, line):
    open('/proc/self/clear_refs', 'w').write('5')
    before, started = peak(), time.perf_counter()
    try:
        if magic == 'show':
            from nbfiles._documents import previews
            said = ' '.join(previews.read(Path(line)).notes)
        else:
            get_ipython().run_line_magic(magic, line)
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
                    is_reader = 'reader_process' in open(f'/proc/{pid}/cmdline').read()
                    (readers if is_reader else others).append(peak(pid))
            except (OSError, StopIteration):
                pass
        time.sleep(0.002)
readers, others = [], []
threading.Thread(target=_watch, daemon=True).start()
"""


def main(wanted: str = "") -> None:
    rows = []
    with tempfile.TemporaryDirectory(prefix="nbfiles-benchmark-") as folder, world() as env, kernel(env) as run:
        run(f"{SETUP}\n%cd -q {folder}\n{WATCH}\nresult = 0")
        Path(folder, "first.html").write_text("<p>hello")
        run("result = attempt('upload', 'first.html')")
        for what, (name, make) in BAD.items():
            if wanted in what:
                path = Path(folder, name)
                make(path)
                rows.append((what, *measure(run, what, path)))
                print(*rows[-1], sep=" | ", file=sys.stderr, flush=True)
        alive = run("result = 6 * 7").result == 42
    if wanted in "one event":
        rows.append(("an answer of 20 MB in one event", *one_event()))
    table(("input", "s", "kernel MB", "reader MB", "other MB", "what is said"), *rows)
    print("\nThe kernel lives." if alive else "\nTHE KERNEL IS GONE.")


def measure(run: Callable[[str], Any], what: str, path: Path) -> tuple[str, ...]:
    if "changes" in what:
        threading.Thread(target=grow, args=(path,), daemon=True).start()
    return attempted(run, *line(what, path))


def line(what: str, path: Path) -> tuple[str, str]:
    """Return the magic, or `show` for the preview of a file that code made, and its line."""
    if "shown" in what:
        return "show", str(path)
    if "--no-code" in what:
        return "ask_file", f"{path.name} --no-code --max-tokens 1 what is it?"
    if "asked" in what:
        return "ask_file", f"{path.name} what is it?"
    return "upload", f"-r {path.name}" if "-r" in what.split() else f'"{path.name}"'


def attempted(run: Callable[[str], Any], magic: str, text: str) -> tuple[str, ...]:
    run("readers.clear(); others.clear(); result = 0")
    seconds, added, said = run(f"result = attempt({magic!r}, {text!r})").result
    reader, other = run("result = max(readers, default=0.0), max(others, default=0.0)").result
    shown = said[:100] if "\n" not in said else "A TRACEBACK"
    return f"{seconds:.2f}", f"{max(added, 0):.0f}", f"{reader:.0f}", f"{other:.0f}", shown


def one_event() -> tuple[str, ...]:
    """Return the same for an answer that comes in one event."""
    with serving("loopback.py") as where:
        places = {"NBFILES_USE": where["url"], "ANTHROPIC_BASE_URL": where["url"], "ANTHROPIC_API_KEY": "key"}
        with world(**places) as env, kernel(env) as run:
            run(f"{SETUP}\n{WATCH}\nresult = 0")
            run("result = attempt('ask_file', '-m at-once --max-tokens 9 what?')")
            return attempted(run, "ask_file", f"-m at-once --max-tokens {ONE_EVENT} what?")


def grow(path: Path) -> None:
    with path.open("ab") as handle:
        while path.exists():
            handle.write(b"x")
            handle.flush()
            threading.Event().wait(0.005)


if __name__ == "__main__":
    main(*sys.argv[1:])
