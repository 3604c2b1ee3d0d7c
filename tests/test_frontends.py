"""Every cell ends with one output that is complete also where updates are not shown (docs/frontends.md)."""

import pytest

from tests.kernels import painting_kernel, stopped_at
from tests.scripted import BLOCK, START, USAGE, events, scripted

END = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": USAGE}
LAST = "These are the very last words."


def answer(paragraphs: int = 3):
    text = "\n\n".join([*(f"Paragraph {number} tells of the sea." for number in range(paragraphs)), LAST])
    pieces = [text[start : start + 16] for start in range(0, len(text), 16)]
    return events(START, BLOCK, *words(*pieces), END, {"type": "message_stop"})


def words(*texts: str):
    return [{"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": t}} for t in texts]


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    with painting_kernel(tmp_path_factory.mktemp("kernel")) as kernel:
        yield kernel


@pytest.mark.parametrize("paragraphs", [3, 300])
@pytest.mark.parametrize("code", ["%%ask_file\nwhy?", "ans = nbfiles.ask('why?')", "%ask_file why?"])
def test_an_answer_is_complete_where_updates_are_not_shown_and_said_once_where_they_are(kernel, code, paragraphs):
    with scripted(answer(paragraphs)) as server:
        kernel.run(f"%nbfiles use {server.url}")
        cell = kernel.run(code)
    (output,) = cell.outputs.values()
    assert output["text/plain"].count(LAST) == output["text/html"].count(LAST) == 1
    assert cell.printed.endswith(output["text/plain"] + "\n")


def test_what_is_above_and_below_an_answer_stays_there(kernel):
    with scripted(answer(), answer()) as server:
        kernel.run(f"%nbfiles use {server.url}")
        cell = kernel.run("for n in 1, 2:\n    print('before', n)\n    nbfiles.ask('why?')\n    print('after', n)")
    said = [output["text/plain"].splitlines()[0] for output in cell.outputs.values()]
    assert said == ["before 1", "claude-sonnet-5-5", "after 1", "claude-sonnet-5-5", "after 2"]
    assert cell.printed.rstrip().endswith("after 2")


@pytest.mark.parametrize(
    "code", ["files = nbfiles.upload('a.txt', 'b.txt')", "%upload a.txt b.txt", "%%ask_file c.txt d.txt\nwhy?"]
)
def test_uploads_end_complete_where_updates_are_not_shown(kernel, code):
    write = "Path(f'{name}.txt').write_text(f'{name} {get_ipython().execution_count}')"
    kernel.run(f"from pathlib import Path\nfor name in 'abcd': {write}")
    kernel.run("%nbfiles use local")
    cell = kernel.run(code)
    uploads, *rest = cell.outputs.values()
    assert uploads["text/plain"].count("uploaded") == 2
    assert cell.printed.count(uploads["text/plain"] + "\n") == 1
    assert len(rest) == code.startswith("%%")


def test_rows_of_files_asked_about_separately_end_complete(kernel):
    kernel.run("from pathlib import Path\nfor n in 'ef': Path(n + '.txt').write_text(f'{n} is a letter.')")
    kernel.run("%nbfiles use local")
    cell = kernel.run("%%ask_file e.txt f.txt --each -o frame\nWhat is a letter?")
    (table,) = [output["text/plain"] for output in cell.outputs.values() if "files answered" in output["text/plain"]]
    assert "2 of 2 files answered" in table
    assert cell.printed.count(table) == 1


def test_a_page_that_was_reloaded_says_how_to_see_the_answer(kernel):
    for code, command in (("%%ask_file\nwhy?", "%nbfiles show"), ("answer = nbfiles.ask('why?')", "answer.show()")):
        with scripted(answer()) as server:
            kernel.run(f"%nbfiles use {server.url}")
            shown = kernel.run(code)
            assert f"Thinking … · after a reload of the page: {command}" in shown.printed
            (last,) = shown.outputs.values()
            assert "reload" not in str(last)
            assert [*kernel.run(command).outputs.values()] == [last]


def test_an_answer_that_was_stopped_or_refused_can_be_shown_again(kernel):
    with scripted(events(START, BLOCK, *words("The first half"), hang=True)) as server:
        kernel.run(f"%nbfiles use {server.url}")
        stopped = stopped_at(kernel, "%%ask_file\nwhy?", "The first half")
        (shown,) = stopped.outputs.values()
        assert "Not complete: Stopped" in shown["text/plain"]
        assert stopped.printed.endswith(shown["text/plain"] + "\n")
        assert [*kernel.run("%nbfiles show").outputs.values()] == [shown]
