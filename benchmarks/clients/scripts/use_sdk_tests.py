"""The Python SDK's own tests of files, messages, batches, models and skills, with real ids for their placeholders.

They come with the source of the SDK, beside the environment. Those that bring their own answers (respx) are left out.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

URL, KEY = sys.argv[1:3]
SOURCE = next(Path(sys.prefix, "source").glob("anthropic-*/"))
RESOURCES = ("files", "messages", "models", "skills")
TESTS = ("test_{}.py", "{}", "beta/test_{}.py", "beta/{}")
CONFTEST = Path(__file__).parent / "sdk_tests"
OPTIONS = ("-q", "-p", "no:cacheprovider", "-m", "not respx", "-n", "2", "-o", "asyncio_mode=auto")
LOOPS = ("-o", "asyncio_default_fixture_loop_scope=session", "-o", "asyncio_default_test_loop_scope=session")
PLATFORM = "https://platform.claude.com/docs/en"
THEIRS = {  # what the server says → where it stands that the API says so, too
    "ids: cannot be combined": "anthropic/types/file_list_params.py, ids: mutually exclusive with page and limit",
    "model: claude-mythos-preview": "anthropic/resources/messages/messages.py, DEPRECATED_MODELS: ended on 2026-06-30",
    "tools.0.custom: For 'object' type": f"{PLATFORM}/build-with-claude/structured-outputs: strict tools are closed",
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        tests = Path(folder, "tests")
        shutil.copytree(SOURCE / "tests" / "api_resources", tests / "api_resources")
        shutil.copy(SOURCE / "tests" / "utils.py", tests)
        shutil.copytree(CONFTEST, tests, dirs_exist_ok=True)
        (tests / "__init__.py").touch()
        report = Path(folder, "report.xml")
        command = [sys.executable, "-m", "pytest", *OPTIONS, *LOOPS, f"--junitxml={report}", *_paths(tests)]
        environment = os.environ | {"TEST_API_BASE_URL": URL, "TEST_API_KEY": KEY}
        subprocess.run(command, cwd=folder, env=environment, stdout=sys.stderr, check=False)
        for line in _said(report):
            print(json.dumps(line))


def _paths(tests: Path) -> list[str]:
    names = [form.format(resource) for resource in RESOURCES for form in TESTS]
    return [str(path) for name in names if (path := tests / "api_resources" / name).exists()]


def _said(report: Path) -> Iterator[dict[str, object]]:
    for test in ElementTree.parse(report).iter("testcase"):
        module = test.get("classname", "").split("api_resources.")[-1].rpartition(".")[0].replace(".test_", ".")
        problem = [found for kind in ("failure", "error") for found in test.findall(kind)]
        error = " ".join(found.get("message") or "it failed" for found in problem)
        case = test.get("name", "")
        why = next((reason for words, reason in THEIRS.items() if words in error), "")
        task = f"tests: {module.removeprefix('test_')}"
        yield {"task": task, "case": case, "ok": not problem, "error": error, "theirs": why if problem else ""}


if __name__ == "__main__":
    main()
