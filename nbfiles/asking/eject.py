"""The plain SDK code that does what an answer's request did: nothing of nbfiles in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from pprint import pformat

from nbfiles.asking.answer import JSON, Answer
from nbfiles.asking.content import file_ids, in_container
from nbfiles.errors import BadInput
from nbfiles.records import FileRecord

HEAD = """import anthropic

client = anthropic.Anthropic()  # finds ANTHROPIC_API_KEY
{uploads}
request = {request}

with client.messages.stream(**request) as stream:
    for text in stream.text_stream:
        print(text, end="", flush=True)
    message = stream.get_final_message()
print()
print(message.stop_reason, message.usage.input_tokens, "tokens in,", message.usage.output_tokens, "out")
"""
UPLOAD = """
with open({path!r}, "rb") as handle:{hint}
    {variable} = client.files.upload(file=({name!r}, handle, {mime_type!r})).id"""
MADE = """
for block in message.content:  # what the code saved, if anything
    content = getattr(block, "content", None)
    for output in getattr(content, "content", None) or []:
        if file_id := getattr(output, "file_id", None):
            name = os.path.basename(client.files.retrieve_metadata(file_id).filename)
            with open(name, "xb") as target:
                target.write(client.files.download(file_id).read())
"""


def code(answer: Answer, records: Iterable[FileRecord]) -> str:
    """Return Python that uploads the files and asks; raises BadInput where a file is not here."""
    by_id = {record.file_id: record for record in records}
    request = _without_state(answer.request)
    variables: dict[str, str] = {}
    uploads = ""
    for file_id in file_ids(request["messages"]):
        record = by_id.get(file_id)
        if record is None or record.path is None:
            raise BadInput("A file of that answer is not on this machine, so no code could upload it again.")
        variables[file_id] = variable = _variable(record.name, variables.values())
        uploads += UPLOAD.format(
            path=(path := _here(record.path)),
            hint="" if Path(path).is_file() else "  # copy the file to this folder first",
            variable=variable,
            name=record.name,
            mime_type=record.mime_type,
        )
    text = pformat(request, width=100, sort_dicts=False)
    for file_id, variable in variables.items():
        text = text.replace(repr(file_id), variable)
    program = HEAD.replace("{uploads}", uploads).replace("{request}", text)
    return f"import os\n\n{program}{MADE}" if "tools" in request else program


def _without_state(request: JSON) -> JSON:
    """Leave out what belongs to this kernel: the container. What was said before stays."""
    plain: JSON = json.loads(json.dumps(in_container(request, None)))
    return plain


def _variable(name: str, taken: Iterable[str]) -> str:
    stem = re.sub(r"\W+", "_", Path(name).stem, flags=re.ASCII).strip("_").lower()
    variable = f"{stem or 'data'}_id" if not stem[:1].isdigit() else f"file_{stem}_id"
    while variable in taken:
        variable = f"{variable}_"
    return variable


def _here(path: Path) -> str:
    """Return a path as one would type it here, which keeps private folders out of notebooks."""
    path = path.absolute()
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else path.name
