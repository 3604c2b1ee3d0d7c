"""How files are uploaded, listed, deleted and downloaded: what the magics and the public functions take."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Annotated, TypedDict

from nbfiles.errors import BadInput, Spelled
from nbfiles.options import Option, check_options

SHORTEST_S, LONGEST_S = 3600, 90 * 86400  # how long the API lets a file live
ORDERS = ("name", "size", "age", "expiry")
_HOURS = {"h": 1, "d": 24}


def hours(text: str) -> int | None:
    """Return the hours that `12h` or `30d` stands for; None for anything else."""
    number, unit = text[:-1], text[-1:]
    is_number = number.isascii() and number.isdecimal() and len(number) < 6
    return int(number) * _HOURS[unit] if is_number and unit in _HOURS else None


def _is_lifetime(text: str) -> bool:
    return SHORTEST_S <= (hours(text) or 0) * 3600 <= LONGEST_S


def _is_age(text: str) -> bool:
    return hours(text) is not None


class UploadKeywords(TypedDict, total=False):
    """What `%upload` and `nbfiles.upload` take beside the files."""

    recursive: Annotated[bool, Option("take the files in folders, too", ("-r", "--recursive"))]
    hidden: Annotated[bool, Option("of folders: also hidden files")]
    links: Annotated[bool, Option("of folders and globs: also links to files outside, or to hidden ones")]
    this_notebook: Annotated[bool, Option("the notebook itself, as it was last saved")]
    images: Annotated[bool, Option("of notebooks: also the images in their outputs, as files of their own")]
    name: Annotated[str | None, Option("what to call the file; one file only", ("--as",), "NAME")]
    expires: Annotated[
        str | None,
        Option(
            "the workspace deletes it after this time, from 1h to 90d",
            metavar="TIME",
            completion=("1h", "12h", "1d", "7d", "30d", "90d"),
            takes="hours or days from 1h to 90d, such as 12h or 30d",
            example="30d",
            valid=_is_lifetime,
        ),
    ]
    again: Annotated[bool, Option("upload it even if the same file is there already")]


class DownloadKeywords(TypedDict, total=False):
    """What `%download` and `nbfiles.download` take beside the names."""

    to: Annotated[
        str | os.PathLike[str] | None,
        Option("the folder to save them in; default: nbfiles_out", metavar="DIR", completion="folders"),
    ]


class ListKeywords(TypedDict, total=False):
    """What `%files` and the functions of `nbfiles.workspace` take beside the names."""

    everything: Annotated[bool, Option("the whole workspace, not only this kernel's files", ("--all",))]
    sort: Annotated[
        str | None,
        Option(
            "by name, size, age or expiry; default: the order in which they came",
            metavar="BY",
            completion=ORDERS,
            takes=f"one of {', '.join(ORDERS)}",
            example="size",
            valid=ORDERS.__contains__,
        ),
    ]
    older_than: Annotated[
        str | None,
        Option(
            "with clean: files older than this, such as 12h or 30d",
            metavar="AGE",
            completion=("12h", "1d", "7d", "30d", "90d"),
            takes="hours or days such as 12h or 30d",
            example="30d",
            valid=_is_age,
        ),
    ]
    generated: Annotated[bool, Option("with clean: files that Claude's code made")]
    mine: Annotated[bool, Option("with clean: files that you uploaded")]
    name: Annotated[str | None, Option("with adopt: what to call the file here", ("--as",), "NAME")]
    yes: Annotated[bool, Option("with rm and clean: delete; without it, only list what would be deleted")]


def parse_expiry(text: str) -> int:
    """Return the seconds that `1h`, `30d` or `90d` stands for; raises BadInput for what the API would refuse."""
    check_options(UploadKeywords, {"expires": text})
    return (hours(text) or 0) * 3600


def parse_age(text: str | None) -> timedelta:
    """Return how long `12h` or `30d` is; raises BadInput for anything else."""
    if text is None:
        clean = Spelled("nbfiles.workspace.clean(older_than='30d')", "%files clean --older-than 30d")
        raise BadInput("How old? Type, for example: ", clean)
    check_options(ListKeywords, {"older_than": text})
    return timedelta(hours=hours(text) or 0)
