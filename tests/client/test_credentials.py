"""The one rule for keys, row by row: a real listener on loopback writes down what headers arrive."""

import json
import os
from contextlib import closing
from dataclasses import replace

import pytest

from nbfiles import config, destinations
from nbfiles._client import Client
from nbfiles._client.error_mapping import translate_errors
from nbfiles._client.sdk import make_sdk
from nbfiles._client.timeouts import DEFAULTS
from nbfiles.credentials import Credentials, check_address, is_anthropic
from nbfiles.errors import BadCredentials, BadInput, NotTheApi
from tests.scripted import Reply, as_json, error, events, scripted

KEY, TOKEN, OWN = "sk-ant-api03-environment", "sk-ant-oat01-environment", "gateway-key"
MODELS = as_json({"data": [], "has_more": False})


def test_a_destination_knows_where_its_key_is_set_whatever_it_is_called():
    destination = destinations.Destination("test", "unknown")
    assert destination.key_name == "ANTHROPIC_API_KEY"
    sent = destination.with_credentials(Credentials("from afar", "k"))
    assert (sent.key_source, sent.key_name, sent.credentials) == ("from afar", "from afar", "from from afar")
    assert replace(sent, credentials="in other words").key_name == "from afar"
    assert sent.with_credentials(Credentials()).key_name == "ANTHROPIC_API_KEY"


@pytest.fixture
def server():
    with scripted() as running:
        yield running


@pytest.fixture
def environ(monkeypatch, tmp_path):
    """Set the environment of the SDK, and keep the machine's own profile out of it."""
    monkeypatch.setenv("ANTHROPIC_CONFIG_DIR", str(tmp_path / "anthropic"))
    monkeypatch.delenv("NBFILES_USE")

    def set_variables(**values):
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    return set_variables


def arrived(server, name="claude", key_from=None):
    """Ask for the models at a destination, and return the headers that came there."""
    server.replies += [MODELS]
    with closing(Client(destinations.find(name, config.read(), key_from))) as client:
        client.models()
    return {name.lower(): value for name, value in server.seen[-1][1].items()}


def secrets(headers):
    return {value for value in headers.values() if any(part in value for part in ("sk-ant-", OWN, "crew"))}


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"ANTHROPIC_API_KEY": KEY}, {f"Bearer {KEY}"}),
        ({"ANTHROPIC_API_KEY": OWN}, {f"Bearer {OWN}"}),
        ({"ANTHROPIC_AUTH_TOKEN": TOKEN}, {f"Bearer {TOKEN}"}),
        ({"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_AUTH_TOKEN": TOKEN}, {f"Bearer {KEY}"}),
        ({"ANTHROPIC_API_KEY": "", "ANTHROPIC_AUTH_TOKEN": TOKEN}, {f"Bearer {TOKEN}"}),
        ({"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_CUSTOM_HEADERS": "X-Team: crew"}, {f"Bearer {KEY}", "crew"}),
        ({"ANTHROPIC_CUSTOM_HEADERS": f"x-api-key: {KEY}\nX-Team: crew"}, {KEY, "crew"}),
        ({"ANTHROPIC_CUSTOM_HEADERS": f"authorization: Bearer {OWN}"}, {f"Bearer {OWN}"}),
    ],
)
def test_the_environment_goes_to_the_base_url_that_is_set_beside_it_and_to_no_other(
    server, environ, variables, expected
):
    environ(**variables, ANTHROPIC_BASE_URL=server.url)
    assert secrets(arrived(server)) == expected
    assert secrets(arrived(server, server.url)) == expected  # the same address, typed
    assert secrets(arrived(server, f"{server.url}/")) == expected
    assert secrets(arrived(server, f"{server.url}/tenant")) == set()
    os.environ["ANTHROPIC_BASE_URL"] = "https://gateway.example"
    headers = arrived(server, server.url)
    assert secrets(headers) == set()
    assert "authorization" not in headers
    del os.environ["ANTHROPIC_BASE_URL"]
    assert secrets(arrived(server, server.url)) == set()


def test_a_named_variable_goes_to_the_url_it_is_named_for(server, environ):
    environ(ANTHROPIC_API_KEY=KEY, ANTHROPIC_CUSTOM_HEADERS="X-Team: crew", GATEWAY_KEY=f" {OWN}\n")
    assert secrets(arrived(server, server.url, "GATEWAY_KEY")) == {f"Bearer {OWN}"}
    environ(ANTHROPIC_BASE_URL=server.url)
    assert secrets(arrived(server, server.url, "GATEWAY_KEY")) == {f"Bearer {OWN}", "crew"}
    assert secrets(arrived(server, server.url, "ANTHROPIC_API_KEY")) == {f"Bearer {KEY}", "crew"}
    assert secrets(arrived(server, "claude", "GATEWAY_KEY")) == {f"Bearer {OWN}", "crew"}


@pytest.mark.parametrize(
    ("name", "variable", "words"),
    [
        ("http://127.0.0.1:9", "ANTHROPIC_API_KEY", r"begins with sk-ant-.* does not go over http"),
        ("http://127.0.0.1:9", "OTHER", "begins with sk-ant-"),
        ("http://gateway.example", "GATEWAY_KEY", "unencrypted over http"),
        ("https://gateway.example", "GATEWAY_KYE", "--key-from|key_from takes the name of an environment variable"),
        ("https://gateway.example", KEY, "takes the name of an environment variable"),
        ("https://gateway.example", "EMPTY", "takes the name of an environment variable"),
        ("local", "GATEWAY_KEY", "needs no key"),
    ],
)
def test_what_may_not_be_sent_is_refused_in_one_line(environ, name, variable, words):
    environ(ANTHROPIC_API_KEY=KEY, OTHER=TOKEN, GATEWAY_KEY=OWN, EMPTY="", ANTHROPIC_BASE_URL="https://gateway.example")
    with pytest.raises(BadInput, match=words) as refused:
        destinations.find(name, config.read(), variable)
    assert "\n" not in str(refused.value)
    assert "api03" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["http://gateway.example", "http://api.anthropic.com", "https://u:p@gateway.example", "x"]
)
def test_a_base_url_in_the_environment_is_checked_as_a_typed_one(environ, url):
    environ(ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL=url)
    with pytest.raises(BadInput):
        destinations.find("claude", config.read())


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        ("https://api.anthropic.com", True),
        ("https://API.Anthropic.com:443/v1", True),
        ("https://anthropic.com", True),
        ("https://eu.api.anthropic.com", True),
        ("http://api.anthropic.com", False),
        ("https://notanthropic.com", False),
        ("https://api.anthropic.com.evil.example", False),
        ("https://evil.example/api.anthropic.com", False),
        ("https://evil.example#.anthropic.com", False),
        ("https://evil.example\\.anthropic.com", False),
        ("https://evil.example%2f.anthropic.com", False),
        ("https://evil.example\u3002anthropic.com", False),
        ("https://api.anthropic.com@evil.example", False),
        ("", False),
    ],
)
def test_anthropics_own_hosts_are_told_by_their_names(url, ours):
    assert is_anthropic(url) is ours
    found = Credentials("ANTHROPIC_API_KEY", KEY)
    assert found.sent_to(url) == (found if ours else Credentials())


def test_where_a_key_goes_is_told_by_the_destination(environ):
    environ(ANTHROPIC_API_KEY=KEY)
    claude = destinations.find("claude", config.read())
    assert (claude.label, claude.billing, claude.api_key) == ("Claude (api.anthropic.com)", "list", KEY)
    assert destinations.find("https://api.anthropic.com", config.read()).api_key == KEY
    environ(ANTHROPIC_BASE_URL="http://127.0.0.1:8765")
    there = destinations.find("claude", config.read())
    assert (there.label, there.billing) == ("127.0.0.1:8765", "unknown")
    assert there.scope != claude.scope
    assert KEY not in repr(config.read()) + repr(there)
    assert destinations.find("https://api.anthropic.com", config.read()).billing == "list"


def profile(tmp_path, **more):
    """Write a profile as the SDK reads it, with a token in it."""
    folder = tmp_path / "anthropic"
    for part in ("configs", "credentials"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    settings = {"authentication": {"type": "user_oauth"}, "organization_id": "o", **more}
    (folder / "configs" / "default.json").write_text(json.dumps(settings))
    token = {"type": "oauth_token", "access_token": TOKEN, "expires_at": 4_000_000_000}
    (folder / "credentials" / "default.json").write_text(json.dumps(token))
    for path in folder.rglob("*.json"):
        path.chmod(0o600)


def test_the_token_of_a_profile_goes_to_the_address_of_the_profile(server, environ, tmp_path):
    profile(tmp_path, base_url=server.url)
    assert config.read().use == "claude"
    assert destinations.find("claude", config.read()).base_url == server.url
    assert secrets(arrived(server)) == {f"Bearer {TOKEN}"}


def test_the_token_of_a_profile_that_nobody_named_does_not_go_to_another_base_url(server, environ, tmp_path):
    profile(tmp_path)
    environ(ANTHROPIC_BASE_URL=server.url)
    assert secrets(arrived(server)) == set()
    assert secrets(arrived(server, server.url)) == set()
    environ(ANTHROPIC_PROFILE="default")  # named beside it
    assert secrets(arrived(server)) == {f"Bearer {TOKEN}"}


def test_a_redirect_takes_nothing_to_another_host(server, environ):
    environ(ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL=server.url)
    with scripted(MODELS) as other:
        server.replies += [Reply(b"", 307, {"location": f"{other.url}/v1/models"})]
        client = Client(destinations.find("claude", config.read()))
        with closing(client), pytest.raises(NotTheApi, match="redirect"):
            client.models()
        assert other.seen == []


def test_an_address_in_a_reply_takes_nothing_to_another_host(server, environ):
    environ(ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL=server.url)
    claude = destinations.find("claude", config.read())
    with scripted(MODELS) as other, make_sdk(claude, DEFAULTS) as sdk:
        with pytest.raises(BadCredentials, match="leads on to"), translate_errors(claude):
            sdk.get(f"{other.url}/results", cast_to=object)
        assert other.seen == []


def test_a_server_that_wants_a_key_and_got_none_says_how_to_send_one(server, environ):
    environ(ANTHROPIC_API_KEY=KEY)
    server.replies += [error(401, "authentication_error", "no key")]
    client = Client(destinations.find(server.url, config.read()))
    with closing(client), pytest.raises(BadCredentials, match=r"None was sent.*key_from='ENVVAR'"):
        client.models()


def test_a_key_that_is_not_accepted_is_called_by_its_variable(server, environ):
    environ(ANTHROPIC_API_KEY=KEY, GATEWAY_KEY=OWN)
    server.replies += [error(401, "authentication_error", "wrong key")]
    client = Client(destinations.find(server.url, config.read(), "GATEWAY_KEY"))
    with closing(client), pytest.raises(BadCredentials, match=r"Check GATEWAY_KEY, or type"):
        client.models()


def test_so_is_one_that_cannot_be_sent(server, environ):
    environ(ANTHROPIC_API_KEY=KEY, GATEWAY_KEY="two words")
    with pytest.raises(BadCredentials, match=r"copy it again into GATEWAY_KEY"):
        Client(destinations.find(server.url, config.read(), "GATEWAY_KEY"))


def test_a_stream_that_does_not_accept_a_key_names_no_other(server, environ):
    environ(ANTHROPIC_API_KEY=KEY, GATEWAY_KEY=OWN)
    failed = {"type": "error", "error": {"type": "authentication_error", "message": "wrong key"}}
    server.replies += [events(failed)]
    client = Client(destinations.find(server.url, config.read(), "GATEWAY_KEY"))
    with closing(client), pytest.raises(BadCredentials, match=r"Check the key, or type"):
        [*client.stream({"model": "m", "max_tokens": 9, "messages": []})]


def test_an_upstream_of_the_server_gets_a_key_by_the_same_rule(environ):
    environ(ANTHROPIC_API_KEY=KEY, ANTHROPIC_CUSTOM_HEADERS="X-Team: crew", GATEWAY_KEY=OWN)
    everything = {"authorization": f"Bearer {KEY}", "x-api-key": KEY, "x-team": "crew"}
    assert config.upstream_headers("https://api.anthropic.com") == everything
    assert config.upstream_headers("https://gateway.example") == {}
    assert config.upstream_headers("https://gateway.example", "GATEWAY_KEY")["x-api-key"] == OWN
    environ(ANTHROPIC_BASE_URL="https://gateway.example")
    assert config.upstream_headers("https://gateway.example") == everything
    for url in ("http://gateway.example", "ftp://gateway.example"):
        with pytest.raises(BadInput):
            config.upstream_headers(url)
    with pytest.raises(BadInput, match="sk-ant-"):
        config.upstream_headers("http://127.0.0.1:9", "ANTHROPIC_API_KEY")


def test_a_destination_with_other_headers_is_another_workspace():
    there = destinations.Destination(
        "x", "unknown", base_url="https://x.example", api_key="k", name="https://x.example"
    )
    assert there.scope != replace(there, headers=(("anthropic-workspace-id", "w"),)).scope
    assert check_address("https://x.example").hostname == "x.example"
