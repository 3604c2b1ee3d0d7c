"""The text of a web page: the lines that a browser would show, headings marked, a table row by row.

1. Every tag becomes a `<wbr>` that names it, an element without contents, so that no page is nested deep.
2. nh3, a real HTML parser whose time grows with the length of a page, leaves nothing but these, pictures and text.
3. What is left has one form: a flat row of tags and texts, of which `PageText` makes lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import nh3

from nbfiles._documents.readers.left_out import LeftOut
from nbfiles._documents.readers.page_text import PageText

# Elements whose contents are no HTML, or are dropped with them: nh3 must see these as they are.
_UNREAD = {"script", "style", "template", "noscript", "annotation", "annotation-xml"}
_AS_THEY_ARE = _UNREAD | {"title", "textarea", "xmp", "iframe", "noembed", "img"}
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)(?=[\s/>])")
_NOT_READ = {"img": "image", "video": "video", "audio": "sound", "canvas": "drawing"}
_CLEANER = nh3.Cleaner(
    tags={"wbr", "title", "img"},
    clean_content_tags=_UNREAD,
    attributes={"*": set(), "wbr": {"class", "colspan", "rowspan", "label"}, "img": {"alt"}},
    link_rel=None,
)
_MARK = re.compile(r"<wbr class=(/?[a-z])")
_CLEANED_TAG = re.compile(r'<(/?[a-z]+)((?: [a-z]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')


def page_lines(text: str, left_out: LeftOut | None = None) -> Iterator[str]:
    """Yield the visible lines of a page, and count what is left out of it."""
    left_out = LeftOut() if left_out is None else left_out
    cleaned = _CLEANER.clean(_TAG.sub(_named_mark, text))
    page, start = PageText(), 0
    for match in _CLEANED_TAG.finditer(cleaned):
        page.add(_read(cleaned[start : match.start()]))
        attributes = {name: _read(value) for name, value in _ATTRIBUTE.findall(match[2])}
        name = attributes.get("class", "") if match[1] == "wbr" else match[1]
        if name in _NOT_READ:
            left_out[_NOT_READ[name]] += 1
        page.tag(name, attributes)
        yield from page.take()
        start = match.end()
    page.add(_read(cleaned[start:]))
    page.end()
    yield from page.take()


def _read(text: str) -> str:
    """Return a text of the cleaned page; where it was no HTML, what looks like a tag in it is text."""
    return _MARK.sub(r"<\1", unescape(text))


def _named_mark(match: re.Match[str]) -> str:
    """Return the beginning of a `<wbr>` in place of that of a tag; of two classes, a parser takes the first."""
    name = match[2].lower()
    return match[0] if name in _AS_THEY_ARE else f"<wbr class={match[1]}{name}"
