"""Every fault of the fault mode can be had, and is what it says: seen through the plain SDK."""

import json

import anthropic
import httpx2
import pytest

from nbfiles.server.embedded import start
from tests import faulty
from tests.server.official import CODE, MODEL, text
from tests.waiting import HANG_S

ANY_END = (httpx2.HTTPError, anthropic.APIConnectionError)


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    running = start(tmp_path_factory.mktemp("behind"), tcp=True)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def front(behind):
    with faulty.faulty(behind.base_url) as standing:
        yield standing


@pytest.fixture(scope="module")
def through(behind, front):
    http = anthropic.DefaultHttpxClient(transport=httpx2.HTTPTransport(), trust_env=False, timeout=HANG_S)
    with anthropic.Anthropic(base_url=front.url, api_key=behind.key, http_client=http, max_retries=0) as client:
        yield client


def stream(client):
    """Return the texts that arrived, whether the end did, and the error."""
    words, events = [], []
    try:
        with client.messages.stream(
            model=MODEL, max_tokens=500, messages=[{"role": "user", "content": [text("Hello?")]}]
        ) as running:
            for event in running:
                events.append(event.type)
                words += [event.text] if event.type == "text" else []
    except Exception as problem:  # noqa: BLE001, whatever the SDK raises is what is asked
        return "".join(words), events, problem
    return "".join(words), events, None


@pytest.mark.parametrize("fault", ["lost", "halved", "torn"])
def test_a_broken_connection_is_an_error_of_the_connection(through, front, fault):
    front.faults = [getattr(faulty, fault)]
    with pytest.raises(anthropic.APIConnectionError):
        through.files.list()


@pytest.mark.parametrize("fault", ["silent", "stalled"])
def test_silence_is_a_timeout(through, front, fault):
    front.faults = [getattr(faulty, fault)]
    with pytest.raises(anthropic.APITimeoutError):
        through.with_options(timeout=0.5).files.list()


@pytest.mark.parametrize("fault", ["halved", "torn", "garbled", "bad_index", "error_event"])
def test_a_spoiled_stream_raises(through, front, fault):
    front.faults = [getattr(faulty, fault)]
    _, events, problem = stream(through)
    assert problem is not None
    assert "message_stop" not in events


@pytest.mark.parametrize("fault", ["short", "mid_event", "login_page", "empty", "other_json"])
def test_a_stream_that_ends_too_early_raises_nothing_and_has_no_end(through, front, fault):
    front.faults = [getattr(faulty, fault)]
    _, events, problem = stream(through)
    assert "message_stop" not in events
    assert problem is None or isinstance(problem, AssertionError | json.JSONDecodeError)


def test_a_stream_without_a_beginning_has_no_message(through, front):
    front.faults = [faulty.without_start]
    _, events, problem = stream(through)
    assert (events[0], problem) == ("content_block_start", None)


@pytest.mark.parametrize("fault", ["pinging", "trickling"])
def test_an_unending_stream_never_reaches_its_end(through, front, fault):
    front.faults = [getattr(faulty, fault)]
    with through.messages.create(
        model=MODEL, max_tokens=500, messages=[{"role": "user", "content": [text("Hello?")]}], stream=True
    ) as running:
        received = [chunk for _, chunk in zip(range(60), running.response.iter_raw(), strict=False)]
    assert len(received) == 60
    assert b"message_stop" not in b"".join(received)


@pytest.mark.parametrize("fault", ["unknown_event", "unknown_delta", "twice_started", "littered", "without_last_blank"])
def test_an_odd_stream_still_has_its_words(through, front, fault):
    front.faults = [getattr(faulty, fault)]
    words, events, problem = stream(through)
    assert (problem, "names no document" in words) == (None, True)
    assert "message_delta" in events


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (faulty.busy, anthropic.OverloadedError),
        (faulty.slow_down, anthropic.RateLimitError),
        (faulty.spend_limit, anthropic.EnforcedSpendLimitReachedError),
        (faulty.contract_limit, anthropic.ContractSpendLimitReachedError),
        (faulty.refused(402, "billing_error"), anthropic.PaymentRequiredError),
        (faulty.refused(409, "conflict_error"), anthropic.ConflictError),
        (faulty.refused(422, "invalid_request_error"), anthropic.UnprocessableEntityError),
        (faulty.refused(500, "api_error"), anthropic.InternalServerError),
    ],
)
def test_a_refusal_has_its_class(through, front, fault, expected):
    front.faults = [fault]
    with pytest.raises(expected):
        through.files.list()


def test_a_redirect_leads_away_from_the_server(through, front):
    front.faults = [faulty.moved]
    before = len(front.passed)
    with pytest.raises(anthropic.APIConnectionError):
        through.files.list()
    assert len(front.passed) == before + 1


def send(client, size):
    return client.files.upload(file=("a.bin", bytes(size), "application/octet-stream"))


def test_a_refusal_before_the_body_arrives(through, front):
    before = list(front.passed)
    front.faults = [faulty.Unread(faulty.refused(413, "invalid_request_error")(faulty.Reply()))]
    with pytest.raises(anthropic.ContentTooLargeError):
        send(through, 5_000_000)
    assert front.passed == before


def test_a_connection_that_is_reset_during_an_upload(through, front):
    front.faults = [faulty.Unread()]
    with pytest.raises(anthropic.APIConnectionError):
        send(through, 5_000_000)


@pytest.fixture
def made(through):
    code = "import os; open(os.environ['OUTPUT_DIR'] + '/a.bin', 'wb').write(bytes(1000))"
    message = through.messages.create(
        model=MODEL,
        max_tokens=900,
        tools=[CODE],
        messages=[{"role": "user", "content": [text(f"```python\n{code}\n```")]}],
    )
    return message.content[1].content.content[0].file_id


def test_a_download_that_is_cut_without_a_length_looks_whole(through, front, made):
    front.faults = [faulty.unmeasured]
    assert len(through.files.download(made).read()) == 500


def test_a_download_may_be_much_larger_than_what_travels(through, front, made):
    front.faults = [faulty.inflated]
    assert len(through.files.download(made).read()) == 64 * 1024 * 1024


@pytest.mark.parametrize("fault", ["login_page", "broken", "empty", "other_json"])
def test_a_wrong_body_is_not_noticed_by_the_plain_sdk(through, front, made, fault):
    front.faults = [getattr(faulty, fault)]
    try:
        found = through.files.retrieve_metadata(made)
    except json.JSONDecodeError:
        return
    assert getattr(found, "id", None) is None


def test_a_file_whose_upload_was_lost_is_there(through, front):
    front.faults = [faulty.lost]
    with pytest.raises(ANY_END):
        send(through, 777)
    assert through.files.list(limit=1).data[0].size_bytes == 777
