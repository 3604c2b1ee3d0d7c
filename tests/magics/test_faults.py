"""Faults of questions: nothing that arrived is lost, shown as whole, or paid for twice."""

import pytest

from nbfiles import current_session, errors
from nbfiles._client import sse as wire
from nbfiles._client.timeouts import Timeouts
from tests.scripted import BLOCK, START, Reply, as_json, error, events, reply
from tests.sessions import new_session

WORDS = {
    "type": "content_block_delta",
    "index": 0,
    "delta": {"type": "text_delta", "text": "The first half."},
}
BEGUN = events(START, BLOCK, WORDS)
SSE = BEGUN.headers
HTML = Reply(b"<html>Please log in</html>", headers={"content-type": "text/html"})


def begun(more: bytes = b"", **how) -> Reply:
    return Reply(BEGUN.body + more, headers=SSE, **how)


def sse(kind: str, data: str) -> bytes:
    return f"event: {kind}\ndata: {data}\n\n".encode()


def overloaded(kind="overloaded_error"):
    return sse("error", f'{{"type": "error", "error": {{"type": "{kind}", "message": "Busy."}}}}')


@pytest.mark.parametrize(
    ("fault", "expected", "words"),
    [
        (begun(b"x" * 99, cut=len(BEGUN.body)), errors.CutOff, "broke off"),
        (begun(), errors.CutOff, "before the server said it was done"),
        (begun(b'event: content_block_delta\ndata: {"type": "con'), errors.CutOff, "broke off"),
        (begun(overloaded()), errors.ServerError, "Busy"),
        (begun(overloaded("rate_limit_error")), errors.RateLimited, "Busy"),
        (begun(sse("content_block_delta", "{")), errors.NotTheApi, "not the API"),
        (begun(sse("content_block_delta", "[1]")), errors.NotTheApi, "not the API"),
        (begun(b"event: message_delta\ndata: \xff\xfe\n\n"), errors.NotTheApi, "not the API"),
    ],
)
def test_what_arrived_before_a_fault_stays_and_is_called_incomplete(shell, claude, fault, expected, words):
    server = claude(fault)
    with pytest.raises(expected, match=words) as caught:
        shell.run("%%ask_file -o ans -t talk\nwhy?")
    assert shell["ans"].text == "The first half."
    assert not shell["ans"].complete
    assert shell["ans"].error is caught.value
    assert "The first half." in shell.shown
    assert f"Not complete: {shell['ans'].problem}" in shell.shown
    assert "out (what a cut answer took beyond that is not reported)" in shell.shown
    assert shell.run("%thread").rows[0][1] == "1"
    assert len(server.seen) == 1
    assert len(caught.value._render_traceback_()) == 1


@pytest.mark.parametrize(
    ("fault", "expected", "words"),
    [
        (
            error(400, "invalid_request_error", "prompt is too long"),
            errors.ApiError,
            "prompt is too long. Ask about fewer files",
        ),
        (
            error(400, "invalid_request_error", "messages.0.content.0.title: too long"),
            errors.ApiError,
            r"title: too long\.(?! Ask)",
        ),
        (error(401, "authentication_error", "no"), errors.BadCredentials, "%nbfiles use local"),
        (
            error(402, "billing_error", "Your credit is used up"),
            errors.ApiError,
            "credit is used up. Waiting",
        ),
        (error(413, "request_too_large", "Too large"), errors.ApiError, "32 MB"),
        (
            error(429, "rate_limit_error", "Spent", code="enforced_spend_limit_reached"),
            errors.RateLimited,
            "Spent. Waiting does not help",
        ),
        (error(529, "overloaded_error", "Busy", retry_after="9999"), errors.ServerError, "in 9999 s"),
        (Reply(status=307, headers={"location": "http://example.com/"}), errors.NotTheApi, "redirect"),
    ],
)
def test_a_question_that_never_began_is_one_line_and_not_sent_again(shell, claude, fault, expected, words):
    server = claude(fault)
    with pytest.raises(expected, match=words) as caught:
        shell.run("%%ask_file -o ans -t talk\nwhy?")
    assert shell["ans"].text == ""
    assert not shell["ans"].complete
    assert list(shell.run("%thread").rows) == []
    assert len(server.seen) == 1
    assert len(caught.value._render_traceback_()) == 1


@pytest.mark.parametrize(
    "fault",
    [HTML, as_json({"type": "message", "content": []}), Reply(b"", headers=SSE)],
    ids=["a page", "JSON", "nothing"],
)
def test_a_question_that_something_else_answers_is_asked_once_more(shell, claude, monkeypatch, fault):
    monkeypatch.setattr("nbfiles._client.DEFAULTS", Timeouts(first_backoff_s=0.01))
    server = claude(fault, fault)
    with pytest.raises(errors.NotTheApi, match="proxy or a login page") as caught:
        shell.run("%%ask_file -o ans -t talk\nwhy?")
    assert not shell["ans"].complete
    assert "may have been carried out and charged both times" in shell["ans"].problem
    assert list(shell.run("%thread").rows) == []
    assert len(server.seen) == 2
    assert len(caught.value._render_traceback_()) == 1


def test_a_stream_that_only_pings_is_given_up_and_what_arrived_is_kept(shell, claude, monkeypatch):
    clock = iter(range(0, 10**6, 250))  # seconds pass as bytes come

    def events_as_time_flies(response, silence_s, _clock):
        chunks = b"".join(response.iter_bytes()).partition(b"event: ping")[::2]
        slowly = [chunks[0], *[b"event: ping" + part for part in chunks[1].split(b"event: ping")]]
        response.iter_bytes = lambda: iter(slowly)
        return wire.events(response, silence_s, lambda: next(clock))

    monkeypatch.setattr("nbfiles._client.events", events_as_time_flies)
    server = claude(begun(sse("ping", '{"type": "ping"}') * 9))
    with pytest.raises(errors.CutOff, match="said nothing for 600 s"):
        shell.run("%%ask_file -o ans\nwhy?")
    assert shell["ans"].text == "The first half."
    assert "Not complete: The answer broke off" in shell.shown
    assert len(server.seen) == 1


def test_a_busy_api_is_asked_again_before_the_answer_began(shell, claude):
    server = claude(error(529, "overloaded_error", "Busy", retry_after_ms="1"), reply())
    assert shell.run("%%ask_file\nwhy?").complete
    assert len(server.seen) == 2


def test_a_stop_reason_counts_as_the_end_where_the_last_event_is_missing(shell, claude):
    end = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 3}}
    claude(events(START, BLOCK, WORDS, end))
    assert shell.run("%%ask_file\nwhy?").complete


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("max_tokens", "a larger --max-tokens"),
        ("refusal", "declined"),
        ("model_context_window_exceeded", "Ask about fewer files"),
    ],
)
def test_an_answer_that_ended_early_says_why_and_what_to_do(shell, claude, reason, words):
    claude(reply(reason=reason))
    answer = shell.run("%%ask_file\nwhy?")
    assert not answer.complete
    assert "Not complete" in shell.shown
    assert words in shell.shown


def test_unknown_events_and_blocks_change_nothing(shell, claude):
    odd = [
        {"type": "brand_new"},
        {"type": "content_block_start", "index": 1, "content_block": {"type": "hologram"}},
    ]
    body = events(START, BLOCK, WORDS, *odd).body + reply().body[len(events(START).body) :]
    claude(Reply(body, headers=SSE))
    answer = shell.run("%%ask_file\nwhy?")
    assert answer.text == "The first half.Yes."
    assert answer.complete


@pytest.mark.parametrize("cell", ["%upload penguins.csv", "%%ask_file penguins.csv\nhow many?", "%files --all"])
def test_a_data_folder_that_cannot_be_is_one_line_and_the_doctor_looks_on(shell, tmp_path, monkeypatch, cell):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("NBFILES_DATA_DIR", str(tmp_path / "file" / "nbfiles"))
    with pytest.raises(errors.BadInput, match=r"keep files here: Not a directory\. Set NBFILES_DATA_DIR") as caught:
        shell.run(cell)
    assert str(tmp_path) not in str(caught.value)
    assert not shell.run("%nbfiles doctor").healthy
    current_session().close()
    new_session(monkeypatch)
    monkeypatch.setenv("NBFILES_DATA_DIR", str(tmp_path / "good"))
    shell.run(cell)
