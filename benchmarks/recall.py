"""Words of real documents that nbfiles keeps, beside markitdown, python-docx, python-pptx: recall.py CACHE FOLDER ….

CACHE gets an environment with markitdown and the source packages of readers, whose test files are read (115 documents
in December 2026); it should lie outside the repository. Files of further FOLDERs are read, too: the folder `test-
data` of Apache POI has 170 Word, 100 PowerPoint, 360 Excel files and 40 mails of Outlook. Printed are, for each kind,
the share of the words of another reader that nbfiles keeps, and each file of which markitdown keeps more, with the
words. With `--beside CHECKOUT`, the documents of `convert.py` are read by this version and by that one, too: how
fast, in how much memory.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import unicodedata
import venv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import convert
from common import HERE, middle, table, world

from nbfiles._documents.convert import to_text
from nbfiles._documents.reader_table import DocumentError

# Source packages with test files of the kinds.
PACKAGES = (
    "python-docx",
    "python-pptx",
    "openpyxl",
    "mammoth",
    "markitdown",
    "docx2python",
    "python-calamine",
    "odfpy",
)
KINDS = {  # without mails and RTF, of which markitdown gives the source
    ".docx": "docx", ".docm": "docx", ".pptx": "pptx", ".pptm": "pptx", ".xlsx": "xlsx", ".epub": "epub",
    ".ipynb": "ipynb", ".msg": "msg",
}  # fmt: skip
MOST_BYTES = 20_000_000
MOST_MISSING = 12  # words that are printed of a file
THEIRS = """
import json, signal, sys, warnings
warnings.simplefilter("ignore")
from markitdown import MarkItDown
def late(*_): raise TimeoutError
signal.signal(signal.SIGALRM, late)
reader = MarkItDown(enable_plugins=False)
for line in sys.stdin:
    signal.alarm(30)
    try: text = reader.convert(line.strip()).text_content
    except BaseException: text = None
    signal.alarm(0)
    print(json.dumps(text), flush=True)
"""
# What markitdown writes besides the words of a file, as each reader marks things its own way: comments, addresses of
# pictures and links, tags, commands of LaTeX, marks of notes and emphasis, numbers of lists, empty cells, `1005.0`.
NO_WORDS = re.compile(
    r"<!--.*?-->|\]\([^)]*\)|</?(?:u|b|i|s|br|p|div|span|sup|sub|table|tr|td|th|img)\b[^<>]*>|\\[a-zA-Z]+(?=.*\$)|\[+\^?e?\d+\]+(?:\(#[^)]*\))?"
    r"|^ *\d+\. |\bNaN\b|\bUnnamed: \d+(?:_level_\d+)?|^\| Category \|",
    re.MULTILINE | re.DOTALL,
)
NOTHING = re.compile(r"[\\*_`]|(?<=\d)\.0\b")  # escapes and emphasis, which may stand within a word
NAME_OF_PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]*)\.jpg\)")  # of a shape, in place of an alternative text
LONG_NUMBER = re.compile(r"\d+\.\d{12,}")
WORD = re.compile(r"\w+")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("cache", type=Path)
    arguments.add_argument("folders", type=Path, nargs="*")
    arguments.add_argument("--beside", type=Path)
    arguments.add_argument("--kinds", nargs="*", default=list(dict.fromkeys(KINDS.values())))
    options = arguments.parse_args()
    if options.beside:
        speed(options.beside)
    python = prepared(options.cache)
    files = sorted({*found(options.cache / "files"), *(f for folder in options.folders for f in found(folder))})
    rows, more = [], []
    for kind in options.kinds:
        of_kind = [path for path in files if KINDS[path.suffix.lower()] == kind]
        row, lost = compared(kind, of_kind, python)
        rows.append(row)
        more += lost
    heads = (
        "kind",
        "files",
        "we read",
        "both read",
        "of markitdown's words",
        "markitdown has more in",
        "of the library's",
    )
    table(heads, *rows)
    print("\nFiles of which markitdown keeps more:")
    for path, words in more:
        shown = ", ".join(f"{word} ×{count}" if count > 1 else word for word, count in words.most_common(MOST_MISSING))
        print(f"  {path.name}: {sum(words.values())} words: {shown}")


def speed(other: Path) -> None:
    """Print pages a second and peak memory of this version and of another one."""
    rows = []
    with TemporaryDirectory(prefix="nbfiles-benchmark-") as folder, world() as env:
        for kind, (make, count, unit) in convert.KINDS.items():
            make(path := Path(folder, f"a.{kind}"))
            for name, tree in {"this version": HERE.parent, "that one": other}.items():
                own = env | {"PYTHONPATH": str(tree.absolute()), "PYTHONSAFEPATH": "1"}
                runs = [convert.measured(convert.OURS, path, own) for _ in range(convert.ROUNDS)]
                seconds, memory = middle([run[0] for run in runs]), max(run[1] for run in runs)
                rows.append((f"{kind}: {name}", f"{count / seconds:,.0f} {unit}", f"{memory:.0f}"))
    table(("kind: version", "a second", "peak MB"), *rows)
    print()


def found(folder: Path) -> Iterator[Path]:
    """Yield documents, each content once."""
    seen: set[bytes] = set()
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in KINDS and path.is_file() and path.stat().st_size <= MOST_BYTES:
            content = hashlib.sha256(path.read_bytes()).digest()
            if content not in seen:
                yield path
            seen.add(content)


def prepared(cache: Path) -> Path:
    """Make the environment with markitdown and unpack the test files, once; return its Python."""
    python = cache / "markitdown" / "bin" / "python"
    if not python.exists():
        venv.create(cache / "markitdown", with_pip=True)
        install = ["-m", "pip", "install", "-q", "markitdown[docx,pptx,xlsx,xls,outlook]"]
        subprocess.run([python, *install], check=True)
    if not (cache / "files").exists():
        (cache / "files").mkdir(parents=True)
        options = ["-q", "--no-deps", "--no-binary", ":all:", "-d", str(cache / "packages")]
        for package in PACKAGES:
            subprocess.run([sys.executable, "-m", "pip", "download", *options, package], check=False)
        for archive in (cache / "packages").glob("*.tar.gz"):
            unpack(archive, cache / "files")
    return python


def unpack(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as members:
        for member in members:
            path = Path(member.name)
            if member.isfile() and path.suffix.lower() in KINDS and (file := members.extractfile(member)):
                (folder / f"{archive.name.partition('-')[0]}-{path.name}").write_bytes(file.read())


def compared(kind: str, files: list[Path], python: Path) -> tuple[tuple[str, ...], list[tuple[Path, Counter[str]]]]:
    """Return a row about a kind, and what is missing of each file."""
    command = [str(python), "-c", THEIRS]
    done = subprocess.run(command, input="\n".join(map(str, files)), capture_output=True, text=True, check=True)
    theirs = [json.loads(line) for line in done.stdout.splitlines()]
    ours = [own_text(path, kind) for path in files]
    pairs = [(path, a, words(b)) for path, a, b in zip(files, map(words, ours), theirs, strict=True)]
    both = [(path, a, b) for path, a, b in pairs if a is not None and b is not None]
    lost = [(path, b - a) for path, a, b in both if b - a]
    lost += [(path, b) for path, a, b in pairs if a is None and b]
    kept, all_words = sum((a & b).total() for _, a, b in both), sum(b.total() for _, _, b in both)
    read = sum(a is not None for _, a, _ in pairs)
    row = (kind, str(len(files)), str(read), str(len(both)), share(kept, all_words), f"{len(lost)} files")
    return (*row, library_share(kind, pairs)), lost


def share(kept: int, of: int) -> str:
    return f"{kept / of:.2%}" if of else "–"


def own_text(path: Path, kind: str) -> str | None:
    with TemporaryDirectory(prefix="nbfiles-benchmark-") as folder:
        target = Path(folder, "text")
        try:
            to_text(path, kind, target)
        except DocumentError as problem:
            return "" if "no text in it" in str(problem) else None
        return target.read_text(encoding="utf-8")


def words(text: str | None) -> Counter[str] | None:
    if text is None:
        return None
    text = NAME_OF_PICTURE.sub(lambda match: "" if letters(match[1]) == letters(match[2]) else match[0], text)
    text = LONG_NUMBER.sub(lambda match: f"{float(match[0]):.15g}", text)
    text = unicodedata.normalize("NFKC", NOTHING.sub("", NO_WORDS.sub(" ", text)))
    return Counter(WORD.findall(text.casefold()))


def letters(text: str) -> str:
    return re.sub(r"\W", "", text)


def library_share(kind: str, pairs: list[tuple[Path, Counter[str] | None, Counter[str] | None]]) -> str:
    """Return the share of the words that python-docx or python-pptx gives by its paragraphs and shapes."""
    reader = {"docx": docx_text, "pptx": pptx_text}.get(kind)
    if reader is None:
        return "–"
    kept = total = 0
    for path, ours, _ in pairs:
        try:
            theirs = words(reader(path))
        except Exception:  # noqa: BLE001 - it raises anything over a broken file
            continue
        if ours is not None and theirs:
            kept, total = kept + (ours & theirs).total(), total + theirs.total()
    return share(kept, total)


def docx_text(path: Path) -> str:
    import docx

    document = docx.Document(str(path))
    cells = (cell for block in document.tables for row in block.rows for cell in row.cells)
    once = {cell._tc: cell.text for cell in cells}  # python-docx gives a merged cell once for each that it covers
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *once.values()])


def pptx_text(path: Path) -> str:
    import pptx

    shapes = (shape for slide in pptx.Presentation(str(path)).slides for shape in slide.shapes)
    return "\n".join(shape.text_frame.text for shape in shapes if shape.has_text_frame)


if __name__ == "__main__":
    main()
