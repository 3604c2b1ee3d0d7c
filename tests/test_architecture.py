"""The layout of DESIGN.md section 4, read from the imports: what may import what."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "nbfiles"
FILES = sorted(PACKAGE.rglob("*.py"))
MAX_LINES = 300

# Top to bottom. A room imports from the floors below its own, and from inside itself.
FLOORS = (
    {"__init__", "__main__"},  # doors, as are the next two floors
    {"_magics", "cli"},
    {"workspace"},
    {"_functions"},
    {"_display", "_widgets"},  # views
    {"session"},
    {"_connection"},
    {"_files", "_messages", "_documents", "_client"},  # parts
    {"words"},
)
WORDS = {
    "errors",
    "config",
    "destinations",
    "records",
    "options",
    "redact",
    "limits",
    "visible_text",
}  # one room: values, no I/O
DOORS_AND_VIEWS = FLOORS[0] | FLOORS[1] | FLOORS[2] | FLOORS[3] | FLOORS[4]
SIDEWAYS = {("_files", "_documents"), ("_messages", "_documents"), ("server", "_documents"), ("_messages", "_files")}
SIDEWAYS |= {("_widgets", "_display")}  # the text of a widget is made where all text is made safe
QUARANTINE = {
    # client speaks with it; the server checks requests against the types that it declares.
    "anthropic": {"_client", "server"},
    "httpx2": {"_client", "server"},  # the server forwards to an upstream
    "IPython": DOORS_AND_VIEWS,
    "anywidget": DOORS_AND_VIEWS,
    "ipywidgets": DOORS_AND_VIEWS,
}
# _connection starts the server inside the kernel; cli runs it as a program of its own.
SERVER_DOORS = {("_connection", "nbfiles.server.embedded"), ("cli", "nbfiles.server.serve")}
# Imports of ours inside a function, each with its reason; three at most.
INLINE = {
    ("nbfiles.__init__", "nbfiles._magics"),  # `import nbfiles` stays free of IPython
    ("nbfiles._magics.lazy", "nbfiles._functions"),  # `%load_ext` stays instant
}


def module_name(path: Path) -> str:
    """`nbfiles/filing/__init__.py` is `nbfiles.filing.__init__`, so that relative imports resolve alike."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def room(module: str) -> str:
    """The room of a module of ours: the file or folder right below `nbfiles`."""
    name = (*module.split("."), "__init__")[1]
    return "words" if name in WORDS else name


def imports(module: str, tree: ast.AST) -> Iterator[tuple[str, ast.stmt | ast.expr]]:
    """Yield every module that is imported, with the node that says so."""
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                yield from ((alias.name, node) for alias in node.names)
            case ast.ImportFrom():
                yield from ((name, node) for name in _targets(module, node))
            case ast.Call(
                func=ast.Attribute(attr="import_module") | ast.Name(id="import_module" | "__import__"),
                args=[ast.Constant(value=str() as name), *_],
            ):
                yield name, node


def _targets(module: str, node: ast.ImportFrom) -> Iterator[str]:
    parents = module.split(".")[: -node.level] if node.level else []
    base = ".".join([*parents, node.module] if node.module else parents)
    for alias in node.names:
        # `from nbfiles import _functions` names a module; `from nbfiles._functions import ask` a function in one.
        is_module = Path(ROOT, *base.split("."), alias.name).is_dir()
        is_module |= Path(ROOT, *base.split("."), f"{alias.name}.py").is_file()
        yield f"{base}.{alias.name}" if is_module or base == "nbfiles" else base


def inline_imports(module: str, source: str) -> set[tuple[str, str]]:
    """Return the imports of ours that stand inside functions."""
    functions = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    found = {target for function in functions for target, _ in imports(module, function)}
    return {(module, target) for target in found if target.split(".")[0] == "nbfiles"}


def may_import(module: str, target: str) -> bool:
    """Say whether one module of ours may import another."""
    here, there = room(module), room(target)
    if here == there or (here, there) in SIDEWAYS or (here, target) in SERVER_DOORS:
        return True
    if target == "nbfiles.limits":  # the server knows the same
        return here not in WORDS
    if "server" in (here, there):
        return False
    floor = {name: number for number, names in enumerate(FLOORS) for name in names}
    assert here in floor, f"{module} is in no room of DESIGN.md section 4"
    return floor[here] < floor.get(there, -1)


def violations(module: str, source: str) -> list[str]:
    """Return what is wrong with one module's imports, in words."""
    tree = ast.parse(source)
    found = []
    for target, node in imports(module, tree):
        top = target.split(".")[0]
        if top == "nbfiles" and not may_import(module, target):
            found.append(f"{module}:{node.lineno} must not import {target}")
        if top in QUARANTINE and room(module) not in QUARANTINE[top]:
            found.append(f"{module}:{node.lineno} must not import {top}")
    found += [f"{module}:{line} reads the environment" for line in _environment(tree)]
    return [] if module == "nbfiles.config" and all("environment" in text for text in found) else found


def _environment(tree: ast.AST) -> list[int]:
    names = {"environ", "environb", "getenv"}
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in names:
            lines.append(node.lineno)
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            lines += [node.lineno for alias in node.names if alias.name in names]
    return lines


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_imports_keep_to_the_layout(path: Path) -> None:
    assert violations(module_name(path), path.read_text()) == []


def test_inline_imports_are_few_and_known() -> None:
    found = {pair for path in FILES for pair in inline_imports(module_name(path), path.read_text())}
    assert found <= INLINE
    assert len(INLINE) <= 3


def test_files_are_short() -> None:
    lines = {module_name(path): len(path.read_text().splitlines()) for path in FILES}
    assert {name: count for name, count in lines.items() if count > MAX_LINES} == {}


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("nbfiles._files.registry", "from nbfiles._client import Client"),
        ("nbfiles._files.registry", "from nbfiles.session import Session"),
        ("nbfiles._files.registry", "from .. import session"),
        ("nbfiles._documents.pdf", "from nbfiles._files import file_kinds"),
        ("nbfiles._client", "import nbfiles._documents.pdf"),
        ("nbfiles.errors", "import nbfiles._functions"),
        ("nbfiles.session", "from nbfiles._display import show"),
        ("nbfiles.session", "from nbfiles.server.storage.store import Store"),
        ("nbfiles._functions", "from nbfiles.server import embedded"),
        ("nbfiles.server.routes.files", "from nbfiles.errors import BadInput"),
        ("nbfiles._functions", "def f():\n    from anthropic import Anthropic"),
        ("nbfiles._messages.accumulator", "import httpx2"),
        ("nbfiles.cli", "from nbfiles.server import embedded"),
        ("nbfiles.session", "from IPython.display import HTML"),
        ("nbfiles._files.sources.paths", "import importlib\nimportlib.import_module('anthropic')"),
        ("nbfiles.cli", "import os\nos.environ.get('HOME')"),
        ("nbfiles._client", "from os import getenv"),
    ],
)
def test_a_violation_is_caught(module: str, source: str) -> None:
    assert len(violations(module, source)) == 1


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
        ("nbfiles._client", "import anthropic, httpx2\nfrom nbfiles import errors"),
        ("nbfiles.config", "import os\nos.environ"),
    ],
)
def test_what_the_layout_allows_passes(module: str, source: str) -> None:
    assert violations(module, source) == []


def test_an_import_inside_a_function_is_found() -> None:
    source = "def f():\n    from nbfiles import session"
    assert inline_imports("nbfiles._functions", source) == {("nbfiles._functions", "nbfiles.session")}
