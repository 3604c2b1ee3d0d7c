"""Long answers in a real kernel: whole, or said to be cut, and one clean output that is saved."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook

from tests.display.test_images import made
from tests.kernels import painting_kernel, stopped_at
from tests.scripted import BLOCK, METADATA, START, USAGE, Reply, as_json, events, scripted
from tests.waiting import HANG_S

SAMPLES = Path(__file__).parent.parent / "notebooks" / "samples"

TABLE = "| level | memory |\n|---|--:|\n" + "".join(f"| {n} | {n}.2 MB |\n" for n in range(1, 10))
CODE = "```python\nimport bz2\nprint(bz2.compress(b'x'))\n```"
LAST = "These are the very last words."
TEXT = "\n\n".join(
    [
        "# The sea",
        CODE,
        TABLE,
        *(f"Paragraph {n} tells of the sea, of **ships**, and of $5 a day." for n in range(200)),
        LAST,
    ]
)  # 12,000 characters are 3,000 tokens
PAGE = {
    "type": "page_location",
    "cited_text": "Julian Seward",
    "document_index": 0,
    "start_page_number": 1,
    "end_page_number": 2,
}
END = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": USAGE}
BROKEN = {"type": "error", "error": {"type": "overloaded_error", "message": "Busy."}}
CALL = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "code_execution", "input": {"code": "1"}}
MADE = {
    "type": "code_execution_tool_result",
    "tool_use_id": "srvtoolu_1",
    "content": {
        "type": "code_execution_result",
        "stdout": "",
        "stderr": "",
        "return_code": 0,
        "content": [{"type": "code_execution_output", "file_id": METADATA["id"]}],
    },
}


def delta(index=0, **fields):
    return {"type": "content_block_delta", "index": index, "delta": fields}


def words(text):
    return [delta(type="text_delta", text=text[start : start + 16]) for start in range(0, len(text), 16)]


def begun(index, block):
    return {"type": "content_block_start", "index": index, "content_block": block}


def long(*last, hang=False):
    return events(START, BLOCK, *words(TEXT), *last, hang=hang)


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    with painting_kernel(tmp_path_factory.mktemp("kernel")) as kernel:
        yield kernel


def whole(output):
    """Return whether an output has the long text from its beginning to its end, in both forms."""
    html, plain = output["text/html"], output["text/plain"]
    return (
        html.count("<p>Paragraph") == plain.count("Paragraph") == 200
        and html.count("<table") == plain.count("| 9 | 9.2 MB |") == 1
        and "compress" in html
        and html.count(LAST) == plain.count(LAST) == 1
    )


def test_a_long_answer_that_breaks_off_is_one_output_with_all_that_arrived(kernel):
    with scripted(long(BROKEN)) as server:
        kernel.run(f"%nbfiles use {server.url}")
        cell = kernel.run("%%ask_file -o ans\nwhy?")
        assert len(server.seen) == 1
    (output,) = cell.outputs.values()
    assert whole(output)
    assert "Not complete: The API has trouble" in output["text/plain"]
    assert cell.error["ename"] == "ServerError"
    for again in ("ans", "ans.show()"):
        assert list(kernel.run(again).outputs.values()) == [output]
    assert kernel.run("len(ans.text)").outputs.popitem()[1]["text/plain"] == str(len(TEXT))


def test_what_else_was_written_to_the_cell_stays_below_a_long_answer(kernel):
    kernel.run(
        "import warnings, logging, sys, nbfiles\nwarnings.simplefilter('always')\n"
        "session = nbfiles.current_session()\nask = session.ask\n"
        "def loud(*args):\n"
        "    warnings.warn('beware')\n"
        "    logging.getLogger().warning('logged')\n"
        "    answer = ask(*args)\n"
        "    print('printed')\n"
        "    return answer\n"
        "session.ask = loud"
    )
    with scripted(long(END, {"type": "message_stop"})) as server:
        kernel.run(f"%nbfiles use {server.url}")
        cell = kernel.run("%%ask_file\nwhy?")
    kernel.run("del session.ask")
    answer, *others = cell.outputs.values()
    assert whole(answer)
    said = "".join(output["text/plain"] for output in others)
    assert said.count("UserWarning: beware") == said.count("logged\n") == 1
    assert said.count("printed\n") == 1
    assert kernel.run("print('after')").outputs.popitem()[1]["text/plain"] == "after\n"
    assert "Beside" not in str(kernel.run("sys.stdout.write.__qualname__").outputs)


def test_stop_in_a_long_answer_leaves_one_output_with_all_that_arrived(kernel):
    with scripted(long(hang=True)) as server:
        kernel.run(f"%nbfiles use {server.url}")
        cell = stopped_at(kernel, "%%ask_file -o ans\nwhy?", LAST)
    (output,) = cell.outputs.values()
    assert whole(output)
    assert "Not complete: Stopped" in output["text/plain"]
    assert cell.error["ename"] == "Stopped"


def test_a_chart_stands_below_a_long_answer(kernel):
    picture = made("PNG")
    about = METADATA | {"filename": "c.png", "downloadable": True, "size_bytes": len(picture)}
    answer = long(begun(1, CALL), begun(2, MADE), END, {"type": "message_stop"})
    data = Reply(picture, headers={"content-type": "application/octet-stream"})
    with scripted(answer, as_json({"data": [about], "next_page": None}), data) as server:
        kernel.run(f"%nbfiles use {server.url}")
        cell = kernel.run("%%ask_file\nplot it")
    answer, chart, caption = cell.outputs.values()
    assert whole(answer)
    assert "c.png" in answer["text/plain"]
    assert "image/png" in chart
    assert "c.png" in caption["text/plain"]


def test_a_notebook_keeps_a_long_cited_answer_as_one_output(own_world, tmp_path):
    (tmp_path / "manual.pdf").write_bytes((SAMPLES / "bzip2-manual.pdf").read_bytes())
    cited = begun(1, {"type": "text", "text": ""})
    said = delta(1, type="text_delta", text=" The author is Julian Seward.")
    answer = long(cited, said, delta(1, type="citations_delta", citation=PAGE), END, {"type": "message_stop"})
    file = METADATA | {"filename": "manual.pdf", "size_bytes": (tmp_path / "manual.pdf").stat().st_size}
    with scripted(as_json(file), answer) as server:
        start = f"import os; os.environ['ANTHROPIC_API_KEY'] = 'k'\n%load_ext nbfiles\n%nbfiles use {server.url}"
        fast = "import nbfiles._display.throttle as p; p.PAINTS_A_SECOND, p.PAINT_SHARE = 1e6, 1"
        cells = [start, fast, "%%ask_file manual.pdf\nWhat does it say?"]
        book = new_notebook(cells=[new_code_cell(cell) for cell in cells])
        resources = {"metadata": {"path": str(tmp_path)}}
        NotebookClient(book, resources=resources, startup_timeout=HANG_S).execute()
    nbformat.validate(book)
    upload, answer = (output.data for output in book.cells[2].outputs)
    assert "manual.pdf" in upload["text/plain"]
    assert whole(answer)
    assert "[1] manual.pdf, page 1: “Julian Seward” (quote found)" in answer["text/plain"]
    assert "Writing" not in answer["text/html"]
    page, _ = HTMLExporter().from_notebook_node(book)
    assert page.count(LAST) == page.count("<p>Paragraph 199 ") == 1
