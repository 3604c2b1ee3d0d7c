"""The text of notebooks: Markdown, code, and of each output the form that says most in words."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbfiles._documents.reader_table import ReaderError
from nbfiles._documents.readers.html import page_lines
from nbfiles._documents.readers.left_out import LeftOut

IMAGES = {"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp"}
MOST_IMAGES = 100  # of one notebook; as many as a question takes
CURRENT_FORMAT = 4  # of notebooks, since 2015
# What IPython writes for an object that is shown in another form: `<IPython.core.display.HTML object>`.
_ONLY_NAME = re.compile(r"\s*<[\w.]+(?: object)?(?: at 0x[0-9a-f]+)?>\s*|\s*Figure\(.*\)\s*")
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")  # colours and moves of a terminal
_LANGUAGE = re.compile(r"[\w+#.-]{1,30}")
_CHARTS = ("plotly", "vega", "bokeh", "echarts", "holoviews")


def ipynb(path: Path, left_out: LeftOut) -> Iterator[str]:
    """Yield Markdown, code and the text of outputs, in order; of images only that there was one."""
    notebook = _notebook(path)
    language, count = _language(notebook), 0
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            left_out["image"] += len(cell.get("attachments") or ())
            yield _joined(cell["source"])
            continue
        yield f"```{language}\n{_joined(cell['source'])}\n```"
        for output in cell.get("outputs") or ():
            data = output.get("data", {})
            image = "[image]" if any(kind.startswith("image/") for kind in data) else ""
            if _image(data):
                count += 1
                image = f"[image {count}]"
            text = _ANSI.sub("", _output_text(output, data))
            if text or image:
                yield "Output: " + " ".join(filter(None, (text, image)))
            if data and not image and (not text.strip() or _ONLY_NAME.fullmatch(text)):
                left_out[_unread(data)] += 1


def _output_text(output: Any, data: Any) -> str:
    if "ename" in output:
        return f"{output['ename']}: {output['evalue']}"
    if "text" in output:
        return _joined(output["text"])
    plain = _joined(data.get("text/plain") or "")
    if plain and not _ONLY_NAME.fullmatch(plain):
        return plain
    for kind in ("text/markdown", "text/latex"):
        if kind in data:
            return _joined(data[kind])
    if "text/html" in data and (text := "\n".join(page_lines(_joined(data["text/html"])))):
        return text
    others = (_joined(value) for kind, value in data.items() if kind.startswith("text/") and kind not in _TRIED)
    return next(filter(None, others), "") or ("" if _unread(data) != "output" or "text/html" in data else plain)


_TRIED = ("text/plain", "text/html", "text/markdown", "text/latex")


def _unread(data: Any) -> str:
    """Return in a word what an output without text is."""
    kinds = " ".join(data)
    if any(name in kinds for name in _CHARTS):
        return "chart"
    return "widget" if "widget" in kinds else "output"


def _language(notebook: Any) -> str:
    """Return the language of the kernel; empty where its name is none."""
    metadata = notebook.get("metadata") or {}
    kernel, language = metadata.get("kernelspec") or {}, metadata.get("language_info") or {}
    name = str(kernel.get("language") or language.get("name") or "python").lower()
    return name if _LANGUAGE.fullmatch(name) else ""


def _notebook(path: Path) -> Any:
    """Return a notebook; nbformat, which takes seconds to load on a busy machine, only reads what it has to convert."""
    text = path.read_text(encoding="utf-8-sig")
    notebook = json.loads(text)
    if notebook.get("nbformat") == CURRENT_FORMAT:
        return notebook
    import nbformat

    return nbformat.reads(text, as_version=CURRENT_FORMAT)  # type: ignore[no-untyped-call]


def _joined(text: Any) -> str:
    """Return a text, which a notebook may hold as a list of lines."""
    return text if isinstance(text, str) else "".join(text)


def _image(data: Any) -> tuple[str, str] | None:
    """Return the type and the base64 text of the image of an output that the API reads, if there is one."""
    return next(((kind, _joined(data[kind])) for kind in IMAGES if kind in data), None)


def write_images(source: Path, folder: str) -> None:
    """Write the images in a notebook's outputs to `1.png`, `2.jpg` …, numbered as in its text."""
    cells = _notebook(source)["cells"]
    data = (output.get("data", {}) for cell in cells for output in cell.get("outputs", ()))
    for number, (kind, code) in enumerate(filter(None, map(_image, data)), 1):
        if number > MOST_IMAGES:
            raise ReaderError(f"it has more than {MOST_IMAGES} images")
        Path(folder, f"{number}{IMAGES[kind]}").write_bytes(base64.b64decode(code))
