"""`%upload`: files by path or glob."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.magic_arguments import argument, magic_arguments

from nbfiles.errors import BadInput
from nbfiles.magics.late import api
from nbfiles.magics.lines import parse

if TYPE_CHECKING:
    from nbfiles.records import Files


@magic_arguments("%upload")
@argument("paths", nargs="*", help="paths and globs; quote what has a blank")
def magic_upload(line: str) -> Files:
    """Upload files once and use them by name; what is there already is not sent again."""
    paths = parse(line, magic_upload.parser).words
    if not paths:
        raise BadInput("Which file? Type a path or a glob: %upload report.pdf, or %upload *.pdf")
    return api.upload(*paths)
