"""How far uploads are, in words: a bar a file, all together, and never a thousand rows."""

import pytest

from nbfiles._display import files
from nbfiles._display.progress import LiveProgress
from nbfiles._files.transfer import Progress
from nbfiles.errors import Stopped


def test_a_moving_file_has_a_bar_and_all_have_rate_and_time_left():
    rows = [Progress("a", "uploading", 10_000_000, 5_000_000), Progress("b", "waiting", 10_000_000)]
    text = files.progress(rows, 2.0)["text/plain"]
    assert "██████████░░░░░░░░░░ 50%" in text
    assert "0 of 2 done, 2.5 MB/s, 6 s left" in text


def test_what_is_there_already_counts_as_done_but_not_as_sent():
    rows = [
        Progress("a", "already there", 10_000_000, 10_000_000),
        Progress("b", "uploading", 2_000_000, 1_000_000),
    ]
    assert "1 of 2 done, 1.0 MB/s, 1 s left" in files.progress(rows, 1.0)["text/plain"]


def test_a_thousand_files_are_twenty_rows_with_the_failures_first():
    rows = [Progress(f"n{n}", "uploaded", 5, 5) for n in range(998)]
    rows += [Progress("bad", "failed", 5, 0, "no <good>"), Progress("now", "uploading", 5, 1)]
    bundle = files.progress(rows, 1.0)
    assert bundle["text/plain"].count("\n") <= 23
    assert "failed: no <good>" in bundle["text/plain"]
    assert "999 of 1,000 done" in bundle["text/plain"]
    assert "no &lt;good&gt;" in bundle["text/html"]


def test_waiting_for_a_busy_server_is_said():
    bundle = files.progress([Progress("a", "uploading", 5, 1)], 1.0, "Busy. Trying again in 7 s.")
    assert all("Trying again in 7 s." in text for text in bundle.values())


def test_what_still_waits_after_stop_is_not_sent():
    with LiveProgress() as live:
        live.waiting(7, "Busy.")
    with pytest.raises(Stopped):
        live.waiting(6, "Busy.")
