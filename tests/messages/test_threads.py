"""Named conversations, as values."""

import pytest

from nbfiles._messages.answer import Usage
from nbfiles._messages.conversations import Conversations
from nbfiles.errors import BadInput
from tests.answers import answer_of, said

SAID = said("a", question="q", sources=("x.pdf",), usage=Usage(10, 5, 3, 2))


def threads(*names, turns=1):
    result = Conversations()
    for name in names:
        for _ in range(turns):
            result.keep(result.begin(name), SAID)
    return result


def test_turns_are_kept_in_order_with_their_files_and_context():
    thread = threads("a", turns=2).get("a")
    assert (len(thread.turns), thread.files, thread.context_tokens) == (2, ("x.pdf",), 20)


def test_a_question_without_any_answer_is_no_turn():
    found = threads()
    found.keep(found.begin("a"), answer_of(question="q"))
    assert list(found) == []


def test_a_fresh_thread_forgets_its_turns_when_the_new_one_is_kept():
    found = threads("a", turns=3)
    found.keep(found.begin("a", fresh=True), SAID)
    assert len(found.get("a").turns) == 1


def test_a_fork_goes_its_own_way():
    found = threads("a")
    found.fork("a", "b")
    found.keep(found.begin("b"), SAID)
    assert [len(thread.turns) for thread in found] == [1, 2]
    with pytest.raises(BadInput, match="Take another name"):
        found.fork("a", "b")


def test_undo_takes_back_one_turn_and_at_last_the_thread():
    found = threads("a", turns=2)
    assert len(found.undo("a").turns) == 1
    found.undo("a")
    assert list(found) == []


@pytest.mark.parametrize("what", [lambda t: t.get("erning"), lambda t: t.drop("erning"), lambda t: t.undo("erning")])
def test_an_unknown_thread_is_an_error_with_the_closest_name(what):
    with pytest.raises(BadInput, match="Did you mean “earnings”"):
        what(threads("earnings"))
