"""What was paid for is kept before it is drawn, and no view that fails takes it along."""

import pytest
from IPython.utils.io import capture_output

from nbfiles import current_session, errors
from nbfiles._display import output as front
from nbfiles._display import progress, progress_tables, sanitize
from nbfiles._messages import citation_check
from nbfiles._messages.observer import Observer
from nbfiles._messages.request import AskRequest
from tests.kernels import Kernel
from tests.scripted import BLOCK, METADATA, START, as_json, error, events, reply, scripted

JANE = "Write to [Jane <jane@docs.example>](mailto:jane@docs.example) & <b>co</b>."
SAID = "This answer could not be formatted (KeyError), so its plain text is shown."
CELLS = ["%%ask_file -o ans -t talk\nwhy?", "%ask_file -o ans -t talk why?"]


def piece(text):
    return {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}


def pieces(*texts):
    deltas = [piece(text) for text in texts]
    end = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 3}}
    return events(START, BLOCK, *deltas, end, {"type": "message_stop"})


def broken(*_args, **_more):
    raise KeyError("html")


def stop(*_args, **_more):
    raise KeyboardInterrupt


@pytest.fixture
def draw(monkeypatch):
    """Let a rule of the renderer be another, also for what was drawn already."""

    def changed(rule):
        sanitize.forget()
        monkeypatch.setitem(sanitize._MARKDOWN.renderer.rules, "text", rule)

    yield changed
    sanitize.forget()


@pytest.fixture
def rows(shell, claude, tmp_path):
    """Two files to be asked about, and the answers to both."""
    for number, name in enumerate("ab"):
        (tmp_path / f"{name}.txt").write_text(f"Text {name}.")
        claude(as_json(METADATA | {"id": f"file_{number}", "size_bytes": 7}))
    claude(reply(), reply())
    return shell


def kept(shell):
    """The answer, where it has its three places."""
    session = current_session()
    assert shell["ans"] is session.last.plain is session.connection.conversations.get("talk").last
    return shell["ans"]


@pytest.mark.parametrize("cell", CELLS)
def test_an_address_in_the_text_of_a_link_loses_no_answer(shell, claude, cell):
    claude(reply(JANE))
    shell.run(cell)
    assert kept(shell).text == JANE
    assert SAID not in shell.shown


@pytest.mark.parametrize("cell", CELLS)
def test_an_answer_that_cannot_be_formatted_is_shown_as_text_and_says_so(shell, claude, draw, cell):
    claude(reply(JANE))
    draw(broken)
    shell.run(cell)
    assert kept(shell).complete
    assert shell.shown.startswith(SAID)
    assert JANE in shell.shown
    assert "Traceback" not in shell.shown


def test_an_answer_that_cannot_be_formatted_says_all_the_same_what_is_wrong_with_it(shell, claude, draw):
    claude(error(502, "api_error", "Bad."), events(START, BLOCK, piece(JANE)))
    draw(broken)
    shell.ip.run_cell("%%ask_file -o ans -t talk\nwhy?")
    shown = str(kept(shell))
    assert JANE in shown
    assert "Not complete: The answer broke off" in shown
    assert "it may have been charged twice" in shown


@pytest.mark.parametrize("cell", ["ans.show()", "ans", "%thread show talk"])
def test_every_view_of_an_answer_that_cannot_be_formatted_is_its_text(shell, claude, draw, cell):
    claude(reply(JANE))
    shell.run(CELLS[0])
    draw(broken)
    with capture_output() as captured:
        shell.ip.run_cell(cell, store_history=True)
    html = captured.outputs[-1].data["text/html"]
    assert SAID in html
    assert "&lt;b&gt;co&lt;/b&gt;" in html
    assert JANE in captured.outputs[-1].data["text/plain"]
    assert SAID in str(shell["ans"])


def test_in_a_kernel_the_text_stands_where_the_answer_would(own_world):
    answer = pieces("One. ", "<b>Two</b>.\n\n", JANE)
    with Kernel(ANTHROPIC_API_KEY="sk-ant-test") as kernel, scripted(answer) as server:
        kernel.run("%load_ext nbfiles\nimport nbfiles._display.sanitize as safe")
        kernel.run("def broken(*_): raise KeyError('html')\nsafe._MARKDOWN.renderer.rules['text'] = broken")
        kernel.run(f"%nbfiles use {server.url}")
        cell = kernel.run("%%ask_file -o ans\nwhy?")
        text = kernel.run("ans.text").outputs.popitem()[1]["text/plain"]
    (output,) = cell.outputs.values()
    assert cell.error is None
    assert SAID in output["text/html"]
    assert "&lt;b&gt;Two&lt;/b&gt;" in output["text/html"]
    assert "Two" in text


@pytest.mark.parametrize(
    ("where", "name"),
    [
        (progress, "status_line"),
        (progress.answers, "partial_view"),
        (progress.answers, "bundle"),
        (front.Output, "paint"),
    ],
)
def test_a_view_that_fails_ends_no_stream_and_loses_no_answer(shell, claude, monkeypatch, where, name):
    claude(pieces("One. ", "Two. ", "Three."))
    monkeypatch.setattr(where, name, broken)
    shell.ip.run_cell(CELLS[0])
    assert kept(shell).text == "One. Two. Three."
    assert kept(shell).complete


def test_an_answer_that_no_output_takes_is_printed(shell, claude, monkeypatch):
    claude(reply(JANE))
    monkeypatch.setattr(front.Output, "close", broken)
    shell.run("import nbfiles\nans = nbfiles.ask('why?')")
    assert shell["ans"].text == JANE
    assert shell.shown.count(JANE) == 1
    assert SAID in shell.shown


def test_pictures_that_cannot_be_shown_lose_no_answer(shell, monkeypatch):
    monkeypatch.setattr("nbfiles._display.generated_files._show", broken)
    answer = shell.run("%%ask_file penguins.csv -o ans\nplot body mass by species")
    assert answer.files
    assert shell["ans"] is answer
    assert "could not be shown (KeyError)" in shell.shown


@pytest.mark.parametrize("cell", CELLS)
def test_stop_while_an_answer_is_drawn_loses_nothing(shell, claude, monkeypatch, cell):
    claude(reply(JANE))
    monkeypatch.setattr(progress.answers, "bundle", stop)
    shell.ip.run_cell(cell)
    assert kept(shell).complete


def test_a_watcher_that_fails_ends_no_question(shell, claude, caplog):
    class Broken(Observer):
        answer = each = broken

    claude(pieces("One. ", "Two."))
    answer = current_session().ask(AskRequest("why?"), Broken())
    assert answer.text == "One. Two."
    assert [record.getMessage() for record in caplog.records] == ["nbfiles could not show how far it is: KeyError"]


def test_rows_are_kept_where_their_table_cannot_be_drawn(rows, monkeypatch):
    monkeypatch.setattr(progress_tables, "_sum", broken)
    frame = rows.run("%%ask_file a.txt b.txt --each -o ans\nwhy?")
    assert list(frame["answer"]) == ["Yes.", "Yes."]
    assert rows["ans"] is frame
    assert "could not be shown (KeyError)" in rows.shown


def test_rows_are_kept_where_stop_comes_while_their_table_is_drawn(rows, monkeypatch):
    monkeypatch.setattr(progress.LiveProgress, "__exit__", stop)
    rows.ip.run_cell("%%ask_file a.txt b.txt --each -o ans\nwhy?")
    assert list(rows["ans"]["answer"]) == ["Yes.", "Yes."]


@pytest.mark.parametrize(
    ("fault", "said"),
    [(broken, "Its quotes could not be looked up (KeyError)."), (stop, "Stopped while its quotes were")],
)
def test_an_answer_whose_quotes_cannot_be_looked_up_is_kept(shell, monkeypatch, fault, said):
    shell.run("%upload bzip2-manual.pdf")
    monkeypatch.setattr(citation_check.quote_search, "look_up", fault)
    shell.ip.run_cell("%%ask_file bzip2-manual.pdf -o ans -t talk\nWho is the author?")
    answer = kept(shell)
    assert answer.citations
    assert any(said in line for line in (*answer.notes, answer.problem or ""))
    assert isinstance(answer.error, errors.Stopped) == (fault is stop)


def test_an_answer_whose_fields_cannot_be_checked_is_kept(shell, claude):
    claude(reply('{"total": 0}'))
    shell.run(
        "import pydantic\nclass Bill(pydantic.BaseModel):\n    total: int\n"
        "    @pydantic.field_validator('total')\n    def share(cls, value): return 1 / value"
    )
    shell.run("%%ask_file -o ans -t talk --schema Bill\nhow much?")
    assert kept(shell).text == '{"total": 0}'
    assert kept(shell).problem == "The data could not be checked (ZeroDivisionError)."
