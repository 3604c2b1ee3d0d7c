"""The layers of docs/architecture.md, the names, the sizes and the citations: what is true of every module.

What is not true yet stands in architecture_exceptions.txt, a line each. The list only gets shorter: a line that
is not needed any more fails a test, and so does everything that is not in it.
"""

import re
from pathlib import Path

import pytest

from tests import architecture
from tests.architecture import FILES, PACKAGE, ROOT, cited_pages, import_problems, imports, module_name
from tests.naming import is_banned

EXCEPTIONS = set(Path(__file__).with_name("architecture_exceptions.txt").read_text().splitlines())
# Imports of ours inside a function, each with its reason; three at most.
INLINE = {
    ("nbfiles.__init__", "nbfiles._magics"),  # `import nbfiles` stays free of IPython
    ("nbfiles._magics.lazy", "nbfiles._functions"),  # `%load_ext` stays instant
    ("nbfiles.redact", "nbfiles.redaction"),  # for the same reason
}


@pytest.fixture(scope="module")
def problems():
    return {rule.__name__: set(rule()) for rule in architecture.RULES}


@pytest.mark.parametrize("rule", [rule.__name__ for rule in architecture.RULES])
def test_no_module_breaks_a_rule(problems, rule):
    assert sorted(problems[rule] - EXCEPTIONS) == []


def test_every_exception_is_still_needed(problems):
    assert sorted(EXCEPTIONS - set().union(*problems.values())) == []


def test_few_parameters_and_variables_have_a_banned_name(problems):
    count, banned = architecture.local_variables()
    if not problems["many_banned_locals"] & EXCEPTIONS:
        assert len(banned) <= architecture.MAX_LOCALS * count, "\n".join(banned)


def test_inline_imports_are_few_and_have_a_reason():
    pairs = {pair for path in FILES for pair in architecture.inline_imports(module_name(path), path.read_text())}
    assert pairs <= INLINE
    assert len(INLINE) <= 3


def test_the_architecture_page_names_every_folder_and_module_at_the_top():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert {name for name in named if not re.search(rf"\b{name}\b", page)} == set()


def test_the_architecture_page_names_no_module_that_does_not_exist():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    paths = set(re.findall(r"`((?:nbfiles|tests|benchmarks|docs|\.ci)/[\w./-]+)`", page))
    assert {path for path in paths if not (ROOT / path).exists()} == set()
    dotted = set(re.findall(r"\b_(?:files|messages|client|display|functions|magics|widgets|documents)(?:\.\w+)+", page))
    assert {name for name in dotted if not Path(PACKAGE, *name.split(".")).with_suffix(".py").is_file()} == set()


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("nbfiles._files.registry", "from nbfiles._client import Client"),
        ("nbfiles._files.registry", "from nbfiles._messages import service"),
        ("nbfiles._files.registry", "from nbfiles.session import Session"),
        ("nbfiles._files.registry", "from .. import session"),
        ("nbfiles._messages.service", "from nbfiles._files.upload import Upload"),
        ("nbfiles._documents.pdf", "from nbfiles._files import media_types"),
        ("nbfiles._client", "import nbfiles._documents.pdf"),
        ("nbfiles.errors", "import nbfiles._functions"),
        ("nbfiles.session", "from nbfiles._display import show"),
        ("nbfiles.session", "from nbfiles.server.storage.store import Store"),
        ("nbfiles._functions", "from nbfiles.server import embedded"),
        ("nbfiles._display.files", "from nbfiles.session import Session"),
        ("nbfiles._display.files", "from nbfiles._files.store import FileStore"),
        ("nbfiles._display.files", "from nbfiles._files.convert import convert"),
        ("nbfiles.server.routes.files", "from nbfiles.errors import BadInput"),
        ("nbfiles._functions", "def f():\n    from anthropic import Anthropic"),
        ("nbfiles._messages.turn", "import httpx2"),
        ("nbfiles.cli", "from nbfiles.server import embedded"),
        ("nbfiles.session", "from IPython.display import HTML"),
        ("nbfiles._files.sources.paths", "import importlib\nimportlib.import_module('anthropic')"),
        ("nbfiles.cli", "import os\nos.environ.get('HOME')"),
        ("nbfiles._client", "from os import getenv"),
    ],
)
def test_a_violation_is_caught(module, source):
    assert len(list(import_problems(module, source))) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("nbfiles._connection", "def f():\n    from nbfiles.server.embedded import start"),
        ("nbfiles._files.sources.paths", "from nbfiles._documents import pdf\nfrom .registry import Registry"),
        (
            "nbfiles.server.engines.quotes.engine",
            "from nbfiles._documents import pdf\nfrom nbfiles.server.storage.store import Store",
        ),
        ("nbfiles._magics.ask", "from IPython.core.magic import line_magic\nfrom nbfiles import _functions"),
        ("nbfiles._display.files", "from nbfiles._files.workspace import QUOTA_BYTES, Entry"),
        ("nbfiles._widgets.filetable", "from nbfiles.session import Session"),
        ("nbfiles._client", "import anthropic, httpx2\nfrom nbfiles import errors"),
        ("nbfiles.config", "import os\nos.environ"),
    ],
)
def test_what_the_layout_allows_passes(module, source):
    assert list(import_problems(module, source)) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("nbfiles.server.messages.reader", "from nbfiles.server.engines.sandbox import steps"),
        ("nbfiles.server.workspaces", "from nbfiles.server.engines.quotes.engine import Quotes"),
        ("nbfiles.server.routes.messages", "from nbfiles.server.engines import Engines"),
        ("nbfiles.server.engines.images", "from starlette.requests import Request"),
        ("nbfiles.server.engines.quotes.engine", "from nbfiles.server.messages import events"),
    ],
)
def test_an_import_past_the_seam_of_the_engines_is_caught(module, source):
    assert len(list(architecture.seam_problems(module, source))) == 1


def test_the_workspace_asks_the_engines_which_use_values_and_one_another():
    for module, source in (
        ("nbfiles.server.workspaces", "from nbfiles.server.engines import ENGINES, Engines"),
        ("nbfiles.server.engines.client_tools", "from nbfiles.server.engines.quotes import index"),
        ("nbfiles.server.engines.images", "from nbfiles.server.messages.parts import TextPart"),
    ):
        assert list(architecture.seam_problems(module, source)) == []


def test_an_import_inside_a_function_is_seen():
    source = "def f():\n    from nbfiles import session"
    assert architecture.inline_imports("nbfiles._functions", source) == {("nbfiles._functions", "nbfiles.session")}
    assert [target for target, _ in imports("nbfiles.a.b", architecture.ast.parse("from ..session import x"))] == [
        "nbfiles.session"
    ]


@pytest.mark.parametrize("name", ["house", "FileDesk", "_told", "was_known", "told_twice", "HTTPDesk", "done"])
def test_a_banned_word_is_seen_in_any_spelling(name):
    assert is_banned(name)


@pytest.mark.parametrize("name", ["replace", "frontend", "unknown", "housekeeping", "not_done", "made_by_code"])
def test_a_word_that_holds_a_banned_one_is_not(name):
    assert not is_banned(name)


def test_pages_are_cited_by_comments_and_docstrings_only():
    source = '"""See docs/a.md."""\n# BB.md\nx = "C.md"\ndef f():\n    "A SKILL.md, and D-E.md."\n'
    assert cited_pages(source) == {"docs/a.md", "BB.md", "D-E.md"}
