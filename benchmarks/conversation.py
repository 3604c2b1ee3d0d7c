"""Three turns on a document of 25,000 tokens that is named in each cell: tokens in, written to and read from the cache.

Give folders of other versions of nbfiles, such as git worktrees, to measure those as well.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from common import child, table, world

TURNS = 3
TOKENS, CHARS_A_TOKEN = 25_000, 4  # as the local server counts
QUESTIONS = ("When is part 12 due?", "Who is responsible for part 77?", "What does part 300 cost?")
LINE = "Part {0} of the plan is due in week {0}; team {0} is responsible for it, and it costs {0} euros.\n"
Usage = list[int]  # tokens in, written to the cache, read from it


def measure() -> list[Usage]:
    """Ask the local server, and return what each turn used."""
    from nbfiles._messages.options import AskKeywords
    from nbfiles._messages.request import AskRequest
    from nbfiles.session import Session

    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "plan.txt"
        text = "".join(LINE.format(number) for number in range(2_000))
        document.write_text(text[: TOKENS * CHARS_A_TOKEN])
        session = Session()
        turns = [session.ask(AskRequest(q, [str(document)], AskKeywords(thread="talk"))).usage for q in QUESTIONS]
        session.close()
    return [[turn.total_in, turn.cache_write_tokens, turn.cache_read_tokens] for turn in turns]


def main() -> None:
    print(f"{TURNS} turns on a document of {TOKENS:,} tokens, named in each cell; prices of claude-sonnet-5-5\n")
    rows = []
    for tree in sys.argv[1:] or [str(Path(__file__).parents[1])]:
        with world(PYTHONPATH=tree) as env:
            turns = child("conversation.py", "--measure", env=env)
        for number, (total, written, read) in enumerate(turns, 1):
            dollars = ((total - written - read) * 2 + written * 2.5 + read * 0.1) / 1e6
            rows.append((Path(tree).name, number, f"{total:,}", f"{written:,}", f"{read:,}", f"${dollars:.4f}"))
    table(("version", "turn", "tokens in", "cache write", "cache read", "input costs"), *rows)


if __name__ == "__main__":
    if "--measure" in sys.argv:
        print(json.dumps(measure()))
    else:
        main()
