import anthropic
import pytest
from anthropic.types import StorageQuotaExceededError

from nbfiles.server.embedded import start
from tests.server.official import MODEL, connect, document, text

OURS, THEIRS = "wrkspc_011Cours", "wrkspc_011Ctheirs"


def test_a_workspace_has_files_of_its_own(client):
    sent = client.files.upload(file=("a.txt", b"ours", "text/plain"), workspace_id=OURS)
    assert [file.id for file in client.files.list(workspace_id=OURS)] == [sent.id]
    for elsewhere in ({"workspace_id": THEIRS}, {}):
        with pytest.raises(anthropic.NotFoundError):
            client.files.retrieve_metadata(sent.id, **elsewhere)


def test_a_question_sees_the_files_of_its_workspace(client):
    sent = client.files.upload(file=("a.txt", b"A boat came back.", "text/plain"), workspace_id=OURS)
    messages = [{"role": "user", "content": [document(sent.id), text("boat?")]}]
    request = {"model": MODEL, "max_tokens": 99, "messages": messages}
    assert client.messages.create(**request, workspace_id=OURS).stop_reason
    with pytest.raises(anthropic.NotFoundError) as refused:
        client.messages.create(**request, workspace_id=THEIRS)
    assert refused.value.workspace_id == THEIRS


def test_workspaces_survive_a_restart(tmp_path):
    first = start(tmp_path)
    with connect(first) as client:
        sent = client.files.upload(file=("a.txt", b"ours", "text/plain"), workspace_id=OURS)
    first.stop()
    second = start(tmp_path)
    with connect(second) as client:
        assert client.files.retrieve_metadata(sent.id, workspace_id=OURS).size_bytes == 4
    second.stop()


@pytest.mark.parametrize("name", ["../../etc", "wrkspc_", "wrkspc_" + "x" * 65, "a/b"])
def test_a_workspace_is_no_path(client, name):
    with pytest.raises(anthropic.BadRequestError, match="workspace id"):
        client.files.list(workspace_id=name)


def test_every_reply_names_its_organization_and_workspace(client):
    raw = client.files.with_raw_response.list(workspace_id=OURS)
    assert raw.workspace_id == OURS
    assert raw.headers["anthropic-organization-id"]


def test_a_message_tells_the_rate_limits(client):
    request = {"model": MODEL, "max_tokens": 9, "messages": [{"role": "user", "content": "Hello"}]}
    first, second = (client.messages.with_raw_response.create(**request).headers for _ in "12")
    for name in ("requests", "tokens", "input-tokens", "output-tokens"):
        assert int(first[f"anthropic-ratelimit-{name}-limit"]) > 0
        assert first[f"anthropic-ratelimit-{name}-reset"].endswith("Z")
    left = "anthropic-ratelimit-requests-remaining"
    same_minute = first["anthropic-ratelimit-requests-reset"] == second["anthropic-ratelimit-requests-reset"]
    assert not same_minute or int(second[left]) == int(first[left]) - 1


def test_the_quota_is_refused_by_its_code_and_leaves_nothing(connect_to, tmp_path):
    client = connect_to(quota=15)
    client.files.upload(file=("a.txt", b"x" * 10, "text/plain"), workspace_id=OURS)
    with pytest.raises(StorageQuotaExceededError):
        client.files.upload(file=("b.txt", b"x" * 10, "text/plain"), workspace_id=OURS)
    assert not any((tmp_path / "workspaces" / OURS / "incoming").iterdir())


def test_a_nearly_full_disk_takes_no_upload(connect_to):
    with pytest.raises(anthropic.BadRequestError, match="disk of the server's data folder is nearly full: make room"):
        connect_to(floor=10**18).files.upload(file=("b.txt", b"x" * 101, "text/plain"))
