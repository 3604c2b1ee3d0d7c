"""`%upload`: files, folders, URLs and variables; `%%upload NAME`: the cell itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.magic import no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from nbfiles._magics.arguments import parse
from nbfiles._magics.lazy import functions, widgets
from nbfiles.errors import BadInput

if TYPE_CHECKING:
    from nbfiles._widgets.dropzone import DropZone
    from nbfiles.records import Files


@no_var_expand
@magic_arguments("%upload")
@argument("sources", nargs="*", help="paths, globs, folders, https URLs, or names of variables")
@argument("-r", "--recursive", action="store_true", help="take the files in folders, too")
@argument("--hidden", action="store_true", help="with -r: hidden files, too")
@argument("--this-notebook", action="store_true", help="the notebook itself, as it was last saved")
@argument("--images", action="store_true", help="of notebooks: the images in their outputs, too")
@argument("--as", dest="name", metavar="NAME", help="call the one file NAME")
@argument("--expires", metavar="TIME", help="the workspace deletes it after TIME, from 1h to 90d")
@argument("--again", action="store_true", help="send it though the same bytes are there")
def magic_upload(line: str, cell: str | None = None) -> Files | DropZone:
    """Upload files once and use them by name; what is there already is not sent again.

    Alone, `%upload` shows a zone to drop files on.

    As a cell, `%%upload NAME` uploads the text below as a file of this name.
    """
    parsed = parse(line, magic_upload.parser)
    given, words = parsed.options, parsed.words
    if cell is not None:
        if len(words) != 1 or given.name or given.recursive:
            raise BadInput("The cell becomes one file. Type its name: %%upload notes.txt")
        return functions.upload_text(cell, words[0], expires=given.expires, again=given.again)
    if not words and not given.this_notebook:
        if line.strip():
            raise BadInput("Which file? Type a path or a glob before the options: %upload report.pdf")
        return widgets.drop_zone()
    return functions.upload(
        *words,
        name=given.name,
        expires=given.expires,
        again=given.again,
        recursive=given.recursive,
        hidden=given.hidden,
        images=given.images,
        this_notebook=given.this_notebook,
    )
