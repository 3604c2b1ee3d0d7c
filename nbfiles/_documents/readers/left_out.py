"""What a file holds and its text does not: counted while it is read, and said in one line."""

from __future__ import annotations

from collections import Counter

from nbfiles._documents.readers.encodings import DecodedText


class LeftOut(Counter[str]):
    """How many of each are left out: `image`, `chart`; and which encodings of texts in the file are guesses."""

    def __init__(self) -> None:
        super().__init__()
        self._guesses: dict[str, None] = {}

    def text_of(self, decoded: DecodedText) -> str:
        """Return a text in the file, and keep what is not sure of it."""
        if decoded.is_guess:
            self._guesses[decoded.encoding] = None
        self["character"] += decoded.bad
        return decoded.text

    def sentence(self) -> str:
        """Return `GBK is a guess; 3 images, 1 chart not read`; empty where there is nothing to say."""
        parts = [f"{count:,} {name}{'s' if count != 1 else ''}" for name, count in self.items() if count]
        guesses = [f"{encoding} is a guess" for encoding in self._guesses]
        return "; ".join([*guesses, *([f"{', '.join(parts)} not read"] if parts else [])])
