"""The words that every room shares: settings, places, redaction."""

import json
import sys

import pytest

from nbfiles import config, destinations
from nbfiles.errors import BadInput, NbfilesError
from nbfiles.redact import redact


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    "environ",
    [
        {"ANTHROPIC_API_KEY": "k"},
        {"ANTHROPIC_AUTH_TOKEN": "t"},
        {"ANTHROPIC_PROFILE": "work"},
        {"ANTHROPIC_FEDERATION_RULE_ID": "r"},
    ],
)
def test_any_credential_of_the_sdk_means_claude(home, environ):
    assert config.read(environ).use == "claude"


@pytest.mark.parametrize("environ", [{}, {"ANTHROPIC_API_KEY": ""}, {"ANTHROPIC_WORKSPACE_ID": "w"}])
def test_without_credentials_the_embedded_server_answers(home, environ):
    assert config.read(environ).use == "local"


def test_a_profile_on_disk_counts_as_credentials(home):
    folder = home / ".config" / "anthropic"
    (folder / "configs").mkdir(parents=True)
    (folder / "active_config").write_text("work\n")
    assert config.read({}).use == "local"
    (folder / "configs" / "work.json").write_text(json.dumps({}))
    assert config.read({}).use == "claude"


def test_what_is_said_wins_over_what_is_found(home):
    assert config.read({"ANTHROPIC_API_KEY": "k", "NBFILES_USE": "local"}).use == "local"


@pytest.mark.parametrize(
    ("name", "billing"),
    [("claude", "list"), ("https://gateway.example/x", "unknown"), ("http://127.0.0.1:8000", "unknown")],
)
def test_each_destination_is_known_by_its_name(home, name, billing):
    assert destinations.find(name, config.read({})).billing == billing


@pytest.mark.parametrize(
    "name",
    [
        *("", "cloude", "ftp://x", "http://example.com", "https://u:p@x.com", "https://", "https://x:99999"),
        *("https://[", "https://x.com/\r\na: b", "https://x.com/\u202e"),
    ],
)
def test_other_names_are_refused_with_what_to_type(home, name):
    with pytest.raises(BadInput):
        destinations.find(name, config.read({}))


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("key sk-ant-api03-abc_DEF-123 is bad", "sk-ant-api03"),
        ("Authorization: Bearer abc.def", "abc.def"),
        ("X-Api-Key: abcdef", "abcdef"),
        ("File `file_011CNha8iCJcU1wXNR6q4V8w` not found", "011CNha8iCJcU1wXNR6q"),
    ],
)
def test_secrets_do_not_leave_through_a_message(text, secret):
    assert secret not in redact(text)
    assert secret not in str(NbfilesError(text))


def test_the_home_folder_is_a_tilde(home):
    assert redact(f"{home}/data/a.csv") == "~/data/a.csv"


def test_two_files_can_still_be_told_apart():
    assert redact("file_011CNha8iCJcU1wXNR6q4V8w") == "file …4V8w"


def test_where_a_container_lies_is_left_out():
    said = 'File "/home/me/data/containers/container_011CxeufEK2kLiuqC8te2JR0/bins.py", line 1'
    assert redact(said) == 'File "bins.py", line 1'
    assert redact("a container_one") == "a container_one"


def test_the_folder_of_this_python_is_not_told():
    said = f'File "{sys.prefix}/lib/pandas/core.py", line 1'
    private = sys.prefix not in ("/usr", "/usr/local")
    assert redact(said) == ('File "python/lib/pandas/core.py", line 1' if private else said)
