"""A web page that code made, as a chip: folded, in a frame that runs nothing and fetches nothing.

A page with scripts switched on could always send out what is in it, whatever the policy (SECURITY.md
section 1: 2 of 12 channels stay open; with an empty `sandbox` and a policy, none). So scripts never run:

1. nh3 keeps what can be looked at: no script, no link, no handler, no address but `data:` pictures.
2. The rest is the `srcdoc` of a frame with an empty `sandbox` and a content policy of its own.
3. Where a viewer drops frames (an untrusted notebook, a code host), the line about the file remains.
"""

from __future__ import annotations

from pathlib import Path

import nh3

from nbfiles.display.safe import attribute, clean, escape

MOST_BYTES = 20_000_000  # of a page that is read; a chart with its library inside has five
MOST_CHARS = 300_000  # of what is left of it; it goes into the notebook
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"

SCRIPTED = (
    "It draws with scripts, which are not run here: they could send data out. For a picture, ask for a PNG."
)
LARGE = "It is too large to be shown here."
NO_FRAME = (
    "Nothing to see? Frames are shown where the notebook is trusted; the file is in the folder named above."
)

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
    attribute_filter=lambda _tag, name, value: (
        value if name != "src" or value.startswith("data:image/") else None
    ),
    url_schemes={"data"},
    link_rel=None,
)


def chip(path: Path) -> tuple[str, str]:
    """Return how a page is shown, in HTML and as text."""
    if path.stat().st_size > MOST_BYTES:
        return _note(LARGE)
    source = path.read_text(encoding="utf-8", errors="replace")
    page = _CLEANER.clean(clean(source))
    if len(page) > MOST_CHARS:
        return _note(LARGE)
    if not _has_something(page):
        return _note(SCRIPTED)
    head = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    style = "width:100%;height:360px;border:1px solid #888;background:white"
    frame = f'<iframe sandbox="" srcdoc="{attribute(head + page)}" style="{style}"></iframe>'
    scripted = f" {SCRIPTED}" if "<script" in source.lower() else ""
    foot = f"<p><small>{escape(NO_FRAME + scripted)}</small></p>"
    summary = "<summary>open in sandbox</summary>"
    return f"<details style='margin:2px 0 6px 1.5em'>{summary}{frame}{foot}</details>", scripted.strip()


def _has_something(page: str) -> bool:
    """Tell whether a page has words, a picture or a drawing when nothing runs."""
    words = nh3.clean(page, tags=set(), clean_content_tags={"style", "script"}).strip()
    return bool(words) or "<img" in page or "<path" in page or "<rect" in page


def _note(text: str) -> tuple[str, str]:
    return f"<p style='margin:2px 0 6px 1.5em'><small>{escape(text)}</small></p>", text
