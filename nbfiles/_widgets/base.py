"""What all widgets have: a text where nothing is drawn, and messages that arrive while a cell runs."""

from __future__ import annotations

from typing import Any

import anywidget

from nbfiles._display import output
from nbfiles._display.sanitize import escape
from nbfiles.redact import redact

# A notebook that is opened again has the output, but not the widget: JupyterLab then writes an error of its
# own into the output above the note. It is hidden, being all that this output holds; a live widget is not.
_HIDE_ERROR = (
    "<style>.jp-OutputArea-child:has(+ .jp-OutputArea-child .nbfiles-note) > .jupyter-widgets:not(:has(*))"
    "{display:none}</style>"
)


# What the page and the kernel call things among themselves; it is not shown.
_NAMES = frozenset(("id", "key", "drop", "tab", "page", "view"))


def _redacted(value: object) -> object:
    match value:
        case dict():
            return {name: inner if name in _NAMES else _redacted(inner) for name, inner in value.items()}
        case list() | tuple():
            return [*map(_redacted, value)]
    return redact(value) if isinstance(value, str) else value


class Widget(anywidget.AnyWidget):
    """A widget that is saved as a text: `note` says what it was, and to run the cell again.

    No synced trait of ours holds contents, ids or paths, as a notebook may keep them all: what is shown goes
    to the page in custom messages.
    """

    note = ""

    def _ipython_display_(self) -> None:
        """Show the widget and, for a page without it, the note."""
        self.show_with({"text/plain": self.note, "text/html": f"<p>{escape(self.note)}</p>"})

    def show_with(self, text: output.Bundle) -> None:
        """Show the widget and, for a page without it, a text, which common.css hides below a widget."""
        if output.in_notebook():
            data, metadata = self._repr_mimebundle_()
            output.show(data | {"text/plain": ""}, metadata)
        html = f'<div class="nbfiles-note">{text["text/html"]}</div>{_HIDE_ERROR}'
        output.show({"text/plain": text["text/plain"], "text/html": html})

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        return data | {"text/plain": self.note}, metadata

    def open(self) -> None:
        """Open the connection to the page."""
        super().open()
        self._receive_while_a_cell_runs()

    def send(self, content: object, buffers: object = None) -> None:
        """Send a message to the page, which shows its texts: without secrets."""
        super().send(_redacted(content), buffers)

    def _send(self, msg: object, buffers: object = None) -> None:
        super()._send(msg, buffers)
        self._receive_while_a_cell_runs()

    def _receive_while_a_cell_runs(self) -> None:
        """Let the page's messages come on their own subshell, while a cell runs.

        ipykernel 7.4 brings them to the shell that spoke last to the page; after a cell spoke, they would
        wait for it.
        """
        if self.comm is not None:
            self.comm.__dict__.pop("_reply_subshell_id", None)
