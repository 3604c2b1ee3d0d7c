"""The `nbfiles` command: each subcommand is one function that returns the exit status."""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from nbfiles import config
from nbfiles._functions import doctor
from nbfiles._functions.kernel import disconnect
from nbfiles.errors import BadInput, NbfilesError
from nbfiles.redact import redact
from nbfiles.server import serve

if TYPE_CHECKING:
    from nbformat import NotebookNode

QUICKSTART = "01_quickstart.ipynb"
_CELL_TIMEOUT = 300  # seconds; the slowest cell needs about five, so longer means that it hangs
# What earlier runs of a notebook leave beside it.
_LEFT_BEHIND = shutil.ignore_patterns(".*", "nbfiles_out", "*.executed.ipynb", "*.html")
_PACKAGE = Path(__file__).parent


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    options = _parser().parse_args(argv)
    try:
        status: int = options.run(options)
    except NbfilesError as problem:
        return _fail(problem, status=2 if isinstance(problem, BadInput) else 1)
    except OSError as problem:  # a full disk, a folder that must not be written
        return _fail(f"{problem.filename or 'the command'}: {problem.strerror or problem}")
    except KeyboardInterrupt:
        return 130  # what a shell reports for Ctrl-C
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nbfiles", description="Ask Claude about your files.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    demo = commands.add_parser(
        "demo",
        help="open the quickstart notebook in JupyterLab, on the embedded local server",
        description="Open the quickstart notebook in JupyterLab. No API key: the embedded server answers.",
    )
    demo.add_argument(
        "--headless",
        action="store_true",
        help="run the notebook without a browser and write it and an HTML page next to it",
    )
    demo.add_argument(
        "--to", metavar="DIR", type=Path, help="work on a copy in DIR; files that are already there are kept"
    )
    demo.set_defaults(run=_demo)
    _add_serve(commands)
    check = commands.add_parser("doctor", help="check this setup, and say what to type where something is wrong")
    check.set_defaults(run=_doctor)
    return parser


def _add_serve(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser(
        "serve",
        help="run the local server alone, for any client of the Files and Messages APIs",
        description="Run the local server in the foreground, for any client of the Files and Messages APIs.",
    )
    add = command.add_argument
    add("--host", default=serve.HOST, help="address to listen on; default: this machine only")
    add("--port", default=serve.PORT, type=int, help="default: %(default)s; 0 takes any free port")
    add("--data", metavar="DIR", type=Path, help="where files are kept; default: as in notebooks")
    add("--key-file", metavar="F", type=Path, help="a file of mode 600 with the key that clients must send")
    add("--upstream", metavar="URL", help="a Messages API that answers in place of the local engines")
    add("--key-from", metavar="ENVVAR", help="the environment variable whose key is sent to the upstream")
    add("--rate", metavar="N", type=int, help="calls per minute, of Files and of Messages each; default: no limit")
    command.set_defaults(run=_serve)


def _serve(options: argparse.Namespace) -> int:
    settings = config.read()
    server = serve.ServeOptions(
        data_dir=options.data or settings.data_dir / "server",
        host=options.host,
        port=options.port,
        key_file=options.key_file,
        upstream=options.upstream,
        upstream_headers=config.upstream_headers(options.upstream, options.key_from) if options.upstream else {},
        rate=options.rate,
    )
    try:
        serve.serve(server, _print_as_typed)
    except serve.CannotServe as problem:
        raise BadInput(str(problem)) from None
    return 0


def _doctor(_options: argparse.Namespace) -> int:
    try:
        report = doctor()
    finally:
        disconnect()
    _say(str(report))
    return 0 if report.healthy else 1


def _demo(options: argparse.Namespace) -> int:
    needed = ("nbconvert",) if options.headless else ("jupyterlab",)
    _require(*needed, "matplotlib", "pandas")
    notebook = _quickstart(options.to)
    return run_headless(notebook) if options.headless else _open_lab(notebook)


def _require(*packages: str) -> None:
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise BadInput(f"`nbfiles demo` needs {' and '.join(missing)}. Type: pip install 'nbfiles[demo]'")


def _quickstart(to: Path | None) -> Path:
    """Return the checkout's own notebook, or a copy, as an installed package stays as it is."""
    checkout = _PACKAGE.parent / "notebooks"
    in_checkout = (_PACKAGE.parent / "pyproject.toml").is_file() and checkout.is_dir()
    source = checkout if in_checkout else _PACKAGE / "_demo"
    if not (source / QUICKSTART).is_file():
        raise BadInput(f"{QUICKSTART} is not in this installation. Type: pip install --force-reinstall nbfiles")
    if in_checkout and to is None:
        return source / QUICKSTART
    folder = to or Path("nbfiles_demo")
    _copy_missing(source, folder)
    return folder / QUICKSTART


def _copy_missing(source: Path, folder: Path) -> None:
    def copy(here: str, there: str) -> str:
        return there if Path(there).exists() else shutil.copyfile(here, there)

    shutil.copytree(source, folder, ignore=_LEFT_BEHIND, copy_function=copy, dirs_exist_ok=True)


def _open_lab(notebook: Path) -> int:
    """Show the notebook in JupyterLab until Ctrl-C."""
    # At CRITICAL it still says where it listens, for whoever has no browser on this machine.
    quiet = ["--ServerApp.log_level=CRITICAL", "--LabApp.log_level=CRITICAL"]
    command = [sys.executable, "-m", "jupyterlab", notebook.name, "-y", *quiet]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # in a container there is often no other user
    with tempfile.TemporaryDirectory() as folder:
        _write_kernel(folder)
        before = config.child_environ()
        path = os.pathsep.join(filter(None, [folder, before.get("JUPYTER_PATH")]))
        environ = config.child_environ(NBFILES_USE="local", JUPYTER_PATH=path)
        _say("The quickstart is opening in JupyterLab. No API key is needed; Ctrl-C here ends it.")
        with subprocess.Popen(command, cwd=notebook.parent, env=environ) as lab:
            try:
                return lab.wait()
            except KeyboardInterrupt:
                # A terminal tells the whole group; `kill -INT` tells this process only.
                lab.terminate()
                lab.wait()
                return 0


def run_headless(notebook: Path) -> int:
    """Run the notebook, write it as `.executed.ipynb` and `.html` beside it, and say where."""
    import nbformat  # the demo's packages load only when it runs
    from nbconvert.exporters import HTMLExporter

    logging.getLogger("traitlets").addHandler(logging.NullHandler())
    logging.getLogger("traitlets").propagate = False
    book = nbformat.read(notebook, as_version=4)
    problem = _execute(book, notebook.parent)
    executed = notebook.with_suffix(".executed.ipynb")
    nbformat.write(book, executed)
    page, _ = HTMLExporter(embed_images=True).from_notebook_node(
        book, resources={"metadata": {"name": notebook.stem, "path": str(notebook.parent)}}
    )
    html = notebook.with_suffix(".html")
    html.write_text(page, encoding="utf-8")
    _say(f"wrote {_relative(executed)}", f"wrote {_relative(html)}")
    return _fail(problem) if problem else 0


def _execute(book: NotebookNode, folder: Path) -> str | None:
    """Run all cells on this very interpreter; return one line about the cell that failed, if one did."""
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    started: list[int] = []
    # While it shuts down, a kernel may write a traceback that tells nobody anything; one that died does.
    with tempfile.TemporaryDirectory() as specs, tempfile.TemporaryFile() as log:
        _write_kernel(specs)
        # Left to itself, Jupyter would prefer a kernel called python3 that the user installed once.
        specs_here = KernelSpecManager(kernel_dirs=[str(Path(specs, "kernels"))])
        client = NotebookClient(
            book,
            km=AsyncKernelManager(kernel_name="python3", kernel_spec_manager=specs_here),
            timeout=_CELL_TIMEOUT,
            startup_timeout=_CELL_TIMEOUT,
            record_timing=False,  # times would change at every run and say nothing
            store_widget_state=False,  # the page would fetch scripts from a CDN to draw what has no kernel
            resources={"metadata": {"path": str(folder)}},
            on_cell_start=lambda cell, cell_index: started.append(cell_index),  # noqa: ARG005
        )
        try:
            client.execute(cleanup_kc=True, env=config.child_environ(NBFILES_USE="local"), stderr=log)
        except CellExecutionError as error:
            return _failure(book, started[-1], f"{error.ename}: {error.evalue}")
        except CellTimeoutError:
            return _failure(book, started[-1], f"no end after {_CELL_TIMEOUT} seconds")
        except DeadKernelError:
            log.seek(0)
            sys.stderr.write(redact(log.read().decode(errors="replace")))
            return _failure(book, started[-1], "the kernel died")
    return None


def _failure(book: NotebookNode, index: int, problem: str) -> str:
    source = str(book.cells[index].source).strip()
    return f"cell {index + 1} ({source.splitlines()[0]}) failed: {' '.join(problem.split())}"


def _write_kernel(folder: str) -> None:
    """Put a kernel called python3 that is this interpreter under `folder`."""
    from ipykernel.kernelspec import write_kernel_spec

    kernels = Path(folder, "kernels")
    kernels.mkdir()
    # At its usual level, a kernel warns on the terminal about things that nobody can act on here.
    write_kernel_spec(kernels / "python3", extra_arguments=["--log-level=ERROR"])


def _relative(path: Path) -> str:
    return os.path.relpath(path)


def _say(*lines: str) -> None:
    print(*map(redact, lines), sep="\n", flush=True)


def _print_as_typed(line: str) -> None:
    """Print a line of `nbfiles serve` as it is: one has the path of the key file, and is typed in another terminal."""
    print(line, flush=True)


def _fail(problem: object, status: int = 1) -> int:
    print(f"nbfiles: {redact(str(problem))}", file=sys.stderr)
    return status
