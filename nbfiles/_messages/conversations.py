"""Named conversations: each a line of answers, the last of which holds all that was said before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from nbfiles._messages.answer import Answer
from nbfiles.close_matches import close_matches
from nbfiles.errors import BadInput, Spelled
from nbfiles.private_values import redacted_repr

THREADS = Spelled("nbfiles.threads()", "%thread")


@redacted_repr
@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation: its name and its turns, oldest first."""

    name: str
    turns: tuple[Answer, ...] = ()

    @property
    def last(self) -> Answer | None:
        """The newest turn."""
        return self.turns[-1] if self.turns else None

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the files that are attached, in the order they came."""
        return tuple(dict.fromkeys(name for turn in self.turns for name in turn.sources))

    @property
    def context_tokens(self) -> int:
        """What the next question carries along: all that was sent and said so far."""
        return self.last.usage.total_in + self.last.usage.output_tokens if self.last else 0


class Conversations:
    """The named conversations of one destination."""

    def __init__(self) -> None:
        self._threads: dict[str, Conversation] = {}

    def __iter__(self) -> Iterator[Conversation]:
        return iter(tuple(self._threads.values()))

    def begin(self, name: str, *, fresh: bool = False) -> Conversation:
        """Return the thread of this name, new where there is none or it is to be `fresh`."""
        return Conversation(name) if fresh else self._threads.get(name, Conversation(name))

    def keep(self, thread: Conversation, answer: Answer) -> None:
        """Add a turn, if anything of an answer arrived: a question alone would be asked again."""
        if answer.blocks:
            self._threads[thread.name] = replace(thread, turns=(*thread.turns, answer))

    def get(self, name: str) -> Conversation:
        """Return a thread; raises BadInput with the closest name."""
        if name in self._threads:
            return self._threads[name]
        close = close_matches(name, self._threads)
        hint = (f"Did you mean “{close[0]}”?",) if close else ("To see all: ", Spelled("nbfiles.threads()", "%thread"))
        raise BadInput(f"There is no thread “{name}”. ", *hint)

    def fork(self, name: str, new: str) -> Conversation:
        """Go on with a thread in two ways: `new` begins with the same turns."""
        if new in self._threads:
            raise BadInput(f"There is a thread “{new}” already. Take another name. To see them: ", THREADS)
        self._threads[new] = replace(self.get(name), name=new)
        return self._threads[new]

    def undo(self, name: str) -> Conversation:
        """Take back the last turn; a thread without turns is gone."""
        thread = self.get(name)
        self._threads[name] = shorter = replace(thread, turns=thread.turns[:-1])
        if not shorter.turns:
            del self._threads[name]
        return shorter

    def drop(self, name: str) -> None:
        """Forget a thread; its files stay."""
        self.get(name)
        del self._threads[name]
