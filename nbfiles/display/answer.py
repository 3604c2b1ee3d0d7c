"""How an answer looks: safe HTML and a complete text twin, the same in the live cell and afterwards."""

from __future__ import annotations

import csv
from base64 import b64encode
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from nbfiles.asking.answer import Answer, Citation, CodeStep, Prose
from nbfiles.display import front, table, words
from nbfiles.display.images import picture, svg_tag
from nbfiles.display.safe import clean, escape, mark, to_html, to_plain
from nbfiles.errors import NbfilesError
from nbfiles.records import FileRecord, Kind

QUOTE_CHARS = 300  # a citation may quote a page; the whole quote stays in answer.citations
PRINTED_LINES = 200  # of what code printed; a loop may print megabytes
PREVIEW_ROWS, PREVIEW_COLUMNS = 8, 12  # a table to recognise, not to read
CHART_WIDTH = 640  # CSS pixels; fits a notebook's column beside other windows

# A model cannot make this frame: no style survives in its text.
FRAME = "<div style='border-left:3px solid #d97757;padding:2px 0 2px 14px;max-width:62em'>"
QUIET = "<p style='opacity:.75;font-size:90%;margin:6px 0'>"

ENDINGS = {
    "max_tokens": "It was cut at its token limit. Ask again with more --max-tokens, or: answer.ask('go on')",
    "refusal": "Claude declined to answer this question.",
    "model_context_window_exceeded": "Files and answer are too long for the model. Ask about fewer files.",
}


def bundle(answer: Answer, status: str = "") -> front.Bundle:
    """Return the answer as `text/html` and `text/plain`; `status` is a line about what is going on."""
    return {"text/html": _html(answer, status), "text/plain": _plain(answer, status)}


def show(answer: Answer) -> None:
    """Show a finished answer and its charts, unless this cell shows it already."""
    if not front.is_shown(answer):
        front.show(bundle(answer))
        show_pictures(answer)


def show_pictures(answer: Answer) -> None:
    """Show the pictures that code made, each as an output of its own."""
    for record in answer.files:
        if record.kind is Kind.IMAGE and record.path and record.path.is_file():
            try:
                image = picture(record.path.read_bytes())
            except NbfilesError:
                continue  # named in the answer's list of files
            width = min(image.width, CHART_WIDTH)
            alt = clean(f"[{record.name}, {image.width} × {image.height} pixels]")
            data = b64encode(image.data).decode()
            front.show({image.mime_type: data, "text/plain": alt}, {image.mime_type: {"width": width}})


def _html(answer: Answer, status: str) -> str:
    head = f"{QUIET}{escape(_heading(answer))}</p>"
    body = "".join(_part_html(part) for part in answer.parts())
    sources = "".join(_source_html(citation) for citation in answer.citations)
    made = "".join(_file_html(record) for record in answer.files)
    ending = _ending(answer)
    problem = f"<p><b>Not complete:</b> {escape(ending)}</p>" if ending else ""
    foot = f"{QUIET}{escape(status or _footer(answer))}</p>"
    sources = f"<p style='margin:10px 0 2px'><b>Sources</b></p>{sources}" if sources else ""
    made = f"<p style='margin:10px 0 2px'><b>Files from the code</b></p>{made}" if made else ""
    return f"{FRAME}{head}{body}{problem}{sources}{made}{foot}</div>"


def _plain(answer: Answer, status: str) -> str:
    ending = _ending(answer)
    sections = [
        _heading(answer),
        *(_part_plain(part) for part in answer.parts()),
        f"Not complete: {ending}" if ending else "",
        "\n".join(["Sources", *map(_source_plain, answer.citations)]) if answer.citations else "",
        "\n".join(["Files from the code", *map(_file_line, answer.files)]) if answer.files else "",
        status or _footer(answer),
    ]
    return clean("\n\n".join(section.strip("\n") for section in sections if section.strip()))


def _heading(answer: Answer) -> str:
    sources = f" from {', '.join(table.short(name) for name in answer.sources)}" if answer.sources else ""
    return f"Answer by {answer.model}{sources}"


def _footer(answer: Answer) -> str:
    usage = answer.usage
    total_in = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
    return " · ".join(
        (
            f"{total_in:,} tokens in ({usage.cache_read_tokens:,} cached)",
            f"{usage.output_tokens:,} out",
            words.money(answer.cost),
            f"{answer.seconds:.1f} s",
            f"sent to {answer.sent_to}",
        )
    )


def _ending(answer: Answer) -> str:
    return answer.problem or ENDINGS.get(answer.stop_reason or "", "")


def _marked(part: Prose) -> str:
    return "".join(_with_marks(clean(text), numbers) for text, numbers in part.pieces)


def _with_marks(text: str, numbers: tuple[int, ...]) -> str:
    """Put the marks right behind the last word, inside its paragraph."""
    body = text.rstrip()
    return body + "".join(map(mark, numbers)) + text[len(body) :]


def _part_html(part: Prose | CodeStep) -> str:
    return to_html(_marked(part)) if isinstance(part, Prose) else _step_html(part)


def _part_plain(part: Prose | CodeStep) -> str:
    if isinstance(part, Prose):
        return to_plain(_marked(part))
    lines = [_step_title(part), *_indented(part.code), *_indented(part.stdout), *_indented(part.stderr)]
    return "\n".join(lines)


def _indented(text: str) -> Iterator[str]:
    return (f"    {line}" for line in _clipped(text).splitlines())


def _step_title(step: CodeStep) -> str:
    lines = len(step.code.splitlines())
    outcome = {None: "running", 0: "ran"}.get(step.return_code, "failed")
    outcome = f"failed ({step.error})" if step.error else outcome
    return f"Code, {lines} line{'s' if lines != 1 else ''}: {outcome}"


def _step_html(step: CodeStep) -> str:
    parts = [f"<pre><code>{escape(_clipped(step.code))}</code></pre>"]
    if step.stdout:
        parts.append(f"<p><small>It printed</small></p><pre>{escape(_clipped(step.stdout))}</pre>")
    if step.stderr:
        parts.append(f"<p><small>Errors and warnings</small></p><pre>{escape(_clipped(step.stderr))}</pre>")
    return f"<details><summary>{escape(_step_title(step))}</summary>{''.join(parts)}</details>"


def _clipped(text: str) -> str:
    lines = text.rstrip("\n").splitlines()
    if len(lines) <= PRINTED_LINES:
        return "\n".join(lines)
    return "\n".join([*lines[:PRINTED_LINES], f"… {len(lines) - PRINTED_LINES:,} more lines in answer.code"])


def _quote(citation: Citation) -> str:
    text = " ".join(citation.quote.split())
    return text if len(text) <= QUOTE_CHARS else text[:QUOTE_CHARS].rstrip() + " …"


def _source_html(citation: Citation) -> str:
    place = f"<b>{escape(citation.file)}</b>, {escape(citation.where)}"
    return f"<p style='margin:2px 0 2px 1.5em'>[{citation.number}] {place}: “{escape(_quote(citation))}”</p>"


def _source_plain(citation: Citation) -> str:
    return f"[{citation.number}] {citation.file}, {citation.where}: “{_quote(citation)}”"


def _file_line(record: FileRecord) -> str:
    folder = f", saved in {record.path.parent.name}" if record.path else ""
    return f"{record.name}, {words.size(record.size_bytes)}{folder}"


def _file_html(record: FileRecord) -> str:
    line = f"<p style='margin:2px 0 2px 1.5em'>{escape(_file_line(record))}</p>"
    if record.path is None or not record.path.is_file():
        return line
    suffix = record.path.suffix.lower()
    if suffix in (".csv", ".tsv"):
        return line + _preview(record.path, "\t" if suffix == ".tsv" else ",")
    if suffix == ".svg":
        try:
            return line + svg_tag(record.path.read_bytes(), record.name)
        except NbfilesError:
            return line
    return line


def _preview(path: Path, delimiter: str) -> str:
    """Return the first cells of a table; a file that is no table has none."""
    try:
        with path.open(newline="", encoding="utf-8", errors="replace") as handle:
            rows = list(islice(csv.reader(handle, delimiter=delimiter), PREVIEW_ROWS + 1))
    except csv.Error:
        return ""
    rows = [row[:PREVIEW_COLUMNS] for row in rows if row]
    width = max(map(len, rows), default=0)
    rows = [row + [""] * (width - len(row)) for row in rows]
    return f"<div style='overflow-x:auto'>{table.html(rows[0], rows[1:])}</div>" if rows else ""
