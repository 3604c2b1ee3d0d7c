"""The clients, one row each: what is installed for it, and the script that runs in that environment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Client:
    """One client: its packages, which are Python's unless the script is JavaScript, and a script in `scripts/`."""

    name: str
    packages: tuple[str, ...]
    script: str
    source: str = ""  # a Python package whose source is unpacked beside the environment, with its tests


TESTED_WITH = ("pytest", "pytest-asyncio", "pytest-xdist", "respx", "dirty-equals", "inline-snapshot")

CLIENTS = (
    Client("anthropic", ("anthropic",), "use_anthropic.py"),
    Client("SDK's tests", ("anthropic[aiohttp]", *TESTED_WITH), "use_sdk_tests.py", source="anthropic"),
    Client("TypeScript", ("@anthropic-ai/sdk", "zod"), "use_typescript.mjs"),
    Client("chatlas", ("chatlas[anthropic]",), "use_chatlas.py"),
    Client("claudette", ("claudette", "anthropic<1"), "use_claudette.py"),
    Client("instructor", ("instructor", "anthropic"), "use_instructor.py"),
    Client("LangChain", ("langchain", "langchain-anthropic"), "use_langchain.py"),
    Client("LiteLLM", ("litellm",), "use_litellm.py"),
    Client("llm-anthropic", ("llm", "llm-anthropic"), "use_llm.py"),
    Client("pydantic-ai", ("pydantic-ai-slim[anthropic]",), "use_pydantic_ai.py"),
)
