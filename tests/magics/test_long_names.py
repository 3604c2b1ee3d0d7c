"""Long names are shortened in tables, and nothing else: what to type, and what a model can do, is whole."""

import pytest

from nbfiles.config import DEFAULT_MODEL

LONG = "a-name-" + "of-many-words-" * 12 + "end.txt"
GATEWAY = "https://a-rather-long-name.of-a-gateway.example.com/and/the/path/to/anthropic/v1"


def test_the_line_to_type_is_whole_for_a_long_address(shell):
    assert f"%nbfiles use {GATEWAY} --key-from ENVVAR" in str(shell.run(f"%nbfiles use {GATEWAY}"))


def test_what_a_model_can_do_is_whole(shell):
    (row,) = (line for line in str(shell.run("%nbfiles models")).splitlines() if line.startswith(f"{DEFAULT_MODEL} "))
    assert "run code" in row
    assert "…" not in row


@pytest.mark.parametrize("line", ["%files --all", "%files verify", "%files rm *", "%nbfiles cost"])
def test_a_long_name_leaves_room_for_the_rest(shell, tmp_path, line):
    (tmp_path / LONG).write_text("The boat is blue.")
    shell.run(f"%%ask_file {LONG}\nWhich colour is the boat?")
    table = str(shell.run(line))
    assert LONG not in table
    assert LONG[:20] in table
    assert max(map(len, table.splitlines())) < 160


def test_what_is_known_of_a_file_with_a_long_name_is_whole(shell, tmp_path):
    (tmp_path / LONG).write_text("The boat is blue.")
    shell.run(f"%upload {LONG}")
    table = str(shell.run(f"%files info {LONG}"))
    assert max(map(len, table.splitlines())) < 160
    assert "document, cited by passage" in table
