"""Real values for the placeholders of the SDK's tests, made on the server just before a request needs them.

A container with skills gets the tool that it needs as well, https://platform.claude.com/docs/en/build-with-claude/skills-guide:
skills require code execution.
"""

from __future__ import annotations

import os
import time

import anthropic
from anthropic import Anthropic

MODEL = "claude-opus-5-5"
SKILL = ("example/SKILL.md", b"---\nname: example\ndescription: An example.\n---\nSay hello.\n", "text/markdown")
SLOW = "```python\nimport time\ntime.sleep(20)\n```"  # so that there is something to cancel
TOOLS = [{"type": "code_execution_20250825", "name": "code_execution"}]
WORKSPACE = "anthropic-workspace-id"
VALUES = {  # name → its placeholder, and a value of that kind
    "schema": ({"foo": "bar"}, {"type": "object", "properties": {}, "additionalProperties": False}),
    "location": ("bar", {"type": "string"}),
    "unit": ("bar", {"type": "string"}),
    "inference_geo": ("inference_geo", "us"),
    "url": ("url", "https://example.com/mcp"),
}


class Filled(anthropic.Middleware):
    """Replaces placeholders in the path, the query, the body and the files of a request."""

    def handle(self, request, call_next):
        """Send the request of a synchronous client."""
        return call_next(filled(request))

    async def handle_async(self, request, call_next):
        """Send the request of an asynchronous client."""
        return await call_next(filled(request))


def filled(request):
    made = Made(dict(request.headers).get(WORKSPACE))
    request = request.copy(url=made.path(request.url), params=made.query(request), body=body(request.json))
    if request.url.startswith("/v1/skills") and request.options.files:
        request.options.files = [(name, SKILL) for name, _ in request.options.files]
    return request


class Made:
    """Makes what a placeholder stands for, in the workspace of the request."""

    def __init__(self, workspace: object) -> None:
        headers = {WORKSPACE: workspace} if isinstance(workspace, str) else {}
        server = {"base_url": os.environ["TEST_API_BASE_URL"], "api_key": os.environ["TEST_API_KEY"]}
        self.client = Anthropic(**server, default_headers=headers)

    def file(self) -> str:
        """Upload a file."""
        return self.client.files.upload(file=("a.txt", b"Hello", "text/plain")).id

    def skill(self) -> str:
        """Make a skill."""
        return self.client.skills.create(files=[SKILL]).id

    def batch(self, *, ended: bool = True) -> str:
        """Make a batch that has ended, or one that takes its time."""
        asked = {"model": MODEL, "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]}
        slow = asked | {"messages": [{"role": "user", "content": SLOW}], "tools": TOOLS}
        batches = self.client.messages.batches
        batch = batches.create(requests=[{"custom_id": "a", "params": asked if ended else slow}])
        while ended and batches.retrieve(batch.id).processing_status != "ended":
            time.sleep(0.02)
        return batch.id

    def path(self, path: str) -> str:
        """Return a path with ids; a version is one of two of its skill, whose only one cannot be deleted."""
        make = {"file_id": self.file, "skill_id": self.skill, "model_id": lambda: MODEL}
        make["message_batch_id"] = lambda: self.batch(ended="/cancel" not in path)
        parts = [make[part]() if part in make else part for part in path.partition("?")[0].split("/")]
        if "version" in parts:
            version = self.client.skills.versions.create(skill_id=parts[3], files=[SKILL])
            parts[parts.index("version")] = version.id
        return "/".join(parts) + "".join(path.partition("?")[1:])

    def query(self, request) -> dict[str, object]:
        """Return the parameters of a list, with cursors that lead somewhere."""
        params = dict(request.query_params or {})
        if params.get("page") == "page":
            params["page"] = self.cursor(request.url)
        for name in ("after_id", "before_id"):
            if params.get(name) == name:
                params[name] = self.batch() if "batches" in request.url else MODEL
        if params.get("source") == "source":
            params["source"] = "custom"
        return {name: value for name, value in params.items() if value is not None}

    def cursor(self, path: str) -> str | None:
        """Return the cursor of a second page; a skill that is made for this request has one version, so none."""
        if "versions" in path:
            return None
        make, resource = (self.skill, self.client.skills) if "skills" in path else (self.file, self.client.files)
        make(), make()
        return resource.list(limit=1).next_page


def body(value):
    """Return a body with real values; a container that has a placeholder as its id is a new one."""
    if isinstance(value, list):
        return [body(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    real = {name: _real(name, inner) for name, inner in value.items() if (name, inner) != ("id", "id")}
    return real | {"tools": [*real["tools"], *TOOLS]} if "container" in real else real


def _real(name, value):
    placeholder, real = VALUES.get(name, (None, None))
    return real if placeholder is not None and value == placeholder else body(value)
