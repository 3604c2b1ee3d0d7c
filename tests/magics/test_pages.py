"""Pages of a PDF as a file: `report.pdf[3-20]` in every place that takes a name."""

import io
import json
import re
import runpy
from contextlib import redirect_stdout

import pypdfium2 as pdfium
import pytest

import nbfiles
from nbfiles import current_session
from nbfiles._documents import pdf_parts
from nbfiles.errors import FileGone, UnknownName, UnusableFile
from tests.magics.test_ask_options import sent
from tests.pdfs import FORM, numbered
from tests.scripted import METADATA, as_json, reply


@pytest.fixture
def report(tmp_path):
    return numbered(tmp_path / "report.pdf", 30)


def test_a_citation_has_the_page_of_the_document(shell, report):
    answer = shell.run("%%ask_file report.pdf[3-20]\nWhere is Q17?")
    (citation,) = answer.citations
    assert (citation.file, citation.where, citation.evidence) == ("report.pdf[3-20]", "page 17", "quote found")
    assert "[1] report.pdf[3-20], page 17" in shell.shown
    shell.run("%cite 1")
    assert "report.pdf[3-20], page 17" in shell.shown
    assert "The quote is marked on the page." in shell.shown


def test_pages_that_are_not_beside_each_other(shell, report):
    answer = shell.run("%%ask_file report.pdf[1,5-7,20]\nWhere is Q20?")
    assert [citation.where for citation in answer.citations] == ["page 20"]
    answer = shell.run("%ask_file report.pdf[1,5-7,20] Where is Q6?")
    assert [citation.where for citation in answer.citations] == ["page 6"]
    assert len(current_session().connection.files.registry) == 1


def test_the_model_is_told_which_pages_it_sees(shell, report):
    answer = shell.run("%%ask_file report.pdf[3-20]\nWhere is Q17?")
    block = answer.request["messages"][0]["content"][0]
    assert block["title"] == "report.pdf, pages 3 to 20"
    assert "the first page here is page 3" in block["context"]
    assert answer.documents == ("report.pdf[3-20]",)


def test_each_page_that_is_named_is_a_row(shell, report):
    frame = shell.run("%%ask_file report.pdf[1-10] report.pdf[11-] --each\nWhere is Q17?")
    assert list(frame["file"]) == ["report.pdf[1-10]", "report.pdf[11-30]"]
    assert list(frame["page"].fillna("")) == ["", "17"]


def test_the_same_part_is_uploaded_once(shell, report):
    (first,) = shell.run("%upload report.pdf[3-20]")
    (second,) = shell.run("%upload report.pdf[3-20]")
    shell.run("%%ask_file report.pdf[3-20]\nWhere is Q4?")
    assert first.file_id == second.file_id
    assert current_session().connection.workspace.usage().files == 1


def test_the_same_part_is_the_same_bytes(tmp_path, report):
    for name in ("a.pdf", "b.pdf"):
        pdf_parts.write(report, range(3, 21), tmp_path / name)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()
    assert b"20000101000000" in (tmp_path / "a.pdf").read_bytes()
    assert len(pdfium.PdfDocument(tmp_path / "a.pdf")) == 18


def test_an_open_end_is_the_last_page(shell, report):
    (record,) = shell.run("%upload report.pdf[28-]")
    assert record.name == "report.pdf[28-30]"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("report.pdf[31]", r"has 30 pages: there is no page 31\. Type, for example: report\.pdf\[30\]$"),
        ("report.pdf[3-99]", r"has 30 pages: there is no page 31\. Type, for example: report\.pdf\[3-\]$"),
        ("report.pdf[20-3]", r"begins behind its end\. Type: report\.pdf\[3-20\]$"),
        ("report.pdf[0-3]", r"has 30 pages: pages count from 1\. Type, for example: report\.pdf\[1-\]$"),
        ("report.pdf[]", r"does not say which pages\. Type, for example: report\.pdf\[3-20\]$"),
        ("report.pdf[1-2-3]", r"does not say which pages"),
        ("notes.txt[1]", r"“notes\.txt” is no PDF, so it has no pages to choose\. Take all of it: notes\.txt$"),
    ],
)
def test_other_pages_are_refused_in_one_line(shell, report, tmp_path, name, message):
    (tmp_path / "notes.txt").write_text("A note.")
    for cell in ("%upload {}", "%%ask_file {}\nWhy?", "%ask_file {} Why?", "%%ask_file {} --dry-run\nWhy?"):
        with pytest.raises(UnusableFile, match=message):
            shell.run(cell.format(name))
    assert len(current_session().connection.files.registry) == 0


def test_a_name_that_is_nothing_is_said_so(shell):
    with pytest.raises(UnknownName, match="nothing"):
        shell.run("%%ask_file nothing.pdf[3]\nWhy?")


def test_a_file_of_that_very_name_wins(shell, report, tmp_path):
    (tmp_path / "report.pdf[1]").write_text("The boat of this file is blue.")
    answer = shell.run("%%ask_file report.pdf[1]\nWhich colour is the boat?")
    assert "The boat of this file is blue" in answer.text
    (tmp_path / "report.pdf[1]").unlink()
    assert shell.run("%files report.pdf[1]")[0].kind == "text"  # by its name in the registry


def test_pages_win_over_a_glob(shell, report, tmp_path):
    (tmp_path / "report.pdf3").write_text("Matched by the glob.")
    (record,) = shell.run("%upload report.pdf[3]")
    assert (record.kind, record.pages) == ("PDF", "3")
    report.unlink()
    (record,) = shell.run("%upload repor?.pdf[3]")
    assert record.name == "report.pdf3"


def test_a_part_and_the_whole_are_two_documents(shell, report):
    answer = shell.run("%%ask_file report.pdf[3-20] report.pdf\nWhere is Q17?")
    assert {(citation.file, citation.where) for citation in answer.citations} == {
        ("report.pdf[3-20]", "page 17"),
        ("report.pdf", "page 17"),
    }
    assert answer.sources == ("report.pdf[3-20]", "report.pdf")


def test_two_parts_of_a_document_in_one_conversation(shell, report):
    shell.run("%%ask_file report.pdf[1-10] -t talk\nWhere is Q9?")
    answer = shell.run("%%ask_file report.pdf[11-20] -t talk\nWhere is Q17?")
    assert [(citation.file, citation.where) for citation in answer.citations] == [("report.pdf[11-20]", "page 17")]
    answer = shell.run("%%ask_file report.pdf[1-10] -t talk\nWhere is Q9?")  # not sent again
    assert ("report.pdf[1-10]", "page 9") in [(citation.file, citation.where) for citation in answer.citations]
    assert len(answer.documents) == 2


def test_a_part_that_was_deleted_comes_back_in_a_conversation(shell, report):
    shell.run("%%ask_file report.pdf[11-20] -t talk\nWhere is Q17?")
    shell.run("%files rm report.pdf[11-20] --yes")
    with pytest.raises(FileGone, match=r"Upload it again: %upload report\.pdf\[11-20\]$"):
        shell.run("%%ask_file -t talk\nWhere is Q17?")
    shell.run("%upload report.pdf[11-20]")
    answer = shell.run("%%ask_file -t talk\nWhere is Q17?")
    assert [citation.where for citation in answer.citations] == ["page 17"]


def test_a_dead_part_is_made_again_from_its_file(shell, report):
    (record,) = shell.run("%upload report.pdf[11-20]")
    current_session().connection.client.delete(record.file_id)
    answer = shell.run("%%ask_file report.pdf[11-20]\nWhere is Q17?")
    assert [citation.where for citation in answer.citations] == ["page 17"]


def test_a_file_that_changed_makes_a_new_part(shell, report):
    (before,) = shell.run("%upload report.pdf[11-20]")
    numbered(report, 25, "Leaf")
    answer = shell.run("%%ask_file report.pdf[11-20]\nWhere is Q17?")
    assert "Leaf 17" in answer.text
    assert current_session().connection.files.registry.find("report.pdf[11-20]").file_id != before.file_id
    numbered(report, 12)
    with pytest.raises(UnusableFile, match="has 12 pages: there is no page 13"):
        shell.run("%%ask_file report.pdf[11-20]\nWhere is Q17?")


def test_a_part_of_a_file_that_has_another_name_here(shell, report, tmp_path):
    (tmp_path / "other").mkdir()
    numbered(tmp_path / "other" / "report.pdf", 5, "Other")
    shell.run("%upload report.pdf[1]")
    (record,) = shell.run("%upload other/report.pdf[2]")
    assert record.name == "report-2.pdf[2]"
    (whole,) = shell.run("%upload other/report.pdf")
    assert whole.name == "report-2.pdf"
    answer = shell.run("%%ask_file report-2.pdf[3]\nWhat speaks of Q3?")
    assert "Other 3" in answer.text


def test_a_variable_that_names_a_pdf_has_pages(shell, report):
    shell.run("from pathlib import Path; paper = Path('report.pdf')")
    (record,) = shell.run("%upload paper[2]")
    assert record.name == "report.pdf[2]"


def test_files_and_info_tell_the_part(shell, report):
    shell.run("%%ask_file report.pdf[3-20]\nWhere is Q17?")
    table = shell.run("%files")
    assert [record.name for record in table] == ["report.pdf[3-20]"]
    shell.run("%files info report.pdf[3-20]")
    info = " ".join(shell.shown.split())
    assert "pages 3 to 20 of “report.pdf”" in info
    assert "18 pages" in info


def test_a_dry_run_says_the_part_and_sends_nothing(shell, report):
    shell.run("%%ask_file report.pdf[3-20] --dry-run\nWhere is Q17?")
    assert "report.pdf[3-20] (PDF" in shell.shown
    assert len(current_session().connection.files.registry) == 0


def test_ejected_code_makes_the_part(shell, claude, report, tmp_path, monkeypatch):
    pdf_parts.write(report, [3, 4, 5, 9], tmp_path / "part")
    size = (tmp_path / "part").stat().st_size
    first, second = (as_json({**METADATA, "id": file_id, "size_bytes": size}) for file_id in ("file_1", "file_2"))
    server = claude(first, reply())
    shell.run("%%ask_file report.pdf[3-5,9]\nWhere is Q4?")
    shell.run("%nbfiles eject")
    (tmp_path / "ejected.py").write_text(shell.shown)
    claude(second, reply("There it is."))
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
    with redirect_stdout(io.StringIO()) as printed:
        variables = runpy.run_path(str(tmp_path / "ejected.py"))
    assert printed.getvalue().startswith("There it is.")
    assert len(pdfium.PdfDocument(variables["handle"].getvalue())) == 4
    assert json.loads(json.dumps(sent(server, 3)).replace("file_2", "file_1")) == sent(server, 1)


def test_what_is_filled_into_a_form_is_in_its_part(shell, tmp_path):
    (tmp_path / "form.pdf").write_bytes(FORM)
    answer = shell.run("%%ask_file form.pdf[1]\nWho is the applicant Marchetti?")
    assert "Giovanna Marchetti" in answer.text


def test_python_takes_the_same_names(shell, report):
    answer = nbfiles.ask("Where is Q17?", "report.pdf[3-20]")
    assert answer.citations[0].where == "page 17"
    record = nbfiles.files()[0]
    assert re.search("Q17", nbfiles.ask("Where is Q17?", record).text)
    frame = nbfiles.ask_each("Where is Q17?", record)
    assert list(frame["page"]) == ["17"]
