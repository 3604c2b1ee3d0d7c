"""The names of a kernel tell who listens what changed, whatever thread changed it."""

import gc
import re
import threading
from datetime import UTC, datetime

from nbfiles._files.registry import Registry
from nbfiles.records import FileRecord, Kind


def record(name, file_id="file_1"):
    return FileRecord(name, file_id, Kind.TEXT, "text/plain", 1, datetime.now(UTC))


def test_listeners_hear_what_comes_changes_and_goes():
    registry, heard = Registry(), []
    stop = registry.listen(heard.append)
    registry.add(record("A.txt"))
    registry.add(record("a.txt", "file_2"))
    registry.remove("A.txt")
    assert heard == ["a.txt"] * 3
    stop()
    registry.add(record("b.txt"))
    assert len(heard) == 3


def test_a_close_name_is_told_once():
    registry = Registry()
    registry.add(record("notes.txt"))
    assert str(registry.unknown("note.txt", ["notes.txt"])) == "No file “note.txt”. Did you mean “notes.txt”?"


def test_what_a_listener_looks_up_is_there_already():
    registry, found = Registry(), []
    registry.listen(lambda key: found.append(registry.find(key)))
    registry.add(record("a.txt"))
    registry.remove("a.txt")
    assert [r and r.name for r in found] == ["a.txt", None]


def test_threads_may_add_remove_and_read_at_once():
    registry, heard, failed = Registry(), [], []
    registry.listen(heard.append)

    def work(who):
        try:
            for number in range(300):
                registry.add(record(f"{who}-{number}.txt"))
                registry.match("*-1*")
                if number % 2:
                    registry.remove(f"{who}-{number}.txt")
        except Exception as error:  # noqa: BLE001
            failed.append(error)

    threads = [threading.Thread(target=work, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(registry) == 4 * 150
    assert len(heard) == 4 * 450


def test_looking_for_a_name_keeps_no_pattern():
    registry = Registry()
    registry.add(record("a.txt"))
    before = sum(isinstance(one, re.Pattern) for one in gc.get_objects())
    assert [registry.match(f"{number}.txt") for number in range(20)] == [[]] * 20
    assert registry.match("A.TXT") == registry.match("?.txt") == list(registry)
    assert sum(isinstance(one, re.Pattern) for one in gc.get_objects()) <= before + 1
