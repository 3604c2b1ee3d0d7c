"""Every exception that the SDK and its HTTP library can raise becomes one of ours."""

import anthropic
import anthropic.types
import httpx2
import pytest

from nbfiles.client.trouble import translated
from nbfiles.errors import NbfilesError
from nbfiles.records import Endpoint

REQUEST = httpx2.Request(
    "POST", "https://api.example.com/v1/messages", headers={"x-api-key": "sk-ant-secret"}
)


def exceptions(module):
    return {
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Exception)
        and value.__module__.startswith(module.__name__)
    }


ALL = sorted(
    exceptions(anthropic) | exceptions(anthropic.types) | exceptions(httpx2), key=lambda cls: cls.__qualname__
)


def made(cls):
    """An instance, built the way the libraries build theirs."""
    if issubclass(cls, anthropic.APIStatusError):
        return cls("no", response=httpx2.Response(418, request=REQUEST), body={"error": {"type": "odd"}})
    if issubclass(cls, anthropic.APIResponseValidationError):
        return cls(response=httpx2.Response(200, request=REQUEST), body=None)
    if issubclass(cls, anthropic.APITimeoutError):
        return cls(request=REQUEST)
    if issubclass(cls, anthropic.APIConnectionError):
        return cls(message="no", request=REQUEST)
    if issubclass(cls, anthropic.APIError):
        return cls("no", REQUEST, body=None)
    if issubclass(cls, httpx2.HTTPStatusError):
        return cls("no", request=REQUEST, response=httpx2.Response(500, request=REQUEST))
    for arguments in (("no",), ()):
        try:
            return cls(*arguments)
        except TypeError:
            continue
    return cls.__new__(cls)


@pytest.mark.parametrize("cls", ALL, ids=lambda cls: cls.__qualname__)
def test_it_is_mapped_to_one_line_without_secrets(cls):
    with pytest.raises(NbfilesError) as caught, translated(Endpoint("test", "free")):
        raise made(cls)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
