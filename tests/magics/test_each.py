"""One question of many files: a DataFrame with a row each, whatever happens to some of them."""

import json
import re
import signal
import threading
from functools import partial

import pytest

from nbfiles import current_session, errors
from tests.scripted import METADATA, as_json, reply
from tests.scripted import error as refusal

FIELDS = "launch date, rocket"


@pytest.fixture
def notes(shell, tmp_path):
    for name, day in (("a", "Friday"), ("b", "Monday"), ("c", "Sunday")):
        (tmp_path / f"{name}.txt").write_text(f"The launch of rocket {name.upper()} is on {day}. All is well.")
    return shell


@pytest.fixture
def asked(notes, monkeypatch):
    """The requests that go out, and what happens to those that hold a word: an error, or a call."""
    client, seen, whole = current_session().connection.client, [], current_session().connection.client.stream

    def stream(request, on_repeat):
        text = json.dumps(request["messages"])
        seen.append(request)
        for word, error in broken.items():
            if word in text and callable(error):
                error()
                threading.Event().wait()  # a server that never answers
            if word in text:
                raise error
        return whole(request, on_repeat)

    broken = {}
    monkeypatch.setattr(client, "stream", stream)
    return seen, broken


def test_each_file_gets_a_row_with_its_answer_page_quote_and_bill(notes):
    frame = notes.run("%%ask_file *.txt --each -o df\nWhen is the launch?")
    assert list(frame["file"]) == ["a.txt", "b.txt", "c.txt"]
    assert [day in text for day, text in zip(("Fri", "Mon", "Sun"), frame["answer"], strict=True)] == [True] * 3
    assert "Friday" in frame["quote"][0]
    assert list(frame["error"]) == [""] * 3
    assert (frame["tokens_in"] > 0).all()
    assert notes["df"] is frame
    assert "3 of 3 files answered" in notes.shown


def test_pages_and_characters_have_a_column_each(notes):
    frame = notes.run("%%ask_file a.txt bzip2-manual.pdf --each\nWhen is the launch, and what is the block size?")
    text, manual = frame.iloc[0], frame.iloc[1]
    assert text["page"] == ""
    assert re.fullmatch(r"0–\d+", text["chars"])
    assert re.fullmatch(r"\d+(–\d+)?(; \d+(–\d+)?)*", manual["page"])
    assert manual["chars"] == ""


def test_a_file_that_cannot_be_uploaded_has_a_row_that_says_why(notes, tmp_path):
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 and nothing else")
    for line in ("%%ask_file *.txt *.pdf --each", "%%ask_file empty.txt a.txt broken.pdf b.txt c.txt --each"):
        frame = notes.run(f"{line}\nWhen is the launch?").set_index("file")
        assert list(frame.loc[["a.txt", "b.txt", "c.txt"], "error"]) == [""] * 3
        assert "is empty" in frame.loc["empty.txt", "error"]
        assert "broken.pdf" in frame.loc["broken.pdf", "error"]
    assert "answered, 2 failed" in notes.shown
    with pytest.raises(errors.UnusableFile, match=r"“empty.txt” is empty"):
        notes.run("%%ask_file empty.txt --each\nWhen is the launch?")


@pytest.fixture
def namesakes(notes, tmp_path):
    """Two folders, each with a file that can be asked about and an empty one, of the same names."""
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "launch.txt").write_text(f"The launch of rocket {folder} is on Friday.")
        (tmp_path / folder / "empty.txt").write_text("")
    return notes


def test_files_of_the_same_name_that_fail_have_a_row_each(namesakes):
    frame = namesakes.run("%%ask_file one/*.txt two/*.txt one/empty.txt --each\nWhen is the launch?")
    assert list(frame["file"]) == ["launch.txt", "launch-2.txt", "empty.txt", "empty.txt"]
    assert ["is empty" in error for error in frame["error"]] == [False, False, True, True]
    assert "2 of 4 files answered, 2 failed" in namesakes.shown


def test_a_file_that_can_be_read_meanwhile_is_asked_about(notes, asked, tmp_path, monkeypatch):
    (tmp_path / "d.txt").write_text("")
    models, choose = current_session().connection.models, current_session().connection.models.choose

    def written():
        (tmp_path / "d.txt").write_text("The launch of rocket D is on Thursday.")
        choose()

    monkeypatch.setattr(models, "choose", written)
    frame = notes.run("%%ask_file a.txt d.txt --each\nWhen is the launch?")
    assert list(frame["error"]) == ["", ""]


def test_a_dry_run_says_which_files_are_left_out(namesakes, asked, tmp_path):
    for name in "abcde":
        (tmp_path / f"none-{name}.txt").write_text("")
    plan = namesakes.run("%%ask_file one/*.txt two/launch.txt none-*.txt --each --dry-run\nwhy?")
    assert dict(plan.rows)["would be uploaded"] == "launch.txt, launch.txt"
    assert "Left out: “empty.txt” is empty, so there is nothing to ask about." in namesakes.shown
    assert "Left out: 3 more." in namesakes.shown
    with pytest.raises(errors.UnusableFile, match=r"“empty\.txt” is empty"):
        namesakes.run("%%ask_file one/empty.txt two/empty.txt --each --dry-run\nwhy?")
    assert asked[0] == []


def test_files_of_other_folders_may_have_a_budget(namesakes):
    frame = namesakes.run("%%ask_file one/launch.txt two/launch.txt --each --budget 5\nWhen is the launch?")
    assert list(frame["error"]) == ["", ""]


def test_what_is_done_is_not_asked_again(notes, asked):
    seen, _ = asked
    cell = "%%ask_file *.txt --each\nWhen is the launch?"
    first = notes.run(cell)
    assert notes.run(cell).equals(first)
    assert len(seen) == 3
    assert "kept" in notes.shown
    notes.run(cell.replace("--each", "--each --fresh"))
    notes.run(cell.replace("launch", "start"))
    assert len(seen) == 9


def test_what_was_kept_costs_nothing_again_and_says_so(shell, claude, tmp_path):
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text(f"Text {name}.")
    files = [as_json(METADATA | {"id": f"file_{n}", "size_bytes": 7}) for n in range(2)]
    server = claude(*files, reply(), refusal(400, "invalid_request_error", "no"), reply())
    cell = "%%ask_file a.txt b.txt --each\nwhy?"
    assert shell.run(cell)["cost"].notna().sum() == 2
    shell.run(cell)
    assert "$0 now" in shell.shown
    assert "2 of 2 files answered, 1 of them before · $0.0083" in shell.shown
    assert current_session().costs.total().cost.total == pytest.approx(2 * 0.0083)
    assert len(server.seen) == 5


def test_questions_of_all_files_wait_when_one_of_them_is_told_to(notes, monkeypatch):
    client, waited = current_session().connection.client, []
    monkeypatch.setattr(client._sender, "wait", lambda seconds, why: waited.append(why) if seconds else None)
    client._busy.extend(60, "Busy.")
    notes.run("%%ask_file *.txt --each\nWhen is the launch?")
    assert waited == ["Busy."] * 3


def test_a_failure_is_a_row_and_is_asked_again(notes, asked):
    seen, broken = asked
    broken["b.txt"] = errors.ServerError("The API has trouble.")
    cell = "%%ask_file *.txt --each\nWhen is the launch?"
    frame = notes.run(cell)
    assert list(frame["error"]) == ["", "The API has trouble.", ""]
    assert "failed: The API has trouble." in notes.shown
    broken.clear()
    assert list(notes.run(cell)["error"]) == [""] * 3
    assert len(seen) == 4


def test_stop_keeps_the_rows_that_are_done(notes, asked, monkeypatch):
    seen, broken = asked
    monkeypatch.setattr("nbfiles._messages.per_file.WORKERS", 1)
    broken["c.txt"] = partial(signal.raise_signal, signal.SIGINT)
    cell = "%%ask_file *.txt --each -o df\nWhen is the launch?"
    with pytest.raises(errors.Stopped, match="2 of 3 files are answered and kept"):
        notes.run(cell)
    assert list(notes["df"]["file"]) == ["a.txt", "b.txt"]
    broken.clear()
    assert "Sunday" in notes.run(cell)["answer"][2]
    assert list(notes["df"]["file"]) == ["a.txt", "b.txt", "c.txt"]
    assert len(seen) == 4


def test_a_file_that_cannot_be_asked_about_is_a_row(notes, tmp_path):
    (tmp_path / "d.bin").write_bytes(bytes(range(256)))
    frame = notes.run("%%ask_file a.txt d.bin --each --no-code\nWhen is the launch?")
    assert "can only be read by code" in frame["error"][1]


def test_fields_and_evidence_take_two_requests_which_is_said(notes, asked):
    seen, _ = asked
    frame = notes.run("%%ask_file *.txt --each --cite --schema 'launch, rocket'\nWhen is the launch of which rocket?")
    assert {"launch", "rocket", "quote", "page"} <= set(frame.columns)
    assert "Friday" in frame["quote"][0]
    assert "Two requests a file" in notes.shown
    assert [("output_config" in request) for request in seen].count(True) == 3
    assert all("citations" not in str(r["messages"]) for r in seen if "output_config" in r)


def test_a_skill_is_for_the_first_of_two_requests_a_file(notes, asked):
    cell = "%%ask_file a.txt --each --cite --schema 'launch' --skill xlsx\nWhen is the launch?"
    assert list(notes.run(cell)["error"]) == [""]
    assert [("container" in request) for request in asked[0]] == [True, False]


def test_two_requests_a_file_are_said_before_the_first(notes, asked, monkeypatch):
    seen, broken = asked
    monkeypatch.setattr("nbfiles._messages.per_file.WORKERS", 1)
    broken["a.txt"] = partial(signal.raise_signal, signal.SIGINT)
    with pytest.raises(errors.Stopped):
        notes.run("%%ask_file *.txt --each --cite --schema 'launch'\nWhen is the launch?")
    assert "Two requests a file" in notes.shown
    assert len(seen) == 1


def test_fields_alone_take_one_request(notes, asked):
    seen, _ = asked
    frame = notes.run("%%ask_file *.txt --each --schema 'rocket'\nWhich rocket?")
    assert len(seen) == 3
    assert "rocket" in frame.columns


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("%%ask_file --each\nwhy?", "needs files"),
        ("%%ask_file *.txt --each -t x\nwhy?", "no conversation"),
        ("%%ask_file *.txt --each\n ", "question is empty"),
    ],
)
def test_a_mistake_is_one_line_before_anything_is_sent(notes, asked, cell, words):
    with pytest.raises(errors.BadInput, match=words):
        notes.run(cell)
    assert asked[0] == []


def test_a_dry_run_adds_up_all_files_and_sends_nothing(notes, asked):
    one = dict(notes.run("%%ask_file a.txt --dry-run\nwhy?").rows)
    plan = notes.run("%%ask_file a.txt b.txt c.txt --each --cite --schema x --dry-run\nwhy?")
    assert dict(plan.rows)["would be uploaded"] == "a.txt, b.txt, c.txt"
    assert "6 requests" in notes.shown
    assert dict(plan.rows)["tokens out"] == "at most 96,000"
    assert one["tokens out"] == "at most 16,000"
    assert asked[0] == []


def test_without_pandas_nothing_is_sent_and_one_line_says_what_to_type(notes, asked, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(errors.NbfilesError, match="%pip install pandas"):
        notes.run("%%ask_file *.txt --each\nwhy?")
    assert asked[0] == []


def test_what_stands_for_something_else_now_is_asked_anew(notes, asked):
    cell = "%%ask_file *.txt --each\nIs the launch on {{day}}?"
    for setup in ("day = 'Friday'", "day = 'Monday'", "%nbfiles set model=claude-opus-4-8"):
        notes.run(setup)
        notes.run(cell)
    assert len(asked[0]) == 9


def test_a_class_that_was_changed_is_filled_anew(notes, asked):
    for field in ("day: str", "rocket: str"):
        notes.run(f"import pydantic\nclass Launch(pydantic.BaseModel):\n    {field}")
        frame = notes.run("%%ask_file *.txt --each --schema Launch\nWhen is the launch?")
        assert field.split(":")[0] in frame
    assert len(asked[0]) == 6


def test_records_and_paths_are_names_too(notes, asked, tmp_path):
    frame = notes.run("import nbfiles\nnbfiles.ask_each('When?', *nbfiles.upload('a.txt', 'b.txt'))")
    assert list(frame["file"]) == ["a.txt", "b.txt"]
    assert "a.txt" in str(notes.run("import pathlib\nnbfiles.plan('When?', pathlib.Path('a.txt'))"))


def test_what_a_row_and_an_answer_say_is_spelled_as_it_was_typed(notes):
    frame = notes.run("%%ask_file a.txt --each --skill poetry\nWhen is the launch?")
    assert frame["error"][0].endswith("To see them: %nbfiles skills")
    notes.run("%nbfiles use claude")
    with pytest.raises(errors.BadCredentials, match="%nbfiles use local"):
        notes.run("%ask_file why?")
    assert "%nbfiles use local" in notes.shown
    assert "nbfiles.use" not in notes.shown


REFUSED = "ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL"


def test_an_answer_that_was_cut_is_not_done_and_is_asked_again(notes, asked):
    seen, _ = asked
    cell = "%%ask_file *.txt --each --max-tokens {}\nWhen is the launch?"
    for times in (1, 2):
        frame = notes.run(cell.format(5))
        assert all("cut at its limit of tokens" in error for error in frame["error"])
        assert all(frame["answer"])
        assert "0 of 3 files answered, 3 failed" in notes.shown
        assert len(seen) == 3 * times
    assert list(notes.run(cell.format(500))["error"]) == [""] * 3
    assert len(seen) == 9


def test_rows_are_kept_when_their_file_is_deleted_and_comes_back(notes, asked):
    cell = "%%ask_file *.txt --each\nWhen is the launch?"
    notes.run(cell)
    notes.run("%files rm *.txt --yes")
    notes.run(cell)
    assert len(asked[0]) == 3


def test_whole_answers_are_kept_under_another_token_limit(notes, asked):
    for tokens in (500, 600):
        notes.run(f"%%ask_file *.txt --each --max-tokens {tokens}\nWhen is the launch?")
    assert len(asked[0]) == 3


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("refusal", "declined"),
        ("model_context_window_exceeded", "too long"),
        ("a_new_reason", r"does not know \(a_new_reason\)"),
    ],
)
@pytest.mark.parametrize("options", ["", "--cite --schema day"])
def test_what_ended_before_it_was_whole_says_why_and_is_asked_again(shell, claude, tmp_path, reason, words, options):
    (tmp_path / "a.txt").write_text("Text a.")
    server = claude(as_json(METADATA | {"size_bytes": 7}), reply(reason=reason), reply(reason=reason))
    for _ in range(2):
        frame = shell.run(f"%%ask_file a.txt --each {options}\nwhy?")
        assert re.search(words, frame["error"][0])
        assert "failed: " in shell.shown
        assert frame["tokens_out"][0] == 100
    assert len(server.seen) == 3


def test_a_refusal_of_the_local_server_is_a_row_that_failed(notes, asked):
    for _ in range(2):
        frame = notes.run(f"%%ask_file a.txt --each\n{REFUSED}")
        assert frame["error"][0] == "Claude declined to answer this question."
    assert len(asked[0]) == 2


def test_a_row_is_kept_for_the_bytes_that_it_is_about(notes, asked, tmp_path, monkeypatch):
    seen, _ = asked
    monkeypatch.setattr("nbfiles._messages.per_file.WORKERS", 1)
    before, later = (tmp_path / "b.txt").read_text(), "The launch of rocket B is on Thursday. All is well."
    client = current_session().connection.client
    whole = client.stream

    def stream(request, on_repeat):
        if len(seen) == 0:
            (tmp_path / "b.txt").write_text(later)
        return whole(request, on_repeat)

    monkeypatch.setattr(client, "stream", stream)
    cell = "%%ask_file *.txt --each\nWhen is the launch?"
    assert "Thursday" in notes.run(cell)["answer"][1]
    assert "changed while the cell ran" in notes.shown
    assert "Thursday" in notes.run(cell)["answer"][1]
    assert len(seen) == 3
    (tmp_path / "b.txt").write_text(before)
    assert "Monday" in notes.run(cell)["answer"][1]
    assert len(seen) == 4
