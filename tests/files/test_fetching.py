"""Where the files of an answer go."""

import pytest

from nbfiles._files.downloads_folder import OUT_FOLDER, folder_of


@pytest.mark.parametrize(
    ("question", "first_file", "name"),
    [
        ("Plot revenue by region!", "sales 2026.csv", "sales-2026-plot-revenue-by-region"),
        ("```python\nprint(1)\n```", "a.csv", "a"),
        ("```python\nprint(1)", "", "answer"),
        ("Größe nach Art", "", "größe-nach-art"),
        ("../../etc/passwd", "", "etc-passwd"),
        ("con", "", "_con"),
        ("word " * 99, "", "word-word-word-word-word-word-word-word-word"),
        ("x" * 999, "", "x" * 48),
        ("?!", "", "answer"),
    ],
)
def test_the_folder_of_an_answer_says_what_it_was_about(question, first_file, name):
    folder = folder_of(question, first_file)
    assert (folder.parent.name, folder.name) == (OUT_FOLDER, name)
