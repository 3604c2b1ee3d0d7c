"""The one redactor: keys, tokens, ids and private paths never leave through what people see or keep.

Text is read as a person would read it (`reading`), whatever stands between the letters: colours of a terminal,
tags, entities, escapes, marks of Markdown, line ends, letters that nobody sees. A secret there (`secret_kinds`) is
replaced in the text as it is, and the tags inside it stay, so that HTML stays whole. What is redacted once stays as
it is. Values (`answer.text`, `record.file_id`) keep what was sent; only their repr goes through here
(`private_values`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from nbfiles.reading import KEPT, Reading, read
from nbfiles.secret_kinds import Span, apart, compiled, find_kinds, has_sign, spaced
from nbfiles.values_in_use import LEAST, values_in_use

LONGEST_WORD = (
    400  # characters without a blank; what is longer is no key and no id, but a picture, and is shown as it grows
)
_PICTURE = r"(data:[\w/.+-]+;base64,[A-Za-z0-9+/=]{64,})"  # no text, and long


def redact(text: str) -> str:
    """Return `text` without keys, tokens, raw ids and private paths, however they are split or escaped."""
    if ";base64," in text:
        parts = compiled(_PICTURE).split(text)
        return "".join(part if number % 2 else _redacted(part) for number, part in enumerate(parts))
    return _redacted(text)


def redacted_bundle(bundle: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mimebundle whose texts are redacted."""
    texts = {kind: redact(value) for kind, value in bundle.items() if isinstance(value, str) and kind[:5] == "text/"}
    return {**bundle, **texts}


def _redacted(text: str) -> str:
    text = _replaced(text, _spans(text))
    # Backslashes and tags are left out of the reading, and mean something in \\server\share and <a href="…">.
    return _replaced(text, _find(text), keep=False) if "\\" in text or "<" in text else text


def _spans(text: str) -> list[Span]:
    """Return what is to be replaced in a text; most texts hold no secret, and are done when they are read once."""
    return Reading(text).positions(_find) if _find(read(text)) else []


def _find(text: str) -> list[Span]:
    """Return what is to be replaced in a text that was read: secrets of all kinds, and the values in use."""
    return apart([*find_kinds(text), *_find_values(text)])


def _find_values(text: str) -> Iterator[Span]:
    joined = text.replace("\n", "")
    for value in _readings(values_in_use()):
        if value in joined:
            yield from (Span(*match.span(), "…") for match in compiled(spaced(value)).finditer(text))


@lru_cache(maxsize=4)
def _readings(values: tuple[str, ...]) -> tuple[str, ...]:
    """Return values as they are, and as they are read: without a `*`, say."""
    return tuple(
        dict.fromkeys(reading for value in values for reading in (value, read(value)) if len(reading) >= LEAST)
    )


def _replaced(text: str, spans: Iterable[Span], *, keep: bool = True) -> str:
    """Replace the spans; tags and our own marks inside them stay behind what is shown instead."""
    pieces, end = [], 0
    for span in spans:
        kept = compiled(KEPT).findall(text[span.start : span.end]) if keep else ()
        pieces += [text[end : span.start], span.shown, *kept]
        end = span.end
    return "".join([*pieces, text[end:]])


def without_open_secret(text: str) -> str:
    """Return a text that grows, without its last word where that may become a secret."""
    word = compiled(r"[!-~]+\Z").search(text[-LONGEST_WORD:])
    is_open = word is not None and len(word[0]) < LONGEST_WORD and _may_become_secret(read(word[0]))
    return text[: -len(word[0])] if word and is_open else text


def _may_become_secret(word: str) -> bool:
    return has_sign(word) or any(value[:4] in word for value in _readings(values_in_use()))


class Growing:
    """Redact a text that grows: only its end is read again, from where no secret can reach across."""

    LOOK_AHEAD = 400  # characters behind a blank that show whether a secret goes on over it
    LOOK_BACK = 400  # characters before a secret that show that it is one, such as the name of a header or a command

    def __init__(self) -> None:
        self._done = ("", "")

    def forget(self) -> None:
        """Begin anew with the next text."""
        self._done = ("", "")

    def __call__(self, text: str) -> str:
        """Return a text redacted; as quick as its end is short where it begins like the one before."""
        start, redacted = self._done
        if not text.startswith(start):
            start, redacted = "", ""
        rest = text[len(start) :]
        cut = self._cut(rest)
        if cut:
            start, redacted = start + rest[:cut], redacted + redact(rest[:cut])
            self._done = (start, redacted)
        return redacted + redact(rest[cut:])

    def _cut(self, rest: str) -> int:
        """Return how much of a text is settled, whatever comes behind it; 0 for nothing yet."""
        if len(rest) < 2 * self.LOOK_AHEAD:
            return 0
        cut, secrets = rest.rfind(" ", 0, -self.LOOK_AHEAD) + 1, _spans(rest)
        while cut and (starts := [start for start, end, _ in secrets if start - self.LOOK_BACK < cut < end]):
            cut = rest.rfind(" ", 0, max(min(starts) - self.LOOK_BACK, 0)) + 1
        return cut
