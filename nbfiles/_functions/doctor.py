"""Door for whoever's setup fails: looks at everything that nbfiles needs, and says what to type."""

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

from nbfiles import config
from nbfiles._display import output
from nbfiles._display.doctor import DoctorReport, Finding, State
from nbfiles._files.upload_cache import UploadCache
from nbfiles._functions.kernel import current_session
from nbfiles.errors import ApiError, NbfilesError

BESIDE = ("jupyterlab", "notebook", "pandas", "polars")  # not ours, and asked for first when something fails
EXTRAS = {
    "demo": "JupyterLab, pandas and Matplotlib, which `nbfiles demo` needs",
    "office": "Word, PowerPoint and Excel files as text",
}
SINGLE = {
    "pyarrow": "Parquet files",
    "kaleido": "Plotly figures as pictures",
    "vl-convert-python": "Altair figures as pictures",
}
_REQUIREMENT = re.compile(r"([\w.-]+)>=([\d.]+)(?:; extra == '(\w+)')?")


def doctor() -> DoctorReport:
    """Look at what nbfiles needs to work, and return what is well, what is wrong, and what to type.

    Asks the place in use for its models; uploads nothing, costs nothing, and raises nothing. No key is shown.
    """
    checks = (
        _python,
        _packages,
        _beside,
        _folder,
        _ledger,
        _place,
        _credentials,
        _answers,
        _widgets,
        _extras,
    )
    return DoctorReport(tuple(finding for check in checks for finding in _found(check)))


def _found(check: Callable[[], Iterator[Finding]]) -> list[Finding]:
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
    found = [_required(name, least) for name, least, extra in _requirements() if not extra]
    yield Finding("packages", ", ".join([_named("nbfiles"), *(said for said, state in found if not state)]))
    yield from (Finding("packages", said, state) for said, state in found if state)


def _required(name: str, least: str) -> tuple[str, State | None]:
    held = _version(name)
    if held is None:
        return f"{name} is not installed. Type: pip install '{name}>={least}'", State.WRONG
    if _numbers(held) < _numbers(least):
        return f"{name} {held} is too old. Type: pip install --upgrade '{name}>={least}'", State.WRONG
    return f"{name} {held}", None


def _beside() -> Iterator[Finding]:
    yield Finding("beside them", ", ".join(_named(name) for name in BESIDE))


def _place() -> Iterator[Finding]:
    yield Finding("requests go to", current_session().destination.about)


def _credentials() -> Iterator[Finding]:
    if not current_session().destination.needs_key:
        yield Finding("credentials", "none needed")
    elif source := config.credentials():
        yield Finding("credentials", f"from {source}")
    else:
        said = "none. Set ANTHROPIC_API_KEY before starting Jupyter, or type: %nbfiles use local"
        yield Finding("credentials", said, State.WRONG)


def _answers() -> Iterator[Finding]:
    session, begin = current_session(), time.perf_counter()
    try:
        said = f"with {len(session.client.models())} models"
    except ApiError as problem:
        if problem.status != 404:  # a gateway need not list its models
            raise
        said = "but lists no models"
    yield Finding("answers", f"yes, {said}, in {time.perf_counter() - begin:.2f} s")


def _folder() -> Iterator[Finding]:
    folder = current_session().settings.data_dir
    name = _typed(folder)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as problem:
        said = f"{name} cannot be written ({problem.strerror}). Set NBFILES_DATA_DIR to a folder of yours"
        yield Finding("data folder", said, State.WRONG)
        return
    mode = folder.stat().st_mode if os.name == "posix" else 0
    if mode & 0o022:
        said = f"{name} can be written by other users. Type: chmod 700 {name}"
        yield Finding("data folder", said, State.WRONG)
    elif mode & 0o044:
        said = f"other users see the names in {name}, not what is in the files. Type: chmod 700 {name}"
        yield Finding("data folder", said, State.NOTE)
    else:
        yield Finding("data folder", f"{name} can be written, and read by you alone")


def _typed(folder: Path) -> str:
    """Return a folder as one would type it, without telling where it is outside the home."""
    home = Path.home()
    return f"~/{folder.relative_to(home)}" if folder.is_relative_to(home) else '"$NBFILES_DATA_DIR"'


def _ledger() -> Iterator[Finding]:
    ledger = UploadCache(current_session().settings.data_dir, "doctor")
    ledger.forget(["none"])  # writes, and changes nothing
    ledger.close()
    if ledger.problem:
        yield Finding("earlier uploads", ledger.problem, State.WRONG)
    else:
        yield Finding("earlier uploads", "are remembered")


def _widgets() -> Iterator[Finding]:
    missing = [name for name in ("anywidget", "ipywidgets") if _version(name) is None]
    if missing:
        yield Finding("widgets", f"do not work. Type: pip install {' '.join(missing)}", State.WRONG)
    elif not output.in_notebook():
        yield Finding("widgets", "are not shown here: this is no notebook. Plain text is.", State.NOTE)
    elif all(Path(sys.prefix, "share/jupyter/labextensions", name).is_dir() for name in _LABEXTENSIONS):
        yield Finding("widgets", "the drop zone and the live table work in JupyterLab and Notebook 7")
    else:
        said = "JupyterLab may run from another Python. If none appear, type there: pip install "
        yield Finding("widgets", said + "anywidget ipywidgets", State.NOTE)


_LABEXTENSIONS = ("anywidget", "@jupyter-widgets/jupyterlab-manager")


def _extras() -> Iterator[Finding]:
    for extra, what in EXTRAS.items():
        wanted = [name for name, _, of in _requirements() if of == extra]
        yield _optional(what, wanted, f"'nbfiles[{extra}]'")
    for package, what in SINGLE.items():
        yield _optional(what, [package], package)


def _optional(what: str, packages: list[str], install: str) -> Finding:
    missing = [name for name in packages if _version(name) is None]
    if missing:
        said = f"{what}: {', '.join(missing)} not installed. To have it, type: pip install {install}"
        return Finding("extras", said, State.NOTE)
    return Finding("extras", f"{what}: {', '.join(map(_named, packages))}")


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


def _named(name: str) -> str:
    return f"{name} {_version(name) or 'not installed'}"


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]
