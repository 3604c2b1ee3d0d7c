"""One server in front of another: the first keeps the files, the second answers."""

import anthropic
import pytest

from nbfiles.config import upstream_headers
from nbfiles.server import embedded
from nbfiles.server.embedded import Embedded
from nbfiles.server.messages.upstream import Upstream
from nbfiles.server.workspaces import ServerSettings, Workspaces
from tests.scripted import as_json, error, events, scripted
from tests.server.official import CODE, MODEL, SAMPLES, connect, data, document, text
from tests.waiting import until

QUESTION = text("Can bzip2recover repair damaged files?")


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    running = embedded.start(tmp_path_factory.mktemp("behind"), tcp=True)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def front(behind, tmp_path_factory):
    upstream = Upstream(behind.base_url, {"x-api-key": behind.key})
    workspaces = Workspaces(tmp_path_factory.mktemp("front"), ServerSettings(upstream=upstream))
    running = Embedded(workspaces, tcp=False)
    with connect(running) as client:
        yield client
    running.stop()


@pytest.fixture(scope="module")
def book(front):
    with (SAMPLES / "bzip2-manual.pdf").open("rb") as handle:
        return front.files.upload(file=("manual.pdf", handle, "application/pdf")).id


def request(*content, **more):
    return {
        "model": MODEL,
        "max_tokens": 900,
        "messages": [{"role": "user", "content": list(content)}],
        **more,
    }


def test_the_file_stays_in_front_and_its_pages_are_cited_from_behind(front, behind, book):
    message = front.messages.create(**request(document(book), QUESTION))
    cited = [c for block in message.content for c in block.citations or ()]
    assert {(c.type, c.document_title) for c in cited} == {("page_location", "manual.pdf")}
    with connect(behind) as client:
        assert client.files.list().data == []


def test_a_stream_passes_through(front, book):
    with front.messages.stream(**request(document(book), QUESTION)) as stream:
        streamed = stream.get_final_message()
    whole = front.messages.create(**request(document(book), QUESTION))
    assert [block.text for block in streamed.content] == [block.text for block in whole.content]
    assert [block.citations for block in streamed.content] == [block.citations for block in whole.content]


def test_files_may_be_counted_now(front, book):
    counted = front.messages.count_tokens(model=MODEL, messages=request(document(book), QUESTION)["messages"])
    assert counted.input_tokens > 38 * 1500


def test_text_and_images_go_along(front):
    words = front.files.upload(file=("a.txt", b"A boat came back with the tide.", "text/plain")).id
    with (SAMPLES / "flower.jpg").open("rb") as handle:
        flower = front.files.upload(file=("flower.jpg", handle, "image/jpeg")).id
    image = {"type": "image", "source": {"type": "file", "file_id": flower}}
    said = front.messages.create(**request(document(words), image, text("Which boat?"))).content
    assert any(block.citations for block in said)
    assert "640 × 427" in said[-1].text


def test_errors_keep_their_meaning(front):
    with pytest.raises(anthropic.NotFoundError, match="claude-9") as refused:
        front.messages.create(**request(text("?"), model="claude-9"))
    assert refused.value.request_id == refused.value.body["request_id"]
    with pytest.raises(anthropic.NotFoundError, match="file_nobody"):
        front.messages.create(**request(document("file_nobody")))


def test_the_models_are_the_upstreams(front):
    assert front.models.retrieve(MODEL).id == MODEL
    assert front.models.list().data


def test_a_container_is_not_promised(front, book):
    with pytest.raises(anthropic.BadRequestError, match="no container"):
        front.messages.create(**request(data(book), QUESTION, tools=[CODE]))


def test_a_batch_is_answered_behind(front, book):
    params = request(document(book), QUESTION)
    batch = front.messages.batches.create(
        requests=[
            {"custom_id": "a", "params": params},
            {"custom_id": "b", "params": {**params, "model": "m-9"}},
        ]
    )
    until(lambda: front.messages.batches.retrieve(batch.id).processing_status == "ended")
    results = {line.custom_id: line.result for line in front.messages.batches.results(batch.id)}
    assert any(block.citations for block in results["a"].message.content)
    assert results["b"].error.error.type == "not_found_error"


CREDENTIALS = {
    "ANTHROPIC_API_KEY": "sk-upstream\n",
    "ANTHROPIC_AUTH_TOKEN": "unused",
    "ANTHROPIC_CUSTOM_HEADERS": "anthropic-workspace-id: wrkspc_behind\nX-Team: boats",
}


@pytest.fixture
def before(tmp_path):
    """Start a server in front of a scripted one."""
    running = []

    def begin(url):
        settings = ServerSettings(
            upstream=Upstream(url, upstream_headers(url, None, CREDENTIALS | {"ANTHROPIC_BASE_URL": url}))
        )
        running.append(Embedded(Workspaces(tmp_path, settings), tcp=False))
        return connect(running[0])

    yield begin
    running[0].stop()


MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [{"type": "text", "text": "Yes."}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 1, "output_tokens": 1},
}
BOAT = {
    "type": "document",
    "title": "Boats",
    "source": {"type": "text", "media_type": "text/plain", "data": "A boat."},
}


def test_a_server_without_documents_gets_text(before):
    no = error(400, "invalid_request_error", "unsupported content type: document")
    with scripted(no, as_json(MESSAGE), as_json(MESSAGE)) as upstream, before(upstream.url) as client:
        for _ in "12":
            assert client.messages.create(**request(BOAT, QUESTION)).content[0].text == "Yes."
    assert len(upstream.seen) == 3  # the second question is sent as text at once
    assert b"Boats" in upstream.seen[2][2]
    assert b'"document"' not in upstream.seen[2][2]


def test_the_upstream_sees_its_own_key_and_not_ours(before):
    with scripted(as_json(MESSAGE)) as upstream, before(upstream.url) as client:
        client.messages.create(**request(QUESTION), extra_headers={"anthropic-beta": "some-beta-1"})
        ((_, headers, _),) = upstream.seen
    lower = {name.lower(): value for name, value in headers.items()}
    assert lower["authorization"] == "Bearer sk-upstream"
    assert client.api_key not in str(headers)
    assert lower["anthropic-beta"] == "some-beta-1"
    assert (lower["anthropic-workspace-id"], lower["x-team"]) == ("wrkspc_behind", "boats")


def test_a_token_travels_as_bearer_alone():
    ours = "https://api.anthropic.com"
    assert upstream_headers(ours, None, {"ANTHROPIC_AUTH_TOKEN": " t "}) == {"authorization": "Bearer t"}
    assert upstream_headers(ours, None, {}) == {}


def test_a_busy_upstream_is_busy_here_with_its_headers(before):
    busy = error(429, "rate_limit_error", "slow down", retry_after="7")
    refusal = pytest.raises(anthropic.RateLimitError, match="slow down")
    with scripted(busy) as upstream, before(upstream.url) as client, refusal as refused:
        client.messages.create(**request(QUESTION))
    assert refused.value.response.headers["retry-after"] == "7"


def test_a_stream_that_breaks_off_behind_breaks_off_here(before):
    start = {"type": "message_start", "message": {**MESSAGE, "content": [], "stop_reason": None}}
    broken = pytest.raises(Exception, match=r"peer closed|incomplete")
    with scripted(events(start, cut=60)) as upstream, before(upstream.url) as client, broken:
        for _ in client.messages.create(**request(QUESTION), stream=True):
            pass


def test_an_upstream_that_is_not_there_is_a_502(before):
    with scripted() as upstream:
        url = upstream.url
    with before(url) as client, pytest.raises(anthropic.InternalServerError, match="cannot be reached"):
        client.messages.create(**request(QUESTION))


@pytest.mark.parametrize("status", [999, 600])
def test_a_status_that_http_does_not_have_is_a_bad_gateway(serve, status):
    with scripted(as_json({}, status)) as upstream:
        running = serve(tcp=True, upstream=Upstream(upstream.url, {}))
        with connect(running) as client, pytest.raises(anthropic.InternalServerError) as caught:
            client.messages.create(**request(QUESTION))
    assert caught.value.status_code == 502
    assert "upstream" in str(caught.value)
