"""`%download`: files that Claude's code made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.magic import no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from nbfiles._files.options import DownloadKeywords
from nbfiles._magics.arguments import magic_spelling, option_arguments, parse
from nbfiles._magics.lazy import functions
from nbfiles._magics.variables import notebook_variables
from nbfiles.errors import BadInput

if TYPE_CHECKING:
    from nbfiles.records import Files


@no_var_expand
@magic_arguments("download")
@argument("names", nargs="*", help="names of files that Claude's code made, or globs over them")
@option_arguments(DownloadKeywords)
def magic_download(line: str) -> Files:
    """Save files that Claude's code made; nothing that exists is overwritten."""
    with magic_spelling():
        parsed = parse(line, magic_download.parser, variables=notebook_variables(of_registered=True))
        if not parsed.words:
            raise BadInput("Which file? Type %files to see the names, then: %download NAME")
        return functions.download(*parsed.words, to=parsed.options.to)
