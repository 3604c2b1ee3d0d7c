"""Foreign bytes are read in a child with limits, which stays for the next file and ends with its parent."""

import io
import json
import os
import resource
import signal
import subprocess
import sys
import threading
from importlib import import_module
from pathlib import Path

import docx
import pandas as pd
import psutil
import pytest

from nbfiles._documents import checks, convert, pdf, previews, quote_search
from nbfiles._documents.reader_pool import POOL, ReaderPool
from nbfiles._documents.reader_process import receive
from nbfiles._documents.reader_table import READERS, DocumentError
from tests.bombs import pdf_bomb
from tests.books import write_book
from tests.waiting import HANG_S, until

SAMPLES = Path(__file__).parents[2] / "notebooks" / "samples"
MANUAL, FLOWER = SAMPLES / "bzip2-manual.pdf", SAMPLES / "flower.jpg"
PACKAGE = Path(pdf.__file__).parents[1]
GROWTH_MB = 100  # of this process; what is read has more than a gigabyte


@pytest.fixture
def pool():
    """A pool of this test's own."""
    pool = ReaderPool()
    yield pool
    pool.close()


@pytest.fixture
def silent(tmp_path):
    """A file that nothing ever comes out of."""
    os.mkfifo(tmp_path / "silent.txt")
    return tmp_path / "silent.txt"


@pytest.fixture(scope="module")
def bomb(tmp_path_factory):
    return pdf_bomb(tmp_path_factory.mktemp("bomb") / "bomb.pdf")


def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


@pytest.mark.parametrize(
    "read",
    [
        checks.pdf,
        pdf.page_texts,
        lambda path: pdf.page_texts(path.read_bytes()),
        pdf.page_lengths,
        lambda path: quote_search.page_picture(path, quote_search.QuotePosition("x", 1, 2)),
        lambda path: quote_search.look_up(path, [quote_search.QuotePosition("x", 1, 2)]),
    ],
    ids=["check", "texts", "bytes", "lengths", "picture", "quotes"],
)
def test_a_pdf_that_unpacks_to_gigabytes_is_one_line_and_costs_this_process_nothing(bomb, read):
    before = peak_mb()
    with pytest.raises(DocumentError, match=r"cannot be read: .*(limits|memory|processor time)") as problem:
        read(bomb)
    assert "\n" not in str(problem.value)
    assert peak_mb() - before < GROWTH_MB
    assert checks.pdf(MANUAL) == "38 pages"  # the next child is there


def test_its_preview_says_so(bomb):
    (note,) = previews.read(bomb).notes
    assert note.startswith("“bomb.pdf” cannot be read: ")


def test_one_child_reads_one_file_after_the_other(pool):
    assert pool.read("PDF check", MANUAL).value == "38 pages"
    before = pool.pids()
    assert pool.read("image size", FLOWER).value == ["JPEG", 640, 427]
    assert pool.pids() == before
    assert len(before) == 1


def test_a_child_of_a_large_process_stays(pool):
    ballast = b"x" * 200_000_000
    pool.read("PDF check", MANUAL)
    assert len(pool.pids()) == len(ballast) // 200_000_000


def test_a_child_that_grew_large_does_not_stay(pool, tmp_path):
    cells = [{"cell_type": "markdown", "source": "x", "metadata": {}}] * 300_000
    (tmp_path / "a.ipynb").write_text(json.dumps({"nbformat": 4, "cells": cells}))
    pool.read("text", tmp_path / "a.ipynb", kind="ipynb", target=str(tmp_path / "out"))
    assert all(psutil.Process(pid).memory_info().rss < 200_000_000 for pid in pool.pids())


def test_the_limits_of_one_reader_do_not_count_for_the_next(pool):
    for reader in ("image size", "PDF check") * 3:
        assert pool.read(reader, FLOWER if reader == "image size" else MANUAL).value


def test_what_a_library_sets_aside_is_not_taken_from_the_next_file(pool, tmp_path):
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "a.parquet")
    document = docx.Document()
    document.add_heading("Findings", 1)
    document.save(tmp_path / "a.docx")
    for name in ("a.parquet", "a.docx") * 2:
        pool.read("text", tmp_path / name, kind=Path(name).suffix[1:], target=str(tmp_path / "out"))
    assert "Findings" in (tmp_path / "out").read_text()


def test_a_child_that_was_killed_at_rest_is_replaced(pool):
    pool.read("PDF check", MANUAL)
    (pid,) = pool.pids()
    os.kill(pid, signal.SIGKILL)
    assert pool.read("PDF check", MANUAL).value == "38 pages"
    assert pool.pids() != [pid]


def test_a_child_that_dies_of_a_file_takes_only_this_one_along(pool, silent):
    results = []

    def read():
        try:
            pool.read("text", silent, kind="mail", target=str(silent.with_suffix(".out")))
        except DocumentError as error:
            results.append(str(error))

    reading = threading.Thread(target=read)
    reading.start()
    until(silent.with_suffix(".out").exists)
    (child,) = [child for child in psutil.Process().children() if is_at_work(child)]
    child.kill()
    reading.join(HANG_S)
    assert results == ["“silent.txt” cannot be read: its reader was stopped at its limits (280 MB of memory)."]
    assert pool.read("PDF check", MANUAL).value == "38 pages"


def is_at_work(child):
    return "reader_process" in " ".join(child.cmdline()) and child.pid not in POOL.pids()


def test_a_child_that_waits_for_ever_is_ended_by_the_clock(silent):
    pool = ReaderPool(stuck_s=0.2)
    with pytest.raises(DocumentError, match="reading it made no progress for 0 s"):
        pool.read("text", silent, kind="mail", target=str(silent.with_suffix(".out")))
    pool.close()


def test_stop_ends_the_child_at_work(pool, silent):
    def press_stop():
        until(silent.with_suffix(".out").exists)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press_stop).start()
    with pytest.raises(KeyboardInterrupt):
        pool.read("text", silent, kind="mail", target=str(silent.with_suffix(".out")))
    assert pool.pids() == []
    assert pool.read("PDF check", MANUAL).value == "38 pages"


PARENT = """
import sys
from pathlib import Path
from nbfiles._documents.reader_pool import POOL
POOL.read("PDF check", Path(sys.argv[1]))
print(*POOL.pids(), flush=True)
if len(sys.argv) > 2:
    POOL.read("text", Path(sys.argv[2]), kind="mail", target=sys.argv[2] + ".out")
sys.stdin.read()
"""


@pytest.mark.parametrize("at_work", [False, True])
def test_a_child_ends_with_its_parent_however_that_ends(silent, at_work):
    command = [sys.executable, "-c", PARENT, str(MANUAL), *([str(silent)] if at_work else [])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    child.wait(HANG_S)  # raises when it is still there


@pytest.mark.parametrize("line", [b"", b"{}\n", b"[]\n", b"[" * 99_999, b'{"bytes": 9}\n12', b'{"bytes": 99}\n'])
def test_what_is_no_answer_is_none(line):
    assert receive(io.BytesIO(line), 20) is None


def test_what_a_library_prints_is_no_answer(tmp_path, monkeypatch):
    (tmp_path / "docx.py").write_text("import os\nos.write(1, b'{}')\nprint('hello')\nraise ImportError(name='docx')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    pool = ReaderPool()
    write_book(tmp_path / "a.docx", "text")
    with pytest.raises(DocumentError, match="pip install"):
        pool.read("text", tmp_path / "a.docx", kind="docx", target=str(tmp_path / "out"))
    pool.close()


def test_what_a_file_becomes_is_bounded(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xe4" * 25_000_000)  # twice as many in UTF-8
    with pytest.raises(DocumentError, match="it holds more than fits into a question"):
        convert.to_text(tmp_path / "a.txt", "plain", tmp_path / "out.txt")


@pytest.mark.parametrize("name", READERS)
def test_every_row_has_a_function_and_limits(name):
    row = READERS[name]
    assert callable(getattr(import_module(f"nbfiles._documents.readers.{row.module}"), row.function))
    limits = row.limits
    is_as_large_as_asked = name in ("table", "PDF part", "smaller image")
    most = (60, 1_200_000_000) if is_as_large_as_asked else (30, 300_000_000)
    assert 0 < limits.cpu_s <= most[0]
    assert 0 < limits.output_bytes < limits.data_bytes <= most[1]
    assert limits.data_bytes < limits.address_bytes


def test_only_the_readers_import_what_reads_foreign_bytes():
    writes = PACKAGE / "server" / "storage" / "skills.py"  # its zip archives are its own
    foreign = ("PIL", "pypdfium2", "docx", "pptx", "python_calamine", "xml.", "zipfile")
    others = [path for path in PACKAGE.rglob("*.py") if not {"readers", "sandbox"} & set(path.parts) and path != writes]
    lines = [(path, line) for path in others for line in path.read_text().splitlines()]
    imports = [(path, line.split()) for path, line in lines if line.startswith(("import ", "from "))]
    assert [(path, words) for path, words in imports if words[1].startswith(foreign)] == []
