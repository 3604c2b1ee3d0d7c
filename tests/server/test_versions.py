import anthropic
import pytest

from tests.server.official import MODEL

OLD = {"anthropic-version": "2023-06-01"}
BETA = OLD | {"anthropic-beta": "files-api-2025-04-14"}


def get(client, path, **headers):
    return client.get(path, cast_to=object, options={"headers": headers})


@pytest.fixture
def three(upload):
    return [upload(f"{n}.txt", "text/plain", b"x").id for n in range(3)][::-1]


def test_the_beta_header_brings_back_id_cursors(client, three):
    page = get(client, "/v1/files?beta=true&limit=2", **BETA)
    assert [file["id"] for file in page["data"]] == three[:2]
    assert (page["has_more"], page["first_id"], page["last_id"]) == (True, *three[:2])
    assert "next_page" not in page
    after = get(client, f"/v1/files?beta=true&limit=1&after_id={three[1]}", **BETA)
    assert after["data"][0]["id"] == three[2]
    before = get(client, f"/v1/files?before_id={three[2]}&limit=1", **BETA)
    assert [file["id"] for file in before["data"]] == [three[1]]
    assert before["has_more"]


def test_the_old_version_alone_gets_both_kinds_of_cursor(client, three):
    page = get(client, "/v1/files?limit=2", **OLD)
    assert page["last_id"] == three[1]
    more = get(client, f"/v1/files?limit=1&page={page['next_page']}", **OLD)
    assert more["data"][0]["id"] == three[2]


def test_an_id_cursor_that_is_deleted_meanwhile_goes_on_from_its_place(client, three):
    client.files.delete(three[1])
    after = get(client, f"/v1/files?limit=1&after_id={three[1]}", **BETA)
    assert [file["id"] for file in after["data"]] == [three[2]]
    before = get(client, f"/v1/files?limit=1&before_id={three[1]}", **BETA)
    assert [file["id"] for file in before["data"]] == [three[0]]


def test_a_walk_that_deletes_what_it_sees_sees_all(client, three):
    seen, last = [], ""
    while len(seen) < len(three):
        page = get(client, f"/v1/files?limit=1{last}", **BETA)
        seen += [file["id"] for file in page["data"]]
        client.files.delete(seen[-1])
        last = f"&after_id={page['last_id']}"
    assert seen == three


def test_an_id_cursor_that_never_was_is_refused(client):
    with pytest.raises(anthropic.NotFoundError, match="file_nobody"):
        get(client, "/v1/files?after_id=file_nobody", **BETA)


def test_the_old_version_may_sample(client):
    body = {
        "model": MODEL,
        "max_tokens": 99,
        "temperature": 0.5,
        "top_p": 1,
        "messages": [{"role": "user", "content": "Hello"}],
        "output_format": {"type": "json_schema", "schema": {"type": "string"}},
    }
    reply = client.post("/v1/messages?beta=true", cast_to=object, body=body, options={"headers": OLD})
    assert reply["content"][0]["text"].startswith('"')


@pytest.mark.parametrize("wrong", [{"temperature": 2}, {"top_p": -0.1}, {"top_k": "many"}])
def test_it_may_not_sample_beyond_the_bounds(client, wrong):
    body = {"model": MODEL, "max_tokens": 9, "messages": [{"role": "user", "content": "Hello"}], **wrong}
    with pytest.raises(anthropic.BadRequestError, match=next(iter(wrong))):
        client.post("/v1/messages", cast_to=object, body=body, options={"headers": OLD})


def test_an_unknown_version_is_refused(client):
    with pytest.raises(Exception, match="not a valid version"):
        get(client, "/v1/files", **{"anthropic-version": "2030-01-01"})
