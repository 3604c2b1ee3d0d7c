"""Every exception that the SDK and its HTTP library can raise becomes one of ours."""

import anthropic
import anthropic.types
import httpx2
import pytest

from nbfiles._client.error_mapping import translate_errors
from nbfiles.destinations import Destination
from nbfiles.errors import NbfilesError

REQUEST = httpx2.Request("POST", "https://api.example.com/v1/messages", headers={"x-api-key": "sk-ant-secret"})


def exceptions(module):
    return {
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Exception) and value.__module__.startswith(module.__name__)
    }


ALL = sorted(exceptions(anthropic) | exceptions(anthropic.types) | exceptions(httpx2), key=lambda cls: cls.__qualname__)


def response(status):
    return httpx2.Response(status, request=REQUEST)


BUILDERS = [
    (
        anthropic.APIStatusError,
        lambda cls: cls("no", response=response(418), body={"error": {"type": "odd"}}),
    ),
    (anthropic.APIResponseValidationError, lambda cls: cls(response=response(200), body=None)),
    (anthropic.APITimeoutError, lambda cls: cls(request=REQUEST)),
    (anthropic.APIConnectionError, lambda cls: cls(message="no", request=REQUEST)),
    (anthropic.APIError, lambda cls: cls("no", REQUEST, body=None)),
    (httpx2.HTTPStatusError, lambda cls: cls("no", request=REQUEST, response=response(500))),
    (
        (httpx2.ResponseNotRead, httpx2.RequestNotRead, httpx2.StreamConsumed, httpx2.StreamClosed),
        lambda cls: cls(),
    ),
    (Exception, lambda cls: cls("no")),
]


def build(cls):
    """Return an instance, built the way the libraries build theirs."""
    return next(builder(cls) for base, builder in BUILDERS if issubclass(cls, base))


@pytest.mark.parametrize("cls", ALL, ids=lambda cls: cls.__qualname__)
def test_it_is_mapped_to_one_line_without_secrets(cls):
    with pytest.raises(NbfilesError) as caught, translate_errors(Destination("test", "free")):
        raise build(cls)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None  # whoever reads the chain would see what the error of the library holds
