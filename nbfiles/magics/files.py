"""`%files`: this kernel's files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.magic_arguments import magic_arguments

from nbfiles.errors import BadInput
from nbfiles.magics.late import api
from nbfiles.magics.lines import parse

if TYPE_CHECKING:
    from nbfiles.records import Files


@magic_arguments("%files")
def magic_files(line: str) -> Files:
    """Show the files of this kernel: name, kind, how they are read, size, age, expiry."""
    if parse(line, magic_files.parser).words:
        raise BadInput("%files takes no names. Type %files alone, or to upload: %upload PATH")
    return api.files()
