"""The rules of docs/architecture.md and CONTRIBUTING.md, read from the source: each function yields what breaks one.

`python tests/architecture.py` prints everything that breaks a rule now, in the form of architecture_exceptions.txt.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.structure import depth, modules  # noqa: E402
from benchmarks.structure import imports as loaded  # noqa: E402
from tests.naming import classes_of_one_name, defined, is_banned, local_names  # noqa: E402

PACKAGE = ROOT / "nbfiles"
FILES = sorted(PACKAGE.rglob("*.py"))

# Top to bottom. A layer imports from those below its own, and from inside itself.
LAYERS = (
    {"__init__", "__main__"},  # entry points, as are the next three
    {"_magics", "cli"},
    {"workspace"},
    {"_functions"},
    {"_display", "_widgets"},  # views
    {"session"},
    {"_connection"},
    {"_files", "_messages", "_documents", "_client"},  # parts
    {"values"},
)
VALUES = {  # no I/O
    *(
        "close_matches",
        "config",
        "credentials",
        "destinations",
        "errors",
        "limits",
        "options",
        "page_ranges",
        "parallel",
        "private_values",
        "reading",
        "records",
        "redact",
        "redaction",
    ),
    *("secret_kinds", "stop", "values_in_use", "visible_text"),
}
ENTRY_POINTS_AND_VIEWS = set().union(*LAYERS[:5])
VIEWS, PARTS = LAYERS[4], LAYERS[7]
SIDEWAYS = {
    ("_widgets", "_display"),  # the text of a widget is made where all text is made safe
    ("_files", "_documents"),  # files are read to convert and to preview them
    ("server", "_documents"),
}
# Where one part may use another, module by module.
BETWEEN_PARTS = {
    ("_messages", "nbfiles._files.file_kinds"),
    ("_messages", "nbfiles._files.file_tokens"),
    ("_messages", "nbfiles._files.store"),
    ("_messages", "nbfiles._documents.pdf"),
    ("_messages", "nbfiles._documents.quote_search"),
    ("_messages", "nbfiles._documents.tables"),
}
# The server is a program of its own: who starts it, and what both must know alike.
SERVER = {
    ("_connection", "nbfiles.server.embedded"),
    ("cli", "nbfiles.server.serve"),
    ("_functions", "nbfiles.server.confinement.mechanisms"),  # the doctor tells what the sandbox confines
    ("server", "nbfiles.limits"),
    ("server", "nbfiles.redact"),  # what it logs, and names that it spells in other ways
}
# What views may use whole: values, what watches a question, and functions that only compute.
PURE = {
    "nbfiles._files.file_kinds",
    "nbfiles._files.filenames",
    "nbfiles._messages.block_values",
    "nbfiles._messages.blocks",
    "nbfiles._messages.builder",
    "nbfiles._messages.citation_check",
    "nbfiles._messages.code_steps",
    "nbfiles._messages.models",
    "nbfiles._messages.observer",
    "nbfiles._messages.pricing",
}
QUARANTINE = {
    "anthropic": {"_client", "server"},  # the server checks requests against the types that the SDK declares
    "httpx2": {"_client", "server"},  # the server forwards to an upstream
    "IPython": ENTRY_POINTS_AND_VIEWS,
    "anywidget": ENTRY_POINTS_AND_VIEWS,
    "ipywidgets": ENTRY_POINTS_AND_VIEWS,
}
# The last two: the server makes the environment of a container, and what runs inside reads it.
ENVIRONMENT = {
    "nbfiles.config",
    "nbfiles.server.engines.sandbox.container",
    "nbfiles.server.engines.sandbox.startup.sitecustomize",
}
# An engine of the server is asked through `Engines.answer`, and knows nothing of HTTP or the events of the API.
ENGINES = "nbfiles.server.engines"
IN_FRONT_OF_ENGINES = (
    *("starlette", "uvicorn", "httpx2", "anthropic", "nbfiles.server.app", "nbfiles.server.workspaces"),
    *("nbfiles.server.routes", "nbfiles.server.middleware", "nbfiles.server.messages.events"),
    *("nbfiles.server.messages.batches", "nbfiles.server.messages.reader", "nbfiles.server.messages.upstream"),
)
METAPHORS = re.compile(r"\b(?:house|rooms?|doors?|floors?|desks?|cabinets?|clerks?|ledgers?)\b", re.IGNORECASE)
MAX_CLASS, MAX_FUNCTION, MAX_DEPTH, MAX_LOCALS = 150, 40, 12, 0.01


def module_name(path: Path) -> str:
    """`nbfiles/_files/__init__.py` is `nbfiles._files.__init__`, so that relative imports resolve alike."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def layer(module: str) -> str:
    """The file or folder right below `nbfiles` that a module is in; `values` for the modules that all share."""
    name = (*module.split("."), "__init__")[1]
    return "values" if name in VALUES else name


def imports(module: str, tree: ast.AST) -> Iterator[tuple[str, ast.stmt | ast.expr]]:
    """Yield every module that is imported, with the node that does it."""
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


def _targets(module: str, node: ast.ImportFrom) -> set[str]:
    base = _base(module, node)
    # `from nbfiles import _functions` names a module; `from nbfiles._functions import ask` a function in one.
    names = {f"{base}.{alias.name}" for alias in node.names}
    return {name if _is_module(name) or base == "nbfiles" else base for name in names}


def _base(module: str, node: ast.ImportFrom) -> str:
    parents = module.split(".")[: -node.level] if node.level else []
    return ".".join([*parents, node.module] if node.module else parents)


def _is_module(name: str) -> bool:
    path = Path(ROOT, *name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def inline_imports(module: str, source: str) -> set[tuple[str, str]]:
    """Return the imports of ours that stand inside functions."""
    functions = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    targets = {target for function in functions for target, _ in imports(module, function)}
    return {(module, target) for target in targets if target.split(".")[0] == "nbfiles"}


def may_import(module: str, target: str) -> bool:
    """Return whether one module of ours may import another."""
    here, there = layer(module), layer(target)
    if here == there or (here, there) in SIDEWAYS or (here, target) in BETWEEN_PARTS | SERVER:
        return True
    if "server" in (here, there):
        return False
    levels = {name: number for number, names in enumerate(LAYERS) for name in names}
    assert here in levels, f"{module} is in no layer of docs/architecture.md"
    if here == "_display" and there in ("session", "_connection"):
        return False
    return levels[here] < levels.get(there, -1)


def import_problems(module: str, source: str) -> Iterator[str]:
    """Yield what is wrong with one module's imports."""
    tree = ast.parse(source)
    for target, node in imports(module, tree):
        top = target.split(".")[0]
        if top == "nbfiles" and not may_import(module, target):
            yield f"{module} must not import {target}"
        if top in QUARANTINE and layer(module) not in QUARANTINE[top]:
            yield f"{module} must not import {top}"
        if layer(module) in VIEWS and isinstance(node, ast.ImportFrom):
            yield from (f"{module} must not import {name}" for name in _no_values(module, node))
    if module not in ENVIRONMENT and _reads_environment(tree):
        yield f"{module} must not read the environment"


def _no_values(module: str, node: ast.ImportFrom) -> Iterator[str]:
    """Yield what a view imports from a part that is not a value: neither a constant nor a class of fields."""
    base = _base(module, node)
    if not base.startswith("nbfiles.") or layer(base) not in PARTS or base in PURE:
        return
    for alias in node.names:
        full = f"{base}.{alias.name}"
        if full not in PURE and not alias.name.isupper() and not _is_value(base, alias.name):
            yield full


def _is_value(module: str, name: str) -> bool:
    path = Path(ROOT, *module.split(".")).with_suffix(".py")
    if not path.is_file():
        return False
    classes = (node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef))
    return any(
        node.name == name and re.search(r"dataclass|Enum|Protocol|TypedDict", _head(node)) is not None
        for node in classes
    )


def _head(node: ast.ClassDef) -> str:
    return " ".join(ast.unparse(part) for part in (*node.decorator_list, *node.bases))


def _reads_environment(tree: ast.AST) -> bool:
    names = {"environ", "environb", "getenv"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in names:
            return True
        if isinstance(node, ast.ImportFrom) and node.module == "os" and names & {a.name for a in node.names}:
            return True
    return False


def layout() -> Iterator[str]:
    """Yield the imports that break the layers."""
    for path in FILES:
        yield from import_problems(module_name(path), path.read_text())


def seam_problems(module: str, source: str) -> Iterator[str]:
    """Yield what a module of the server imports past `Engines.answer`, or an engine of what is in front of it."""
    inside = module.startswith(f"{ENGINES}.")
    for target, _ in imports(module, ast.parse(source)):
        if not inside and target.startswith(f"{ENGINES}."):
            yield f"{module} must not import {target}: an engine is asked through Engines.answer"
        elif not inside and target == ENGINES and module != "nbfiles.server.workspaces":
            yield f"{module} must not import {target}: the workspace asks the engines"
        elif inside and target.startswith(IN_FRONT_OF_ENGINES):
            yield f"{module} must not import {target}: an engine gets a Query and yields parts"


def engines() -> Iterator[str]:
    """Yield the imports that pass by the seam of the engines."""
    for path in FILES:
        yield from seam_problems(module_name(path), path.read_text())


def names() -> Iterator[str]:
    """Yield the modules, classes and functions with a banned word, and the classes that share a name."""
    for name in defined(PACKAGE):
        if is_banned(name.name):
            yield f"{name.path} has the {name.kind} {name.name}"
    for name, positions in classes_of_one_name(PACKAGE).items():
        yield f"several classes are named {name}: " + ", ".join(line.rpartition(":")[0] for line in positions)


def local_variables() -> tuple[int, list[str]]:
    """Return how many parameters and variables there are, and where one has a banned name."""
    every = list(local_names(PACKAGE))
    return len(every), [str(name) for name in every if is_banned(name.name)]


def many_banned_locals() -> Iterator[str]:
    """Yield one line where more than the allowed share of locals has a banned name."""
    count, banned = local_variables()
    if len(banned) > MAX_LOCALS * count:
        yield f"more than {MAX_LOCALS:.0%} of parameters and variables have a banned name"


def sizes() -> Iterator[str]:
    """Yield classes and functions that are too long; what a class explains is not part of its length."""
    for path in FILES:
        shown = path.relative_to(ROOT)
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            limit = MAX_CLASS if isinstance(node, ast.ClassDef) else MAX_FUNCTION
            if _lines(node) - (_docstring_lines(node) if isinstance(node, ast.ClassDef) else 0) > limit:
                yield f"{shown}: {node.name} is longer than {limit} lines"


def _lines(node: ast.stmt) -> int:
    return (node.end_lineno or 0) - node.lineno + 1


def _docstring_lines(cls: ast.ClassDef) -> int:
    documented = (n for n in ast.walk(cls) if isinstance(n, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef))
    return sum(_lines(node.body[0]) for node in documented if ast.get_docstring(node) is not None)


def chains() -> Iterator[str]:
    """Yield cycles of imports, and one line where a chain of imports is too long."""
    paths = modules(PACKAGE)
    graph = {name: loaded(path, name, paths) for name, path in paths.items()}
    for name in graph:
        if name in _reachable(graph, name):
            yield f"{name} is in a cycle of imports"
    if depth(graph) > MAX_DEPTH:
        yield f"a chain of imports is longer than {MAX_DEPTH} modules"


def _reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    reached: set[str] = set()
    todo = [*graph[start]]
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += graph[name]
    return reached


def citations() -> Iterator[str]:
    """Yield the pages that comments and docstrings cite, and that are not in the repository."""
    for folder in ("nbfiles", "tests", "benchmarks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for page in sorted(cited_pages(path.read_text(encoding="utf-8"))):
                if not (ROOT / page).is_file():
                    yield f"{path.relative_to(ROOT)} cites {page}"


def cited_pages(source: str) -> set[str]:
    """Return the pages that the comments and docstrings of a module name: README.md, docs/security.md."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    texts = [token.string for token in tokens if token.type == tokenize.COMMENT]
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, documented) and (text := ast.get_docstring(node)):
            texts.append(text)
    pages = {page for text in texts for page in re.findall(r"\b(?:docs/[\w-]+|[A-Z][A-Z-]+)\.md\b", text)}
    return pages - {"SKILL.md"}  # a file of a skill


def metaphors() -> Iterator[str]:
    """Yield the words of a house that a page for people uses for parts of the program."""
    for page in (ROOT / "CONTRIBUTING.md", ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for word in sorted({word.lower() for word in METAPHORS.findall(page.read_text(encoding="utf-8"))}):
            yield f"{page.relative_to(ROOT)} speaks of {word}"


RULES = (layout, engines, names, many_banned_locals, sizes, chains, citations, metaphors)

if __name__ == "__main__":
    print("\n".join(sorted({problem for rule in RULES for problem in rule()})))
