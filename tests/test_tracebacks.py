"""A traceback of plain Python, outside a notebook, holds nothing of what was sent, answered or kept secret."""

import subprocess
import sys
from pathlib import Path

from tests.canaries import api_id, letters, written
from tests.scripted import BLOCK, START, Reply, as_json, error, events, scripted

KEY = "sk-" + "ant-" + letters(40)
FILE_ID, WORDS = api_id("file"), letters(30)
SECRETS = (KEY, FILE_ID, WORDS)
SCRIPT = """
import sys, traceback
import nbfiles
nbfiles.use(sys.argv[1])
for number in range(int(sys.argv[2])):
    try:
        nbfiles.ask(sys.argv[3], model="some-model")
    except Exception as problem:
        print(f"== {number}")
        traceback.print_exc(file=sys.stdout)
        while problem := problem.__cause__ or problem.__context__:
            if not isinstance(problem, nbfiles.NbfilesError):
                print("behind it:", type(problem), problem)
"""


def _replies() -> list[Reply]:
    said = f"no {FILE_ID} of {KEY}"
    refused = {"type": "error", "error": {"type": "invalid_request_error", "message": said}, "sent": WORDS}
    broken = Reply(f"<p>{WORDS} {KEY} {FILE_ID}</p>".encode(), headers={"content-type": "text/html"})
    delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": [WORDS, KEY]}}
    failed = {"type": "error", "error": {"type": "invalid_request_error", "message": said}, "sent": WORDS}
    return [
        as_json(refused, 400),
        error(401, "authentication_error", said),
        error(404, "not_found_error", said),
        Reply(f"{WORDS} {KEY}".encode(), 418),
        Reply(b"", 307, {"location": f"http://example.com/{FILE_ID}?token={KEY}", "content-length": "0"}),
        *(broken, broken),  # asked once more
        events(START, BLOCK, delta),
        events(START, BLOCK, failed),
        Reply(
            f"event: message_start\ndata: {{{WORDS} {KEY}\n\n".encode(), headers={"content-type": "text/event-stream"}
        ),
        events(START, BLOCK, cut=100),
    ]


def test_a_traceback_of_python_shows_what_was_raised_and_nothing_that_was_sent(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    replies = _replies()
    questions = len(replies) - 1
    with scripted(*replies) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)  # where a key of the environment may go
        command = [sys.executable, "-c", SCRIPT, server.url, str(questions), f"What is {FILE_ID}? {WORDS}"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert len(server.seen) == len(replies), done.stdout + done.stderr
    assert done.stdout.count("== ") == questions, done.stdout + done.stderr
    assert done.stdout.count("Traceback") == questions  # one each: no error of the SDK behind it
    assert "behind it" not in done.stdout
    assert "Caused by anthropic.BadRequestError in " in done.stdout
    shown = done.stdout + done.stderr
    assert [secret for secret in SECRETS for way in written(secret[8:]) if way in shown] == []
