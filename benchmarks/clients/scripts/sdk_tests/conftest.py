"""Clients for the SDK's tests that send real ids where the tests have placeholders."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator

import pytest
from anthropic import Anthropic, AsyncAnthropic, DefaultAioHttpClient

from tests import placeholders

SERVER = {"base_url": os.environ["TEST_API_BASE_URL"], "api_key": os.environ["TEST_API_KEY"]}


@pytest.fixture(scope="session")
def client(request: pytest.FixtureRequest) -> Iterator[Anthropic]:
    strict = getattr(request, "param", True)
    with Anthropic(**SERVER, middleware=[placeholders.Filled()], _strict_response_validation=strict) as client:
        yield client


@pytest.fixture(scope="session")
async def async_client(request: pytest.FixtureRequest) -> AsyncIterator[AsyncAnthropic]:
    asked = getattr(request, "param", True)
    asked = asked if isinstance(asked, dict) else {"strict": asked}
    http = DefaultAioHttpClient() if asked.get("http_client") == "aiohttp" else None
    more = {"http_client": http, "_strict_response_validation": asked.get("strict", True)}
    async with AsyncAnthropic(**SERVER, middleware=[placeholders.Filled()], **more) as client:
        yield client
