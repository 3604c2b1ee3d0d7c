"""Files in pieces: checked, whole or absent, and nothing left behind, whatever a page sends."""

import hashlib
import stat

import pytest

from nbfiles._widgets.chunked_uploads import SILENCE_S, ChunkedUploads
from nbfiles._widgets.partial_file import MAX_PIECE, SPARE_BYTES

PAGE = {"tab": "t", "page": "p1"}


class Zone:
    """Uploads into a folder, with what they sent to pages and passed on; its clock moves when it is told to."""

    def __init__(self, folder, free_bytes=1 << 40):
        self.folder = folder
        self.now, self.timers = 0.0, []
        self.sent, self.arrived = [], []
        self.uploads = ChunkedUploads(
            self.sent.append,
            self.path_for,
            lambda id_, path: self.arrived.append((id_, path)),
            now=lambda: self.now,
            start_timer=self.start_timer,
            free_bytes=lambda _folder: free_bytes,
        )

    def start_timer(self, seconds, call):
        self.timers.append((self.now + seconds, call))
        return lambda: None

    def advance(self, seconds):
        """Move the clock, and let the timers that are due call back on the way."""
        end = self.now + seconds
        while due := [timer for timer in self.timers if timer[0] <= end]:
            self.timers.remove(due[0])
            self.now, call = due[0]
            call()
        self.now = end

    def path_for(self, key, name):
        folder = self.folder / hashlib.sha256(key.encode()).hexdigest()[:16]
        folder.mkdir(exist_ok=True)
        return folder / name

    def receive(self, type_, *buffers, **content):
        self.uploads.receive({"type": type_, **PAGE, **content}, buffers)

    def begin(self, size, name="a.txt", id_="x"):
        self.receive("begin", id=id_, name=name, size=size)

    def piece(self, offset, piece, id_="x"):
        self.receive("piece", piece, id=id_, offset=offset, epoch=0)

    @property
    def row(self):
        return self.uploads.rows()[-1]

    @property
    def files(self):
        return [path for path in self.folder.rglob("*") if path.is_file()]


@pytest.fixture
def zone(tmp_path):
    zone = Zone(tmp_path)
    yield zone
    zone.uploads.close()


def test_pieces_become_the_file(zone):
    zone.begin(6)
    (partial,) = zone.files
    assert stat.S_IMODE(partial.stat().st_mode) == 0o600
    zone.piece(0, b"abc")
    zone.piece(3, b"def")
    ((id_, path),) = zone.arrived
    assert (id_, path.name, path.read_bytes()) == ("x", "a.txt", b"abcdef")
    assert zone.files == [path]
    assert zone.row["state"] == "waiting"


@pytest.mark.parametrize("offset", [0, 2, 4, -1])
def test_a_piece_at_another_offset_is_not_taken_and_the_right_one_is_named(zone, offset):
    zone.begin(6)
    zone.piece(0, b"abc")
    zone.piece(offset, b"xyz")
    assert zone.sent[-1] == {"type": "got", "id": "x", "received": 3, "epoch": 0, "fits": False}
    zone.piece(3, b"def")
    assert zone.arrived[0][1].read_bytes() == b"abcdef"


def test_more_than_was_said_is_not_taken(zone):
    zone.begin(6)
    zone.piece(0, b"abcdefg")
    assert not zone.arrived
    assert not zone.sent[-1]["fits"]


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "empty: there is nothing to ask about"),
        (620_000_000, "too large: 620 MB, the limit is 500 MB"),
        (500_000_001, "too large: 501 MB, the limit is 500 MB"),
    ],
)
def test_what_cannot_be_uploaded_is_refused_before_a_byte(zone, size, words):
    zone.begin(size)
    assert (zone.row["state"], zone.row["note"]) == ("failed", words)
    assert zone.files == []
    zone.piece(0, b"abc")
    assert zone.sent[-1]["type"] == "unknown"


def test_the_mark_of_an_open_office_file_is_refused_before_a_byte(zone):
    zone.begin(162, name="~$report.docx")
    assert (zone.row["state"], zone.row["note"]) == ("failed", "it only says that an office program has a file open")
    assert zone.files == []


def test_no_room_is_said_before_a_byte(tmp_path):
    zone = Zone(tmp_path, free_bytes=SPARE_BYTES)
    zone.begin(6)
    assert zone.row["note"] == "no room: the disk of the kernel is nearly full"


def test_a_cancelled_file_leaves_nothing_and_can_be_sent_anew(zone):
    zone.begin(6)
    zone.piece(0, b"abc")
    zone.receive("cancel", id="x")
    assert zone.row["state"] == "cancelled"
    assert zone.files == []
    zone.begin(3)
    zone.piece(0, b"new")
    assert zone.arrived[0][1].read_bytes() == b"new"


def test_a_page_that_leaves_or_is_reloaded_takes_its_unfinished_files_along(zone):
    for message in ({"type": "leave", **PAGE}, {"type": "hello", "tab": "t", "page": "p2"}):
        zone.begin(6)
        zone.piece(0, b"abc")
        zone.uploads.receive(message, ())
        assert zone.row["state"] == "broken"
        assert "closed or reloaded" in zone.row["note"]
        assert zone.files == []


def test_another_tab_takes_nothing(zone):
    zone.begin(6)
    zone.uploads.receive({"type": "hello", "tab": "other", "page": "p2"}, ())
    assert zone.row["state"] == "receiving"


def test_a_page_that_went_silent_is_given_up(zone):
    zone.begin(6)
    zone.advance(SILENCE_S)
    assert zone.row["state"] == "broken"
    assert zone.files == []


def test_a_page_that_still_sends_is_not_given_up_and_looked_after_again(zone):
    zone.begin(6)
    zone.advance(SILENCE_S - 5)
    zone.piece(0, b"abc")
    zone.advance(SILENCE_S - 1)
    assert zone.row["state"] == "receiving"
    zone.advance(1)
    assert zone.row["state"] == "broken"


def test_the_same_bytes_under_the_same_name_are_one_file(zone):
    for id_ in ("x", "y"):
        zone.begin(3, id_=id_)
        zone.piece(0, b"abc", id_=id_)
    (first, second) = zone.arrived
    assert first[1] == second[1]
    zone.begin(3, id_="z")
    zone.piece(0, b"abd", id_="z")
    assert zone.arrived[2][1] != first[1]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("<img src=x onerror=alert(1)>.txt", "_img src=x onerror=alert(1)_.txt"),
        ("a\u202egpj.exe", "agpj.exe"),
        (".bashrc", "bashrc"),
        ("x" * 1900 + ".txt", "x" * 196 + ".txt"),
        ("CON", "_CON"),
    ],
)
def test_hostile_names_become_safe_ones(zone, given, kept):
    zone.begin(3, name=given)
    zone.piece(0, b"abc")
    assert zone.arrived[0][1].name == zone.row["name"] == kept


@pytest.mark.parametrize(
    "message",
    [
        None,
        "begin",
        {},
        {"type": "begin"},
        {"type": "begin", "id": 1, "name": "a", "size": 1, **PAGE},
        {"type": "begin", "id": "x", "name": "a", "size": -1, **PAGE},
        {"type": "begin", "id": "x", "name": "a", "size": 1.5, **PAGE},
        {"type": "begin", "id": "x", "name": "a" * 3000, "size": 1, **PAGE},
        {"type": "begin", "id": "x" * 3000, "name": "a", "size": 1, **PAGE},
        {"type": "begin", "id": "x", "name": "a", "size": 1},
        {"type": "piece", "id": "x"},
        {"type": "piece", "id": ["x"], "offset": 0},
        {"type": "cancel", "id": "nobody"},
        {"type": "retry", "id": "nobody"},
        {"type": "hello"},
        {"type": "leave", "tab": 1, "page": 2},
    ],
)
def test_a_message_that_makes_no_sense_changes_nothing(zone, message):
    zone.uploads.receive(message, (b"abc",))
    assert zone.uploads.rows() == []
    assert zone.files == []


def test_a_piece_too_large_is_not_taken(zone):
    zone.begin(MAX_PIECE + 1)
    zone.piece(0, bytes(MAX_PIECE + 1))
    assert zone.row["received"] == 0
