"""What can go wrong, as one tree; every message is: what happened, why, what to type.

NbfilesError
├─ BadInput               the user's input: an option, a name, a file
│  ├─ UnknownName         no file of that name (carries the closest matches in its message)
│  ├─ UnusableFile        missing, a directory, empty, unreadable, too large, changed while it was read
│  │  └─ LockedFile       encrypted, and to be read with a password
│  └─ BadCredentials      a key that cannot be sent, or none at all
├─ ApiError               the server answered, and said no (status, request_id)
│  ├─ FileGone            the file_id is expired, deleted, or of another workspace
│  ├─ RateLimited         too many requests; says when to try again
│  └─ ServerError         5xx and 529
├─ NoConnection           nothing that speaks the API answered
│  └─ NotTheApi           something answered, but not the API: a proxy's page, a broken reply
└─ CutOff                 a reply began and broke off
   └─ WrongSize           the bytes that came are not all of a file, or something else
Stopped                   the user pressed Stop (also a KeyboardInterrupt)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from nbfiles.private_values import private
from nbfiles.redact import redact
from nbfiles.visible_text import visible

BEHIND_MAGIC = ContextVar("BEHIND_MAGIC", default=False)  # whether a magic was typed, and not a call


@dataclass(frozen=True, slots=True)
class Spelled:
    """Words that are typed in one way in Python and in another behind a magic: `max_tokens`, `--max-tokens`."""

    python: str
    magic: str

    def __str__(self) -> str:
        return self.magic if BEHIND_MAGIC.get() else self.python


class NbfilesError(Exception):
    """A problem said in one line: what happened, why, what to type instead.

    `answer` is what had arrived of an answer when the problem came, if one had begun. `perhaps_done` says
    that the request which failed may have been carried out.

    The message may be in several parts. Those that are typed in another way behind a magic are `Spelled`.
    """

    answer: Any = None
    perhaps_done = False

    def __init__(self, *message: str | Spelled) -> None:
        super().__init__(_one_line("".join(map(str, message))))

    def add(self, *sentence: str | Spelled) -> None:
        """Say one thing more, behind what the message says already."""
        self.args = (f"{self} {_one_line(''.join(map(str, sentence)))}",)

    def say(self, *message: str | Spelled) -> None:
        """Say it in other words: who raised it did not know what it was about."""
        self.args = (_one_line("".join(map(str, message))),)

    def _render_traceback_(self) -> list[str]:
        """Give IPython the one line to show instead of a traceback."""
        return [f"{type(self).__name__}: {self}"]


def _one_line(message: str) -> str:
    """Return a message without secrets, and without what steers a terminal: servers and names are in it."""
    return " ".join(visible(redact(message)).split("\n"))


# Name and error of each file that failed, by its path: files of several folders may have the same name.
FileErrors: TypeAlias = dict[Path, tuple[str, NbfilesError]]


class BadInput(NbfilesError):
    """The user's input does not fit; nothing was sent."""


class UnknownName(BadInput):
    """No file goes by this name."""


class UnusableFile(BadInput):
    """The file exists or should, but cannot be uploaded as it is."""


class LockedFile(UnusableFile):
    """The file is encrypted, and can be read with a password."""


class BadCredentials(BadInput):
    """There is no usable key, or the server does not accept it."""


class ApiError(NbfilesError):
    """The server answered with an error; `retry_after` is in seconds, where the server named it.

    `code` is the API's error_code, which says more than the status where there is one.
    """

    def __init__(
        self,
        *message: str | Spelled,
        status: int = 0,
        request_id: str | None = None,
        retry_after: float | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(*message, f" (request {request_id})" if request_id else "")
        self.status = status
        self.request_id: str | None = private(request_id)
        self.retry_after = retry_after
        self.code: str | None = private(code)


class FileGone(ApiError):
    """A file_id is expired, deleted, or belongs to another workspace."""


class RateLimited(ApiError):
    """The server wants fewer requests for now."""


class ServerError(ApiError):
    """The server failed or is overloaded; the same request may work later."""


class NoConnection(NbfilesError):
    """Nothing that speaks the API answered; `sent` tells whether the request may have been carried out.

    One that was not sent is `retriable` where it may work later as it is.
    """

    def __init__(self, *message: str | Spelled, sent: bool = True, retriable: bool = False) -> None:
        super().__init__(*message)
        self.sent = sent
        self.retriable = retriable


class NotTheApi(NoConnection):
    """Something answered that is not the API, such as a proxy's login page."""


class CutOff(NbfilesError):
    """A reply began and broke off."""


class WrongSize(CutOff):
    """A download ended in good order, but has fewer or more bytes than the file."""


class Stopped(NbfilesError, KeyboardInterrupt):
    """The user pressed Stop; what arrived before is kept."""


def raise_alone(problem: NbfilesError) -> NoReturn:
    """Raise an error without the one that is being handled: `from None` hides that, and keeps all that it holds."""
    try:
        raise problem
    finally:
        problem.__context__ = None


@contextmanager
def stop_in_one_line() -> Iterator[None]:
    """Let a KeyboardInterrupt become Stopped, wherever it came: no traceback of ours is of use to who pressed Stop."""
    try:
        yield
    except NbfilesError:  # Stopped is one, and knows more
        raise
    except KeyboardInterrupt:
        raise_alone(Stopped("The cell did not end. What was finished is kept; for the rest, run it again."))
