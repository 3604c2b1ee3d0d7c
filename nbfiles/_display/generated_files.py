"""Draw the files that came back from Claude's code: where they come from, their beginnings, and pictures."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from nbfiles._display import formatting, output, previews
from nbfiles._display.sanitize import attribute, clean, escape
from nbfiles._messages.answer import Answer
from nbfiles.records import CheckedImage, FileRecord, Kind, Preview, typed

MOST_LISTED = 30  # files of one answer; the rest is in answer.files
MOST_PREVIEWS = 8
MOST_PICTURES = 12  # each with its caption; JupyterLab shows at most 50 outputs of a cell
MOST_PICTURE_BYTES = 20_000_000  # of all of them; they go into the notebook
CHART_WIDTH = 640  # CSS pixels; fits a notebook's column beside other windows
MOST_INPUTS = 3  # named in one line
HASH_CHARS = 8  # of a SHA-256; enough to compare by eye

# What a click may open: no format that runs something in a browser.
_LINKED = (
    ".csv .tsv .json .jsonl .txt .log .pdf .png .jpg .jpeg .gif .webp .parquet .xlsx .docx .pptx .zip "
    ".mp3 .wav .ogg .flac .m4a .mp4 .webm .mov"
)
LINKED = frozenset(_LINKED.split())
KINDS = {
    "image": ".png .jpg .jpeg .gif .webp .svg .bmp .tif .tiff",
    "table": ".csv .tsv .parquet .xlsx .xlsm .xlsb .xls .ods",
    "JSON": ".json .jsonl .ndjson",
    "web page": ".html .htm",
    "PDF": ".pdf",
    "Word document": ".docx",
    "slides": ".pptx",
    "text": ".txt .md .log .rst .tex",
    "audio": ".mp3 .wav .ogg .flac .m4a",
    "video": ".mp4 .webm .mov .avi .mkv",
    "archive": ".zip .tar .gz .7z",
    "code": ".py .r .sql .js .ipynb",
}
_KIND_OF = {suffix: kind for kind, suffixes in KINDS.items() for suffix in suffixes.split()}
_IMAGE = re.compile(r"!\[([^\]\n]{3,200})\]\(\s*<?[^)\s>]*?([^/\\)\s>]+)>?(?:\s[^)]*)?\)")


def html(answer: Answer) -> str:
    """Return the list of an answer's files, with their beginnings."""
    if not answer.files:
        return ""
    parts = ["<p style='margin:10px 0 2px'><b>Files from the code</b></p>"]
    for record, preview in _previewed(answer.files):
        beginning = previews.html(preview, Path(record.name).stem)
        parts.append(f"<p style='margin:2px 0 2px 1.5em'>{_linked(record)}</p>{beginning}")
    notes = [*_more(answer), *_origins(answer)]
    parts += [f"<p style='margin:2px 0 2px 1.5em'><small>{escape(note)}</small></p>" for note in notes]
    return "".join(parts)


def plain(answer: Answer) -> str:
    """Return the same as text."""
    if not answer.files:
        return ""
    lines = ["Files from the code"]
    for record, preview in _previewed(answer.files):
        lines += [line(record), *(f"    {text}" for text in previews.plain(preview).splitlines())]
    return "\n".join([*lines, *_more(answer), *_origins(answer)])


def line(record: FileRecord) -> str:
    """Return name, kind, size and step in one line, and what to type for a file that is not here."""
    step = [f"step {record.origin.step}"] if record.origin and record.origin.step else []
    saved_as = record.path is not None and record.path.name != record.name
    other = [f"saved as {record.path.name}"] if saved_as and record.path else []
    facts = ", ".join((record.name, _kind(record), formatting.size(record.size_bytes), *step, *other))
    return facts if record.path else f"{facts}, not downloaded. To get it: %download {typed(record.name)}"


def origin(record: FileRecord) -> str:
    """Return where a file comes from: the step, the inputs by hash, the container, when."""
    source = record.origin
    when = f"{record.created_at:%-d %B %Y, %H:%M} UTC"
    if source is None:
        return when
    step = [f"step {source.step}"] if source.step else []
    named = [f"{name} (SHA-256 {(digest or 'unknown')[:HASH_CHARS]})" for name, digest in source.inputs]
    more = len(named) - MOST_INPUTS
    inputs = ", ".join(named[:MOST_INPUTS]) + (f" and {more} more" if more > 0 else "")
    container = [f"in container {source.container}"] if source.container else []
    return " · ".join([*step, *([f"from {inputs}"] if inputs else []), *container, when])


def show_pictures(answer: Answer) -> None:
    """Show the pictures that code made, each as an output of its own with its caption, for code hosts too."""
    try:
        _show_pictures(answer)
    except Exception as problem:  # noqa: BLE001 - the answer is there, and so are its files
        message = f"An image could not be shown ({type(problem).__name__}); all files are in answer.files."
        output.show({"text/html": f"<p>{escape(message)}</p>", "text/plain": message})


def _show_pictures(answer: Answer) -> None:
    room = MOST_PICTURE_BYTES
    for record, image, what in _pictures(answer.files):
        if len(image.data) > room:
            continue  # named in the answer's list
        room -= len(image.data)
        _show(image, f"{_described(answer, record)}{what}", record)


def _show(image: CheckedImage, described: str, record: FileRecord) -> None:
    alt = clean(f"{described}, {image.width} × {image.height} pixels")
    caption = f"{described}: {record.name}, {origin(record)}"
    bundle = {image.mime_type: b64encode(image.data).decode(), "text/plain": f"[{alt}]"}
    # nbconvert's classic template takes `alt`; its own and JupyterLab do not, so the caption says it, too.
    output.show(bundle, {image.mime_type: {"width": min(image.width, CHART_WIDTH), "alt": attribute(alt)}})
    small = f"<p style='margin:0 0 10px'><small>{escape(caption)}</small></p>"
    output.show({"text/html": small, "text/plain": clean(caption)})


def _pictures(files: Sequence[FileRecord]) -> Iterator[tuple[FileRecord, CheckedImage, str]]:
    """Yield what can be shown as a picture: images, and the first pages of PDFs."""
    for record in list(filter(_is_picture, files))[:MOST_PICTURES]:
        if image := record.preview.picture:  # any other is named in the answer's list
            pages = record.preview.pages
            yield record, image, f", page 1 of {pages}" if pages else ""


def _is_picture(record: FileRecord) -> bool:
    return record.path is not None and record.kind in (Kind.IMAGE, Kind.PDF)


def _described(answer: Answer, record: FileRecord) -> str:
    """Return the model's words for a picture, where it has some, or what its name says."""
    captions = {name: alt for alt, name in _IMAGE.findall(answer.text)}
    name = record.path.name if record.path else record.name
    by_name = re.sub(r"[_\W]+", " ", Path(name).stem).strip().capitalize()
    return captions.get(record.name) or captions.get(name) or by_name or "Image"


def _previewed(files: Sequence[FileRecord]) -> Iterator[tuple[FileRecord, Preview]]:
    count = 0
    for record in files[:MOST_LISTED]:
        preview = record.preview if count < MOST_PREVIEWS and record.path is not None else Preview()
        count += bool(previews.plain(preview) or preview.drawing or preview.page)
        yield record, preview


def _more(answer: Answer) -> list[str]:
    more = len(answer.files) - MOST_LISTED
    images = sum(map(_is_picture, answer.files))
    few = [f"The first {MOST_PICTURES} of {images} images are shown below."]
    listed = [f"And {formatting.files(more)} more, in answer.files."] if more > 0 else []
    return [*listed, *(few if images > MOST_PICTURES else [])]


def _origins(answer: Answer) -> list[str]:
    """Return where all files lie and come from; the lines above name the steps."""
    folders = dict.fromkeys(formatting.relative_path(r.path.parent) for r in answer.files if r.path)
    saved = [f"Saved in {', '.join(folders)}"] if folders else []
    first = answer.files[0]
    if first.origin is None:
        return saved
    return [*saved, f"Made {origin(first).removeprefix(f'step {first.origin.step} · ')}"]


def _linked(record: FileRecord) -> str:
    path, text = record.path, line(record)
    if path is None or path.suffix.lower() not in LINKED or not path.is_relative_to(Path.cwd()):
        return escape(text)
    rest = text.removeprefix(record.name)
    return f"<a href='{attribute(quote(formatting.relative_path(path)))}'>{escape(record.name)}</a>{escape(rest)}"


def _kind(record: FileRecord) -> str:
    return _KIND_OF.get(Path(record.name).suffix.lower(), "file")
