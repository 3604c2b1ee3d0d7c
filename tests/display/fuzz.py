"""Mutations of Markdown, and what may be wrong with how one is drawn.

`python -m tests.display.fuzz 300000` draws so many, over the numbers of `--seed N` on, in two processes.
"""

import argparse
import random
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from multiprocessing import Pool
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from nbfiles._display import sanitize
from nbfiles._display.sanitize import clean, mark, to_html
from tests.display.hostile import CONTROLS, HOSTILE
from tests.display.html_reader import read

LONGEST = 600  # characters; what is long is a test of its own
AT_ONCE = 5_000  # texts of one seed

LINKED = [
    "[Jane Doe <jane@docs.example>](mailto:jane@docs.example)",
    "[<https://docs.example>](https://docs.example)",
    "[a <https://b.example> c](https://d.example 'title')",
    "[a [b](https://c.example) d](https://e.example)",
    "[![a](https://b.example/c.png)](https://d.example)",
    "![a ![b](c.png) <https://d.example> [e](f)](https://g.example/h.png)",
    "[**a `b` <c@d.example>**](<https://e.example/f g>)",
    "<https://docs.example/a?b=c&d=e> <mailto:a@b.example> <javascript:alert(1)>",
    "[a](<> ''), [](https://b.example), [<x:>](), [ ]( )",
    "| [a <b@c.example>](https://d.example) | `e|f` |\n|:-|-:|\n| ![g](h) | $i_1$ |",
    "> - [a <https://b.example>](c)\n>   > 1. ![d](e)\n>\n> ```f\n> [g <h@i.example>](j)\n> ```",
    "- a\n\n      code\n  1) b\n     > c\n\n  $$\n  d^2\n  $$",
    f"Up 12%{mark(1)} [b <https://c.example>](https://d.example){mark(2)}{mark(3)}\n```\ne\n```{mark(4)}",
    "[a]: https://b.example 'c'\n\n[a] [d][a] ![a]",
    "[a](https://xn--b-4ga.example/%F0%9F%98%80) [c](HTTPS://D.EXAMPLE:443) [e](http://[::1]:80/f#g)",
    "a\\\nb  \nc &amp; &#x3c;script&#62; &copy; \\<d\\> \\[e\\](f)",
    "Title\n===\n\nPart\n---\n\n***\n# a ## <b> #",
    "<details><summary>a</summary>\n\n[b](c)\n\n</details> <!-- d --> <![CDATA[e]]> <?f?>",
]
CORPUS = [text for text in [*HOSTILE, *(text for text, _, _ in CONTROLS), *LINKED, *LINKED] if len(text) < 300]
PIECES = [
    *"[]()<>!*_`~$\\|#-+&;:/\"'= \n\t^@.{}1",
    *("](", "![", "<a@b.example>", "<https://a.example>", "](https://b.example)", "](<", "\n\n", "\n> "),
    *(
        "\n- ",
        "\n1. ",
        "\n    ",
        "```\n",
        "~~~",
        "**",
        "$$\n",
        "\\[",
        "\\]",
        "\\(",
        "&#x",
        "&colon;",
        "javascript:",
    ),
    *(
        "|-|-|\n",
        "| a | b |\n",
        "<script>",
        "<img src=x onerror=alert(1)>",
        "<!--",
        "-->",
        "\u202e",
        "\u200d",
        "\x00",
    ),
    *(
        "\r\n",
        "xn--",
        "http://",
        "mailto:",
        "%00",
        "%E2%80%96%EE%80%801%EE%80%81",
        "é",
        "😀",
        "\ud800",
        mark(7),
    ),
]
AROUND = [
    *("[{}](https://a.example)", "![{}](b.png)", "**{}**", "~~{}~~", "`{}`", "<{}>", "> {}", "- {}"),
    *("| {} |\n|-|\n", "[a]({})", "[a](<{}>)", "${}$", "```\n{}\n```", "# {}", "<a href='{}'>"),
    "[{}](javascript:alert)",
]  # fmt: skip


def mutations(seed: int, count: int) -> Iterator[str]:
    """Yield texts, the same for the same seed."""
    chance = random.Random(seed)
    for _ in range(count):
        text = chance.choice(CORPUS)
        for _ in range(chance.randint(1, 6)):
            text = chance.choice(CHANGES)(text, chance)[:LONGEST]
        yield text


def _insert(text: str, chance: random.Random) -> str:
    at = chance.randint(0, len(text))
    return text[:at] + chance.choice(PIECES) + text[at:]


def _part(text: str, chance: random.Random) -> tuple[int, int]:
    start = chance.randint(0, len(text))
    return start, chance.randint(start, min(len(text), start + 40))


def _drop(text: str, chance: random.Random) -> str:
    start, end = _part(text, chance)
    return text[:start] + text[end:]


def _repeat(text: str, chance: random.Random) -> str:
    start, end = _part(text, chance)
    return text[:end] + text[start:end] * chance.randint(1, 4) + text[end:]


def _surround(text: str, chance: random.Random) -> str:
    start, end = _part(text, chance)
    return text[:start] + chance.choice(AROUND).replace("{}", text[start:end]) + text[end:]


def _splice(text: str, chance: random.Random) -> str:
    other = chance.choice(CORPUS)
    return text[: chance.randint(0, len(text))] + other[chance.randint(0, len(other)) :]


def _nest(text: str, chance: random.Random) -> str:
    at = chance.randint(0, len(text))
    return text[:at] + chance.choice(CORPUS) + text[at:]


def _flip(text: str, chance: random.Random) -> str:
    at = chance.randint(0, len(text))
    return text[:at] + chance.choice("[]()<>!*_`$\\|\n") + text[at + 1 :]


CHANGES: list[Callable[[str, random.Random], str]] = [
    _insert,
    _drop,
    _repeat,
    _surround,
    _splice,
    _nest,
    _flip,
]


def problems(text: str) -> list[str]:
    """Return what is wrong with how a text is drawn: as it is, cleaned, and as it grows."""
    wrongs = []
    for source in {text: None, clean(text): None}:
        try:
            wrongs += [f"{wrong} of {source!r}" for wrong in read(to_html(source)).wrong]
            wrongs += _as_it_grows(source) if source == text else []
        except Exception:  # noqa: BLE001 - whatever it is, it is found
            wrongs.append(f"crash: {traceback.format_exc().splitlines()[-1]} of {source!r}")
    return wrongs


def _as_it_grows(text: str) -> list[str]:
    """The second half comes later; nothing of the whole may hang on that."""
    whole = to_html(text)
    sanitize.forget()
    to_html(text[: len(text) // 2])
    return [] if to_html(text) == whole else [f"grows into something else: {text!r}"]


def _count(job: tuple[int, int]) -> Counter[str]:
    counts = Counter(texts=job[1])
    for text in mutations(*job):
        for problem in problems(text):
            kind = problem.partition(":")[0] if problem.startswith(("crash", "grows")) else "dangerous"
            counts[kind] += 1
            if counts[kind] < 4:
                print(problem, flush=True)
    return counts


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("count", type=int)
    asked.add_argument("--seed", type=int, default=0)
    given = asked.parse_args()
    jobs = [
        (given.seed + start // AT_ONCE, min(AT_ONCE, given.count - start)) for start in range(0, given.count, AT_ONCE)
    ]
    with Pool(2) as pool:
        counts = sum(pool.imap_unordered(_count, jobs), Counter[str]())
    kinds = ("crash", "dangerous", "grows into something else")
    print(f"{counts['texts']:,} texts: " + ", ".join(f"{kind} {counts[kind]:,}" for kind in kinds))
    return int(any(counts[kind] for kind in kinds))


if __name__ == "__main__":
    sys.exit(main())
