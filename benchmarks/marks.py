"""Whether the mark that `%cite` draws lies on the quoted words, on the pages of a folder of PDFs.

From each page a few words of its text are looked up as a quote. Where they are is told by another library,
pdfminer.six, which turns, moves and crops pages by itself: a mark is right if nine of ten letters of the quote are
below it, and of those below it at most one of six is another one. The mark is what differs between the page with and
without it.

    python benchmarks/marks.py FOLDER [--pages N] [--beside TREE]   # needs pdfminer.six

`--beside` does the same with the package of another checkout.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter

from PIL import Image, ImageChops, ImageFilter

PAGES = 3  # of a document
QUOTE_CHARS = 60
COVERED, ELSEWHERE = 0.9, 1 / 6
FOLDER_S = 60  # for one document; a few of the odd ones take for ever to read in Python

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class PdfPage:
    """A page as pdfminer reads it: its characters and their boxes in shares of the visible page, from the top left."""

    chars: list[tuple[str, Box]]
    kind: str


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--pages", type=int, default=PAGES)
    parser.add_argument("--beside", type=Path)
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--show", action="store_true", help="name the pages that are wrong")
    arguments = parser.parse_args()
    if arguments.one:
        for result in of_document(arguments.one, arguments.pages):
            print(json.dumps(result), flush=True)
        return
    for tree in filter(None, (arguments.beside, Path(__file__).parents[1])):
        compare(tree, arguments.folder, arguments.pages, arguments.show)


def compare(tree: Path, folder: Path, pages: int, show: bool) -> None:
    counts: dict[str, Counter[str]] = {}
    times, sizes = [], []
    for path in sorted(folder.rglob("*.pdf")):
        for result in measured(tree, path, pages):
            counts.setdefault(result["kind"], Counter())[result["result"]] += 1
            times.append(result["seconds"])
            sizes.append(result["bytes"])
            if show and result["result"] not in ("right", "letters unread by pdfminer"):
                print(result["result"], path, result["page"], result["kind"], result["quote"], sep=" | ")
    print(f"{tree.name}: {sum(map(Counter.total, counts.values()))} pages")
    for kind, results in sorted(counts.items(), key=lambda item: -item[1].total()):
        print(f"  {kind:<24}", ", ".join(f"{name} {count}" for name, count in results.most_common()))
    total = sum(counts.values(), Counter())
    print("  all                     ", ", ".join(f"{name} {count}" for name, count in total.most_common()))
    if times:
        slow, large = sum(one > 1 for one in times), sum(one > 2e6 for one in sizes)
        print(f"  picture: median {median(times) * 1e3:.0f} ms, longest {max(times):.2f} s, above a second {slow};")
        print(f"  median {median(sizes) / 1e3:.0f} KB, largest {max(sizes) / 1e6:.2f} MB, above 2 MB {large}")


def measured(tree: Path, path: Path, pages: int) -> Iterator[dict]:
    """Yield the results of a document, measured in a process of its own with the package of a checkout."""
    command = [sys.executable, __file__, "--one", str(path), "--pages", str(pages)]
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=FOLDER_S)
        lines = done.stdout
    except subprocess.TimeoutExpired as late:
        lines = (late.stdout or b"").decode()
    for line in lines.splitlines():
        if line.endswith("}"):
            yield json.loads(line)


def of_document(path: Path, pages: int) -> Iterator[dict]:
    """Yield for the first pages that have text whether the mark is right."""
    from nbfiles._documents import pdf

    logging.disable()
    try:
        texts = pdf.page_texts(path)
    except pdf.DocumentError:
        return
    with_text = ((number, quote) for number, text in enumerate(texts, 1) if (quote := quote_of(text)))
    for number, quote in islice(with_text, pages):
        start = perf_counter()
        marked = picture(path, number, quote)
        seconds = perf_counter() - start
        result, kind = judged(path, number, quote, marked)
        size = len(marked[0]) if marked else 0
        yield {"page": number, "kind": kind, "result": result, "seconds": seconds, "bytes": size, "quote": quote}


def quote_of(text: str) -> str:
    """Return some words from the middle of a page, the longest of its lines with what follows."""
    words = text.split()
    start = max(len(words) // 2 - 4, 0)
    quote = ""
    for word in words[start:]:
        quote = f"{quote} {word}".strip()
        if len(quote) >= QUOTE_CHARS:
            break
    return quote if len(letters(quote)) >= 8 else ""


def letters(text: str) -> str:
    from nbfiles._documents.readers.quotes import _letters

    return _letters(text)[0]


def picture(path: Path, number: int, quote: str) -> tuple[bytes, bool] | None:
    """Return the picture of a page and whether it says that the quote is marked, also of checkouts before this one."""
    from nbfiles._documents import pdf, quote_search

    try:
        if hasattr(quote_search, "MARKED"):
            page = quote_search.page_picture(path, quote_search.QuotePosition(quote, number, number + 1))
            return (page.data, page.marked) if page else None
        page = quote_search.page_picture(path, number, quote)
        return (page.png, page.marked) if page else None
    except pdf.DocumentError:
        return None


def judged(path: Path, number: int, quote: str, marked: tuple[bytes, bool] | None) -> tuple[str, str]:
    """Return how a mark is, and what kind of page it is on."""
    page = read_elsewhere(path, number)
    kind = page.kind if page else "unread by pdfminer"
    plain = picture(path, number, "zq" * 40)
    if marked is None or plain is None:
        return "no picture", kind
    mask = difference(marked[0], plain[0])
    if not marked[1]:
        return ("unmarked, and said" if mask.getbbox() is None else "marked, and denied"), kind
    if mask.getbbox() is None:
        return "said to be marked, and is not", kind
    everything = Counter(letters("".join(char for char, _ in page.chars))) if page else Counter()
    if page is None or (Counter(letters(quote)) - everything).total() > (1 - COVERED) * len(letters(quote)):
        return "letters unread by pdfminer", kind
    return ("right" if is_right(under(mask, page.chars), quote) else "WRONG"), kind


def difference(one: bytes, other: bytes) -> Image.Image:
    """Return where two pictures differ."""
    first, second = (Image.open(BytesIO(data)).convert("RGB") for data in (one, other))
    bands = [band.point(lambda value: 255 * (value > 50)) for band in ImageChops.difference(first, second).split()]
    differing = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    return differing.filter(ImageFilter.MaxFilter(15)).filter(ImageFilter.MinFilter(15))  # with the ink in it


def under(mask: Image.Image, chars: list[tuple[str, Box]]) -> str:
    """Return the letters of the characters whose middle is marked."""
    width, height = mask.size
    marked = ""
    for char, (left, top, right, bottom) in chars:
        x1, x2 = (left * 0.65 + right * 0.35) * width, (left * 0.35 + right * 0.65) * width
        y1, y2 = (top * 0.7 + bottom * 0.3) * height, (top * 0.3 + bottom * 0.7) * height
        if mask.crop((int(x1), int(y1), int(x2) + 1, int(y2) + 1)).getbbox():
            marked += letters(char)
    return marked


def is_right(marked: str, quote: str) -> bool:
    """Return whether the letters below a mark are those of the quote, in whatever order they are stored."""
    wanted, there = Counter(letters(quote)), Counter(marked)
    others = (there - wanted).total()
    return (wanted & there).total() >= COVERED * wanted.total() and others <= ELSEWHERE * there.total()


def read_elsewhere(path: Path, number: int) -> PdfPage | None:
    """Return a page as pdfminer reads it; None where it does not."""
    from pdfminer.converter import PDFPageAggregator
    from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
    from pdfminer.pdfpage import PDFPage as MinerPage

    try:
        with path.open("rb") as handle:
            page = next(islice(MinerPage.get_pages(handle, pagenos={number - 1}), 1))
            resources = PDFResourceManager()
            device = PDFPageAggregator(resources, laparams=None)
            PDFPageInterpreter(resources, device).process_page(page)
            chars = list(_chars(device.get_result()))
            return PdfPage(_in_view(chars, page), _kind(page))
    except Exception:  # noqa: BLE001 - it fails in many ways on odd files
        return None


def _chars(item: object) -> Iterator[tuple[str, Box]]:
    from pdfminer.layout import LTChar, LTContainer

    if isinstance(item, LTChar):
        yield item.get_text(), item.bbox
    elif isinstance(item, LTContainer):
        for one in item:
            yield from _chars(one)


def _in_view(chars: list[tuple[str, Box]], page: object) -> list[tuple[str, Box]]:
    """Return boxes in shares of what is to be seen of a page; pdfminer has turned it, and begun at its MediaBox."""
    x0, y0, x1, y1 = _ordered(page.mediabox)
    cx0, cy0, cx1, cy1 = _visible(page)
    turn = {
        0: lambda x, y: (x - x0, y - y0),
        90: lambda x, y: (y - y0, x1 - x),
        180: lambda x, y: (x1 - x, y1 - y),
        270: lambda x, y: (y1 - y, x - x0),
    }[page.rotate % 360]
    (ax, ay), (bx, by) = turn(cx0, cy0), turn(cx1, cy1)
    left, bottom, right, top = _ordered((ax, ay, bx, by))
    width, height = right - left, top - bottom
    return [
        (char, ((a - left) / width, (top - d) / height, (c - left) / width, (top - b) / height))
        for char, (a, b, c, d) in chars
    ]


def _ordered(box: tuple[float, ...]) -> Box:
    return min(box[0], box[2]), min(box[1], box[3]), max(box[0], box[2]), max(box[1], box[3])


def _visible(page: object) -> Box:
    media, crop = _ordered(page.mediabox), _ordered(page.cropbox)
    both = max(media[0], crop[0]), max(media[1], crop[1]), min(media[2], crop[2]), min(media[3], crop[3])
    return both if both[0] < both[2] and both[1] < both[3] else media


def _kind(page: object) -> str:
    media = tuple(page.mediabox)
    kinds = [f"turned {page.rotate % 360}"] if page.rotate % 360 else []
    kinds += ["cropped"] if _visible(page) != _ordered(media) else []
    kinds += ["off the origin"] if _ordered(media)[:2] != (0, 0) else []
    kinds += ["box turned round"] if _ordered(media) != media else []
    kinds += ["user unit"] if page.attrs.get("UserUnit", 1) != 1 else []
    return ", ".join(kinds) or "ordinary"


if __name__ == "__main__":
    main()
