"""Document skills make real files of what the request gives."""

import io

import anthropic
import docx
import openpyxl
import pptx
import pypdfium2
import pytest

from tests.server.official import CODE, data, document, text


def skills(*names):
    return {"skills": [{"type": "anthropic", "skill_id": name, "version": "latest"} for name in names]}


@pytest.fixture
def made(ask, client):
    def send(*content, skill, **more):
        message = ask(*content, tools=[CODE], container=skills(skill), **more)
        found = [
            client.files.retrieve_metadata(out.file_id)
            for block in message.content
            if block.type == "bash_code_execution_tool_result"
            for out in block.content.content
        ]
        (file,) = [one for one in found if one.filename.endswith(f".{skill}")]
        assert "opendocument" not in file.mime_type
        return io.BytesIO(client.files.download(file.id).read()), message, file

    return send


def test_a_workbook_has_the_data_and_the_findings(made, penguins):
    content, message, file = made(data(penguins), text("Make a workbook"), skill="xlsx")
    book = openpyxl.load_workbook(content)
    assert book.sheetnames == ["penguins.csv", "Findings"]
    assert book["penguins.csv"].max_row == 345
    assert [cell.value for cell in book["penguins.csv"][2]][:2] == ["Adelie", "Torgersen"]
    assert "344 rows" in book["Findings"]["A2"].value
    assert file.filename == "penguins.xlsx"
    assert file.mime_type.endswith("spreadsheetml.sheet")
    assert message.container.skills[0].skill_id == "xlsx"


def test_a_formula_in_the_data_stays_a_text(made, upload):
    table = upload("t.csv", "text/csv", b"name,n\n=1+1,1.5\n+2,2.5\n").id
    content, _, _ = made(data(table), text("Make a workbook"), skill="xlsx")
    cell = openpyxl.load_workbook(content)["t.csv"]["A2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_a_word_file_has_the_findings_and_the_charts(made, penguins):
    content, _, _ = made(data(penguins), text("Write a report"), skill="docx")
    report = docx.Document(content)
    assert report.paragraphs[0].text == "Penguins"
    assert any("344 rows" in paragraph.text for paragraph in report.paragraphs)
    assert len(report.inline_shapes) >= 2


def test_slides_have_a_title_the_findings_and_a_chart_each(made, penguins):
    content, _, _ = made(data(penguins), text("Make slides"), skill="pptx")
    titles = [slide.shapes.title.text for slide in pptx.Presentation(content).slides]
    assert titles[:2] == ["Penguins", "Findings"]
    assert len(titles) >= 4


def test_a_pdf_has_text_that_can_be_read(made, penguins):
    content, _, _ = made(data(penguins), text("Make a PDF"), skill="pdf")
    pages = pypdfium2.PdfDocument(content)
    assert "344 rows" in pages[0].get_textpage().get_text_bounded()
    assert len(pages) >= 3


def test_what_documents_say_goes_into_the_file(made, manual):
    content, _, _ = made(document(manual), text("What is the block size of bzip2?"), skill="docx")
    assert any("block" in paragraph.text for paragraph in docx.Document(content).paragraphs[1:])


def test_without_data_the_words_of_the_question_are_all_there_is(made):
    content, message, _ = made(text("Milk\nBread, 'fresh'"), skill="docx")
    assert [p.text for p in docx.Document(content).paragraphs] == ["Report", "Milk", "Bread, 'fresh'"]
    assert message.content[-1].text.endswith("Made report.docx from the question.")


def test_a_missing_package_is_named(ask, run):
    without, _ = run("import sys; sys.modules['pptx'] = None")
    message = ask(text("Slides"), tools=[CODE], container={"id": without.container.id, **skills("pptx")})
    assert message.content[-1].text.endswith("not installed: `pip install python-pptx`")


@pytest.fixture(scope="module")
def greeter(client):
    manifest = b"---\nname: greeter\ndescription: Says hello.\n---\nRun scripts/hello.py"
    files = [("greeter/SKILL.md", manifest), ("greeter/scripts/hello.py", b"print('hello')")]
    made = client.skills.create(files=files, display_name="Greeter")
    yield made
    client.skills.delete(made.id)


def test_the_files_of_a_custom_skill_lie_in_the_container(ask, greeter):
    container = {"skills": [{"type": "custom", "skill_id": greeter.id, "version": "latest"}]}
    question = text("```bash\npython3 skills/greeter/scripts/hello.py && cat skills/greeter/SKILL.md\n```")
    message = ask(question, tools=[CODE], container=container)
    assert message.content[1].content.stdout.startswith("hello\n---\nname: greeter")
    asked = ask(text("Greet me"), tools=[CODE], container=container)
    assert "The files of greeter are in the container" in asked.content[-1].text


@pytest.mark.parametrize("path", ["greeter/../../x", "greeter//etc/x", "greeter/a\\b"])
def test_a_skill_cannot_write_elsewhere(client, path):
    manifest = b"---\nname: greeter\ndescription: Says hello.\n---\n"
    with pytest.raises(anthropic.BadRequestError, match="not a path within the skill"):
        client.skills.create(files=[("greeter/SKILL.md", manifest), (path, b"x")], display_name="G")
