"""One scenario through whichever official Python SDK runs this file; prints what it saw as JSON.

Usage: scenario.py [async] URL KEY PDF EXPIRED_FILE. Ids and times are left out, so that
every client should print the same.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import suppress
from pathlib import Path

import anthropic

URL, KEY, PDF, EXPIRED = sys.argv[-4:]
MODEL = "claude-sonnet-5-5"
CODE = "```python\nimport os\nopen(os.path.join(os.environ['OUTPUT_DIR'], 'n.txt'), 'w').write('42')\n```"


class Awaited:
    """The asynchronous client as if it were the other one: what can be awaited is."""

    loop = asyncio.new_event_loop()

    def __init__(self, real):
        self.real = real

    def __getattr__(self, name):
        return awaited(getattr(self.real, name))

    def __call__(self, *args, **more):
        """Call, and wait for what comes."""
        return awaited(self.real(*args, **more))

    def __enter__(self):
        return awaited(self.real.__aenter__())

    def __exit__(self, *problem):
        awaited(self.real.__aexit__(*problem))

    def __iter__(self):
        steps = self.real.__aiter__()
        with suppress(StopAsyncIteration):
            while True:
                yield self.loop.run_until_complete(anext(steps))


def awaited(value):
    if hasattr(value, "__await__"):
        value = Awaited.loop.run_until_complete(_whole(value))
    ours = type(value).__module__.startswith("anthropic") and not isinstance(value, anthropic.BaseModel)
    asynchronous = hasattr(value, "__aiter__") or hasattr(value, "__aenter__")
    return Awaited(value) if callable(value) or asynchronous or ours else value


async def _whole(value):
    return await value


kind = anthropic.AsyncAnthropic if sys.argv[1] == "async" else anthropic.Anthropic
client = kind(base_url=URL, api_key=KEY, max_retries=0, _strict_response_validation=True)
client = Awaited(client) if sys.argv[1] == "async" else client
today = hasattr(client, "files")
files = client.files if today else client.beta.files
messages = client.messages if today else client.beta.messages
batches = messages.batches
betas = {} if today else {"betas": ["files-api-2025-04-14", "code-execution-2025-08-25"]}
saw: dict[str, object] = {}


def question(*content, **more):
    return {
        "model": MODEL,
        "max_tokens": 900,
        "messages": [{"role": "user", "content": list(content)}],
        **betas,
        **more,
    }


def error(call):
    try:
        call()
    except anthropic.APIStatusError as problem:
        told = problem.body["error"]
        code = (told.get("details") or {}).get("error_code")
        return [problem.status_code, told["type"], code, bool(problem.request_id)]
    return "none"


def text(words):
    return {"type": "text", "text": words}


sent = [files.upload(file=(f"{n}.txt", b"A boat came back with the tide.", "text/plain")) for n in range(3)]
with Path(PDF).open("rb") as handle:
    book = files.upload(file=("manual.pdf", handle, "application/pdf"))
saw["upload"] = [book.filename, book.mime_type, book.size_bytes, book.downloadable]
saw["metadata"] = files.retrieve_metadata(book.id).id == book.id
page = files.list(limit=2)
saw["page"] = [file.filename for file in page.data]
saw["pages"] = [file.filename for _, file in zip(range(4), files.list(limit=2), strict=False)]

document = {
    "type": "document",
    "source": {"type": "file", "file_id": book.id},
    "title": "manual.pdf",
    "citations": {"enabled": True},
}
asked = question(document, text("Can bzip2recover repair damaged files?"))
whole = messages.create(**asked)
saw["answer"] = [block.text for block in whole.content]
saw["cited"] = [[c.type, c.start_page_number] for b in whole.content for c in b.citations or ()]
with messages.stream(**asked) as stream:
    streamed = stream.get_final_message()
saw["stream"] = [block.text for block in streamed.content] == saw["answer"]
saw["same tokens"] = streamed.usage.output_tokens == whole.usage.output_tokens

tool = {"type": "code_execution_20250825", "name": "code_execution"}
ran = messages.create(**question(text(CODE), tools=[tool]))
result = next(block for block in ran.content if block.type.endswith("code_execution_tool_result"))
made = result.content.content[0].file_id
saw["code"] = [result.content.return_code, bool(ran.container)]
saw["download"] = files.download(made).read().decode()

params = {key: value for key, value in asked.items() if key != "betas"}
created = batches.create(
    requests=[{"custom_id": "a", "params": params}, {"custom_id": "b", "params": {**params, "model": "m-9"}}],
    **betas,
)
while batches.retrieve(created.id, **betas).processing_status != "ended":
    time.sleep(0.05)
results = {line.custom_id: line.result for line in batches.results(created.id, **betas)}
saw["batch"] = [results["a"].type, results["b"].type, results["b"].error.error.type]

gone = {"type": "file", "file_id": EXPIRED}
saw["unknown file"] = error(lambda: files.retrieve_metadata("file_nobody"))
saw["not downloadable"] = error(lambda: files.download(book.id))
saw["unknown model"] = error(lambda: messages.create(**{**asked, "model": "claude-9"}))
saw["bad request"] = error(lambda: messages.create(**question()))
saw["too long"] = error(lambda: messages.create(**question(text("?"), max_tokens=10**6, stream=True)))
saw["expired"] = [
    error(lambda: files.download(EXPIRED)),
    error(lambda: messages.create(**question(text("?"), {**document, "source": gone}))),
    files.retrieve_metadata(EXPIRED).filename,
]
saw["quota"] = error(lambda: files.upload(file=("big.bin", bytes(12_000_000), "application/octet-stream")))
saw["file too large"] = error(lambda: files.upload(file=("huge.bin", bytes(25_000_000), "text/plain")))
saw["question too large"] = error(lambda: messages.create(**question(text("x" * 34_000_000))))
saw["bad key"] = error(lambda: client.with_options(api_key="wrong").models.list())
saw["models"] = len(client.models.list(limit=3).data)
saw["count"] = client.messages.count_tokens(
    model=MODEL, messages=[{"role": "user", "content": "How many?"}]
).input_tokens
saw["delete"] = [files.delete(file.id).type for file in [*sent, book]]
print(json.dumps(saw))
