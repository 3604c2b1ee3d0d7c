"""Draw named conversations: a list of them, and each turn by turn."""

from __future__ import annotations

from collections.abc import Iterable

from nbfiles._display import answer, output
from nbfiles._display.sanitize import clean, escape
from nbfiles._display.tables import TextTable
from nbfiles._messages.conversations import Conversation

NONE = "No threads yet. To begin one: %%ask_file -t NAME report.pdf"


def table(conversations: Iterable[Conversation]) -> TextTable:
    """Return the conversations as a table."""
    rows = tuple(
        (one.name, f"{len(one.turns)}", ", ".join(one.files), f"{one.context_tokens:,} tokens") for one in conversations
    )
    return TextTable(("thread", "turns", "files attached", "context"), rows, () if rows else (NONE,))


def show(conversation: Conversation) -> None:
    """Show every turn of a conversation: the question, and the answer as its cell showed it."""
    for number, turn in enumerate(conversation.turns, 1):
        title, question = f"{conversation.name}, turn {number}", turn.question.strip()
        html = f"<pre style='white-space:pre-wrap'>{escape(question)}</pre>"
        output.show(
            {
                "text/html": f"<p><b>{escape(title)}</b></p>{html}",
                "text/plain": clean(f"{title}\n\n{question}"),
            }
        )
        output.show(answer.bundle(turn))
