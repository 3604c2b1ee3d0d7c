"""`nbfiles serve` as a person runs it: a process, its two lines, an SDK, Ctrl-C."""

import re
import signal
import socket
import stat
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import anthropic
import httpx2
import pytest

from tests.canaries import letters
from tests.server.official import MODEL, text
from tests.waiting import HANG_S

RUN = "import sys; from nbfiles.cli import main; sys.exit(main())"
COMMAND = [sys.executable, "-W", "default", "-c", RUN, "serve"]


@contextmanager
def serving(folder, *options):
    """Run the command; yield it with its address and its key."""
    command = [*COMMAND, "--port", "0", "--data", str(folder / "data"), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            introduction = process.stdout.readline() + process.stdout.readline()
            url = re.search(r"http://127\.0\.0\.1:\d+", introduction)[0]
            key_file = re.search(r"cat (.*?)\)", introduction)[1]
            yield process, url, Path(key_file).read_text()
        finally:
            process.kill()


def sdk(url, key):
    http_client = anthropic.DefaultHttpxClient(transport=httpx2.HTTPTransport(), trust_env=False)
    return anthropic.Anthropic(
        base_url=url, api_key=key, http_client=http_client, max_retries=0, _strict_response_validation=True
    )


def ask(client):
    messages = [{"role": "user", "content": [text("Hello?")]}]
    return client.messages.create(model=MODEL, max_tokens=99, messages=messages)


def test_it_serves_logs_and_ends_at_ctrl_c(tmp_path):
    with serving(tmp_path) as (process, url, key):
        with sdk(url, key) as client:
            sent = client.files.upload(file=("a.txt", b"x", "text/plain"))
            assert client.files.retrieve_metadata(sent.id) == sent
            assert "cannot answer in its own words" in ask(client).content[0].text
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0
        log = process.stderr.read()
    lines = [re.sub(r"^\d\d:\d\d:\d\d | \d+ ms$", "", line) for line in log.splitlines()]
    assert lines == ["POST /v1/files 200", f"GET /v1/files/file …{sent.id[-4:]} 200", "POST /v1/messages 200"]
    assert key not in log
    assert sent.id not in log
    with serving(tmp_path) as (process, url, same_key), sdk(url, same_key) as client:
        assert same_key == key
        assert client.files.retrieve_metadata(sent.id) == sent
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0


def test_what_is_secret_in_the_address_of_an_upstream_is_not_shown(tmp_path):
    token = letters(24)
    assert token not in refused("--data", str(tmp_path / "data"), "--upstream", f"http://user:{token}@127.0.0.1:9/")
    upstream = f"http://127.0.0.1:9/?token={token}"
    command = [*COMMAND, "--port", "0", "--data", str(tmp_path / "data"), "--upstream", upstream]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        process.kill()
    assert "forwards questions to http://127.0.0.1:9/?token=…" in line


def test_the_key_it_makes_is_private(tmp_path):
    with serving(tmp_path):
        assert stat.S_IMODE((tmp_path / "data" / "key").stat().st_mode) == 0o600


def refused(*options):
    done = subprocess.run([*COMMAND, *options], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    return done.stderr


def test_another_address_needs_a_key(tmp_path):
    assert "--key-file" in refused("--host", "0.0.0.0", "--data", str(tmp_path / "data"))
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("content", "mode", "message"),
    [
        (None, None, "cannot be read"),
        ("a-key-of-some-length", 0o644, "chmod 600"),
        ("short", 0o600, "at least 16"),
        ("two words in a key file", 0o600, "one word"),
    ],
)
def test_a_bad_key_file_is_refused_in_one_line(tmp_path, content, mode, message):
    file = tmp_path / "key"
    if content is not None:
        file.write_text(content)
        file.chmod(mode)
    assert message in refused("--data", str(tmp_path / "data"), "--key-file", str(file))


def test_a_port_in_use_is_refused_in_one_line(tmp_path):
    with serving(tmp_path) as (_, url, _):
        assert "Try another --port" in refused("--data", str(tmp_path / "data"), "--port", url.split(":")[2])


def test_on_all_addresses_it_answers_to_the_address_that_was_dialled(tmp_path):
    file = tmp_path / "key"
    file.write_text("a-key-of-some-length")
    file.chmod(0o600)
    command = [*COMMAND, "--host", "0.0.0.0", "--port", "0", "--data", str(tmp_path / "data")]
    with subprocess.Popen([*command, "--key-file", str(file)], stdout=subprocess.PIPE, text=True) as process:
        try:
            first, exported, *_, last = (process.stdout.readline() for _ in range(4))
            assert "code in questions" in first  # what it can do here, also to him who lets others in
            assert last.startswith("WARNING: " if "with your rights" in first else "Code in questions is confined")
            port = re.search(r":(\d+) ", first)[1]
            assert f"ANTHROPIC_BASE_URL=http://{socket.gethostname()}:{port} " in exported
            url = f"http://127.0.0.1:{port}/v1/models"
            headers = {"x-api-key": "a-key-of-some-length"}
            with httpx2.Client(headers=headers, trust_env=False, timeout=HANG_S) as http:
                assert http.get(url).status_code == 200
                assert http.get(url, headers={"host": f"evil.example:{port}"}).status_code == 421
        finally:
            process.kill()


def test_a_rate_is_kept(tmp_path):
    refusal = pytest.raises(anthropic.RateLimitError, match="1 requests a minute")
    with serving(tmp_path, "--rate", "1") as (_, url, key), sdk(url, key) as client, refusal:
        [ask(client) for _ in "123"]  # a new minute may begin in between


def test_a_rate_of_nothing_is_refused_in_one_line(tmp_path):
    assert "1 or more requests a minute" in refused("--data", str(tmp_path), "--rate", "0")


def test_an_upstream_needs_an_address(tmp_path):
    assert "not an address" in refused("--data", str(tmp_path / "d"), "--upstream", "ftp://x")
