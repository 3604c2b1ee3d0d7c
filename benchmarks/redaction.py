"""The redactor's time grows with the length of a text, whatever is repeated in it.

Each unit, of one or two signs or of a beginning of a secret, is repeated to n and to 4 n characters: alone, behind a
secret, and before one. What takes more than 8 times as long is printed with its processor time, of `redact` and of
`visible`; a time that grows with the length takes 4 times.
"""

from __future__ import annotations

import string
import sys
import time
from collections.abc import Callable, Iterator
from itertools import product

from nbfiles.redact import redact
from nbfiles.secret_kinds import KINDS
from nbfiles.visible_text import visible

LEAST_S, RATIO = 0.02, 8
SECRET = "password = 'hunter" + "22'"
SIGNS = [*string.punctuation, *"aA1 \t\n\r", "\x1b", "\u200b", "\ue000", "\u2016", "ä", "－"]


def units() -> Iterator[str]:
    """Yield what is repeated."""
    yield from SIGNS
    yield from map("".join, product(SIGNS, SIGNS))
    for sign in (sign for kind in KINDS for sign in kind.signs):
        yield from (sign, f"{sign} ", f"{sign}a", f"{sign}1=", f"{sign}\n", f"{sign}: ", f"{sign}=")
    yield from (
        "<a ",
        "<br>",
        "<!--",
        "&#",
        "&amp;",
        "\\u00",
        "\\n",
        "%4",
        "[0;",
        "\x1b[",
        "\x1b]",
        "passwo\nrd",
        "~~a",
        " \n>",
    )


def seconds(call: Callable[[str], str], text: str) -> float:
    """Return the processor time of a call."""
    start = time.process_time()
    call(text)
    return time.process_time() - start


def slow(call: Callable[[str], str], n: int) -> Iterator[str]:
    """Yield what takes much longer than it is longer."""
    for unit in units():
        for before, after in (("", ""), (SECRET, ""), ("", SECRET), (f"{SECRET} ", f" {SECRET}")):
            short, long = (f"{before}{unit * (size // len(unit))}{after}" for size in (n, 4 * n))
            once, later = seconds(call, short), seconds(call, long)
            if later > LEAST_S and later > RATIO * once and seconds(call, long) > RATIO * seconds(call, short):
                yield f"{call.__name__} {before!r} {unit!r} {after!r}: {once:.3f} s, {later:.3f} s"


if __name__ == "__main__":
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    for called in (redact, visible):
        for line in slow(called, size):
            print(line, flush=True)
        print(f"{called.__name__}: {sum(1 for _ in units())} units were tried", flush=True)
