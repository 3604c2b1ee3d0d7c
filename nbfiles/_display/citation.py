"""Draw a citation: the cited page with the quote marked, or the passage, so that a reader can check it."""

from __future__ import annotations

from base64 import b64encode

from nbfiles._display import output
from nbfiles._display.sanitize import attribute, clean, escape
from nbfiles._documents.quote_search import PagePicture, QuoteContext
from nbfiles._messages.citation_check import page_of
from nbfiles._messages.citations import Citation

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
    note = "The quote is marked on the page." if page.marked else "The quote is NOT marked: it was not found there."
    lines = _lines(citation, note)
    alt = attribute(f"page {page_of(citation)} of {citation.file}. {note}")
    data = b64encode(page.png).decode()
    image = f"<img alt='{alt}' src='data:image/png;base64,{data}' style='{IMAGE_STYLE}'>"
    return {**lines, "text/html": lines["text/html"] + image}


def _passage(citation: Citation, passage: QuoteContext) -> output.Bundle:
    quote = f"<b><u>{escape(passage.quote)}</u></b>"
    body = f"{escape(passage.before)}{quote}{escape(passage.after)}"
    return {
        "text/html": f"<p>{escape(_title(citation))}</p><pre style='white-space:pre-wrap'>… {body} …</pre>",
        "text/plain": clean(f"{_title(citation)}\n\n… {passage.before}>>>{passage.quote}<<<{passage.after} …"),
    }


def _title(citation: Citation) -> str:
    return f"[{citation.number}] {citation.file}, {citation.where}"


def _lines(citation: Citation, note: str) -> output.Bundle:
    quote = " ".join(clean(citation.quote).split())
    lines = [f"{_title(citation)}: “{quote}”", note]
    html = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return {"text/html": html, "text/plain": clean("\n".join(lines))}
