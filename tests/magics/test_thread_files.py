"""A conversation sends each file once, however often it is named, and pays for it once."""

import json
import re

import pytest

from nbfiles import current_session
from nbfiles.errors import BadInput, FileGone

MANUAL = "bzip2-manual.pdf"
LINE = "The {} of the plan says that {} is due on Friday.\n"


def blocks(answer):
    """Return what each turn of the user holds: types of its blocks."""
    return [[b["type"] for b in m["content"]] for m in answer.request["messages"] if m["role"] == "user"]


def texts(answer):
    return [b["text"] for b in answer.request["messages"][-1]["content"] if b["type"] == "text"]


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "plan.txt"
    path.write_text("".join(LINE.format(number, f"part {number}") for number in range(400)))
    return path


def test_a_document_that_is_named_in_each_cell_is_sent_and_paid_for_once(shell, plan):
    turns = [shell.run(f"%%ask_file {plan.name} -t talk\nWhen is part {n} due?") for n in (1, 2, 3)]
    assert blocks(turns[-1]) == [["document", "text"], ["text"], ["text"]]
    first, *later = (turn.usage for turn in turns)
    assert first.cache_write_tokens > 5_000
    assert first.cache_read_tokens == 0
    for before, usage in zip(turns, later, strict=False):
        assert usage.cache_read_tokens >= first.cache_write_tokens
        assert usage.total_in - before.usage.total_in < 1_000
    assert turns[-1].text.count("**plan.txt**") == 1
    assert turns[-1].documents == ("plan.txt",)
    assert {(c.file, c.raw["document_index"], c.evidence) for c in turns[-1].citations} == {
        ("plan.txt", 0, "quote found")
    }


def test_dry_run_tells_what_the_next_turn_adds(shell, plan):
    shown = dict(shell.run(f"%%ask_file {plan.name} -t talk --dry-run\nWhen?").rows)
    assert (shown["would be uploaded"], shown["blocks"]) == ("plan.txt", "1 document, 1 text")
    shell.run(f"%%ask_file {plan.name} -t talk\nWhen?")
    table = dict(shell.run(f"%%ask_file {plan.name} -t talk --dry-run\nWhy?").rows)
    assert (table["files"], table["in the conversation"]) == ("none", "plan.txt")
    assert (table["would be uploaded"], table["blocks"]) == ("nothing", "1 text")
    plan.write_text("Another plan.\n")
    table = dict(shell.run(f"%%ask_file {plan.name} -t talk --dry-run\nWhy?").rows)
    assert (table["would be uploaded"], table["blocks"]) == ("plan.txt", "1 document, 1 text")
    folder = plan.parent / "deep"
    folder.mkdir()
    plan.rename(folder / "plan.txt")
    shell.run("%%ask_file deep/plan.txt -t other\nWhy?")
    table = dict(shell.run("%%ask_file deep/plan.txt -t other --dry-run\nWhy?").rows)
    assert (table["would be uploaded"], table["blocks"]) == ("nothing", "1 text")


def test_a_file_under_another_name_is_named_and_not_sent_again(shell, plan):
    shell.run("%%ask_file plan.txt -t talk\nWhat is due?")
    plan.rename(plan.with_name("renamed.txt"))
    answer = shell.run("%%ask_file renamed.txt -t talk\nWhat is due?")
    assert blocks(answer) == [["document", "text"], ["text", "text"]]
    assert texts(answer)[0] == "About “renamed.txt” (the same as “plan.txt”):"
    assert "renamed.txt" in answer.sources
    assert {(citation.file, citation.evidence) for citation in answer.citations} == {("renamed.txt", "quote found")}
    later = shell.run("%%ask_file -t talk\nWhen is part 9 due?")
    assert {citation.file for citation in later.citations} == {"renamed.txt"}


def test_a_file_that_changed_in_between_is_sent_as_it_is_now(shell, plan):
    shell.run("%%ask_file plan.txt -t talk\nWhen is part 7 due?")
    plan.write_text("In the new plan, part 7 is due on Sunday, and nothing else is ever due.\n")
    answer = shell.run("%%ask_file plan.txt -t talk\nWhen is part 7 due on Sunday?")
    assert blocks(answer) == [["document", "text"], ["document", "text"]]
    assert "newer version of “plan.txt”" in answer.request["messages"][-1]["content"][0]["context"]
    assert answer.documents == ("plan.txt (earlier version)", "plan.txt")
    sunday = next(c for c in answer.citations if "Sunday" in c.quote)
    assert (sunday.file, sunday.raw["document_index"], sunday.evidence) == ("plan.txt", 1, "quote found")
    assert all(c.evidence != "quote NOT found there" for c in answer.citations)
    with pytest.raises(BadInput, match=r"“plan\.txt” has changed since it was sent"):
        shell.run("%nbfiles eject")
    again = shell.run("%%ask_file plan.txt -t talk\nWhen is part 7 due on Sunday?")
    assert blocks(again)[-1] == ["text", "text"]
    assert texts(again)[0] == "About “plan.txt”:"


def test_which_files_are_named_is_said_where_the_conversation_holds_others(shell, plan):
    plan.with_name("other.txt").write_text("The other plan: nothing is due on Monday, which is a quiet day.\n")
    shell.run("%%ask_file plan.txt other.txt -t talk\nWhat is due?")
    answer = shell.run("%%ask_file other.txt -t talk\nWhat is due?")
    assert texts(answer) == ["About “other.txt”:", "What is due?\n"]
    assert {c.file for c in answer.citations} == {"other.txt"}
    assert "**plan.txt**" not in answer.text
    assert (
        shell.run("%%ask_file -t talk\nWhat is due?").request["messages"][-1]["content"][0]["text"] == "What is due?\n"
    )


def test_fresh_begins_anew_with_the_file(shell, plan):
    shell.run("%%ask_file plan.txt -t talk\nWhat is due?")
    answer = shell.run("%%ask_file plan.txt -t talk --fresh\nWhat is due?")
    assert blocks(answer) == [["document", "text"]]
    assert answer.usage.cache_read_tokens > 5_000


def test_a_file_that_is_gone_takes_its_place_again_when_it_is_named_or_uploaded(shell, plan):
    shell.run("%%ask_file plan.txt -t talk\nWhat is due?")
    shell.run("%files rm plan.txt --yes")
    with pytest.raises(FileGone):
        shell.run("%%ask_file -t talk\nWhat is due?")
    answer = shell.run("%%ask_file plan.txt -t talk\nWhat is due?")
    assert blocks(answer) == [["document", "text"], ["text"]]
    assert answer.citations
    shell.run("%files rm plan.txt --yes")
    shell.run("%upload plan.txt")
    answer = shell.run("%%ask_file -t talk\nWhat is due?")
    assert blocks(answer) == [["document", "text"], ["text"], ["text"]]
    assert answer.citations


def test_a_file_that_somebody_deleted_is_sent_again_by_itself(shell, plan):
    shell.run("%%ask_file plan.txt -t talk\nWhat is due?")
    connection = current_session().connection
    connection.client.delete(connection.files.registry.get("plan.txt").file_id)
    answer = shell.run("%%ask_file plan.txt -t talk\nWhat is due?")
    assert blocks(answer) == [["document", "text"], ["text"]]
    assert answer.complete
    assert shell.run("%%ask_file plan.txt -t talk\nWhat else?").complete


def test_a_data_file_and_a_document_are_both_attached_once(shell, plan):
    shell.run("%%ask_file penguins.csv plan.txt -t talk\nHow many rows are there?")
    answer = shell.run("%%ask_file penguins.csv -t talk\n```python\nimport os; print('rows', len(os.listdir()))\n```")
    assert [b["type"] for m in answer.request["messages"] for b in m["content"]].count("container_upload") == 1
    assert answer.code
    looked = shell.run("%%ask_file plan.txt -t talk --code\nHow long is it?")
    assert blocks(looked)[-1][0] == "container_upload"  # read before, and now for the code, too


def test_a_follow_up_in_python_does_not_send_the_file_again(shell, plan):
    shell.run("%%ask_file plan.txt -o ans\nWhat is due?")
    answer = shell.run("ans.ask('When is part 9 due?', 'plan.txt')")
    assert blocks(answer) == [["document", "text"], ["text"]]


def test_eject_writes_the_request_of_a_later_turn_with_one_upload(shell, plan):
    shell.run("%%ask_file plan.txt -t talk\nWhat is due?")
    answer = shell.run("%%ask_file plan.txt -t talk\nWhen is part 3 due?")
    shell.run("%nbfiles eject")
    assert shell.shown.count("client.files.upload(") == 1
    namespace = {"plan_id": answer.request["messages"][0]["content"][0]["source"]["file_id"]}
    exec(re.search(r"\n(turn_1 = .*?)\n\nwith client", shell.shown, re.DOTALL)[1], namespace)
    assert json.loads(json.dumps(namespace["request"])) == json.loads(json.dumps(answer.request))


def test_each_has_no_conversation(shell, plan):
    with pytest.raises(BadInput, match="Leave out --thread"):
        shell.run("%%ask_file plan.txt --each -t talk\nWhen?")
