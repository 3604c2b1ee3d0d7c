"""A web page that code made, as a chip: folded, in a frame that runs nothing and fetches nothing.

A page with scripts switched on could always send out what is in it, whatever the policy (SECURITY.md
section 1: 2 of 12 channels stay open; with an empty `sandbox` and a policy, none). So scripts never run:

1. nh3 keeps what can be looked at: no script, no link, no handler, no address but `data:` pictures.
2. The rest is the `srcdoc` of a frame with an empty `sandbox` and a content policy of its own.
3. Where a viewer drops frames (an untrusted notebook, a code host), the line about the file remains.

Pages can be written that take a parser minutes, so step 1 is done by this module as a program of its own.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nh3

from nbfiles._display.sanitize import attribute, clean, escape

MOST_BYTES = 20_000_000  # of a page that is read; a chart with its library inside has five
MOST_CHARS = 300_000  # of what is left of it; it goes into the notebook
CLEANING_S = 3  # of processor time; an honest page takes a tenth of a second
PATIENCE_S = 60.0  # until the answer is shown without it, on a machine that is busy or counts no such time
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"

SCRIPTED = "It draws with scripts, which are not run here: they could send data out. For a picture, ask for a PNG."
LARGE = "It is too large to be shown here."
SLOW = "It is built in a way that takes too long to read, so it is not shown here."
EMPTY = "It has nothing to look at."
NO_FRAME = "Nothing to see? Frames are shown where the notebook is trusted; the file is in the folder named above."

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


_HOME = str(Path(__file__).parents[2])
_START = (
    "import sys; home = sys.argv.pop(1); sys.path.insert(0, home); "
    "from nbfiles._display import sandboxed_html; sys.path.remove(home); sandboxed_html.main()"
)
_SCRIPT, _SCRIPT_END = re.compile("<script", re.IGNORECASE), re.compile("</script[^>]*>", re.IGNORECASE)


def chip(path: Path) -> tuple[str, str]:
    """Return how a page is shown, in HTML and as text."""
    if path.stat().st_size > MOST_BYTES:
        return _note(LARGE)
    source = path.read_text(encoding="utf-8", errors="replace")
    drawn = _without_scripts(source)
    if len(drawn) > MOST_CHARS:
        return _note(LARGE)
    page = _cleaned(drawn)
    if page is None:
        return _note(SLOW)
    scripted = SCRIPTED if len(drawn) < len(source) else ""
    return _framed(page, scripted) if page else _note(scripted or EMPTY)


def main() -> None:
    """Clean the page on the standard input; the output is empty where there is nothing to look at."""
    _limit()
    page = _CLEANER.clean(clean(sys.stdin.buffer.read().decode()))
    sys.stdout.buffer.write(page.encode() if _has_something(page) else b"")


def _limit() -> None:
    """Bound the processor time of this process, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_CPU, (CLEANING_S, CLEANING_S))


def _without_scripts(source: str) -> str:
    """Leave out what would only cost time; what makes a page safe is the cleaner."""
    head, *rest = _SCRIPT.split(source)
    return head + "".join(_SCRIPT_END.split(part, maxsplit=1)[1] for part in rest if _SCRIPT_END.search(part))


def _cleaned(page: str) -> str | None:
    command = [sys.executable, "-P", "-c", _START, _HOME]
    try:
        done = subprocess.run(
            command, input=page.encode(errors="replace"), capture_output=True, timeout=PATIENCE_S, check=True
        )
    except subprocess.SubprocessError:
        return None
    return done.stdout.decode()


def _framed(page: str, scripted: str) -> tuple[str, str]:
    head = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    style = "width:100%;height:360px;border:1px solid #888;background:white"
    frame = f'<iframe sandbox="" srcdoc="{attribute(head + page)}" style="{style}"></iframe>'
    foot = f"<p><small>{escape(f'{NO_FRAME} {scripted}'.strip())}</small></p>"
    summary = "<summary>open in sandbox</summary>"
    return f"<details style='margin:2px 0 6px 1.5em'>{summary}{frame}{foot}</details>", scripted


def _has_something(page: str) -> bool:
    """Tell whether a page has words, a picture or a drawing when nothing runs."""
    words = nh3.clean(page, tags=set(), clean_content_tags={"style", "script"}).strip()
    return bool(words) or "<img" in page or "<path" in page or "<rect" in page


def _note(text: str) -> tuple[str, str]:
    return f"<p style='margin:2px 0 6px 1.5em'><small>{escape(text)}</small></p>", text
