"""The plain SDK code that does what an answer's request did: nothing of nbfiles in it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nbfiles import page_ranges
from nbfiles._messages.answer import Answer
from nbfiles._messages.content import file_ids, in_container
from nbfiles._messages.flat_code import FlatCode, Variable
from nbfiles.errors import BadInput
from nbfiles.records import JSON, FileRecord
from nbfiles.redact import redact

HEAD = """import anthropic

client = anthropic.Anthropic()  # finds ANTHROPIC_API_KEY
"""
ASK = """
with client.messages.stream(**request) as stream:
    for text in stream.text_stream:
        print(text, end="", flush=True)
    message = stream.get_final_message()
usage = message.usage
print()
print(message.stop_reason, usage.input_tokens, "tokens in,", usage.output_tokens, "out")
"""
PART = """
whole = pypdfium2.PdfDocument({path!r}){hint}
part = pypdfium2.PdfDocument.new()
part.import_pages(whole, {indexes})  # counted from 0
handle = io.BytesIO()
part.save(handle)
handle.seek(0)
{variable} = client.files.upload(file={file}).id
"""
SMALLER = """
image = ImageOps.exif_transpose(Image.open({path!r})){hint}
image.thumbnail(({side}, {side}))
handle = io.BytesIO()
image.convert("RGB").save(handle, "JPEG", quality=90)
handle.seek(0)
{variable} = client.files.upload(file=({name!r}, handle, "image/jpeg")).id
"""
COPY_FIRST = "  # copy the file to this folder first"
MADE = """
# What the code saved, if anything.
results = [getattr(block, "content", None) for block in message.content]
outputs = [getattr(result, "content", None) or [] for result in results]
file_ids = [getattr(one, "file_id", None) for output in outputs for one in output]
for file_id in filter(None, file_ids):
    name = os.path.basename(client.files.retrieve_metadata(file_id).filename)
    with open(name, "xb") as target:
        target.write(client.files.download(file_id).read())
"""


def code(answer: Answer, records: Iterable[FileRecord]) -> str:
    """Return Python that uploads the files and asks; raises BadInput where a file is not here as it was sent."""
    every = [*records, *answer.asked.attached]
    by_id = {record.file_id: record for record in sorted(every, key=lambda r: r.name == r.remote_name)}
    request = _without_state(answer.request)
    variables: dict[str, Variable] = {}
    modules, images = {"os"} if "tools" in request else set(), False
    uploads: list[str] = []
    for file_id in file_ids(request["messages"]):
        record = by_id.get(file_id)
        if record is None or record.path is None:
            raise BadInput("A file of that answer is not on this machine, so no code could upload it again.")
        if _has_changed(record):
            raise BadInput(f"“{record.name}” has changed since it was sent, so no code could send it as it was.")
        variables[file_id] = Variable(_variable(record.name, variables.values()))
        uploads.append(_upload(record, _here(record.path), variables[file_id]))
        modules |= {"io", "pypdfium2"} if record.pages else {"io"} if record.longest_side else set()
        images = images or bool(record.longest_side)
    # Names and texts are in it as literals alone: nothing is put into a text that holds them.
    program = "".join([HEAD, *uploads, "\n", *_assignments(_with_variables(request, variables)), ASK])
    imports = "".join(f"import {module}\n" for module in sorted(modules))
    imports += "from PIL import Image, ImageOps\n" if images else ""
    return "".join([imports, "\n" if imports else "", program, MADE if "tools" in request else ""])


def _has_changed(record: FileRecord) -> bool:
    """Return whether a file has other bytes than those that were sent; one that was moved away may come back."""
    if record.path is None or record.sha256 is None or not record.path.is_file():
        return False
    with record.path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest() != record.sha256


def _assignments(request: JSON) -> list[str]:
    """Return the statements that make a request: each turn, and then the whole."""
    code, messages = FlatCode(), []
    for number, message in enumerate(request["messages"], 1):
        turn = Variable(f"turn_{number}")
        code.assign(turn, message["content"])
        messages.append({**message, "content": turn})
    code.assign("request", {**request, "messages": messages})
    return code.statements


def _upload(record: FileRecord, path: str, variable: str) -> str:
    hint = "" if Path(path).is_file() else COPY_FIRST
    if record.longest_side:
        names = {"path": path, "hint": hint, "variable": variable, "name": record.remote_name}
        return SMALLER.format(**names, side=record.longest_side)
    file = f"({record.remote_name!r}, handle, {record.mime_type!r})"
    if record.pages:
        return PART.format(path=path, hint=hint, indexes=_indexes(record.pages), variable=variable, file=file)
    opened = f'\nwith open({path!r}, "rb") as handle:{hint}\n'
    return f"{opened}    {variable} = client.files.upload(file={file}).id\n"


def _indexes(pages: str) -> str:
    """Return an expression for the pages of a PDF, counted from 0."""
    spans = [f"range({first - 1}, {last})" for first, last in page_ranges.read(pages)]
    return spans[0] if len(spans) == 1 else f"[{', '.join(f'*{span}' for span in spans)}]"


def _with_variables(part: Any, variables: Mapping[str, Variable]) -> Any:
    """Return a part of a request whose files are named by variables."""
    if isinstance(part, list):
        return [_with_variables(item, variables) for item in part]
    if not isinstance(part, dict):
        return redact(part) if isinstance(part, str) else part  # before a long text is written as several
    return {
        key: variables.get(value, value) if key == "file_id" else _with_variables(value, variables)
        for key, value in part.items()
    }


def _without_state(request: JSON) -> JSON:
    """Leave out what belongs to this kernel: the container. What was said before stays."""
    plain: JSON = json.loads(json.dumps(in_container(request, None)))
    return plain


def _variable(name: str, reserved: Iterable[str]) -> str:
    stem = re.sub(r"\W+", "_", Path(name).stem, flags=re.ASCII).strip("_").lower()
    variable = f"{stem or 'data'}_id" if not stem[:1].isdigit() else f"file_{stem}_id"
    while variable in reserved:
        variable = f"{variable}_"
    return variable


def _here(path: Path) -> str:
    """Return a path as one would type it here, which keeps private folders out of notebooks."""
    path = path.absolute()
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else path.name
