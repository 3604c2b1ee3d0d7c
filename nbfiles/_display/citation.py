"""The cited page with the quote marked, or the passage, so that a reader can check what an answer says."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

from nbfiles._display import output
from nbfiles._display.sanitize import attribute, clean, escape
from nbfiles._documents import pdf, quote_search
from nbfiles._messages import citation_check
from nbfiles._messages.answer import Citation
from nbfiles.records import FileRecord


def show(citation: Citation, record: FileRecord | None, sent_text: citation_check.SentText) -> None:
    """Show where a citation points, from the file on this machine, or say why that cannot be shown."""
    output.show(bundle(citation, record, sent_text))


def bundle(citation: Citation, record: FileRecord | None, sent_text: citation_check.SentText) -> output.Bundle:
    """Return the place of a citation as `text/html` and `text/plain`."""
    path = citation_check.local(record, sent_text)
    if isinstance(path, str):
        return _lines(citation, f"It cannot be shown: the {path}.")
    try:
        page = citation_check.page_of(citation)
        return _passage(citation, path) if page is None else _page(citation, path, page)
    except (pdf.DocumentError, OSError, UnicodeDecodeError):
        return _lines(citation, "It cannot be shown: the file cannot be read here.")


def _page(citation: Citation, path: Path, number: int) -> output.Bundle:
    page = quote_search.page_picture(path, number, citation.quote)
    if page is None:
        return _lines(citation, "It cannot be shown: the file has no such page.")
    said = "The quote is marked on the page." if page.marked else "The quote is NOT marked: it was not found there."
    result = _lines(citation, said)
    alt = attribute(f"page {number} of {citation.file}. {said}")
    data = b64encode(page.png).decode()
    style = "box-sizing:border-box;max-width:100%;border:1px solid #888"
    image = f"<img alt='{alt}' src='data:image/png;base64,{data}' style='{style}'>"
    return {**result, "text/html": result["text/html"] + image}


def _passage(citation: Citation, path: Path) -> output.Bundle:
    found = citation_check.passage(citation, path)
    if found is None:
        return _lines(citation, "It cannot be shown in its context: the quote was NOT found in the file.")
    before, quote, behind = found
    body = f"{escape(before)}<b><u>{escape(quote)}</u></b>{escape(behind)}"
    return {
        "text/html": f"<p>{escape(_title(citation))}</p><pre style='white-space:pre-wrap'>… {body} …</pre>",
        "text/plain": clean(f"{_title(citation)}\n\n… {before}>>>{quote}<<<{behind} …"),
    }


def _title(citation: Citation) -> str:
    return f"[{citation.number}] {citation.file}, {citation.where}"


def _lines(citation: Citation, said: str) -> output.Bundle:
    quote = " ".join(citation.quote.split())
    lines = [f"{_title(citation)}: “{quote}”", said]
    html = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return {"text/html": html, "text/plain": clean("\n".join(lines))}
