"""Errors of the client and of lost files say what to type where the mistake was made: a magic, or a function."""

import pytest

import nbfiles
from nbfiles.errors import BadCredentials, FileGone, UnknownName
from tests.scripted import error, scripted

GONE = error(404, "not_found_error", "File `file_x` not found.")


@pytest.mark.parametrize(
    ("reply", "cls", "cell", "call", "magic", "python"),
    [
        (GONE, FileGone, "%upload a.txt", "nbfiles.upload('a.txt')", "%upload PATH", "nbfiles.upload('PATH')"),
        (
            error(401, "authentication_error", "no"),
            BadCredentials,
            "%nbfiles skills",
            "nbfiles.skills()",
            "--key-from ENVVAR",
            "key_from='ENVVAR'",
        ),
    ],
)
def test_an_error_of_the_client_is_spelled_for_its_caller(shell, tmp_path, reply, cls, cell, call, magic, python):
    (tmp_path / "a.txt").write_text("Some text.")
    with scripted(*[reply] * 4) as server:
        shell.run(f"%nbfiles use {server.url}")
        for typed, words, others in ((cell, magic, python), (f"import nbfiles\n{call}", python, magic)):
            with pytest.raises(cls) as caught:
                shell.run(typed)
            assert words in str(caught.value)
            assert others not in str(caught.value)


def test_a_lost_file_and_an_unknown_one_are_spelled_for_the_caller(shell, tmp_path):
    (tmp_path / "a.txt").write_text("Some text.")
    shell.run("%%ask_file a.txt -t talk\nWhat is it?")
    shell.run("%files rm a.txt --yes")
    with pytest.raises(FileGone, match=r"%upload a\.txt"):
        shell.run("%%ask_file -t talk\nWhat is it?")
    with pytest.raises(FileGone, match=r"nbfiles\.upload\('a\.txt'\)"):
        nbfiles.ask("What is it?", thread="talk")
    with pytest.raises(UnknownName, match="%files --all"):
        shell.run("%files adopt nothing.txt")
    with pytest.raises(UnknownName, match=r"nbfiles\.workspace\.listed"):
        nbfiles.workspace.adopt("nothing.txt")
