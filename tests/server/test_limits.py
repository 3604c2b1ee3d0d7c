import anthropic
import pytest

from tests.server.official import MODEL, text


@pytest.fixture
def strict(connect_to):
    """A server that answers two calls a minute; its clock stands at 10 s past, until it is moved."""
    moments = [1_800_000_010.0]

    def later(seconds):
        moments.append(moments[0] + seconds)

    return connect_to(2, clock=lambda: moments[-1]), later


def ask(client):
    messages = [{"role": "user", "content": [text("Hello?")]}]
    return client.messages.with_raw_response.create(model=MODEL, max_tokens=99, messages=messages)


def test_what_is_beyond_the_rate_is_refused_until_the_minute_is_over(strict):
    client, later = strict
    left = [client.files.with_raw_response.list().headers["anthropic-ratelimit-requests-remaining"] for _ in "12"]
    assert left == ["1", "0"]
    with pytest.raises(anthropic.RateLimitError, match="2 requests a minute") as refused:
        client.files.list()
    assert refused.value.type == "rate_limit_error"
    headers = refused.value.response.headers
    assert (headers["retry-after"], headers["anthropic-ratelimit-requests-limit"]) == ("50", "2")
    assert headers["request-id"] == refused.value.request_id
    later(50)
    assert client.files.list().data == []


def test_files_and_messages_are_counted_apart_and_models_not(strict):
    client, _ = strict
    for _ in "12":
        client.files.list()
        assert ask(client).headers["anthropic-ratelimit-requests-limit"] == "2"
        client.models.list()
    client.models.list()
    with pytest.raises(anthropic.RateLimitError):
        ask(client)


def test_the_sdk_waits_as_it_is_told_and_goes_on(strict, monkeypatch):
    client, later = strict
    waited = []

    def wait(seconds):
        waited.append(seconds)
        later(seconds)

    monkeypatch.setattr("anthropic._base_client.time.sleep", wait)
    for _ in "123":
        client.with_options(max_retries=2).files.list()
    assert waited == [50.0]


def test_without_a_rate_nothing_is_refused(client):
    for _ in range(30):
        assert "anthropic-ratelimit-requests-limit" not in client.files.with_raw_response.list().headers
