"""One limit for one file, whoever says it."""

import ast
import re
from pathlib import Path

import pytest

from nbfiles import limits
from nbfiles.errors import UnusableFile
from nbfiles.server.rules import sizes

PACKAGE = Path(limits.__file__).parent


def test_the_number_and_its_words_stand_in_one_file():
    with_it = [
        path.relative_to(PACKAGE).as_posix()
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant)
        and (node.value in (500_000_000, 500 * 1024**2) or (isinstance(node.value, str) and "500 MB" in node.value))
    ]
    assert with_it == ["limits.py"]
    assert f"{limits.FILE_BYTES / 1e6:.0f} MB" == limits.FILE_LIMIT


def test_the_client_and_the_server_take_files_of_the_same_size(session, tmp_path):
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(limits.FILE_BYTES + 1)
    with pytest.raises(UnusableFile, match=re.escape(f"the limit of the API is {limits.FILE_LIMIT}")):
        session.upload([large])
    assert str(sizes.too_large(limits.FILE_BYTES)).endswith(f"{limits.FILE_LIMIT}.")
