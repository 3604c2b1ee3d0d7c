"""Reads the HTML of an answer as a front end would, and notes whatever must not be there."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from nbfiles._display import math

NAMES = "p br hr h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code em strong s a table thead tbody tr th td span sup"
TAGS = set(NAMES.split())
VOID = {"br", "hr"}
LINK = {"target": "_blank", "rel": "noopener noreferrer nofollow"}
WEB = re.compile(
    r"https?://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:[/?#][!-~]*)?|mailto:[^\s?:]+@[\w.-]+"
)
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ue000\ue001\ufeff]"
)
FORBIDDEN_TEX = re.compile(
    r"(?<!\\)(?:\\\\)*\\(href|style|class|cssId|require|def|newcommand|rule|unicode|include|let|hspace)"
    r"|\\\\\s*\["
)


@dataclass
class Reader(HTMLParser):
    """Reads HTML as a front end would, and notes whatever must not be there."""

    wrong: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    open_tags: list[str] = field(default_factory=list)
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.wrong += [] if tag in TAGS else [f"<{tag}>"]
        if len(dict(attrs)) != len(attrs) or not self._allowed(tag, dict(attrs)):
            self.wrong.append(f"<{tag} {attrs}>")
        if tag not in VOID:
            self.open_tags.append(tag)

    @staticmethod
    def _allowed(tag: str, attrs: dict[str, str | None]) -> bool:
        match tag:
            case "a":
                href = attrs.pop("href", None) or ""
                return WEB.fullmatch(href) is not None and attrs == LINK
            case "td" | "th":
                return attrs in [{"style": f"text-align:{side}"} for side in ("left", "center", "right")]
            case "ol":
                return not attrs or (attrs.keys() == {"start"} and str(attrs["start"]).isdecimal())
            case _:
                return attrs == {}

    def handle_endtag(self, tag: str) -> None:
        if not self.open_tags or self.open_tags.pop() != tag:
            self.wrong.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.text += data
        if not {"pre", "code"} & set(self.open_tags) and re.search(r"[$\\]", data) and data not in ("$", "\\"):
            self._check_formula(data)

    def _check_formula(self, data: str) -> None:
        """What MathJax would find must be one whole formula in an element of its own."""
        tex = data.strip("$")
        whole = data in (f"${tex}$", f"$${tex}$$") and self.open_tags[-1:] == ["span"]
        if not whole or FORBIDDEN_TEX.search(tex) or not math.allowed(tex):
            self.wrong.append(f"formula: {data!r}")

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.wrong.append(f"<!{decl}>")

    def unknown_decl(self, data: str) -> None:
        self.wrong.append(f"<![{data}]>")

    def handle_pi(self, data: str) -> None:
        self.wrong.append(f"<?{data}>")


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    reader.wrong += [f"open: {tag}" for tag in reader.open_tags]
    reader.wrong += [f"character: {found!r}" for found in FORBIDDEN.findall(html)]
    return reader
