"""Check everything that nbfiles needs, for setups that fail, and say what to type."""

from __future__ import annotations

import os
import platform
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from nbfiles._display import output
from nbfiles._display.doctor import DoctorReport, Finding, State
from nbfiles._files.upload_cache import UploadCache
from nbfiles._functions.kernel import current_session
from nbfiles.credentials import NONE_SENT
from nbfiles.errors import ApiError, NbfilesError
from nbfiles.server.confinement.mechanisms import confinement

COMPANIONS = ("jupyterlab", "notebook", "pandas", "polars")  # not ours, and asked for first when something fails
EXTRAS = {
    "demo": "what the command nbfiles demo needs",
    "office": "Word, PowerPoint and Excel files as text",
}
SINGLE = {
    "pyarrow": "Parquet files",
    "kaleido": "Plotly figures as images",
    "vl-convert-python": "Altair figures as images",
}
_REQUIREMENT = re.compile(r"([\w.-]+)>=([\d.]+)(?:; extra == '(\w+)')?")


def doctor() -> DoctorReport:
    """Check everything that nbfiles needs, and return what works, what does not, and what to type.

    Asks the destination in use for its models; uploads nothing, costs nothing, and raises nothing. No key is shown.

    Returns
    -------
    DoctorReport
        A finding per line; `healthy` where nothing is wrong.

    """
    checks = (
        _python,
        _packages,
        _companions,
        _folder,
        _upload_cache,
        _destination,
        _credentials,
        _answers,
        _sandbox,
        _widgets,
        _extras,
    )
    return DoctorReport(tuple(finding for check in checks for finding in _results(check)))


def _results(check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    """Return what a check finds, or that it failed itself."""
    what = check.__name__.strip("_")
    try:
        return list(check())
    except NbfilesError as problem:
        return [Finding(what, str(problem), State.WRONG)]
    except Exception as problem:  # noqa: BLE001 - what is looked at here is what may be broken in any way
        why = getattr(problem, "strerror", None) or " ".join(str(problem).split())[:200]
        return [Finding(what, f"could not be looked at ({type(problem).__name__}: {why})", State.WRONG)]


def _python() -> Iterator[Finding]:
    yield Finding("Python", f"{platform.python_version()}, {platform.system()} {platform.machine()}")


def _packages() -> Iterator[Finding]:
    results = [_required(name, least) for name, least, extra in _requirements() if not extra]
    fine = [message for message, state in results if not state]
    yield Finding("packages", ", ".join([_with_version("nbfiles"), *fine]))
    yield from (Finding("packages", message, state) for message, state in results if state)


def _required(name: str, least: str) -> tuple[str, State | None]:
    installed = _version(name)
    if installed is None:
        return f"{name} is not installed. Type: pip install '{name}>={least}'", State.WRONG
    if _numbers(installed) < _numbers(least):
        return f"{name} {installed} is too old. Type: pip install --upgrade '{name}>={least}'", State.WRONG
    return f"{name} {installed}", None


def _companions() -> Iterator[Finding]:
    yield Finding("other packages", ", ".join(_with_version(name) for name in COMPANIONS))


def _destination() -> Iterator[Finding]:
    yield Finding("requests go to", current_session().connection.destination.about)


def _credentials() -> Iterator[Finding]:
    destination = current_session().connection.destination
    if not destination.needs_key:
        yield Finding("credentials", "none needed")
    elif destination.credentials != NONE_SENT:
        yield Finding("credentials", destination.credentials)
    elif destination.billing != "list":
        yield Finding("credentials", "none sent: those of the environment are for another address")
    else:
        message = "none. Set ANTHROPIC_API_KEY before starting Jupyter, or type: %nbfiles use local"
        yield Finding("credentials", message, State.WRONG)


def _answers() -> Iterator[Finding]:
    session, begin = current_session(), time.perf_counter()
    try:
        message = f"with {len(session.connection.client.models())} models"
    except ApiError as problem:
        if problem.status != 404:  # a gateway need not list its models
            raise
        message = "but lists no models"
    yield Finding("answers", f"yes, {message}, in {time.perf_counter() - begin:.2f} s")


def _sandbox() -> Iterator[Finding]:
    holds = confinement()
    yield Finding("local sandbox", str(holds), State.OK if holds.confined else State.NOTE)


def _folder() -> Iterator[Finding]:
    folder = current_session().settings.data_dir
    name = _typed(folder)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as problem:
        message = f"{name} cannot be written ({problem.strerror}). Set NBFILES_DATA_DIR to a folder of yours"
        yield Finding("data folder", message, State.WRONG)
        return
    mode = folder.stat().st_mode if os.name == "posix" else 0
    if mode & 0o022:
        message = f"{name} can be written by other users. Type: chmod 700 {name}"
        yield Finding("data folder", message, State.WRONG)
    elif mode & 0o044:
        message = f"other users see the names in {name}, not what is in the files. Type: chmod 700 {name}"
        yield Finding("data folder", message, State.NOTE)
    else:
        yield Finding("data folder", f"{name} can be written, and read by you alone")


def _typed(folder: Path) -> str:
    """Return a folder as one would type it, without telling where it is outside the home."""
    home = Path.home()
    return f"~/{folder.relative_to(home)}" if folder.is_relative_to(home) else '"$NBFILES_DATA_DIR"'


def _upload_cache() -> Iterator[Finding]:
    cache = UploadCache(current_session().settings.data_dir, "doctor")
    cache.forget(["none"])  # writes, and changes nothing
    cache.close()
    if cache.problem:
        yield Finding("earlier uploads", cache.problem, State.WRONG)
    else:
        yield Finding("earlier uploads", "are remembered")


def _widgets() -> Iterator[Finding]:
    missing = [name for name in ("anywidget", "ipywidgets") if _version(name) is None]
    if missing:
        yield Finding("widgets", f"do not work. Type: pip install {' '.join(missing)}", State.WRONG)
    elif not output.in_notebook():
        yield Finding(
            "widgets", "are not shown here, as this is not a notebook; plain text is shown instead", State.NOTE
        )
    elif all(Path(sys.prefix, "share/jupyter/labextensions", name).is_dir() for name in _LABEXTENSIONS):
        yield Finding("widgets", "can be shown by JupyterLab and Notebook 7 of this environment")
    else:
        message = "JupyterLab may run from another Python. If none appear, type there: pip install "
        yield Finding("widgets", message + "anywidget ipywidgets", State.NOTE)


_LABEXTENSIONS = ("anywidget", "@jupyter-widgets/jupyterlab-manager")


def _extras() -> Iterator[Finding]:
    for extra, what in EXTRAS.items():
        packages = [name for name, _, of in _requirements() if of == extra]
        yield _optional(what, packages, f"'nbfiles[{extra}]'")
    for package, what in SINGLE.items():
        yield _optional(what, [package], package)


def _optional(what: str, packages: list[str], install: str) -> Finding:
    missing = [name for name in packages if _version(name) is None]
    if missing:
        message = f"{what}: {', '.join(missing)} not installed. To have it, type: pip install {install}"
        return Finding("extras", message, State.NOTE)
    return Finding("extras", f"{what}: {', '.join(map(_with_version, packages))}")


def _requirements() -> Iterator[tuple[str, str, str | None]]:
    """Yield the name, the least version and the extra of what nbfiles requires."""
    for text in requires("nbfiles") or ():
        if match := _REQUIREMENT.match(text.replace('"', "'")):
            yield match[1], match[2], match[3]


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _with_version(name: str) -> str:
    return f"{name} {_version(name) or 'not installed'}"


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]
