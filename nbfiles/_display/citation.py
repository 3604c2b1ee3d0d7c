"""Draw a citation: the cited page with the quote marked, or the passage, so that a reader can check it."""

from __future__ import annotations

from base64 import b64encode

from nbfiles._display import output
from nbfiles._display.sanitize import attribute, clean, escape, mark
from nbfiles._documents.quote_search import (
    BEGINNING,
    GOES_ON,
    MARKED,
    NO_TEXT,
    NOT_FOUND,
    UNSEEN,
    PagePicture,
    QuoteContext,
)
from nbfiles._messages.citation_check import CONTEXT_CHARS, page_of
from nbfiles._messages.citations import Citation
from nbfiles.redact import redact

# By how much of the quote is marked.
NOTES = {
    MARKED: "The quote is marked on {}.",
    GOES_ON: "The quote is marked on {} as far as it stands there. It goes on on the next page.",
    BEGINNING: "Only the beginning of the quote was found, and is marked on {}.",
    UNSEEN: "The quote is NOT marked: it is in the text of {}, but not to be seen on it.",
    NO_TEXT: "The quote is NOT marked: the page has no text layer.",
    NOT_FOUND: "The quote is NOT marked: it was not found there.",
}
IMAGE_STYLE = "box-sizing:border-box;max-width:100%;border:1px solid #888"


def bundle(citation: Citation, context: QuoteContext | PagePicture | str) -> output.Bundle:
    """Return what a citation points to as `text/html` and `text/plain`; `context` may say why it cannot be shown."""
    match context:
        case QuoteContext():
            return _passage(citation, context)
        case PagePicture():
            return _page(citation, context)
    return _lines(citation, f"It cannot be shown: {context}.")


def _page(citation: Citation, page: PagePicture) -> output.Bundle:
    note = _note(page, "the page" if page.page == page_of(citation) else page.name)
    lines = _lines(citation, note)
    alt = attribute(f"{page.name} of {citation.file}. {note}")
    data = b64encode(page.data).decode()
    image = f"<img alt='{alt}' src='data:{page.mime_type};base64,{data}' style='{IMAGE_STYLE}'>"
    return {**lines, "text/html": lines["text/html"] + image}


def _note(page: PagePicture, name: str) -> str:
    """Say how much of the quote is marked on a page, or why it is not."""
    if page.is_comment and page.marked:
        return f"The quote is in a comment, whose place is marked on {name}."
    return NOTES[page.state].format(name)


def _passage(citation: Citation, passage: QuoteContext) -> output.Bundle:
    before, quote, after = _redacted(passage)
    body = f"{escape(before)}<b><u>{escape(quote)}</u></b>{escape(after)}"
    return {
        "text/html": f"<p>{escape(_title(citation))}</p><pre style='white-space:pre-wrap'>… {body} …</pre>",
        "text/plain": clean(f"{_title(citation)}\n\n… {before}>>>{quote}<<<{after} …"),
    }


def _redacted(passage: QuoteContext) -> tuple[str, str, str]:
    """Redact a passage as a whole, and then cut it: what says that a word is secret may stand far before it."""
    begin, end = mark(1), mark(2)  # a secret is found across them
    before, quote, after = (_without_marks(text) for text in (passage.before, passage.quote, passage.after))
    before, _, rest = redact(f"{before}{begin}{quote}{end}{after}").partition(begin)
    quote, _, after = rest.partition(end)
    return before[-CONTEXT_CHARS:], quote, after[:CONTEXT_CHARS]


def _without_marks(text: str) -> str:
    return text.replace("\ue000", "").replace("\ue001", "")


def _title(citation: Citation) -> str:
    return f"[{citation.number}] {citation.file}, {citation.where}"


def _lines(citation: Citation, note: str) -> output.Bundle:
    quote = " ".join(clean(citation.quote).split())
    lines = [f"{_title(citation)}: “{quote}”", note]
    html = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return {"text/html": html, "text/plain": clean("\n".join(lines))}
