"""Mails are their headers, their text and the names of what is attached."""

import struct
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from nbfiles._documents.convert import to_text
from nbfiles._documents.reader_table import DocumentError
from nbfiles._documents.readers.outlook_rtf import uncompressed
from nbfiles._files.file_kinds import recognise
from tests.outlook_files import write_msg

HTML = "<p>The invoice is due on <b>3 June</b>.</p>"


@pytest.fixture
def read(tmp_path):
    def text(data, kind="mail"):
        path = tmp_path / "a.eml"
        path.write_bytes(data.as_bytes(policy=SMTP) if isinstance(data, EmailMessage) else data)
        note = to_text(path, kind, tmp_path / "out.txt")
        return (tmp_path / "out.txt").read_text().splitlines(), note

    return text


def mail(subject="Grüße aus Köln"):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Ann <ann@example.org>", "otto@example.org", subject
    return message


def test_headers_and_text_are_decoded(read):
    message = mail()
    message.set_content("Fällig am 3. Juni.", cte="base64", charset="iso-8859-1")
    assert read(message)[0] == [
        "From: Ann <ann@example.org>",
        "To: otto@example.org",
        "Subject: Grüße aus Köln",
        "",
        "Fällig am 3. Juni.",
    ]


def test_the_plain_form_of_a_text_is_read_and_html_where_there_is_no_other(read):
    message = mail()
    message.set_content("Due on 3 June.")
    message.add_alternative(HTML, subtype="html")
    assert read(message)[0][-1] == "Due on 3 June."
    only = mail()
    only.set_content(HTML, subtype="html")
    assert read(only)[0][-1] == "The invoice is due on 3 June."


def test_attachments_are_named_and_attached_mails_read(read):
    inner, message = mail("Inner"), mail()
    inner.set_content("The harbour of Riga.")
    message.set_content("See below.")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="Rechnung März.pdf")
    message.add_attachment(inner)
    lines, note = read(message)
    assert "Attachment: Rechnung März.pdf (application/pdf)" in lines
    assert lines[-1] == "The harbour of Riga."
    assert note == "read as text; 1 attachment not read"


def test_a_saved_page_is_its_text(read):
    page = "<html><body><p>The meeting is in K=C3=B6ln on Mon=\r\nday.</p></body></html>"
    data = (
        "From: <Saved by Blink>\r\nSubject: Test\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html\r\n'
        f"Content-Transfer-Encoding: quoted-printable\r\n\r\n{page}\r\n--b\r\nContent-Type: image/png\r\n"
        "Content-Location: http://x.example/a.png\r\n\r\nx\r\n--b--\r\n"
    )
    assert read(data.encode()) == (
        ["Subject: Test", "", "The meeting is in Köln on Monday."],
        "read as text; 1 image not read",
    )


@pytest.mark.parametrize(
    "data",
    [
        b"From: =?utf-8?q?=ff=fe?= <\r\nDate: never\r\nSubject: =?x-none?b?????=\r\n\r\nstill read",
        b"Subject: x\nContent-Type: text/plain; charset=none-such\n\nstill read",
        b"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nstill read",
    ],
)
def test_a_broken_mail_is_read_as_far_as_it_goes(read, data):
    assert read(data)[0][-1] == "still read"


def test_mails_within_mails_end(read):
    data = b"hello"
    for _ in range(200):
        data = b"Subject: x\nContent-Type: message/rfc822\n\n" + data
    assert "not read" in read(data)[1]


@pytest.mark.parametrize(
    ("name", "head", "reader"),
    [
        ("a.eml", b"From: a@example.org\n\nx", "mail"),
        ("a.eml", b"just a text", None),
        ("a.mht", b"From: <Saved by Blink>\r\n", "mail"),
        ("a.msg", b"\xd0\xcf\x11\xe0", "msg"),
        ("a.rtf", b"{\\rtf1\\ansi", "rtf"),
        ("a.doc", b"{\\rtf1\\ansi", "rtf"),
    ],
)
def test_mails_and_rich_texts_are_recognised(name, head, reader):
    assert recognise(name, head).converter == reader


def test_a_plain_form_that_only_says_that_it_is_none_is_not_taken(read):
    message = mail()
    message.set_content("Your program does not show HTML.")
    message.add_alternative("<p>" + "The invoice of Bergen is due on 3 June. " * 3, subtype="html")
    assert read(message)[0][-1].startswith("The invoice of Bergen")


def test_reports_of_delivery_and_all_recipients_are_read(read):
    data = (
        b"To: one@x.example\nTo: two@x.example\nContent-Type: multipart/report; boundary=b\n\n--b\n"
        b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nStatus: 5.1.1\n--b\n"
        b"Content-Type: text/rfc822-headers\n\nSubject: Original\n--b--\n"
    )
    assert read(data) == (
        ["To: one@x.example, two@x.example", "", "Reporting-MTA: dns; x", "Status: 5.1.1", "Subject: Original"],
        "read as text",
    )


def test_a_byte_order_mark_before_the_headers_is_read_over(read):
    data = b"\xef\xbb\xbfSubject: s\nContent-Transfer-Encoding: base64\n\nRHVl\n"
    assert recognise("a.eml", data).converter == "mail"
    assert read(data)[0] == ["Subject: s", "", "Due"]


@pytest.mark.parametrize(
    "data",
    [
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(5000)),
        "Subject: =?uöf-8?b?R3I=?=\n\nx".encode(),
        b"Subject: " + b"=?utf-8?q?a?= =?x?b?=?= " * 300 + b"\n\nx",
        b"Content-Type: multipart/alternative; boundary=b\n\n" + b"--b\nContent-Type: text/html\n\n<p>x\n" * 3000,
        b"Content-Type: text/plain; charset=base64\nContent-Transfer-Encoding: base64\n\n" + b"=" * 100_000,
    ],
)
def test_a_hostile_mail_is_read_or_refused_in_one_line(read, data):
    with suppress(DocumentError):
        assert read(data)
    assert read(b"Subject: x\n\nthe reader lives")[0][-1] == "the reader lives"


SUBJECT, BODY, HTML_BODY, RTF_BODY = 0x0037, 0x1000, 0x1013, 0x1009
RTF = (
    rb"{\rtf1\ansi\fromhtml1 {\*\htmltag64 <p>}\htmlrtf \par\htmlrtf0 Due on 3 June, "
    rb"10{\*\htmltag84 <sup>}2{\*\htmltag92 </sup>}}"
)


def compressed(rtf):
    """Return RTF in the form of Outlook, each byte as it is."""
    groups = b"".join(b"\0" + rtf[start : start + 8] for start in range(0, len(rtf), 8))
    return struct.pack("<IIII", len(groups) + 12, len(rtf), 0x75465A4C, 0) + groups


@pytest.mark.parametrize(
    ("body", "binaries", "line"),
    [
        ("Due on 3 June.\r\nRegards", {HTML_BODY: b"<p>no"}, "Due on 3 June."),
        ("", {HTML_BODY: "<p>Fällig".encode()}, "Fällig"),
        ("", {RTF_BODY: compressed(RTF)}, "Due on 3 June, 10^2"),
        ("", {RTF_BODY: struct.pack("<IIII", 0, 99, 0x414C454D, 0) + rb"{\rtf1 plain}"}, "plain"),
    ],
)
def test_a_mail_of_outlook_is_read_in_the_form_that_it_has(read, tmp_path, body, binaries, line):
    write_msg(tmp_path / "a.msg", {SUBJECT: "Grüße", BODY: body}, binaries)
    lines, _ = read((tmp_path / "a.msg").read_bytes(), "msg")
    assert lines[:3] == ["Subject: Grüße", "", line]


def test_the_sender_of_a_mail_of_outlook_is_read(read, tmp_path):
    write_msg(tmp_path / "a.msg", {0x0C1A: "Ann", 0x0C1F: "ann@x.example", BODY: "Due"})
    assert read((tmp_path / "a.msg").read_bytes(), "msg")[0] == ['From: "Ann" <ann@x.example>', "", "Due"]


def test_references_of_compressed_rtf_are_followed():
    """The example of [MS-OXRTFCP], 4.1.1."""
    data = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert uncompressed(data) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert uncompressed(data[:25]) == b"{\\rtf1\\ansi\\ansicpg1"


@pytest.mark.parametrize(
    ("charset", "codec", "text"),
    [
        ("iso-8859-1", "cp1252", "The “harbour” – 5 €"),
        ("gb2312", "gbk", "朱镕基总理出席会议"),
        ("us-ascii", "utf-8", "Köln"),
        ("none-such", "utf-8", "Köln"),
    ],
)
def test_a_text_is_read_in_the_larger_set_that_programs_write(read, charset, codec, text):
    head = f"Subject: x\nContent-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n"
    lines, note = read(head.encode() + text.encode(codec))
    assert (lines[-1], note) == (text, "read as text")


def test_a_mail_that_names_no_encoding_is_read_by_a_guess_that_is_named(read):
    text = "Die Prüfung über Köln läuft, die Umsätze sind größer."
    lines, note = read(f"Subject: Grüße aus Köln\n\n{text}".encode("cp1252"))
    assert (lines[0], lines[-1]) == ("Subject: Grüße aus Köln", text)
    assert note == "read as text; Windows-1252 is a guess"
