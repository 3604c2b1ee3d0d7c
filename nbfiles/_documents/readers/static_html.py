"""A web page that code made, as HTML that runs nothing and fetches nothing.

1. What costs time and shows nothing (scripts) is left out.
2. nh3 keeps what can be looked at: no script, no link, no handler, no address but `data:` images.

Pages can be written that take a parser minutes; the limits of the child end it then. The view draws what is left
in a frame with an empty `sandbox` (`_display/previews`).
"""

from __future__ import annotations

import re
from pathlib import Path

import nh3

from nbfiles.visible_text import visible

MOST_BYTES = 20_000_000  # of a page that is read; a chart with its library inside has five
MOST_CHARS = 300_000  # of what is left of it; it goes into the notebook

SCRIPTED = "It draws with scripts, which are not run here: they could send data out. For an image, ask for a PNG."
LARGE = "It is too large to be shown here."
EMPTY = "It has nothing to look at."

_SVG = (
    "svg g path rect circle ellipse line polyline polygon text tspan defs linearGradient radialGradient stop "
    "clipPath mask pattern marker symbol"
)
_HTML = "style figure figcaption main section font"
_TAGS = set(nh3.ALLOWED_TAGS) | set(_SVG.split()) | set(_HTML.split())
_ATTRIBUTES = (
    "style class id width height colspan rowspan align valign border src alt color viewBox transform "
    "d x y x1 y1 x2 y2 cx cy r rx ry dx dy points fill fill-opacity stroke stroke-width stroke-opacity "
    "stroke-dasharray opacity font-size font-family font-weight text-anchor dominant-baseline offset "
    "stop-color stop-opacity"
)
_CLEANER = nh3.Cleaner(
    tags=_TAGS - {"a", "area", "map"},
    clean_content_tags={"script", "title", "template", "noscript"},
    attributes={"*": set(_ATTRIBUTES.split())},
    attribute_filter=lambda _tag, name, value: value if name != "src" or value.startswith("data:image/") else None,
    url_schemes={"data"},
    link_rel=None,
)


_MARKS = dict.fromkeys((0xE000, 0xE001))  # which the view deletes: nothing may become a tag by that
_SCRIPT, _SCRIPT_END = re.compile("<script", re.IGNORECASE), re.compile("</script[^>]*>", re.IGNORECASE)


def read(path: Path) -> tuple[str, str]:
    """Return what is left of a page, empty where it cannot be shown, and a note that says why or what is missing."""
    if path.stat().st_size > MOST_BYTES:
        return "", LARGE
    source = path.read_text(encoding="utf-8", errors="replace")
    without_scripts = _without_scripts(source)
    if len(without_scripts) > MOST_CHARS:
        return "", LARGE
    page = _cleaned(without_scripts)
    scripted = SCRIPTED if len(without_scripts) < len(source) else ""
    return (page, scripted) if page else ("", scripted or EMPTY)


def _without_scripts(source: str) -> str:
    """Leave out what would only cost time; what makes a page safe is the cleaner."""
    head, *rest = _SCRIPT.split(source)
    return head + "".join(_SCRIPT_END.split(part, maxsplit=1)[1] for part in rest if _SCRIPT_END.search(part))


def _cleaned(page: str) -> str:
    """Return what is left of a page; nothing where there is nothing to look at."""
    cleaned = _CLEANER.clean(visible(page).translate(_MARKS))
    return cleaned if _has_something(cleaned) else ""


def _has_something(page: str) -> bool:
    """Return whether a page has words, a picture or a drawing when nothing runs."""
    text = nh3.clean(page, tags=set(), clean_content_tags={"style", "script"}).strip()
    return bool(text) or "<img" in page or "<path" in page or "<rect" in page
