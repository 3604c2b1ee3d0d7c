"""`%files info`, `--dry-run` and `usage` agree on tokens: exactly on the local server, as it says how it counts."""

import re

import docx
import pytest

import nbfiles
from nbfiles import workspace
from nbfiles._files import file_kinds
from nbfiles._files.file_tokens import ESTIMATED
from tests.pdfs import FORM, numbered


def planned(*names, **options):
    """The tokens that a dry run tells."""
    shown = str(plan_of(*names, **options))
    return int(re.search(r"tokens in\s+([\d,]+), as the local server counts", shown)[1].replace(",", ""))


def plan_of(*names, **options):
    return nbfiles.plan("What is it?", *names, **options)


def of_info(name):
    """The tokens that `%files info` tells."""
    return int(re.search(r"about ([\d,]+)", str(workspace.info(name)))[1].replace(",", ""))


@pytest.fixture
def files(shell, tmp_path):
    numbered(tmp_path / "report.pdf", 30)
    (tmp_path / "form.pdf").write_bytes(FORM)
    (tmp_path / "german.txt").write_text("Größe über alles, Äpfel und Öl.\n" * 200)
    (tmp_path / "chinese.txt").write_text("会议在上海举行。\n" * 500)
    (tmp_path / "old.txt").write_bytes("Müller ist da.\n".encode("latin-1") * 300)
    document = docx.Document()
    document.add_paragraph("The meeting is in Osaka. " * 300)
    document.save(tmp_path / "word.docx")
    return shell


PAGED = ["report.pdf", "report.pdf[3-20]", "form.pdf"]
NAMES = [*PAGED, "german.txt", "chinese.txt", "old.txt", "word.docx", "flower.jpg"]


def test_they_agree_before_and_after_the_upload(files):
    alone = planned()
    for name in NAMES:
        before = planned(name)
        answer = nbfiles.ask("What is it?", name)
        assert before == planned(name) == answer.usage.total_in, name
        of_parts = answer.usage.total_in - alone - of_info(answer.sources[0])
        assert of_parts == 0, name


def test_they_agree_in_a_conversation_and_on_code(files):
    for name, options in (("penguins.csv", {}), ("penguins.csv", {"code": False}), ("report.pdf", {"thread": "t"})):
        expected = planned(name, **options)
        assert nbfiles.ask("What is it?", name, **options).usage.total_in == expected
    expected = planned("german.txt", thread="t")
    assert nbfiles.ask("What is it?", "german.txt", thread="t").usage.total_in == expected


def test_elsewhere_they_are_a_range_that_says_so(files, claude):
    claude()
    shown = str(plan_of("report.pdf"))
    ends = re.search(r"([\d,]+) to ([\d,]+), estimated here", shown).groups()
    low, high = (int(number.replace(",", "")) for number in ends)
    assert 30 * 1_000 < low < 30 * 1_500 < high < 30 * 4_000


def test_letters_of_several_bytes_may_be_tokens_of_their_own(files):
    (record,) = nbfiles.upload("chinese.txt")
    low, high = file_kinds.tokens(record, ESTIMATED)
    assert low == record.characters / 4
    assert high > record.characters  # one for each letter, at most


def test_a_question_that_may_be_too_long_says_so(files, claude, tmp_path):
    claude()
    (tmp_path / "long.txt").write_text("words and more words\n" * 30_000)
    shown = str(plan_of("long.txt", model="claude-haiku-4-5"))
    assert "It may be more than claude-haiku-4-5 reads, 200,000 tokens" in shown
