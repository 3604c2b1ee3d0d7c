"""Named conversations: a list of them, and each as it went."""

from __future__ import annotations

from collections.abc import Iterable

from nbfiles._display import answer, output
from nbfiles._display.sanitize import clean, escape
from nbfiles._display.tables import TextTable
from nbfiles._messages.conversations import Conversation

NONE = "No threads yet. To begin one: %%ask_file -t NAME report.pdf"


def listing(threads: Iterable[Conversation]) -> TextTable:
    """Return the threads as a table."""
    rows = tuple(
        (thread.name, f"{len(thread.turns)}", ", ".join(thread.files), f"{thread.context_tokens:,} tokens")
        for thread in threads
    )
    return TextTable(("thread", "turns", "files attached", "context"), rows, () if rows else (NONE,))


def show(thread: Conversation) -> None:
    """Show every turn of a thread: the question, and the answer as its cell showed it."""
    for number, turn in enumerate(thread.turns, 1):
        title, question = f"{thread.name}, turn {number}", turn.question.strip()
        asked = f"<pre style='white-space:pre-wrap'>{escape(question)}</pre>"
        output.show(
            {
                "text/html": f"<p><b>{escape(title)}</b></p>{asked}",
                "text/plain": clean(f"{title}\n\n{question}"),
            }
        )
        output.show(answer.bundle(turn))
