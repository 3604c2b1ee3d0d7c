from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nbfiles._documents.pdf import DocumentError, page_lengths, page_texts

MANUAL = Path(__file__).parents[2] / "notebooks" / "samples" / "bzip2-manual.pdf"


def test_every_page_of_the_manual_has_its_text():
    texts = page_texts(MANUAL)
    assert list(map(len, texts)) == page_lengths(MANUAL)
    assert len(texts) == 38
    assert "Burrows-Wheeler block sorting text compression algorithm" in texts[5]


def test_lines_end_in_one_newline_and_broken_words_are_whole():
    text = page_texts(MANUAL)[1]
    assert "\r" not in text
    assert "PARTICULAR PURPOSE ARE DISCLAIMED" in text


def test_bytes_read_like_the_file():
    assert page_texts(MANUAL.read_bytes()) == page_texts(MANUAL)


def test_a_file_that_is_no_pdf_is_refused_by_name(tmp_path):
    path = tmp_path / "letter.pdf"
    path.write_bytes(b"Dear reader")
    with pytest.raises(DocumentError, match=r"^letter\.pdf is not a readable PDF\.$"):
        page_texts(path)


def test_a_cut_off_pdf_is_refused(tmp_path):
    path = tmp_path / "half.pdf"
    path.write_bytes(MANUAL.read_bytes()[:400])
    with pytest.raises(DocumentError):
        page_lengths(path)


def test_threads_read_at_the_same_time():
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _: len(page_texts(MANUAL)), range(8)))
    assert counts == [38] * 8
