"""A web page that code made, folded, in a frame that runs nothing and fetches nothing.

A page with scripts switched on could always send out what is in it, whatever the policy (docs/security.md).
So scripts never run: the page was cleaned when it arrived (`_documents/static_html`), and here it is the
`srcdoc` of a frame with an empty `sandbox` and a content policy of its own. Where a viewer drops frames (an
untrusted notebook, a code host), the line about the file remains.
"""

from __future__ import annotations

from nbfiles._display.sanitize import attribute, escape

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"
NO_FRAME = "Nothing to see? Frames are shown where the notebook is trusted; the file is in the folder named above."
STYLE = "width:100%;height:360px;border:1px solid #888;background:white"


def html(page: str, note: str) -> str:
    """Return a cleaned page in a closed frame, with a note below it."""
    head = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    frame = f'<iframe sandbox="" srcdoc="{attribute(head + page)}" style="{STYLE}"></iframe>'
    foot = f"<p><small>{escape(f'{NO_FRAME} {note}'.strip())}</small></p>"
    summary = "<summary>open in sandbox</summary>"
    return f"<details style='margin:2px 0 6px 1.5em'>{summary}{frame}{foot}</details>"
