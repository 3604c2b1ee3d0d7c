"""Draw an answer: safe HTML and a complete text twin, the same in the live cell and afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from nbfiles._display import block_views, code_steps, formatting, generated_files, output, structured_output, tables
from nbfiles._display.sanitize import RenderedBlock, clean, escape, mark, to_blocks, to_html, to_plain
from nbfiles._display.streaming import PartialView
from nbfiles._messages import pricing
from nbfiles._messages.answer import Answer
from nbfiles._messages.block_values import Part, Prose, Thought
from nbfiles._messages.citations import Citation
from nbfiles._messages.code_steps import CodeStep
from nbfiles.redaction import without_open_secret

QUOTE_CHARS = 300  # a citation may quote a page; the whole quote stays in answer.citations
# Characters of prose that a cell shows, somewhat more than a model writes at most (128,000 tokens); what has more was
# not written by a model for a person, and would hold up kernel and browser. The variable has all of it.
SHOWN_CHARS = 600_000
REPEATED_CHARS = 60  # of a quote that the answer itself repeats; enough to find it on the page

# A model cannot make this frame: no style survives in its text.
FRAME = (
    "<div style='border-left:3px solid #d97757;margin:0;padding:2px 0 2px 14px;max-width:62em;"
    "overflow-wrap:break-word'>"
)
QUIET = "<p style='opacity:.75;font-size:90%;margin:6px 0'>"

NO_ANSWER = "No answer"  # who answered, where nothing arrived
UNREPORTED = " (what a cut answer took beyond that is not reported)"  # the API counts at the very end

UNFORMATTED = "This answer could not be formatted ({}), so its plain text is shown."

GO_ON = {"max_tokens": " To go on where it ends, type: answer.ask('go on')"}  # by the reason to stop


def bundle(answer: Answer) -> output.Bundle:
    """Return the answer as `text/html` and its complete twin in `text/plain`; never raises an Exception."""
    try:
        data = _fields(answer)
        parts = [block_views.draw(*part) for part in _parts(answer, data)]
        return {"text/html": _html(answer, parts, data), "text/plain": _plain(answer, parts, data)}
    except Exception as problem:  # noqa: BLE001 - what was paid for is shown, whatever is wrong with us
        text = unformatted(answer, problem)
        return {"text/html": f"{FRAME}{text.html}</div>", "text/plain": text.plain}


def partial_view(answer: Answer, status: str) -> PartialView:
    """Return the answer so far, with a line about what is going on; its sources come with the last.

    Never raises an Exception.
    """
    try:
        return _partial_view(answer, status)
    except Exception as problem:  # noqa: BLE001 - as above
        return PartialView([], unformatted(answer, problem), _line(status), FRAME)


def unformatted(answer: Answer, problem: Exception) -> RenderedBlock:
    """Return an answer that could not be formatted, or not be shown so, as its text, and say so."""
    message = UNFORMATTED.format(type(problem).__name__)
    try:
        data = _fields(answer)
        text = _plain(answer, [block_views.draw(*part) for part in _parts(answer, data)], data)
    except Exception:  # noqa: BLE001 - the plain text, too, is more than what arrived
        text = _bare(answer)
    html = f"<p>{escape(message)}</p><pre style='white-space:pre-wrap'>{escape(text)}</pre>"
    return RenderedBlock(html, f"{message}\n\n{text}")


def _bare(answer: Answer) -> str:
    """Return the text of an answer, and what is to be said of it whatever else cannot be."""
    ending = _ending(answer)
    sections = (
        answer.text[:SHOWN_CHARS],
        *_left_out(answer),
        f"Not complete: {ending}" if ending else "",
        *answer.notes,
    )
    return clean("\n\n".join(section for section in sections if section.strip()))


def _partial_view(answer: Answer, status: str) -> PartialView:
    head = _line(_heading(answer))
    blocks = [block for part in _counted(_visible_parts(answer)) for block in _part_blocks(*part)] or [
        RenderedBlock("", "")
    ]
    return PartialView([head, *blocks[:-1]], blocks[-1], _line(status), FRAME)


def _line(status: str) -> RenderedBlock:
    return RenderedBlock(f"{QUIET}{escape(status)}</p>", clean(status))


def show(answer: Answer, *, again: bool = False) -> None:
    """Show a finished answer and its charts, unless this cell shows it; `again` shows it anyway."""
    if again or not output.is_shown(answer):
        output.show(bundle(answer))
        generated_files.show_pictures(answer)


def _html(answer: Answer, parts: Iterable[RenderedBlock], data: object) -> str:
    head = f"{QUIET}{escape(_heading(answer))}</p>"
    text = _text_on_one_line(answer) if answer.citations else ""
    body = "".join(part.html for part in parts)
    body += "" if data is None else structured_output.html(data)
    sources = "".join(_source_html(citation, text) for citation in answer.citations)
    ending = _ending(answer)
    problem = f"<p><b>Not complete:</b> {escape(ending)}</p>" if ending else ""
    foot = "".join(f"{QUIET}{escape(line)}</p>" for line in _footer(answer))
    sources = f"<p style='margin:10px 0 2px'><b>Sources</b></p>{sources}" if sources else ""
    return f"{FRAME}{head}{body}{problem}{sources}{generated_files.html(answer)}{foot}</div>"


def _visible_parts(answer: Answer) -> list[Part]:
    """Return the parts to show so far: no thought that goes on, and not the beginning of a secret."""
    parts = list(answer.parts())
    match parts[-1:]:
        case [Thought()] if answer.blocks[-1].type == "thinking":
            return parts[:-1]
        case [Prose((*before, (text, numbers)))]:
            return [*parts[:-1], Prose((*before, (without_open_secret(text), numbers)))]
    return parts


def _part_blocks(part: Part, number: int) -> tuple[RenderedBlock, ...]:
    return to_blocks(_marked(part)) if isinstance(part, Prose) else (_cleaned(block_views.draw(part, number)),)


@lru_cache(maxsize=64)  # finished steps are drawn again with each piece of an answer that arrives
def _cleaned(block: RenderedBlock) -> RenderedBlock:
    return RenderedBlock(block.html, clean(block.plain))


def _plain(answer: Answer, parts: Iterable[RenderedBlock], data: object) -> str:
    ending, text = _ending(answer), _text_on_one_line(answer) if answer.citations else ""
    sources = [_source_plain(citation, text) for citation in answer.citations]
    sections = [
        _heading(answer),
        *(part.plain for part in parts),
        "" if data is None else structured_output.plain(data),
        f"Not complete: {ending}" if ending else "",
        "\n".join(["Sources", *sources]) if sources else "",
        generated_files.plain(answer),
        "\n".join(_footer(answer)),
    ]
    return clean("\n\n".join(section.strip("\n") for section in sections if section.strip()))


def _fields(answer: Answer) -> object:
    """Return what fills the fields of a schema, or None where there is no schema or the answer is not complete."""
    if answer.asked.schema is None or not answer.complete:
        return None
    try:
        return json.loads(answer.text)
    except ValueError:  # checked, and yet more than one text
        return None


def _parts(answer: Answer, data: object) -> list[tuple[Part, int]]:
    """Return the parts of an answer; the prose of one that fills fields is nothing but their JSON."""
    parts = _counted(answer.parts())
    return [part for part in parts if data is None or not isinstance(part[0], Prose)]


def _heading(answer: Answer) -> str:
    """Return who answers, and from which files."""
    files = ", ".join(tables.short(clean(name)) for name in answer.sources)
    arrived = answer.blocks or answer.stop_reason or answer.usage.total_in or answer.usage.output_tokens
    return " · ".join(filter(None, (answer.by or answer.model if arrived else NO_ANSWER, files)))


def _footer(answer: Answer) -> list[str]:
    usage = answer.usage
    spent = (
        f"{usage.total_in:,} tokens in ({usage.cache_read_tokens:,} cached)",
        f"{usage.output_tokens:,} out{UNREPORTED if answer.blocks and not answer.stop_reason else ''}",
        formatting.money(answer.cost) + _split(answer),
        f"{answer.seconds:.1f} s",
        f"sent {_sent_names(answer)}to {answer.sent_to}",
    )
    return [*_left_out(answer), *answer.notes, " · ".join(spent), *([_thread(answer)] if answer.thread else [])]


def _split(answer: Answer) -> str:
    """Return what the dollars are for, where there is more than one kind of them."""
    parts = pricing.split(answer.model, answer.usage) if answer.cost else None
    if parts is None:
        return ""
    kinds = {
        "in": parts.input,
        "cache write": parts.cache_write,
        "cache read": parts.cache_read,
        "out": parts.output,
    }
    listed = ", ".join(f"{name} {formatting.money(cost)}" for name, cost in kinds.items() if cost)
    return f" ({listed}{', container time not reported' if answer.code else ''})"


def _sent_names(answer: Answer) -> str:
    names = [tables.short(clean(name)) for name in answer.sources]
    names += [f"{{{{{name}}}}}" for name in answer.variables]
    return f"{', '.join(names)} " if names else ""


def _thread(answer: Answer) -> str:
    if not answer.blocks:  # such a turn is not kept
        return f"thread {answer.thread} · without this question"
    context = answer.usage.total_in + answer.usage.output_tokens
    return f"thread {answer.thread} · turn {answer.turn} · context {context:,} tokens"


def _text_on_one_line(answer: Answer) -> str:
    return " ".join(clean(answer.text).replace("\\", "").split())


def _ending(answer: Answer) -> str:
    return answer.problem or (answer.ending_problem() or "") + GO_ON.get(answer.stop_reason or "", "")


def _marked(part: Prose) -> str:
    *before, (text, numbers) = part.pieces
    return "".join(_finished_piece(*piece) for piece in before) + _with_marks(clean(text), numbers)


@lru_cache(maxsize=1_000)
def _finished_piece(text: str, numbers: tuple[int, ...]) -> str:
    return _with_marks(clean(text), numbers)


def _with_marks(text: str, numbers: tuple[int, ...]) -> str:
    """Return text with the marks right behind its last word, inside its paragraph."""
    body = text.rstrip()
    return body + "".join(map(mark, numbers)) + text[len(body) :]


def _counted(parts: Iterable[Part]) -> Iterator[tuple[Part, int]]:
    """Yield the parts in order with the number of the code step reached, from 1, and no more prose than is shown."""
    number, room = 0, SHOWN_CHARS
    for part in parts:
        number += isinstance(part, CodeStep)
        if isinstance(part, Prose):
            part = _cut(part, room)
            room -= sum(len(text) for text, _ in part.pieces)
        yield part, number


def _cut(part: Prose, room: int) -> Prose:
    """Return prose of at most `room` characters."""
    if sum(len(text) for text, _ in part.pieces) <= room:
        return part
    pieces = []
    for text, numbers in part.pieces:
        pieces.append((text[:room], numbers))
        room -= len(text)
        if room <= 0:
            break
    return replace(part, pieces=tuple(pieces))


def _left_out(answer: Answer) -> list[str]:
    """Say how much of a long answer is shown."""
    count = sum(len(text) for part in answer.parts() if isinstance(part, Prose) for text, _ in part.pieces)
    return [f"Shown: the first {SHOWN_CHARS:,} of {count:,} characters. All: answer.text"] * (count > SHOWN_CHARS)


def prose(part: Prose, _number: int) -> RenderedBlock:
    """Return prose with its marks as HTML and text."""
    marked = _marked(part)
    return RenderedBlock(to_html(marked), to_plain(marked))


def thought(part: Thought, _number: int) -> RenderedBlock:
    """Return a thought, folded."""
    title = _thought_title(part)
    body = f"<pre style='white-space:pre-wrap'>{escape(code_steps.clipped(part.text))}</pre>"
    html = f"<details style='margin:6px 0'><summary>{title}</summary>{body}</details>"
    return RenderedBlock(html, "\n".join([title, *code_steps.indented(part.text)]))


def _thought_title(thought: Thought) -> str:
    count = len(thought.text.split())
    return f"Thinking, {count:,} word{'s' if count != 1 else ''}"


def _quote(citation: Citation, answer_text: str) -> str:
    """Return the quote on one line, only its beginning where the answer has it already."""
    text = " ".join(clean(citation.quote).split())
    limit = REPEATED_CHARS if text[:REPEATED_CHARS] in answer_text else QUOTE_CHARS
    return text if len(text) <= limit else text[:limit].rpartition(" ")[0] + " …"


def _source_html(citation: Citation, answer_text: str) -> str:
    position = f"<b>{escape(tables.short(clean(citation.file)))}</b>, {escape(citation.where)}"
    quote = escape(_quote(citation, answer_text))
    evidence = f" <i>({escape(citation.evidence)})</i>" if citation.evidence else ""
    return f"<p style='margin:2px 0 2px 1.5em'>[{citation.number}] {position}: “{quote}”{evidence}</p>"


def _source_plain(citation: Citation, answer_text: str) -> str:
    evidence = f" ({citation.evidence})" if citation.evidence else ""
    position = f"{tables.short(clean(citation.file))}, {citation.where}"
    return f"[{citation.number}] {position}: “{_quote(citation, answer_text)}”{evidence}"
