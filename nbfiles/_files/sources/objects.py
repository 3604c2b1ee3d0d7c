"""Python objects become files: frames and arrays as data, figures and images as PNG, text as it is.

No library is imported to find out what an object is: its type says where it comes from, and then the
library is there already.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, TypeAlias

from nbfiles._files.file_kinds import HEAD_BYTES, as_it_is, extension
from nbfiles.errors import NbfilesError, UnusableFile
from nbfiles.limits import FILE_BYTES, FILE_LIMIT

BIG_FRAME = 20_000_000  # bytes in memory; CSV can be read without code, Parquet is smaller and exact
COPY_BYTES = 1 << 20
OTHERWISE = "Upload a DataFrame, a figure, text, bytes, or save it to a file and upload that."

PathFor = Callable[[str], Path]  # file name → where to write it
Foreign: TypeAlias = Any  # an object of a library, which is not imported here
Writer = Callable[[Foreign, str, PathFor], Path]


def can_be_file(value: object) -> bool:
    """Return whether an object can become a file."""
    return _writer(value) is not None


def is_data(value: object) -> bool:
    """Return whether an object is data or a picture, which no word of a question is meant for by chance."""
    return can_be_file(value) and not isinstance(value, str | bytes | bytearray | memoryview | os.PathLike)


def write(value: object, name: str, path_for: PathFor) -> Path:
    """Write an object to a file called `name` and an extension that fits; raises UnusableFile."""
    writer = _writer(value)
    if writer is None:
        several, kind = isinstance(value, list | tuple | set), type(value).__name__
        what = f"A value of type {kind}" if name == kind.lower() else f"“{name}”, of type {kind},"
        raise UnusableFile(
            f"{what} cannot become a file. " + ("For what is in it, put a * before it." if several else OTHERWISE)
        )
    try:
        return writer(value, name, path_for)
    except NbfilesError:
        raise
    except Exception as error:  # noqa: BLE001 - any library may fail in any way while it writes its object
        why = " ".join(str(error).split())[:200]
        raise UnusableFile(f"“{name}” cannot be written to a file: {type(error).__name__}: {why}") from None


def note(value: object, path: Path) -> str:
    """Say of a figure that could not be drawn what was written instead, and what it needs."""
    writer = _writer(value)
    if writer not in _DRAWN_WITH or path.suffix != ".json":
        return ""
    return f"its data, not an image: that needs %pip install {_DRAWN_WITH[writer]}"


def _writer(value: object) -> Writer | None:
    for base in type(value).__mro__:
        writer = _WRITERS.get((base.__module__.split(".")[0], base.__name__))
        if writer:
            return writer
    if isinstance(value, str | bytes | bytearray | memoryview):
        return _text if isinstance(value, str) else _bytes
    if isinstance(value, os.PathLike):
        return lambda path, _name, _path_for: Path(path)
    return _stream if _can_be_read(value) else None


def _can_be_read(value: object) -> bool:
    try:
        return callable(getattr(value, "read", None))
    except Exception:  # noqa: BLE001 - a lazy proxy may fail in any way when it is asked for anything
        return False


def _pandas(value: Foreign, name: str, path_for: PathFor) -> Path:
    frame = value.to_frame() if value.ndim == 1 else value
    keep_index = _means_something(frame.index)
    if frame.memory_usage().sum() > BIG_FRAME and find_spec("pyarrow"):
        path = path_for(f"{name}.parquet")
        frame.set_axis([str(column) for column in frame.columns], axis=1).to_parquet(
            path, index=keep_index, engine="pyarrow"
        )
        return path
    path = path_for(f"{name}.csv")
    frame.to_csv(path, index=keep_index, lineterminator="\n")
    return path


def _means_something(index: Foreign) -> bool:
    """Return whether an index is more than the row numbers that pandas makes up."""
    counts = type(index).__name__ == "RangeIndex" and index.start == 0 and index.step == 1
    return not counts or index.name is not None


def _polars(value: Foreign, name: str, path_for: PathFor) -> Path:
    frame = value.to_frame() if type(value).__name__ == "Series" else value
    nested = any(column.is_nested() for column in frame.dtypes)
    if nested or frame.estimated_size() > BIG_FRAME:
        path = path_for(f"{name}.parquet")
        frame.write_parquet(path)
    else:
        path = path_for(f"{name}.csv")
        frame.write_csv(path)
    return path


def _numpy(value: Foreign, name: str, path_for: PathFor) -> Path:
    if value.dtype.hasobject:
        raise UnusableFile(f"“{name}” is an array of Python objects. Make it a DataFrame first.")
    path = path_for(f"{name}.npy")
    import numpy as np

    np.save(path, value, allow_pickle=False)
    return path


def _matplotlib(value: Foreign, name: str, path_for: PathFor) -> Path:
    path = path_for(f"{name}.png")
    figure = value if type(value).__name__ == "Figure" else value.figure
    figure.savefig(path, format="png", bbox_inches="tight", metadata={"Software": None})
    return path


def _plotly(value: Foreign, name: str, path_for: PathFor) -> Path:
    path = path_for(f"{name}.png")
    return _drawn(lambda: value.write_image(path, format="png"), path, value)


def _altair(value: Foreign, name: str, path_for: PathFor) -> Path:
    path = path_for(f"{name}.png")
    return _drawn(lambda: value.save(str(path), format="png"), path, value)


def _drawn(draw: Callable[[], object], path: Path, value: Foreign) -> Path:
    """Draw a figure or, where its library cannot, write it as the JSON that it is made of."""
    try:
        draw()
        path.stat()  # kaleido 1.0 says nothing when it fails
    except Exception:  # noqa: BLE001 - a missing package, a missing browser, a browser that does not start
        path.unlink(missing_ok=True)
        path = path.with_suffix(".json")
        path.write_text(value.to_json(), encoding="utf-8")
    return path


def _pil(value: Foreign, name: str, path_for: PathFor) -> Path:
    path = path_for(f"{name}.png")
    value.save(path, format="PNG")
    return path


def _text(value: str, name: str, path_for: PathFor) -> Path:
    path = path_for(f"{name}.txt")
    path.write_text(value, encoding="utf-8", errors="replace", newline="")
    return path


def _bytes(value: bytes | bytearray | memoryview, name: str, path_for: PathFor) -> Path:
    head = bytes(memoryview(value)[:HEAD_BYTES])
    path = path_for(name + extension(as_it_is(name, head).mime_type))
    path.write_bytes(value)
    return path


def _stream(value: Foreign, name: str, path_for: PathFor) -> Path:
    """Copy an open file from its start (or from where it is, if it cannot go back) and leave it as it was."""
    own = getattr(value, "name", None)
    own_name = Path(own).name if isinstance(own, str) and own[:1] != "<" else f"{name}.bin"
    before = value.tell() if _seekable(value) else None
    if before:
        value.seek(0)
    path = path_for(own_name if isinstance(own, str) else name)
    with path.open("wb") as handle:
        _copy(value, handle, name)
    if before is not None:
        value.seek(before)
    if not isinstance(own, str):
        with path.open("rb") as handle:
            named = path_for(name + extension(as_it_is(name, handle.read(HEAD_BYTES)).mime_type))
        path = path.replace(named)
    return path


def _seekable(value: Foreign) -> bool:
    try:
        return bool(value.seekable())
    except (AttributeError, io.UnsupportedOperation):
        return False


def _copy(value: Foreign, handle: IO[bytes], name: str) -> None:
    written = 0
    while piece := value.read(COPY_BYTES):
        written += handle.write(piece.encode(errors="replace") if isinstance(piece, str) else piece)
        if written > FILE_BYTES:
            raise UnusableFile(f"“{name}” has more than {FILE_LIMIT}, the limit of the API.")


_WRITERS: dict[tuple[str, str], Writer] = {
    ("pandas", "DataFrame"): _pandas,
    ("pandas", "Series"): _pandas,
    ("polars", "DataFrame"): _polars,
    ("polars", "Series"): _polars,
    ("numpy", "ndarray"): _numpy,
    ("matplotlib", "Figure"): _matplotlib,
    ("matplotlib", "Axes"): _matplotlib,
    ("plotly", "Figure"): _plotly,
    ("plotly", "BaseFigure"): _plotly,
    ("altair", "TopLevelMixin"): _altair,
    ("PIL", "Image"): _pil,
}
# What draws a figure that a browser draws otherwise; kaleido does it with the Chrome of this machine.
_DRAWN_WITH: dict[Writer | None, str] = {_plotly: "kaleido, and Chrome", _altair: "vl-convert-python"}
