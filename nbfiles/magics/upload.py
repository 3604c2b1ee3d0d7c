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
@argument("sources", nargs="*", help="paths and globs; quote what has a blank")
@argument("--as", dest="name", metavar="NAME", help="call the one file NAME")
@argument("--expires", metavar="TIME", help="the workspace deletes it after TIME, from 1h to 90d")
@argument("--again", action="store_true", help="send it though the same bytes are there")
def magic_upload(line: str) -> Files:
    """Upload files once and use them by name; what is there already is not sent again."""
    parsed = parse(line, magic_upload.parser)
    if not parsed.words:
        raise BadInput("Which file? Type a path or a glob: %upload report.pdf, or %upload *.pdf")
    options = parsed.options
    return api.upload(*parsed.words, name=options.name, expires=options.expires, again=options.again)
