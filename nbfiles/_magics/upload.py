"""`%upload`: files, folders, URLs and variables; `%%upload NAME`: the cell itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.core.magic import no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from nbfiles._files.options import UploadKeywords
from nbfiles._magics.arguments import magic_spelling, option_arguments, parse
from nbfiles._magics.lazy import functions, widgets
from nbfiles._magics.variables import notebook_variables
from nbfiles.errors import BadInput

if TYPE_CHECKING:
    from nbfiles._widgets.dropzone import DropZone
    from nbfiles.records import Files


@no_var_expand
@magic_arguments("%upload")
@argument("sources", nargs="*", help="paths, globs, folders, https URLs, or names of variables")
@option_arguments(UploadKeywords)
def magic_upload(line: str, cell: str | None = None) -> Files | DropZone:
    """Upload files once and use them by name; files already uploaded are not sent again.

    Alone, `%upload` shows a zone to drop files on.

    As a cell, `%%upload NAME` uploads the text below as a file of this name.
    """
    with magic_spelling():
        parsed = parse(line, magic_upload.parser, variables=notebook_variables())
        values, words = vars(parsed.options), parsed.words
        del values["sources"]  # which are in `words`
        if cell is not None:
            return _upload_cell(cell, words, values)
        if words or values["this_notebook"]:
            return functions.upload(*words, **values)
        if line.strip():
            raise BadInput("Which file? Type a path or a glob before the options: %upload report.pdf")
        return widgets.drop_zone()


def _upload_cell(cell: str, words: list[str], values: dict[str, Any]) -> Files:
    if len(words) != 1 or values["name"] or values["recursive"]:
        raise BadInput("The cell becomes one file. Type its name: %%upload notes.txt")
    return functions.upload_text(cell, words[0], expires=values["expires"], again=values["again"])
