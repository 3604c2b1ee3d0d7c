"""`doctor`: plain lines about a setup, and it holds out whatever is broken."""

import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import nbfiles
from nbfiles import cli, current_session
from tests.scripted import as_json, error, scripted
from tests.sessions import new_session

KEY = "sk-ant-api03-secret-secret-0123"


@pytest.fixture(autouse=True)
def kernel(monkeypatch):
    new_session(monkeypatch)
    yield
    current_session().close()


def lines(found, what):
    return [finding for finding in found.findings if finding.subject == what]


def test_a_setup_that_works_has_nothing_wrong():
    found = nbfiles.doctor()
    assert found.healthy
    (answers,) = lines(found, "answers")
    assert answers.message.startswith("yes, with ")
    assert f"anthropic {metadata.version('anthropic')}" in str(found)
    assert "nothing is wrong" in str(found)


def test_what_the_sandbox_confines_here_is_told():
    (sandbox,) = lines(nbfiles.doctor(), "local sandbox")
    assert ("runs with your rights here" in sandbox.message) == (sandbox.state == "note")
    assert sandbox.message.startswith("Code in questions ")


def test_every_line_is_in_the_table_and_in_its_text(own_world):
    found = nbfiles.doctor()
    html = found._repr_mimebundle_()["text/html"]
    for finding in found.findings:
        assert finding.subject in html
        assert finding.subject in str(found)
    assert str(own_world) not in html + str(found)


def test_a_wrong_key_is_named_and_never_shown(monkeypatch):
    with scripted() as server:
        server.replies += [error(401, "authentication_error", f"invalid x-api-key {KEY}")]
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("NBFILES_USE", "claude")
        found = nbfiles.doctor()
    assert not found.healthy
    assert lines(found, "credentials")[0].message == "from ANTHROPIC_API_KEY"
    assert "does not accept the API key" in lines(found, "answers")[0].message
    assert "secret" not in str(found) + str(found._repr_mimebundle_())


def test_a_key_that_cannot_be_sent_is_told(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "two words")
    monkeypatch.setenv("NBFILES_USE", "claude")
    found = nbfiles.doctor()
    assert "copy it again into ANTHROPIC_API_KEY" in lines(found, "answers")[0].message


def test_no_key_says_where_to_put_one(monkeypatch):
    monkeypatch.setenv("NBFILES_USE", "claude")
    found = nbfiles.doctor()
    assert "Set ANTHROPIC_API_KEY" in lines(found, "credentials")[0].message
    assert not found.healthy


def test_a_place_that_does_not_answer_is_told(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("NBFILES_USE", "http://127.0.0.1:9")
    found = nbfiles.doctor()
    assert "No server answers at 127.0.0.1:9" in lines(found, "answers")[0].message
    assert not found.healthy


def test_a_gateway_without_a_list_of_models_answers(monkeypatch):
    with scripted() as server:
        server.replies += [error(404, "not_found_error", "no such route")]
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        monkeypatch.setenv("NBFILES_USE", server.url)
        found = nbfiles.doctor()
    assert "but lists no models" in lines(found, "answers")[0].message
    assert found.healthy


def test_a_place_that_is_not_the_api_is_told(monkeypatch):
    with scripted() as server:
        server.replies += [as_json(["no", "models"])]
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        monkeypatch.setenv("NBFILES_USE", server.url)
        assert "not the API" in lines(nbfiles.doctor(), "answers")[0].message


def test_a_data_folder_that_cannot_be_is_told_and_nothing_is_raised(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("NBFILES_DATA_DIR", str(tmp_path / "file" / "nbfiles"))
    found = nbfiles.doctor()
    assert "cannot be written (Not a directory)" in lines(found, "data folder")[0].message
    assert "cannot be opened" in lines(found, "earlier uploads")[0].message
    assert len(found.findings) > 10
    assert str(tmp_path) not in str(found)


def test_a_data_folder_open_to_others_is_told(own_world):
    own_world.mkdir(mode=0o700)
    own_world.chmod(0o777)
    found = nbfiles.doctor()
    assert "Type: chmod 700" in lines(found, "data folder")[0].message
    assert not found.healthy


def test_a_broken_ledger_is_told(own_world):
    own_world.mkdir(mode=0o700)
    Path(own_world, "ledger.db").write_bytes(b"not a database" * 100)
    assert "was damaged" in lines(nbfiles.doctor(), "earlier uploads")[0].message


def test_missing_and_old_packages_come_with_what_to_type(tmp_path, monkeypatch):
    needed = ("anthropic>=2000", "no-such-thing>=1.0", "no-such-reader>=1.2; extra == 'office'")
    info = tmp_path / "nbfiles-0.1.0.dist-info"
    info.mkdir()
    lines = [
        "Metadata-Version: 2.1",
        "Name: nbfiles",
        "Version: 0.1.0",
        *(f"Requires-Dist: {n}" for n in needed),
    ]
    (info / "METADATA").write_text("\n".join(lines))
    monkeypatch.syspath_prepend(tmp_path)
    said = str(nbfiles.doctor())
    assert "is too old. Type: pip install --upgrade 'anthropic>=2000'" in said
    assert "no-such-thing is not installed. Type: pip install 'no-such-thing>=1.0'" in said
    assert "no-such-reader not installed. To have it, type: pip install 'nbfiles[office]'" in said


@pytest.mark.parametrize(("place", "status"), [("local", 0), ("http://127.0.0.1:9", 1)])
def test_the_command_tells_the_same_and_ends_with_a_status(place, status):
    command = [
        sys.executable,
        "-W",
        "error",
        "-c",
        "import sys; from nbfiles.cli import main; sys.exit(main(['doctor']))",
    ]
    environ = os.environ | {"NBFILES_USE": place, "ANTHROPIC_API_KEY": KEY}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)
    assert (done.returncode, done.stderr) == (status, "")
    assert "requests go to" in done.stdout
    assert "secret" not in done.stdout


def test_the_command_is_listed():
    assert "doctor" in cli._parser().format_help()
