"""Write docs/reference.md from the tables of options: `python docs/write_reference.py`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nbfiles._files.options import DownloadKeywords, ListKeywords, UploadKeywords
from nbfiles._magics.ask_file import AskFileOptions
from nbfiles.destinations import UseKeywords
from nbfiles.options import NamedOption, options_of

PAGE = Path(__file__).with_name("reference.md")
TABLES: dict[str, tuple[str, type]] = {
    "%upload SOURCE ...": ("`nbfiles.upload(*sources, …)`", UploadKeywords),
    "%%ask_file NAME ...": ("`nbfiles.ask(question, *names, …)`", AskFileOptions),
    "%files [GLOB]": ("the functions of `nbfiles.workspace`", ListKeywords),
    "%nbfiles use DESTINATION": ("`nbfiles.use(destination, …)`", UseKeywords),
    "%download NAME ...": ("`nbfiles.download(*names, …)`", DownloadKeywords),
}
# Options that only a magic takes: they say what becomes of the answer in the notebook.
MAGIC_ONLY = {"out": "–", "each": "`ask_each`", "dry_run": "`plan`"}
TOP = """# Reference of the options

Written by `python docs/write_reference.py` from the tables of options; a test compares. An option of a magic is a
keyword of the matching function.
"""


def page(tables: dict[str, tuple[str, type]]) -> str:
    """Return the whole page."""
    return "\n".join([TOP, *(section(magic, function, table) for magic, (function, table) in tables.items())])


def section(magic: str, function: str, table: type) -> str:
    """Return the part of the page about one magic and its function."""
    head = ["| option | in Python | means |", "|---|---|---|"]
    return "\n".join([f"## `{magic}`", "", f"In Python: {function}.", "", *head, *rows(table), ""])


def rows(table: type) -> Iterator[str]:
    """Yield the row of each option."""
    for name, named in options_of(table).items():
        keyword = MAGIC_ONLY.get(name, f"`{name}={_example(named)}`")
        yield f"| {_flags(named)} | {keyword} | {named.option.help} |"


def _flags(named: NamedOption) -> str:
    value = "" if named.is_switch else f" {named.option.metavar or named.name.upper()}"
    flags = [*named.flags[:-1], named.flags[-1] + value]
    if named.has_opposite:
        flags.append(f"--no-{named.flags[-1].removeprefix('--')}")
    return ", ".join(f"`{flag}`" for flag in flags)


def _example(named: NamedOption) -> str:
    if named.is_switch:
        return "True"
    return named.option.example if {int, float} & {*named.types} else f'"{named.option.example or "…"}"'


if __name__ == "__main__":
    PAGE.write_text(page(TABLES), encoding="utf-8")
