import re

import anthropic
import pytest
from anthropic._data import DEPRECATED_MODELS


def test_the_line_up_is_listed_newest_first(client):
    models = client.models.list().data
    assert [m.created_at for m in models] == sorted((m.created_at for m in models), reverse=True)
    assert {"claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-5-5"} <= {m.id for m in models}


def test_pages_follow_ids(client):
    ids = [model.id for model in client.models.list()]
    first = client.models.list(limit=2)
    assert first.has_more
    assert [model.id for model in first.get_next_page().data] == ids[2:4]
    assert [model.id for model in client.models.list(before_id=ids[2]).data] == ids[:2]


def test_an_alias_names_its_model(client):
    assert client.models.retrieve("claude-haiku-4-5").id == "claude-haiku-4-5-20251001"


def test_capabilities_say_what_the_local_server_can_do(client):
    can = client.models.retrieve("claude-sonnet-5-5").capabilities
    assert can.citations.supported
    assert can.server_tools.code_execution.supported
    assert not can.server_tools.web_search.supported


def test_a_model_ends_on_the_day_that_the_sdk_tells(client):
    for model in client.models.list(limit=1000):
        named = DEPRECATED_MODELS.get(model.id)
        assert model.lifecycle == ("deprecated" if named else "active")
        if named is not None:
            assert re.sub(r"(?<=\d)(st|nd|rd|th)", "", named) == f"{model.retires_at:%B %-d, %Y}"


def test_an_unknown_model_is_a_404(client):
    with pytest.raises(anthropic.NotFoundError, match="claude-9"):
        client.models.retrieve("claude-9")


def test_an_unknown_cursor_is_refused(client):
    with pytest.raises(anthropic.BadRequestError):
        client.models.list(after_id="claude-9")
