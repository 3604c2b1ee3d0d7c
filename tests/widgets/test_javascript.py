"""The pure parts of the widgets' JavaScript, run by Node's own test runner."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from nbfiles._display import formatting

SIZES = (0, 1, 999, 1000, 183_800, 999_949, 999_950, 15_200_000, 2_500_000_000, 3 * 10**12)
SPANS = (0, 59, 60, 3599, 7200, 86_399, 86_400, 200_000)


@pytest.mark.parametrize("path", sorted(Path(__file__).parent.glob("*.test.mjs")), ids=lambda path: path.name)
def test_units(path):
    """The words are those of Python: the page and the text form say the same."""
    cases = {"size": [(n, formatting.size(n)) for n in SIZES], "span": [(s, formatting.span(s)) for s in SPANS]}
    environ = os.environ | {"WORDS": json.dumps(cases)}
    done = subprocess.run(["node", "--test", str(path)], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
