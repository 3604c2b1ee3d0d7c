"""How far uploads and answers are, in words: a bar a file, all together, and never a thousand rows."""

from nbfiles._display import progress_tables
from nbfiles._messages.per_file import FileResult
from nbfiles.records import Progress
from tests.answers import said


def test_answers_are_readable_while_others_wait():
    short = said("The launch is on **Friday**.\nAll is well.", cost=0.0)
    rows = [FileResult("a.txt", "done", short), FileResult("b.txt", "asking")]
    shown = progress_tables.answer_table(rows, "")
    for text in shown.values():
        assert "The launch is on **Friday**. All is well." in text
    long = said("word " * 200)
    assert "word …" in progress_tables.answer_table([FileResult("a.txt", "done", long)], "")["text/plain"]


def test_nothing_is_said_before_the_first_answer():
    assert (
        "answer"
        not in progress_tables.answer_table([FileResult("a.txt"), FileResult("b.txt")], "")["text/plain"].splitlines()[
            0
        ]
    )


def test_a_moving_file_has_a_bar_and_all_have_rate_and_time_left():
    rows = [Progress("a", "uploading", 10_000_000, 5_000_000), Progress("b", "waiting", 10_000_000)]
    text = progress_tables.upload_table(rows, 2.0)["text/plain"]
    assert "██████████░░░░░░░░░░ 50%" in text
    assert "0 of 2 done, 2.5 MB/s, 6 s left" in text


def test_what_is_there_already_counts_as_done_but_not_as_sent():
    rows = [
        Progress("a", "already there", 10_000_000, 10_000_000),
        Progress("b", "uploading", 2_000_000, 1_000_000),
    ]
    assert "1 of 2 done, 1.0 MB/s, 1 s left" in progress_tables.upload_table(rows, 1.0)["text/plain"]


def test_a_thousand_files_are_twenty_rows_with_the_failures_first():
    rows = [Progress(f"n{n}", "uploaded", 5, 5) for n in range(998)]
    rows += [Progress("bad", "failed", 5, 0, "no <good>"), Progress("now", "uploading", 5, 1)]
    bundle = progress_tables.upload_table(rows, 1.0)
    assert bundle["text/plain"].count("\n") <= 23
    assert "failed: no <good>" in bundle["text/plain"]
    assert "998 of 1,000 done, 1 failed" in bundle["text/plain"]
    assert "no &lt;good&gt;" in bundle["text/html"]


def test_waiting_for_a_busy_server_is_said():
    bundle = progress_tables.upload_table([Progress("a", "uploading", 5, 1)], 1.0, "Busy. Trying again in 7 s.")
    assert all("Trying again in 7 s." in text for text in bundle.values())
