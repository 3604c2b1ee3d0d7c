"""Small Word and PowerPoint files, made of the XML that matters in a test."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import docx
from docx.opc.constants import CONTENT_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{address}"'
    for prefix, address in {
        "w": W,
        "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
        "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
        "dgm": "http://schemas.openxmlformats.org/drawingml/2006/diagram",
        "p": "http://schemas.openxmlformats.org/presentationml/2006/main",
        "v": "urn:schemas-microsoft-com:vml",
    }.items()
)
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


def run(text: str) -> str:
    """Return a run of text."""
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(text: str, properties: str = "") -> str:
    """Return a paragraph of one run."""
    return f"<w:p><w:pPr>{properties}</w:pPr>{run(text)}</w:p>"


def write_word(path: Path, body: str, **parts: str) -> Path:
    """Write a Word file with this body; of each part, its root element's name is the part's."""
    document = docx.Document()
    for name, content in parts.items():
        root = {"header": "hdr", "footer": "ftr"}.get(name, name)
        add_part(document.part, name, f"<w:{root} {NAMESPACES}>{content}</w:{root}>")
    stored = BytesIO()
    document.save(stored)
    with zipfile.ZipFile(stored) as honest, zipfile.ZipFile(path, "w") as archive:
        for name in honest.namelist():
            is_body = name == "word/document.xml"
            archive.writestr(name, word_document(body) if is_body else honest.read(name))
    return path


def word_document(body: str) -> str:
    """Return the main part of a Word file."""
    return f"<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>"


def add_part(part: Part, name: str, content: str, kind: str | None = None) -> str:
    """Add a related part, or replace the one of the template, and return the id of the relation."""
    relation = RELATIONS + (kind or name)
    for existing in [one for one in part.rels.values() if one.reltype == relation and name != "chart"]:
        del part.rels[existing.rId]
    uri = PackURI(f"/word/{name}-{len(part.rels)}.xml")
    return part.relate_to(Part(uri, CONTENT_TYPE.XML, content.encode(), part.package), relation)


def chart(title: str, labels: Mapping[str, str]) -> str:
    """Return a chart with one series."""

    def points(values: list[str]) -> str:
        return "".join(f'<c:pt idx="{number}"><c:v>{value}</c:v></c:pt>' for number, value in enumerate(values))

    return (
        f"<c:chartSpace {NAMESPACES}><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>{title}</a:t></a:r></a:p></c:rich>"
        "</c:tx></c:title><c:plotArea><c:barChart><c:ser><c:tx><c:strRef><c:strCache>"
        f"{points(['Revenue'])}</c:strCache></c:strRef></c:tx>"
        f"<c:cat><c:strRef><c:strCache>{points(list(labels))}</c:strCache></c:strRef></c:cat>"
        f"<c:val><c:numRef><c:numCache>{points(list(labels.values()))}</c:numCache></c:numRef></c:val>"
        "</c:ser></c:barChart></c:plotArea></c:chart></c:chartSpace>"
    )
