"""The text of one paragraph of a Word file: its runs, with notes, equations, symbols, fields and images."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nbfiles._documents.readers import drawings
from nbfiles._documents.readers.equations import equation
from nbfiles._documents.readers.ooxml import address, alternative, attribute, child, children, name_of
from nbfiles._documents.readers.scripts import STRUCK, SUB, SUPER, marked
from nbfiles._documents.readers.symbols import in_font, symbol

if TYPE_CHECKING:
    from nbfiles._documents.readers.docx_text import Story

# What has no text of its own, or one that was deleted or moved away.
SKIPPED = frozenset((
    "w:pPr", "w:rPr", "w:sectPr", "w:sdtPr", "w:sdtEndPr", "w:tblPr", "w:tblGrid", "w:trPr", "w:tcPr", "w:tblPrEx",
    "w:del", "w:moveFrom", "w:delText", "w:delInstrText", "w:annotationRef", "w:footnoteRef", "w:endnoteRef",
    "w:customXmlPr", "w:smartTagPr", "w:pgNum", "wp:positionH", "wp:positionV", "wp:docPr",
))  # fmt: skip
_MARKS = {
    "w:tab": "\t",
    "w:ptab": "\t",
    "w:br": "\n",
    "w:cr": "\n",
    "w:noBreakHyphen": "\u2011",
    "w:softHyphen": "\u00ad",
}
_SCRIPTS = {"superscript": SUPER, "subscript": SUB}
_STRIKES, _OFF = ("w:strike", "w:dstrike"), ("0", "false", "off")
_LINK = re.compile(r'\s*HYPERLINK\s+"([^"]+)"')


class ParagraphText:
    """Makes the text of a paragraph; `boxes` are the lines of what is drawn in it."""

    def __init__(self, story: Story) -> None:
        self.boxes: list[str] = []
        self._story, self._left_out = story, story.document.left_out
        self._texts: list[str] = []
        self._is_struck = False
        self._script = ""  # of the last text: SUPER, SUB or on the line
        self._fields: list[tuple[int, str]] = []  # where the result of each open field begins, and its instruction

    def text(self, paragraph: Any) -> str:
        """Return the text of a paragraph with its tabs and line breaks."""
        self._add(paragraph)
        self._strike(begins=False)
        return "".join(self._texts)

    def _add(self, parent: Any) -> None:
        for node in parent:
            name = name_of(node.tag)
            if name == "w:t":
                self._text(node)
            elif name in _MARKS:
                self._texts.append(_MARKS[name])
            elif name in _HANDLERS:
                _HANDLERS[name](self, node)
            elif name not in SKIPPED:
                self._add(node)

    def _text(self, node: Any) -> None:
        if text := _run_text(node):
            properties = child(node.getparent(), "w:rPr")
            script = self._script_of(properties)
            self._strike(begins=any(_is_on(child(properties, name)) for name in _STRIKES))
            before = self._texts[-1] if self._texts else ""
            self._texts.append(marked(before, text, script, self._script))
            self._script = script

    def _script_of(self, properties: Any) -> str:
        """Return whether a run stands above or below the line, by itself or by its style."""
        own = attribute(child(properties, "w:vertAlign"), "val")
        style = attribute(child(properties, "w:rStyle"), "val")
        return _SCRIPTS.get(own or self._story.document.vertical(style), "")

    def _strike(self, *, begins: bool) -> None:
        if begins != self._is_struck:
            self._texts.append(STRUCK)
        self._is_struck = begins

    def _mention(self, node: Any) -> None:
        kind = name_of(node.tag).removeprefix("w:").removesuffix("Reference")
        self._texts.append(self._story.document.mark(kind, attribute(node, "id")))

    def _symbol(self, node: Any) -> None:
        code = attribute(node, "char")
        if re.fullmatch("[0-9A-Fa-f]{1,6}", code):
            self._texts.append(symbol(attribute(node, "font"), int(code, 16)))

    def _equation(self, node: Any) -> None:
        self._texts.append(equation(node))

    def _alternative(self, node: Any) -> None:
        self._add(alternative(node))

    def _hyperlink(self, node: Any) -> None:
        begin = len(self._texts)
        self._add(node)
        target, anchor = address(self._story.part, node), attribute(node, "anchor")
        self._link(begin, f"{target}#{anchor}" if target and anchor and "#" not in target else target)

    def _link(self, begin: int, target: str) -> None:
        """Write the address behind the text that was added since; not where the text is the address."""
        text = "".join(self._texts[begin:])
        if target and text.strip() and text.strip() not in (target, target.partition(":")[2].strip("/")):
            self._texts[begin:] = [f"[{text}]({target})"]

    def _field_mark(self, node: Any) -> None:
        match attribute(node, "fldCharType"):
            case "begin":
                self._form(node)
                self._fields.append((len(self._texts), ""))
            case "separate" if self._fields:  # what came before are results of fields within its instruction
                del self._texts[self._fields[-1][0] :]
            case "end" if self._fields:
                begin, instruction = self._fields.pop()
                if match := _LINK.match(instruction):
                    self._link(begin, match[1])

    def _instruction(self, node: Any) -> None:
        if self._fields:
            begin, instruction = self._fields[-1]
            self._fields[-1] = (begin, instruction + (node.text or ""))

    def _simple_field(self, node: Any) -> None:
        begin = len(self._texts)
        self._add(node)
        if match := _LINK.match(attribute(node, "instr")):
            self._link(begin, match[1])

    def _form(self, node: Any) -> None:
        """Write what is chosen in a field of a form."""
        box, choices = child(node, "w:ffData", "w:checkBox"), child(node, "w:ffData", "w:ddList")
        if box is not None:
            checked = child(box, "w:checked")
            state = child(box, "w:default") if checked is None else checked
            is_on = state is not None and attribute(state, "val", "1") not in ("0", "false")
            self._texts.append("☒" if is_on else "☐")
        if choices is not None:
            entries = [attribute(one, "val") for one in children(choices, "w:listEntry")]
            chosen = child(choices, "w:result")
            number = attribute(child(choices, "w:default") if chosen is None else chosen, "val", "0")
            self._texts += entries[int(number) :][:1] if number.isdecimal() else []

    def _ruby(self, node: Any) -> None:
        """Write the base, and how it is read in brackets."""
        for name, mark in (("w:rubyBase", "("), ("w:rt", ")")):
            for part in children(node, name):
                self._add(part)
            self._texts.append(mark)

    def _box(self, node: Any) -> None:
        self.boxes += [line for line in self._story.blocks(node) if line.strip()]

    def _shape_text(self, node: Any) -> None:
        self.boxes += drawings.paragraphs(node)

    def _drawing(self, node: Any) -> None:
        """Write the alternative text, and put what is in the drawing into lines of its own."""
        images = sum(1 for _ in drawings.own(node, "pic:pic"))
        self._left_out["image"] += images
        self._alternative_text("image" if images else "drawing", drawings.own(node, "wp:docPr", "pic:cNvPr"))
        self.boxes += drawings.graphic(node, self._story.part, self._left_out)
        self._add(node)

    def _vector_drawing(self, node: Any) -> None:
        """As `_drawing`, in the form of old versions."""
        self._left_out["image"] += sum(1 for _ in drawings.own(node, "v:imagedata"))
        shapes = drawings.own(node, "v:shape", "v:rect", "v:group", "v:oval")
        if text := next(filter(None, (attribute(shape, "alt") for shape in shapes)), ""):
            self._texts.append(f"[image: {' '.join(text.split())}]")
        self.boxes += filter(None, (attribute(one, "string") for one in drawings.own(node, "v:textpath")))
        self._add(node)

    def _alternative_text(self, kind: str, properties: Any) -> None:
        if text := drawings.alternative_text(properties):
            self._texts.append(f"[{kind}: {text}]")

    def _document(self, _node: Any) -> None:
        self._left_out["inserted document"] += 1

    def _embedded(self, _node: Any) -> None:
        self._left_out["embedded object"] += 1


def _is_on(node: Any) -> bool:
    return node is not None and attribute(node, "val", "1") not in _OFF


def _run_text(node: Any) -> str:
    """Return a text; characters of a symbol font are those that it shows."""
    text = node.text or ""
    if text.isascii():
        return text
    run = node.getparent()
    return in_font(text, attribute(child(run, "w:rPr", "w:rFonts"), "ascii"))


_HANDLERS: dict[str, Callable[[ParagraphText, Any], None]] = {
    "w:footnoteReference": ParagraphText._mention,
    "w:endnoteReference": ParagraphText._mention,
    "w:commentReference": ParagraphText._mention,
    "w:sym": ParagraphText._symbol,
    "m:oMath": ParagraphText._equation,
    "mc:AlternateContent": ParagraphText._alternative,
    "w:hyperlink": ParagraphText._hyperlink,
    "w:fldSimple": ParagraphText._simple_field,
    "w:fldChar": ParagraphText._field_mark,
    "w:instrText": ParagraphText._instruction,
    "w:ruby": ParagraphText._ruby,
    "w:txbxContent": ParagraphText._box,
    "a:txBody": ParagraphText._shape_text,
    "w:drawing": ParagraphText._drawing,
    "w:pict": ParagraphText._vector_drawing,
    "w:subDoc": ParagraphText._document,
    "w:object": ParagraphText._embedded,
}
