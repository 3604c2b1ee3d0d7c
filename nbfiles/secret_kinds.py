r"""What is secret in a text, as one table: keys, passwords, secrets in addresses, ids, private paths.

A kind has `signs`, with one of which every secret of it begins (in lower case), and a pattern from there on. Texts
come as `redact` reads them: "\n" is any line end, and nothing else stands between letters. Keys and ids may go on
over a line end; so may the next word, which is left alone where it is a plain word of prose.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple


class Span(NamedTuple):
    """What to replace in a text, from `start` to `end`, and what to show instead."""

    start: int
    end: int
    shown: str


Shown = Callable[["re.Match[str]"], Span | None]


class SecretKind(NamedTuple):
    """A row of the table; `shown` says what is replaced, or that a match is no secret."""

    signs: tuple[str, ...]
    pattern: str
    shown: Shown


@lru_cache(maxsize=64)
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern when it is needed: `%load_ext` shows one line, and has few milliseconds."""
    return re.compile(pattern)


def find(text: str) -> list[Span]:
    """Return what is to be replaced, in order; of two that overlap, the first one takes the other in."""
    lowered = text.lower() if len(text.lower()) == len(text) else text
    joined = lowered.replace("\n", "")
    spans = [*_find_folders(text)]
    folders = {span.start for span in spans}  # which are told apart from others of their kind
    for kind in KINDS:
        shown = filter(None, map(kind.shown, _matches(kind, text, lowered, joined)))
        spans += [span for span in shown if span.end > span.start and span.start not in folders]
    return _apart(sorted(spans, key=lambda span: (span.start, -span.end)))


def _matches(kind: SecretKind, text: str, lowered: str, joined: str) -> Iterator[re.Match[str]]:
    """Yield the matches of a kind; a pattern is only tried where a sign is, unless a line end splits one."""
    for sign in kind.signs:
        count = joined.count(sign)
        if not count:
            continue
        if r"\n?" in kind.pattern and count > lowered.count(sign):
            yield from compiled(kind.pattern).finditer(text)
            return
        start, end = lowered.find(sign), 0
        while start >= 0:
            match = compiled(kind.pattern).match(text, start) if start >= end else None
            if match:
                yield match
                end = match.end()
            start = lowered.find(sign, start + 1)


def _apart(spans: list[Span]) -> list[Span]:
    apart: list[Span] = []
    for span in spans:
        if apart and span.start < apart[-1].end:
            apart[-1] = apart[-1]._replace(end=max(span.end, apart[-1].end))
        else:
            apart.append(span)
    return apart


def _spaced(literal: str) -> str:
    """Return a pattern for a word that a line end may split anywhere."""
    return r"\n?".join(map(re.escape, literal))


def _as(shown: str) -> Shown:
    """Return what shows a text instead of the group `hidden`, or of the whole match."""
    return lambda match: Span(*match.span("hidden" if "hidden" in match.re.groupindex else 0), shown)


# A key goes on behind a line end, unless a plain word with more behind it does.
_WORD = r"[A-Z]?[a-z]{0,14}[ \t,.;:!?()\[\]=\"']"
_KEY = rf"[A-Za-z0-9_-]+(?:\n(?!{_WORD})[A-Za-z0-9_-]{{4,}})*"

# Keys of vendors that notebooks hold beside ours, by how they begin; the formats are in their documentation.
_OTHERS = r"""(?x)(?<![A-Za-z0-9_-])(?:
    (?P<a>sk-(?:proj|svcacct|admin|or-v1)-)[A-Za-z0-9_-]{16,} | (?P<b>sk-)[A-Za-z0-9]{32,}
  | (?P<c>[srp]k_(?:live|test)_)[A-Za-z0-9]{10,} | (?P<d>gh[opusr]_)[A-Za-z0-9]{20,} | (?P<e>github_pat_)\w{20,}
  | (?P<f>glpat-)[\w-]{16,} | (?P<g>xox[a-z]-)[\w-]{10,} | (?P<h>hf_)[A-Za-z0-9]{20,}
  | (?P<i>AKIA|ASIA)[0-9A-Z]{16}\b | (?P<j>AIza)[\w-]{30,} | (?P<k>npm_)[A-Za-z0-9]{30,} | (?P<l>pypi-)[\w-]{40,}
  | (?P<m>ya29\.)[\w-]{16,} | (?P<n>eyJ)[\w-]{8,}\.[\w-]{6,}(?:\.[\w-]*)* )"""
_OTHER_SIGNS = "sk- sk_ pk_ rk_ gho_ ghp_ ghu_ ghs_ ghr_ github_pat_ glpat- xox hf_ akia asia aiza npm_ pypi- ya29. eyj"
_PEM = r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?P<hidden>(?:(?!-----END)[\s\S])*)"

# Of a header that says who asks, any value; else one that is no word, as "the bearer of news" is no secret.
_RANDOM = r"(?=[\w.~+/=-]*(?:[0-9]|[a-z][A-Z]|[A-Z]{2}))[\w.~+/=-]{6,}"
# What is redacted already stays as it is: nothing is left of it, or how a key of its kind begins.
_NOT_SHOWN = (
    r"(?!(?:sk-(?:ant-|proj-|svcacct-|admin-|or-v1-)?|[srp]k_(?:live|test)_|gh[opusr]_|github_pat_|glpat-|xox[a-z]-|hf_"
    r"|AKIA|ASIA|AIza|npm_|pypi-|ya29\.|eyJ)?…(?!\.?[\w+/=%-]))"
)
_VALUE = rf"{_NOT_SHOWN}[^\s\"'<>`,;)]+"
_SCHEME = r"(?i:(?:bearer|basic|token|digest)\b)"
_HEADER = rf"(?i:authorization)[\"']?\s*[:=]\s*[\"']?(?:{_SCHEME}\s+)?(?P<hidden>(?!{_SCHEME}){_VALUE})"
_BEARER = rf"(?<![A-Za-z])(?i:bearer)[ \t]+…?(?P<hidden>{_RANDOM})"
_X_HEADERS = ("x-api-key", "x-goog-api-key", "x-auth-token", "x-amz-security-token")
_X_HEADER = rf"(?i:{'|'.join(_X_HEADERS)})[\"']?\s*[:=,]\s*\[?+(?:b(?=[\"']))?+[\"']?+(?P<hidden>{_VALUE})"

# `name = "value"`: quoted, or set in an environment. A call or another variable behind it is code, and no secret.
_NAME_SIGNS = (
    *("api_key", "api-key", "apikey", "secret", "passw", "passphrase", "private_key", "private-key", "access_key"),
    *("access-key", "auth_token", "auth-token", "access_token", "refresh_token", "session_token", "token"),
)
_NAME = (
    r"(?:(?:api|private|access)[_-]?key|secret(?:[_-]?access)?(?:[_-]?key)?|passw(?:or)?d|passphrase"
    r"|(?:auth|access|refresh|session)[_-]token)"
)
_QUOTED = rf"(?i:{_NAME})[\"']?\]?\s*[:=]\s*(?P<quote>[\"']){_NOT_SHOWN}(?P<hidden>[^\"'\n<>]{{4,}})(?P=quote)"
_IN_ENVIRONMENT = (
    r"(?:API_KEY|TOKEN|SECRET|PASSWORD|PASSWD|ACCESS_KEY|PRIVATE_KEY)="
    rf"{_NOT_SHOWN}"
    r"(?P<hidden>[^\s\"'$(<\[{`][^\s\"'()<>\[\]{}`]{3,})"
)

# Parameters of addresses that let their holder in: of OAuth, of signed addresses of AWS, Google and Azure.
_LONG_VALUE = r"(?=[=\n]{1,2}…?[\w%+/.-]{16})"
_PARAMETERS = (
    r"(?:[a-z]+[_-])*(?:token|api[_-]?key|signature|secret|passw(?:or)?d|pwd|credential|session(?:[_-]?id)?|jwt|auth)"
    rf"|x-(?:amz|goog)-(?:signature|credential|security-token)|awsaccesskeyid|sig|sid|key{_LONG_VALUE}|code{_LONG_VALUE}"
)
_QUERY = (
    rf"[?&#;](?i:(?:amp;)?(?:{_PARAMETERS}))={_NOT_SHOWN}(?P<hidden>[^\s&#\"'<>)\]}}|`;]+"
    rf"(?:\n(?!{_WORD})[\w%+/=-]{{6,}})*)"
)
_USER = (  # a password may hold another @ or a / (coded, and read already); behind a port is none
    rf"://{_NOT_SHOWN}(?P<hidden>[^\s/@\"'<>?#]*:(?![0-9]{{1,5}}/)[^\s\"'<>?#]{{1,200}}|[^\s/@:\"'<>?#]{{16,}})@"
)

# Ids of the API (docs/wire-facts.md): 24 letters and digits that begin with 01; others where they are as random.
ID_NAMES = {
    "container": "container",
    "cntr": "container",
    "srvtoolu": "call",
    "toolu": "call",
    "msgbatch": "batch",
    "msg": "message",
    "batch": "batch",
    "skillver": "skill version",
    "skill": "skill",
    "wrkspc": "workspace",
    "session": "session",
    "apikey": "key",
    "file": "file",
    "user": "user",
    "org": "organization",
}
_ID = (
    rf"(?<![A-Za-z0-9])(?P<kind>{'|'.join(map(_spaced, ID_NAMES))})\n?_\n?"
    r"(?P<id>0\n?1(?:\n?[A-Za-z0-9]){22}(?![A-Za-z0-9])|[A-Za-z0-9]{8,})"
)
_NO_PATH = frozenset(" \t\n\"'`()<>[]=,;")
_OF_THE_API, _LONG, _LONGER = 10, 16, 24  # characters; names of people's files that are as long and as random are rare


def _id(match: re.Match[str]) -> Span | None:
    """Show what an id is of; that of a container goes with the path before it: where code lies on this machine."""
    body, text = match["id"].replace("\n", ""), match.string
    if not _is_random(body):
        return None
    name = ID_NAMES[match["kind"].replace("\n", "")]
    start, end = match.span()
    if name == "container":
        while start and text[start - 1] not in _NO_PATH:
            start -= 1
        end += text[end : end + 1] in ("/", "\\")
    in_path = name == "container" and (start, end) != match.span()
    # The last four characters tell two files apart and identify neither.
    return Span(start, end, "" if in_path else f"{name} …{body[-4:]}")


def _is_random(body: str) -> bool:
    """Return whether letters and digits are an id, and no part of a name such as `report2024`."""
    digits, letters = sum(map(str.isdigit, body)), sum(map(str.isalpha, body))
    mixed = not (body.islower() or body.isupper())
    if re.match("01[0-9A-Z]", body) and len(body) >= _OF_THE_API:
        return True
    long = (len(body) >= _LONG and mixed and digits > 1) or (len(body) >= _LONGER and digits > 2)
    return letters > 0 and long


_PART = r"[^\s/\\\"'`<>|()\[\]{},;:*?…]"  # of a path; it ends with a letter that no sentence ends with
_LAST = r"[^\s/\\\"'`<>|()\[\]{},;:*?.…]"
_WHO = rf"(?:{_PART}+(?:[ ]{_PART}+)?(?=[\\/])|{_PART}*{_LAST})"
_HOME = rf"(?i:/(?:home|users)/){_WHO}|/root(?=/[\w.])"
_TEMPORARY = (
    r"(?:/var/folders/[^/\s]+/[^/\s]+/[A-Z0-9]+|/var/tmp|/tmp|/dev/shm|/run/user/[0-9]+)"
    rf"(?P<rest>(?:/+{_PART}*{_LAST})+)"
)
_WINDOWS = (
    rf"(?i::[\\/]+(?:(?:users|documents[ ]and[ ]settings)[\\/]+{_WHO}"
    rf"(?P<temp>[\\/]+appdata[\\/]+local[\\/]+temp(?:[\\/]+{_PART}+)*)?|(?P<other>(?:windows[\\/]+)?te?mp(?:[\\/]+{_PART}+)+)))"
)
_SHARE = (
    rf"(?<![\\\w/:])(?:\\\\[A-Za-z0-9][\w.-]+\\(?!\\){_PART}+(?:\\{_PART}+)*"
    rf"|\\\\\\\\[A-Za-z0-9][\w.-]+\\\\(?!\\){_PART}+(?:\\\\{_PART}+)*)"
)
_BEFORE_PATH = r"(?:file://(?:localhost)?)?(?:(?:/mnt)?/[A-Za-z]|/private)?\Z"
_PATH_GOES_ON = r"[\w.~%/\\-]"
_FILE = r"[^.]\.\w{1,8}\Z"
_FOLDERS_OF_CODE = ("inputs", "outputs")  # of the API's containers, below /tmp; nobody's secret


def _path(shown: Callable[[re.Match[str]], str | None]) -> Shown:
    """Return what shows a path; one that is a part of another, such as of an address, is no secret."""

    def span(match: re.Match[str]) -> Span | None:
        text, start = match.string, match.start()
        before = compiled(_BEFORE_PATH).search(text, max(start - 24, 0), start)
        start = before.start() if before else start
        instead = shown(match)
        if instead is None or (start and compiled(_PATH_GOES_ON).match(text, start - 1)):
            return None
        return Span(start, match.end(), instead)

    return span


def _last(path: str, separator: str) -> str:
    """Return the last name of a path, if it is one of a file; names of folders stay out."""
    name = re.split(r"[\\/]+", path.rstrip("\\/"))[-1]
    return f"…{separator}{name}" if compiled(_FILE).search(name) else "…"


def _temporary(match: re.Match[str]) -> str | None:
    names = match["rest"].strip("/").split("/")
    is_file = compiled(_FILE).search(names[-1])
    plain = names[0] in _FOLDERS_OF_CODE or (len(names) == 1 and is_file)
    return None if plain and "tmp/" in match[0] else _last(match["rest"], "/")


def _windows(match: re.Match[str]) -> Span | None:
    start = match.start() - 1
    if start < 0 or not match.string[start].isalpha() or match.string[max(start - 1, 0) : start].isalnum():
        return None
    below = match["temp"] or match["other"]
    return Span(start, match.end(), _last(below, "\\") if below else "~")


def _find_folders(text: str) -> Iterator[Span]:
    """Find the folders of this process: the working folder, Python's own, the home."""
    if "/" in text or "\\" in text:
        joined = text.replace("\n", "")
        for folder, shown in _folders(_working_folder(), str(Path.home())):
            if folder in joined:
                yield from (Span(*match.span(), shown) for match in compiled(_folder_pattern(folder)).finditer(text))


@lru_cache(maxsize=8)
def _folders(here: str, home: str) -> tuple[tuple[str, str], ...]:
    # Where Python is installed for all is nobody's secret; an environment of one's own may be.
    pythons = {sys.prefix, sys.base_prefix, sys.exec_prefix} - {"/usr", "/usr/local"}
    folders = {home: "~", here: ".", str(Path(__file__).parent): "nbfiles"} | dict.fromkeys(pythons, "python")
    return tuple((path, shown) for path, shown in sorted(folders.items(), reverse=True) if len(path) > 3)


@lru_cache(maxsize=32)
def _folder_pattern(folder: str) -> str:
    # A short one, such as /root, is a part of other paths.
    start = "" if len(folder) > 12 else r"(?<![\w.~%/\\-])"
    return rf"{start}{_spaced(folder)}(?![\w-])"


def _working_folder() -> str:
    try:
        return str(Path.cwd())
    except OSError:  # it was deleted
        return ""


KINDS = (
    SecretKind(("sk-ant-",), rf"(?<![A-Za-z0-9]){_spaced('sk-ant-')}\n?{_KEY}", _as("sk-ant-…")),
    SecretKind(
        tuple(_OTHER_SIGNS.split()), _OTHERS, lambda match: Span(*match.span(), f"{match[match.lastgroup or 0]}…")
    ),
    SecretKind(("-----begin ",), _PEM, _as("…")),
    SecretKind(("authorization",), _HEADER, _as("…")),
    SecretKind(("bearer",), _BEARER, _as("…")),
    SecretKind(_X_HEADERS, _X_HEADER, _as("…")),
    SecretKind(_NAME_SIGNS, _QUOTED, _as("…")),
    SecretKind(_NAME_SIGNS, _IN_ENVIRONMENT, _as("…")),
    SecretKind(("?", "&", "#"), _QUERY, _as("…")),
    SecretKind(("://",), _USER, _as("…")),
    SecretKind(tuple(f"{name}_" for name in ID_NAMES), _ID, _id),
    SecretKind(("/home/", "/users/", "/root/"), _HOME, _path(lambda _match: "~")),
    SecretKind(("/tmp/", "/var/tmp/", "/var/folders/", "/dev/shm/", "/run/user/"), _TEMPORARY, _path(_temporary)),
    SecretKind((":\\", ":/"), _WINDOWS, _windows),
    SecretKind(("\\\\",), _SHARE, lambda match: Span(*match.span(), _last(match[0], "\\"))),
)
# Without "?", which ends questions; an address has "://", too.
_SIGNS = tuple(sign for kind in KINDS for sign in kind.signs if len(sign) > 1)


def has_sign(text: str) -> bool:
    """Return whether a secret may begin in a text, which another letter could complete."""
    lowered = text.lower()
    return any(sign in lowered for sign in _SIGNS)
