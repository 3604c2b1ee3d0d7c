"""Threads, variables, the bill, citations to check and the other options, as a person types them."""

import io
import json
import runpy
from contextlib import redirect_stdout

import pytest

from nbfiles import current_session, errors
from tests.scripted import METADATA, as_json, error, reply, scripted

MANUAL = "bzip2-manual.pdf"


def sent(server, number=-1):
    return json.loads(server.seen[number][2])


def uploaded(file_id):
    return as_json(METADATA | {"id": file_id, "size_bytes": 183_803, "mime_type": "application/pdf"})


def test_without_a_thread_each_cell_stands_alone(shell):
    shell.run(f"%ask_file {MANUAL} Who is the author?")
    second = shell.run("%%ask_file\nAnd who else?")
    assert len(second.request["messages"]) == 1
    assert "thread" not in shell.shown


def test_a_thread_goes_on_with_its_files_and_says_where_it_is(shell):
    shell.run(f"%%ask_file {MANUAL} -t bz\nWho is the author?")
    answer = shell.run("%%ask_file -t bz\nHow does bzip2recover work?")
    assert answer.citations[0].file == MANUAL
    assert "thread bz · turn 2 · context" in shell.shown
    assert f"sent {MANUAL} to" in shell.shown
    marked = [b["type"] for m in answer.request["messages"] for b in m["content"] if "cache_control" in b]
    assert marked == ["document", "text", "text"]


def test_threads_are_listed_shown_forked_undone_and_dropped(shell):
    shell.run(f"%%ask_file {MANUAL} -t bz\nWho is the author?")
    shell.run("%thread fork bz other")
    shell.run("%%ask_file -t other\nWhat is run-length encoding?")
    assert [row[:3] for row in shell.run("%thread").rows] == [("bz", "1", MANUAL), ("other", "2", MANUAL)]
    shell.run("%thread show other")
    assert shell.shown.count("Local server · ") == 2
    assert "What is run-length encoding?" in shell.shown
    assert [row[1] for row in shell.run("%thread undo other").rows] == ["1", "1"]
    assert [row[0] for row in shell.run("%thread drop bz").rows] == ["other"]
    shell.run("%%ask_file -t other --fresh\nWho?")
    assert shell.run("%thread list").rows[0][1] == "1"


def test_the_partial_answer_of_a_broken_stream_is_in_the_thread_the_variable_and_the_bill(shell, claude):
    cut = reply("The first half of a long answer.")
    cut = type(cut)(cut.body[: cut.body.index(b"event: message_delta")], headers=cut.headers)
    claude(cut)
    with pytest.raises(errors.CutOff):
        shell.run("%%ask_file -t long -o ans\nwhy?")
    assert shell["ans"].text == "The first half of a long answer."
    assert isinstance(shell["ans"].error, errors.CutOff)
    assert not shell["ans"].complete
    server = claude(reply("The second."))
    shell.run("%%ask_file -t long\ngo on")
    assert sent(server)["messages"][1]["content"] == [{"type": "text", "text": "The first half of a long answer."}]


def test_an_expired_container_is_replaced_and_said(shell, claude):
    gone = error(400, "invalid_request_error", "container container_1 has expired")
    server = claude(reply(container={"id": "container_1"}), gone, reply())
    shell.run("%%ask_file -t c --code\nx = 1")
    answer = shell.run("%%ask_file -t c\nx?")
    assert [sent(server, number).get("container") for number in range(3)] == [None, "container_1", None]
    assert answer.complete
    assert "no variables of earlier turns" in shell.shown


def test_a_refused_question_leaves_the_thread_as_it_was(shell, claude):
    claude(reply(), error(400, "invalid_request_error", "no"))
    shell.run("%%ask_file -t a\none")
    with pytest.raises(errors.ApiError):
        shell.run("%%ask_file -t a\ntwo")
    assert shell.run("%thread").rows[0][1] == "1"


def test_variables_are_sent_and_listed(shell):
    shell.run("import pandas; df = pandas.DataFrame({'a': [1, 2]}); from pathlib import Path")
    shell.run(f"manual = Path('{MANUAL}')")
    answer = shell.run("%%ask_file\nDoes {{manual}} speak of {{df}}?")
    assert answer.question == (
        f"Does {MANUAL} speak of \ntable “df” with 2 rows and 1 columns:\n- a: int64\n"
        "all its rows, tab-separated:\na\n1\n2\n?\n"
    )
    assert answer.sources == (MANUAL,)
    assert f"sent {MANUAL}, {{{{manual}}}}, {{{{df}}}} to" in shell.shown


def test_the_cost_is_split_and_totalled(shell, claude):
    claude(reply(), reply())
    shell.run("%%ask_file -t a\nwhy?")
    assert "$0.0083 (in $0.0020, cache write $0.0050, cache read $0.0003, out $0.0010)" in shell.shown
    shell.run("%%ask_file\nwhy?")
    shell.run("%nbfiles cost")
    assert "claude-sonnet-5-5, Claude  2        2,000" in shell.shown
    assert "Prices of 2026-" in shell.shown
    assert "does not report" in shell.shown


def test_a_dry_run_says_what_would_be_sent_and_sends_nothing(shell, claude):
    server = claude()
    plan = shell.run(f"%%ask_file {MANUAL} penguins.csv --dry-run --max-tokens 1000\nwhy?")
    rows = dict(plan.rows)
    assert rows["would be uploaded"] == f"{MANUAL}, penguins.csv"
    assert rows["blocks"] == "1 document, 1 container_upload, 1 text"
    assert rows["price"].count("$") == 2
    assert "Nothing was sent." in shell.shown
    assert server.seen == []


@pytest.mark.parametrize("line", ["--dry-run", "--dry-run --each"])
def test_a_dry_run_needs_no_question_yet(shell, claude, line):
    server = claude()
    plan = shell.run(f"%ask_file {MANUAL} {line}")
    assert dict(plan.rows)["would be uploaded"] == MANUAL
    assert "no question yet" in shell.shown
    assert server.seen == []


def test_a_budget_refuses_before_anything_is_sent(shell, claude):
    server = claude(reply())
    with pytest.raises(errors.BadInput, match=r"up to \$0\.\d+: more than the budget of this cell of \$0\.01"):
        shell.run(f"%%ask_file {MANUAL} --budget 0.01\nwhy?")
    shell.run("%nbfiles set budget=0.01")
    assert "$0.01" in str(shell.run("%nbfiles"))
    with pytest.raises(errors.BadInput, match="the kernel's budget"):
        shell.run("%%ask_file\nwhy?")
    assert server.seen == []
    assert shell.run("%%ask_file --max-tokens 100\nwhy?").complete


def test_a_budget_holds_between_the_rounds_of_a_paused_turn(shell, claude):
    server = claude(reply("The first half.", "pause_turn"), reply("The second.", "pause_turn"))
    with pytest.raises(errors.BadInput, match=r"\$0\.0166 is spent already.*of \$0\.03\. What had arrived is kept"):
        shell.run("%%ask_file --budget 0.025 --max-tokens 200 -o ans\nwhy?")
    assert shell["ans"].text == "The first half.The second."
    assert not shell["ans"].complete
    assert "the answer took 2 requests" in shell.shown
    assert len(server.seen) == 2
    claude(reply("The first half.", "pause_turn"), reply("The second."))
    assert shell.run("%%ask_file --max-tokens 200\nwhy?").complete


def test_caching_is_paid_for_only_when_a_document_is_asked_about_again(shell):
    first = shell.run(f"%%ask_file {MANUAL}\nWho?")
    second = shell.run(f"%%ask_file {MANUAL}\nWhy?")
    assert "cache_control" not in str(first.request)
    assert "cache_control" in str(second.request)


def test_every_quote_says_whether_it_was_found(shell):
    answer = shell.run(f"%%ask_file {MANUAL} -o ans\nHow much memory does decompression need with -s?")
    assert {citation.evidence for citation in answer.citations} == {"quote found"}
    assert "(quote found)" in shell.shown


def test_a_cited_page_is_shown_with_the_quote_marked(shell):
    shell.run(f"%%ask_file {MANUAL} -o ans\nHow much memory does decompression need with -s?")
    shell.run("%cite 1")
    assert f"[1] {MANUAL}, page" in shell.shown
    assert "The quote is marked on the page." in shell.shown
    shell.run("ans.citations[0].show()")
    assert "The quote is marked on the page." in shell.shown


def test_a_cited_passage_is_shown_in_its_context_or_that_it_is_gone(shell, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("Everybody knows. The launch of the rocket is on Friday. It will rain.")
    shell.run("%%ask_file notes.txt\nWhen is the launch of the rocket?")
    shell.run("%cite [1]")
    assert ">>>" in shell.shown
    path.unlink()
    shell.run("%cite 1")
    assert "It cannot be shown: the file is not on this machine." in shell.shown


def test_a_quote_of_a_converted_file_is_looked_up_in_the_text_that_was_sent(shell, tmp_path):
    body = "<p>Everybody knows.</p><p>The launch of the <b>rocket</b> is on Friday.</p>"
    (tmp_path / "page.html").write_text(f"<html><body>{body}</body></html>")
    answer = shell.run("%%ask_file page.html\nWhen is the launch of the rocket?")
    assert {citation.evidence for citation in answer.citations} == {"quote found in the text made from the file"}
    shell.run("%cite 1")
    assert ">>>The launch of the rocket is on Friday.<<<" in shell.shown
    shell.run("import nbfiles\nsent = nbfiles.current_session().connection.files.index.temp_files")
    shell["sent"].__init__()  # as in a kernel that found the upload in the ledger
    shell.run("%cite 1")
    assert ">>>The launch of the rocket is on Friday.<<<" in shell.shown


def test_without_citations_none_are_asked_for(shell):
    answer = shell.run(f"%%ask_file {MANUAL} --no-cite\nWho is the author?")
    assert "citations" not in str(answer.request)
    assert answer.citations == ()


def test_a_schema_gives_data_and_excludes_citations(shell, claude):
    server = claude(uploaded("file_1"), reply('{"author": "Seward", "pages": 38}'))
    answer = shell.run(f"%%ask_file {MANUAL} --schema 'author, pages int' --cite\nWho?")
    assert answer.data == {"author": "Seward", "pages": 38}
    assert answer.df()["pages"][0] == 38
    assert sent(server)["output_config"]["format"]["type"] == "json_schema"
    assert "citations" not in str(sent(server)["messages"])
    assert "No citations" in shell.shown
    assert "author: Seward\npages: 38" in shell.shown
    assert '{"author"' not in shell.shown


def test_a_cut_schema_is_not_shown_as_complete(shell, claude):
    claude(reply('{"author": "Sew', reason="max_tokens"))
    answer = shell.run("%%ask_file --schema author\nWho?")
    assert "Not complete: The data was cut" in shell.shown
    with pytest.raises(errors.NbfilesError, match="cut inside “author”, at 16,000"):
        assert answer.data


def test_effort_is_sent_and_can_be_set(shell, claude):
    server = claude(reply(), reply())
    shell.run("%%ask_file --effort low\nWho?")
    shell.run("%nbfiles set effort=max")
    shell.run("%%ask_file\nWho?")
    assert [sent(server, number)["output_config"] for number in (0, 1)] == [
        {"effort": "low"},
        {"effort": "max"},
    ]


def test_a_model_that_cannot_is_refused_in_one_line(shell, claude):
    blind = {"id": "claude-old", "max_tokens": 100}
    server = claude(as_json({"data": [blind, {"id": "claude-new"}], "has_more": False}))
    with pytest.raises(errors.BadInput, match=r"claude-old writes at most 100 tokens.*claude-new can"):
        shell.run("%%ask_file -m claude-old\nWho?")
    assert [line for line, *_ in server.seen] == ["GET /v1/models?limit=100"]


def test_the_models_are_listed_once_for_the_default_and_its_code_tool(shell, claude):
    newer = {"id": "claude-sonnet-6", "line": "sonnet", "max_tokens": 9000, "capabilities": None}
    haiku = {"id": "claude-haiku-4-5-20251001", "capabilities": None, "max_tokens": 9000}
    server = claude(as_json({"data": [newer, haiku], "has_more": False}), reply(), reply())
    current_session().connection.models.default = None
    shell.run("%%ask_file --dry-run\nWho?")
    assert server.seen == []
    shell.run("%%ask_file --code\nWho?")
    shell.run("%%ask_file -m claude-haiku-4-5 --no-code\nWho?")
    assert [line for line, *_ in server.seen] == ["GET /v1/models?limit=100", *["POST /v1/messages"] * 2]
    assert (sent(server, 1)["model"], sent(server, 1)["max_tokens"]) == ("claude-sonnet-6", 9000)
    assert sent(server, 1)["tools"] == [{"type": "code_execution_20260521", "name": "code_execution"}]


def test_a_gateway_is_not_asked_for_its_models(shell):
    with scripted(reply()) as server:
        shell.run(f"%nbfiles use {server.url}")
        assert shell.run("%%ask_file -m llama-99 --max-tokens 9000000\nWho?").complete
        assert len(server.seen) == 1


def test_models_are_listed_with_limits_and_prices(shell):
    shell.run("%nbfiles models")
    assert "claude-sonnet-5-5" in shell.shown
    assert "$2 / $10" in shell.shown


def test_eject_prints_code_that_runs(shell, claude, tmp_path, monkeypatch):
    server = claude(uploaded("file_1"), reply())
    shell.run(f"%%ask_file {MANUAL} --effort low\nWho “is” it?")
    shell.run("%nbfiles eject")
    assert "nbfiles" not in shell.shown
    assert str(tmp_path) not in shell.shown
    (tmp_path / "ejected.py").write_text(shell.shown)
    claude(uploaded("file_2"), reply("So it is."))
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
    with redirect_stdout(io.StringIO()) as printed:
        runpy.run_path(str(tmp_path / "ejected.py"))
    assert printed.getvalue().startswith("So it is.\nend_turn")
    before, after = sent(server, 1), sent(server, 3)
    assert json.loads(json.dumps(after).replace("file_2", "file_1")) == before


def test_eject_of_code_saves_what_the_code_made(shell, tmp_path):
    shell.run("%%ask_file penguins.csv\nplot body mass by species")
    shell.run("%nbfiles eject")
    assert "client.files.download" in shell.shown
    compile(shell.shown, "ejected.py", "exec")


def test_an_answer_shows_itself_again(shell):
    shell.run(f"%%ask_file {MANUAL} -o ans\nWho is the author?")
    first = shell.shown[shell.shown.index("Local server · ") :].partition("Out[")[0]
    shell.run("ans.show()")
    assert first.strip() in shell.shown


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("%%ask_file\nIs {{totl}} right?", r"no variable “totl”\. Did you mean \{\{total\}\}"),
        ("%ask_file -t '' why", "--thread takes a name"),
        ("%ask_file --effort huge why", "--effort takes one of low"),
        ("%ask_file --budget -1 why", "--budget takes US dollars"),
        ("%ask_file --budget nan why", "--budget takes US dollars"),
        ("%ask_file --schema 'a b c' why", "not a field"),
        ("%thread show nothing", "no thread “nothing”"),
        ("%thread show", "Which conversation"),
        ("%thread shwo x", "Did you mean: %thread show"),
        ("%cite", "Which mark"),
        ("%cite one", "Which mark"),
        ("%cite 1", "Nothing was asked yet"),
        ("%nbfiles set", "Set what"),
        ("%nbfiles set budget", "sets nothing"),
        ("%nbfiles set bugdet=1", "Did you mean budget"),
        ("%nbfiles set budget=much", "budget takes US dollars.*%nbfiles set budget=2.00"),
        ("%nbfiles set max-tokens=0", "from 1"),
        ("%nbfiles eject", "no question yet"),
        ("%nbfiles costs", "Did you mean: %nbfiles cost"),
    ],
)
def test_a_mistake_is_one_line_and_sends_nothing(shell, cell, words):
    shell.run("total = 1")
    with pytest.raises(errors.BadInput, match=words) as caught:
        shell.run(cell)
    assert len(caught.value._render_traceback_()) == 1


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("%ask_file --max-tokens 0 why", "--max-tokens takes a whole number from 1, not 0."),
        ("%ask_file --max-tokens much why", "--max-tokens takes a whole number from 1, not “much”."),
        ("%ask_file --skill xlsx --no-code why", "--skill needs code: leave out --no-code."),
        (
            f"%upload {MANUAL} --expires 9y",
            "--expires takes hours or days from 1h to 90d, such as 12h or 30d, not “9y”",
        ),
        (f"%%ask_file {MANUAL}\n ", "The question is empty. Type it below the %%ask_file line, or after the names."),
        ("%files --sort colour", "--sort takes one of name, size, age, expiry, not “colour”."),
        ("%files clean", "How old? Type, for example: %files clean --older-than 30d"),
        ("%files clean --older-than 9y", "--older-than takes hours or days such as 12h or 30d, not “9y”."),
        (
            "%nbfiles set effort=huge",
            "effort takes one of low, medium, high, xhigh, max, not “huge”. Type",
        ),
        ("%nbfiles eject", "There is no question yet to write code for. Ask one with %%ask_file."),
    ],
)
def test_an_error_of_a_magic_speaks_of_options(shell, cell, message):
    with pytest.raises(errors.BadInput) as refused:
        shell.run(cell)
    assert str(refused.value).startswith(message)
