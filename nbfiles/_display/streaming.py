"""Show an answer while it grows: what is settled stays, only the end is repainted, and one output is left.

A `%%ask_file` cell shows nothing but ours, so its answer may take several outputs while it grows and have
them all cleared for the final one. Elsewhere (`nbfiles.ask` in a loop, behind a print) clearing would take
the user's own outputs along: there the answer is one output while it grows, repainted as a whole, and an empty one
stays above the final one. That is never an update, which some frontends do not show (docs/frontends.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nbfiles._display import output
from nbfiles._display.sanitize import RenderedBlock
from nbfiles.private_values import redacted_repr

# HTML characters: of settled blocks that the end takes along before they leave it, and of an output that is
# never painted again. These send least for 10,000 tokens (tests/display/test_streaming.py).
END_CHARS, OUTPUT_CHARS = 500, 4_000
LARGER_AFTER = 10  # outputs; JupyterLab shows 50 a cell, and the longest answer takes 35


@redacted_repr
@dataclass(frozen=True)
class PartialView:
    """An answer so far: `settled` blocks, the `end` that may still change, what is going on, and a frame.

    Only what is settled for good has its text twin on the way: sent with every repaint of the end, it
    would make a long answer exceed its 2 MB.
    """

    settled: Sequence[RenderedBlock]
    end: RenderedBlock
    status: RenderedBlock
    frame: str

    def whole(self) -> output.Bundle:
        """Return everything as one output."""
        return self._last([*self.settled[:1]], self.settled)

    def outputs(self) -> list[output.Bundle]:
        """Return full outputs, one that fills up, and the end; more text changes the last two."""
        *full, rest = _packed(self.settled, OUTPUT_CHARS)
        *ripe, last = _packed(rest, END_CHARS)
        filling = [[block for group in ripe for block in group]] if ripe else []
        heading = [] if full or filling else last[:1]
        return [*map(self._settled, (*full, *filling)), self._last(heading, last)]

    def _settled(self, blocks: Sequence[RenderedBlock]) -> output.Bundle:
        return {"text/html": self._framed(blocks), "text/plain": _text(blocks)}

    def _last(self, heading: Sequence[RenderedBlock], blocks: Sequence[RenderedBlock]) -> output.Bundle:
        html = self._framed([*blocks, self.end, self.status])
        return {"text/html": html, "text/plain": _text([*heading, self.status])}

    def _framed(self, blocks: Sequence[RenderedBlock]) -> str:
        return f"{self.frame}{''.join(block.html for block in blocks)}</div>"


def _text(blocks: Sequence[RenderedBlock]) -> str:
    return "\n\n".join(block.plain.strip("\n") for block in blocks if block.plain.strip())


class StreamingOutput:
    """The outputs of one growing answer; `above` are our outputs before it in the same cell.

    Show no other output in a cell before `close`: it may clear the cell, and only text comes again.
    """

    def __init__(self, above: Sequence[output.Output] = ()) -> None:
        self._above = above
        self._outputs = [output.Output()]
        self._captured = output.CapturedOutput() if output.owns_cell() else None
        self._whole: output.Bundle = {}

    def paint(self, state: PartialView | output.Bundle) -> int:
        """Show an answer so far, or a state that is one output; return the characters that this sent."""
        if not isinstance(state, PartialView):
            self._whole = state
            return self._outputs[0].paint(state)
        bundles = state.outputs() if self._captured else [state.whole()]
        count = len(self._outputs)
        self._outputs += [output.Output() for _ in bundles[count:]]
        painted = list(zip(self._outputs, bundles, strict=False))
        chars = 0
        for one, bundle in painted[count:] + painted[:count]:  # new ones first: the page never gets shorter
            chars += one.paint(bundle)
        return chars

    def close(self, newest: PartialView | output.Bundle | None = None) -> None:
        """Show the answer for good, and end the outputs above it."""
        last = newest.whole() if isinstance(newest, PartialView) else newest or self._whole
        try:
            if self._captured and last and not self._is_plain(last):
                self._clear_for(last, self._captured)
            else:
                self._close_all(last)
        finally:
            if self._captured:
                self._captured.close()

    def _is_plain(self, last: output.Bundle) -> bool:
        """Return whether no state on the way was shown."""
        only, *more = self._outputs
        return not more and only.is_plain(last) and all(one.is_plain() for one in self._above)

    def _close_all(self, last: output.Bundle) -> None:
        try:
            for one in self._above:
                one.close()
        finally:
            if last or len(self._outputs) == 1:
                self._outputs[0].close(last)

    def _clear_for(self, last: output.Bundle, captured: output.CapturedOutput) -> None:
        try:
            output.clear()
        finally:  # the clearing waits for the next output, which must be ours also when Stop comes now
            for one in self._above:
                one.again()
            output.show(last)
            captured.write_again()


def _packed(blocks: Sequence[RenderedBlock], size: int) -> Iterator[list[RenderedBlock]]:
    """Yield the blocks in groups of at least `size` characters of HTML, and last what does not fill one."""
    group: list[RenderedBlock] = []
    full = chars = 0
    for block in blocks:
        group.append(block)
        chars += len(block.html)
        if chars >= size * (1 + full // LARGER_AFTER):
            yield group
            group, full, chars = [], full + 1, 0
    yield group
