"""The text of mails and of saved web archives: headers, the text, and the names of what is attached."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path
from typing import Any, cast

from nbfiles._documents.readers.encodings import DecodedText, decode
from nbfiles._documents.readers.html import page_lines
from nbfiles._documents.readers.left_out import LeftOut
from nbfiles._documents.readers.outlook_rtf import uncompressed
from nbfiles._documents.readers.rich_text import rtf_lines

_HEADERS = ("Date", "From", "To", "Cc", "Subject")
_MOST_DEEP = 5  # mails within mails that are read
_SAVED_BY = re.compile(r"\W*(?:Saved by |Von .* gespeichert)", re.IGNORECASE)  # what browsers write as the sender
# Properties of a mail of Outlook (MS-OXPROPS): what its store can, and the code pages of its fields and of its text.
_SUPPORT, _IN_UNICODE, _CODE_PAGES = 0x340D, 0x40000, (0x3FFD, 0x3FDE)
_PAGE, _COMPRESSED_RTF = 0x1013, 0x1009
_TEXTS = ("text/plain", "text/html", "text/markdown", "text/rfc822-headers", "message/delivery-status")
_FEW_WORDS = 0.5  # of the words of the other form, below which the plain one only says that it is none


def mail(path: Path, left_out: LeftOut) -> Iterator[str]:
    """Yield headers, text and names of attachments of a mail, or the page of a saved web archive."""
    message = message_from_bytes(path.read_bytes().removeprefix(codecs.BOM_UTF8).lstrip())
    yield from _message(message, left_out, 0)


def _message(message: Message, left_out: LeftOut, depth: int) -> Iterator[str]:
    for name in _HEADERS:
        value = _header(message, name, left_out)
        if value and not _SAVED_BY.match(value):
            yield f"{name}: {value}"
    yield ""
    texts, others = _parts(message)
    for part in texts:
        yield from _text_lines(part, left_out)
    for part in others:
        yield from _other(part, left_out, depth)


def _header(message: Message, name: str, left_out: LeftOut) -> str:
    values = (str(text) for key, text in message.raw_items() if key.lower() == name.lower())
    return ", ".join(dict.fromkeys(_unescaped(value, left_out) for value in values))


def _unescaped(text: str, left_out: LeftOut) -> str:
    """Return a value of a header in one line, with its words as letters; one in a code that nobody knows as it is."""
    text = left_out.text_of(decode(" ".join(text.split()).encode("utf-8", "surrogateescape")))
    try:
        return str(make_header(decode_header(text)))
    except (MessageError, LookupError, ValueError):
        return text


def _parts(message: Message) -> tuple[list[Message], list[Message]]:
    """Return the parts that are read, of several forms of one text the plain one, and all others."""
    kind = message.get_content_type()
    if not message.is_multipart() or message.get_content_maintype() == "message":
        is_text = kind in _TEXTS and message.get_content_disposition() != "attachment"
        return ([message], []) if is_text else ([], [message])
    texts: list[Message] = []
    others: list[Message] = []
    for part in cast(list[Message], message.get_payload()):
        own_texts, own_others = _parts(part)
        texts.extend(own_texts)
        others.extend(own_others)
    if kind == "multipart/alternative":
        texts = _fullest(texts)
    return texts, others


def _fullest(texts: list[Message]) -> list[Message]:
    """Return the plain form of a text, unless another has far more words."""
    plain = [part for part in texts if part.get_content_type() == "text/plain"]
    others = [part for part in texts if part not in plain]
    words, more = (sum(map(_word_count, form)) for form in (plain, others))
    return plain if words and words >= _FEW_WORDS * more else others or plain


def _word_count(part: Message) -> int:
    return sum(len(line.split()) for line in _text_lines(part, LeftOut()))  # what is not sure is said where it is read


def _text_lines(part: Message, left_out: LeftOut) -> Iterator[str]:
    if part.get_content_type() == "message/delivery-status":
        fields = (field for report in cast(list[Message], part.get_payload()) for field in report.raw_items())
        yield from (f"{name}: {_unescaped(str(value), left_out)}" for name, value in fields)
        return
    text = left_out.text_of(_decoded(part))
    yield from page_lines(text) if part.get_content_type() == "text/html" else text.splitlines()


def _decoded(part: Message) -> DecodedText:
    """Return a text in the encoding that its part names, or that it declares itself."""
    data = cast(bytes | None, part.get_payload(decode=True)) or b""
    return decode(data, part.get_content_charset() or "")


def _other(part: Message, left_out: LeftOut, depth: int) -> Iterator[str]:
    """Yield a mail within a mail, or the name of an attachment; of a web page, its images are only counted."""
    if part.get_content_maintype() == "message" and part.is_multipart() and depth < _MOST_DEEP:
        for inner in cast(list[Message], part.get_payload()):
            yield "Attached mail:"
            yield from _message(inner, left_out, depth + 1)
        return
    name, kind = _unescaped(part.get_filename() or "", left_out), part.get_content_type()
    if part.get("Content-Location") and part.get_content_disposition() != "attachment":
        left_out["image"] += kind.startswith("image/")
        return
    left_out["attachment"] += 1
    yield f"Attachment: {name or 'without a name'} ({kind})"


def msg(path: Path, left_out: LeftOut) -> Iterator[str]:
    """Yield headers, text and names of attachments of a mail that Outlook saved."""
    from oxmsg import Message as OutlookMessage

    codecs.register(_windows_codec)
    message = OutlookMessage.load(str(path))
    read = _Fields(message, left_out)
    own, code = _code_pages(message)
    recipients = (_person(_Fields(one, left_out), own or code) for one in read("recipients") or ())
    sender, subject = (_in_code(str(read(name) or ""), "" if own else code) for name in ("sender", "subject"))
    headers = (read("sent_date"), _unescaped(sender, left_out), ", ".join(filter(None, recipients)), None, subject)
    for name, value in zip(_HEADERS, headers, strict=True):
        if value:
            yield f"{name}: {value}"
    yield ""
    yield from _outlook_text(read("body"), read("html_body"), message, left_out)
    for attachment in read("attachments") or ():
        left_out["attachment"] += 1
        name = _Fields(attachment, left_out)("file_name")
        yield f"Attachment: {name or 'without a name'}"


def _outlook_text(body: str | None, page: str | None, message: Any, left_out: LeftOut) -> Iterator[str]:
    """Yield the text of a mail in the first form that it has: plain, as a web page, or as RTF."""
    if body and body.strip():
        yield from body.splitlines()
    elif page and page.strip():
        data = message.properties.binary_prop_value(_PAGE)
        names_encoding = message.properties.int_prop_value(_CODE_PAGES[1])
        yield from page_lines(page if names_encoding or not data else left_out.text_of(decode(data)))
    elif rich := message.properties.binary_prop_value(_COMPRESSED_RTF):
        yield from rtf_lines(uncompressed(rich), left_out)


def _person(recipient: _Fields, code: str) -> str:
    """Return name and address of a recipient, who names no code page."""
    name, address = (str(recipient(field) or "").replace("\0", "") for field in ("name", "email_address"))
    return _named(_in_code(name, code), address)


def _named(name: str, address: str) -> str:
    if not name:
        return address
    return name if address in ("", name) else f"{name} <{address}>"


def _in_code(text: str, code: str) -> str:
    """Return in its code page a text that names none; python-oxmsg reads it as Latin 9."""
    with suppress(UnicodeError, LookupError):
        return text.encode("iso-8859-15").decode(code) if code else text
    return text


def _code_pages(message: Any) -> tuple[str, str]:
    """Return the code pages of the fields and of the text; empty where they are in Unicode, or it names none."""
    try:
        support, *pages = (message.properties.int_prop_value(one) or 0 for one in (_SUPPORT, *_CODE_PAGES))
    except (UnicodeError, LookupError):
        return "", ""
    own, of_text = (f"cp{page}" if page and not support & _IN_UNICODE else "" for page in pages)
    return own, of_text


class _Fields:
    """Reads the fields of a mail one by one, since each may be in an encoding of its own."""

    def __init__(self, message: Any, left_out: LeftOut) -> None:
        self._message, self._left_out = message, left_out

    def __call__(self, name: str) -> Any:
        """Return a field; None for one that is not there, or that cannot be read, which is counted."""
        try:
            return getattr(self._message, name)
        except (UnicodeError, LookupError, AttributeError, AssertionError):
            self._left_out[f"“{name}” field"] += 1
            return None


def _windows_codec(name: str) -> codecs.CodecInfo | None:
    """Return the codec of a code page that Outlook names `windows-950`, and Python `cp950`."""
    match = re.fullmatch(r"windows[-_](\d+)", name)
    return codecs.lookup(f"cp{match[1]}") if match else None
