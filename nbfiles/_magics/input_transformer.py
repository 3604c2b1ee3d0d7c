"""Questions may end in `?`: IPython would take `%ask_file … changed?` as a request for help on "changed".

A cell may have no body: IPython would refuse it in its own words.
"""

from __future__ import annotations

import re

from IPython.core.inputtransformer2 import make_tokens_by_line

_BODILESS = re.compile(r"%%ask_file(?![\w?])")
# A line magic of ours, alone or assigned, with something to ask before the `?` (`%ask_file?` stays help).
_QUESTION = re.compile(r"(?P<left>[^%'\"#]*=\s*)?%ask_file[ \t]+(?P<rest>.*[^?\s].*\?)\s*$")


def keep_question_mark(lines: list[str]) -> list[str]:
    """Rewrite such lines into the call that IPython makes of a magic; every other line stays as it is.

    A cell magic of ours without a body gets an empty one.
    """
    if len(lines) == 1 and _BODILESS.match(lines[0]):
        return [*lines, "\n"]
    if not lines or lines[0].startswith("%%") or not any("%ask_file" in line for line in lines):
        return lines
    result = list(lines)
    for tokens in make_tokens_by_line(lines):
        words = [token for token in tokens if token.string.strip()]
        if not words:
            continue
        row, column = words[0].start
        line = lines[row - 1]
        if match := _QUESTION.fullmatch(line[column:].rstrip("\n")):
            call = f"get_ipython().run_line_magic('ask_file', {match['rest']!r})"
            result[row - 1] = f"{line[:column]}{match['left'] or ''}{call}\n"
    return result
