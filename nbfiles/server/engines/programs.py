"""A program of ours: its text is constant, and what it is about comes beside it as JSON.

Names of files and columns, titles and values are data of strangers, so they never become source text that
is run here: a program finds them in the variable `inputs`. Who reads the answer sees one text that does the
same anywhere: `inputs` as a Python literal, then the program.
"""

from __future__ import annotations

from dataclasses import dataclass
from pprint import pformat

from nbfiles.server.json_types import JsonObject

WIDTH = 100  # characters of a line of the literal


@dataclass(frozen=True)
class Program:
    """Constant text, and the JSON object that it finds in `inputs`."""

    text: str
    inputs: JsonObject

    @property
    def source(self) -> str:
        """Return the program for a reader; this text is not what runs here."""
        return "\n".join(["inputs = " + pformat(self.inputs, width=WIDTH, sort_dicts=False), self.text])
