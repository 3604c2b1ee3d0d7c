"""How the package is built, in numbers: `python benchmarks/structure.py [CHECKOUT ...]`, a column for each.

Sizes, importers, depth, `Any`, banned names (tests/banned_words.txt), and the frames of the package that stand
between a magic and the SDK's call, and between a magic and the output that it paints. The frames are counted in
a run of a cell on the embedded server; everything else is read from the source.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from tests.naming import defined, is_banned, local_names  # noqa: E402

FRAMES = """
import json, sys
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="python3")

def run(code):
    outputs = []
    def hook(message):
        outputs.append(message["content"])
    client.execute_interactive(code, output_hook=hook, timeout=120)
    return "".join(content.get("text", "") for content in outputs)

run("%load_ext nbfiles")
run("%upload note.txt")
run('''
import json, traceback
deepest = {"sdk": 0, "paint": 0}
def note(kind):
    stack = [frame.filename for frame in traceback.extract_stack()]
    deepest[kind] = max(deepest[kind], sum("/nbfiles/" in name for name in stack))
import anthropic
real = anthropic.Anthropic.post
def post(self, path, *args, **options):
    if "messages" in path:
        note("sdk")
    return real(self, path, *args, **options)
anthropic.Anthropic.post = post
publisher = get_ipython().display_pub
publish = publisher.publish
def painted(*args, **options):
    note("paint")
    return publish(*args, **options)
publisher.publish = painted
''')
run("%%ask_file note.txt\\nWhich river is it?")
print(run("print(json.dumps(deepest))"))
manager.shutdown_kernel(now=True)
"""


def modules(package: Path) -> dict[str, Path]:
    """Return the modules of a package by their dotted names."""
    result = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        result[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return result


def imports(path: Path, module: str, paths: dict[str, Path]) -> set[str]:
    """Return the modules of the package that a module imports when it is loaded."""
    result: set[str] = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    unloaded = {id(node) for test in ast.walk(tree) if _is_for_checkers(test) for node in ast.walk(test)}
    body = [n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom) and id(n) not in unloaded]
    for node in body:
        if isinstance(node, ast.Import):
            result |= {alias.name for alias in node.names if alias.name in paths}
        elif node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                result.add(full if full in paths else node.module)
    return {name for name in result if name in paths and name != module}


def _is_for_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def depth(graph: dict[str, set[str]]) -> int:
    """Return how many modules the longest chain of imports has; a cycle counts once."""
    levels: dict[str, int] = {}

    def level(name: str, above: frozenset[str]) -> int:
        if name not in levels:
            below = [level(other, above | {name}) for other in graph[name] if other not in above]
            levels[name] = 1 + max(below, default=0)
        return levels[name]

    return max(level(name, frozenset()) for name in graph)


def frames(checkout: Path) -> dict[str, int]:
    """Return how many frames of the package stand above the SDK's call and above the paint, at most."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "note.txt").write_text("The town of Lienz lies on the river Drau. Its fair is in June.")
        env = {k: v for k, v in os.environ.items() if not k.startswith(("ANTHROPIC", "NBFILES"))}
        env |= {"PYTHONPATH": str(checkout), "NBFILES_DATA_DIR": f"{folder}/data", "IPYTHONDIR": f"{folder}/ipython"}
        command = [sys.executable, "-c", FRAMES]
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    try:
        counts: dict[str, int] = json.loads(done.stdout.strip().splitlines()[-1])
    except (ValueError, IndexError):
        sys.stderr.write(done.stderr[-2000:])
        return {}
    return counts


def measure(checkout: Path) -> dict[str, Any]:
    """Return the measures of one checkout."""
    package = checkout / "nbfiles"
    known = modules(package)
    lines = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in known.items()}
    graph = {name: imports(path, name, known) for name, path in known.items()}
    importers = Counter(target for targets in graph.values() for target in targets)
    text = "\n".join(path.read_text(encoding="utf-8") for path in known.values())
    names, inner = list(defined(package)), list(local_names(package))
    banned = [name for name in names if is_banned(name.name)]
    banned_locals = [name for name in inner if is_banned(name.name)]
    counts = frames(checkout)
    return {
        "files": len(known),
        "lines": sum(lines.values()),
        "lines of a file, median": median(lines.values()),
        "modules with one importer": sum(importers[name] == 1 for name in known),
        "of them under 70 lines": sum(importers[name] == 1 and lines[name] < 70 for name in known),
        "import depth": depth(graph),
        "Any per 1,000 lines": round(1000 * len(re.findall(r"\bAny\b", text)) / sum(lines.values()), 1),
        "banned modules, classes, functions": len(banned),
        "banned locals, %": round(100 * len(banned_locals) / len(inner), 2),
        "frames from magic to the SDK's call": counts.get("sdk", "?"),
        "frames from magic to the paint": counts.get("paint", "?"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("checkouts", nargs="*", type=Path, default=[HERE.parent])
    columns = [measure(path.resolve()) for path in parser.parse_args().checkouts]
    for name in columns[0]:
        print(f"{name:40}", *(f"{column[name]!s:>10}" for column in columns))


if __name__ == "__main__":
    main()
