"""Mails are their headers, their text and the names of what is attached."""

from email.message import EmailMessage
from email.policy import SMTP

import pytest

from nbfiles._documents.convert import to_text
from nbfiles._files.file_kinds import recognise

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
