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


_LONGEST_SIGN = 16  # characters of those whose kind has a `body`

Shown = Callable[["re.Match[str]"], Span | None]


class SecretKind(NamedTuple):
    """A row of the table; `shown` says what is replaced, or that a match is not a secret."""

    signs: tuple[str, ...]
    pattern: str
    shown: Shown
    body: str = ""  # what stands in each of them, where that is found sooner than many signs


@lru_cache(maxsize=128)
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern when it is needed: `%load_ext` shows one line, and has few milliseconds."""
    return re.compile(pattern)


def find_kinds(text: str) -> list[Span]:
    """Return what is to be replaced of the kinds of the table."""
    lowered = text.lower() if len(text.lower()) == len(text) else text
    joined = lowered.replace("\n", "")
    spans = [*_find_folders(text)]
    folders = {span.start for span in spans}  # which are told apart from others of their kind
    for kind in KINDS:
        shown = filter(None, map(kind.shown, _matches(kind, text, lowered, joined)))
        spans += [span for span in shown if span.end > span.start and span.start not in folders]
    return spans


def _matches(kind: SecretKind, text: str, lowered: str, joined: str) -> Iterator[re.Match[str]]:
    """Yield the matches of a kind; a pattern is only tried where a sign is, unless a line end splits one."""
    is_split = r"\n?" in kind.pattern
    for sign in _signs(kind, joined if is_split else lowered):
        if is_split and joined.count(sign) > lowered.count(sign):
            yield from compiled(kind.pattern).finditer(text)
            return
        start, end = lowered.find(sign), 0
        while start >= 0:
            match = compiled(kind.pattern).match(text, start) if start >= end else None
            if match:
                yield match
                end = match.end()
            start = lowered.find(sign, start + 1)


def _signs(kind: SecretKind, lowered: str) -> list[str]:
    """Return which signs of a kind are in a text."""
    if kind.body:
        bodies = compiled(kind.body).finditer(lowered)
        lowered = "\n".join([lowered[max(body.start() - _LONGEST_SIGN, 0) : body.end()] for body in bodies])
    return [sign for sign in kind.signs if sign in lowered]


def apart(spans: list[Span]) -> list[Span]:
    """Return spans in order; of two that overlap, the first one takes the other in."""
    separate: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if separate and span.start < separate[-1].end:
            separate[-1] = separate[-1]._replace(end=max(span.end, separate[-1].end))
        else:
            separate.append(span)
    return separate


def spaced(literal: str) -> str:
    """Return a pattern for a word that a line end may split anywhere."""
    return r"\n?".join(map(re.escape, literal))


def _as(shown: str) -> Shown:
    """Return what shows a text instead of the group `hidden`, or of the whole match."""
    return lambda match: Span(*match.span("hidden" if "hidden" in match.re.groupindex else 0), shown)


def _vendor(match: re.Match[str]) -> Span | None:
    """Show how a key begins: that says whose it is. Inside a name only what is surely a key is one."""
    prefix = match[match.lastindex or 0]
    is_inside = match.string[max(match.start() - 1, 0) : match.start()] in ("_", "-")
    if is_inside and not compiled(_SURE_KEY).search(match[0], len(prefix)):
        return None
    return Span(*match.span(), f"{prefix}…")


# A key goes on behind a line end, unless a plain word with more behind it does.
_WORD = r"[A-Z]?[a-z]{0,14}[ \t,.;:!?()\[\]=\"']"
_GOES_ON = rf"(?:=|[\"'])?\n[\"']?(?!{_WORD})"  # also of quoted-printable text, and of a text in several quotes
_KEY = rf"[A-Za-z0-9_-]+(?:{_GOES_ON}[A-Za-z0-9_-]{{4,}})*"
# As random as only a key is: `key-` and a hash, or a name of many words, may stand in a longer name.
_SURE_KEY = r"(?=[A-Za-z0-9]*[a-z])(?=[A-Za-z0-9]*[A-Z])(?=(?:[A-Za-z]*[0-9]){2})[A-Za-z0-9]{20}"

# Keys of vendors that notebooks hold beside ours: how they begin, and what follows, as their documentation says.
_VENDORS = {
    "sk-proj- sk-svcacct- sk-admin- sk-or-v1-": r"[\w-]{16,}",  # OpenAI, OpenRouter
    "sk-": r"[A-Za-z0-9]{32,}",
    "gsk_ r8_ pplx- xai- pcsk_ tvly- nvapi- hf_": r"[\w-]{20,}",  # other models, and what is built on them
    "lsv2_pt_ lsv2_sk_": r"[0-9a-f]{32}_[0-9a-f]{8,}",
    "sk_live_ sk_test_ pk_live_ pk_test_ rk_live_ rk_test_": r"[A-Za-z0-9]{10,}",  # Stripe
    "whsec_": r"[A-Za-z0-9+/]{24,}",
    "gho_ ghp_ ghu_ ghs_ ghr_ github_pat_": r"\w{20,}",
    "glpat- gldt- glrt- glptt- glft- glcbt- glsoat- gloas- glagent-": r"[\w.-]{16,}",  # GitLab
    "xoxa- xoxb- xoxc- xoxd- xoxe- xoxo- xoxp- xoxr- xoxs- xapp-": r"[\w-]{10,}",  # Slack
    "AKIA ASIA": r"[0-9A-Z]{16}\b",
    "ABSK": r"[A-Za-z0-9+/]{60,}={0,2}",
    "AIza": r"[\w-]{30,}",
    "GOCSPX- ya29.": r"[\w-]{16,}",
    "SG.": r"[\w-]{16,}\.[\w-]{16,}",  # SendGrid
    "xkeysib-": r"[0-9a-f]{64}[\w-]*",
    "key-": r"[0-9a-f]{32}\b",  # Mailgun
    "dapi": r"[0-9a-f]{32}(?:-[0-9])?\b",  # Databricks
    "shpat_ shpca_ shppa_ shpss_": r"[0-9A-Fa-f]{32}",  # Shopify
    "dop_v1_ doo_v1_ dor_v1_": r"[0-9a-f]{64}",  # DigitalOcean
    "hvs. hvb. hvr. dp.pt. dp.st. dp.ct. dp.sa.": r"[\w-]{24,}",  # Vault, Doppler
    "glsa_ glc_ ntn_ lin_api_ figd_ sbp_ sb_secret_ nfp_ sntrys_ sntryu_ pscale_tkn_ pscale_pw_": r"[\w.+/=-]{30,}",
    "NRAK-": r"[A-Z0-9]{27}",  # New Relic
    "PMAK-": r"[0-9a-f]{24}-[0-9a-f]{34}",  # Postman
    "sq0atp- sq0csp- ATATT3 dt0c01.": r"[\w.=-]{22,}",  # Square, Atlassian, Dynatrace
    "npm_ pypi- rubygems_ dckr_pat_ dckr_oat_": r"[\w-]{27,}",
    "AGE-SECRET-KEY-1": r"[0-9A-Z]{58}",
    "tskey-auth- tskey-api- tskey-client- tskey-scim- tskey-webhook-": r"[\w-]{16,}",  # Tailscale
    "ops_": r"eyJ[\w+/=-]{20,}",  # 1Password
    "CFPAT-": r"[\w-]{30,}",  # Contentful
    "phx_ phs_": r"[A-Za-z0-9]{32,}",  # PostHog
    "jina_": r"[A-Za-z0-9][\w-]{0,10}[A-Za-z0-9]{30,}[\w-]*",
    "fw_": r"[A-Za-z0-9]{20,}",  # Fireworks
    "EAA": r"[A-Z][A-Za-z0-9]{40,}",  # Facebook
    "secret_": r"[A-Za-z0-9]{43}(?![A-Za-z0-9])",  # Notion, in its old form
    "eyJ": r"[\w-]{8,}\.[\w-]{6,}(?:\.[\w-]*)*",  # a JWT
}
_PREFIXES = " ".join(_VENDORS).split()
_VENDOR_SIGNS = [prefix.lower() for prefix in _PREFIXES]
_VENDOR = (
    "(?<![A-Za-z0-9])(?:"
    + "|".join(rf"({'|'.join(map(re.escape, prefixes.split()))}){rest}" for prefixes, rest in _VENDORS.items())
    + ")"
)
_BOT = r":AA(?P<hidden>[\w-]{33})(?![\w-])"  # of Telegram, behind a number
_HOOK = (
    r"(?i:hooks\.slack(?:-gov)?\.com/(?:services|workflows)/|/api/webhooks/[0-9]{6,}/"
    r"|(?:webhook|outlook)\.office(?:365)?\.com/webhook(?:b2)?/)(?P<hidden>[\w@-]{8,}(?:/[\w-]+)*)"
)
_HOOK_SIGNS = ("hooks.slack.com/", "hooks.slack-gov.com/", "/api/webhooks/", "webhook.office", "outlook.office")
_ATLAS = r"\.atlasv1\.(?P<hidden>[\w=-]{30,})"  # of Terraform
_PEM = r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?P<hidden>(?:(?!-----END)[\s\S])*)"
_PUTTY = r"(?i:private-lines):\s*[0-9]+\s+(?P<hidden>[A-Za-z0-9+/=]{16,}(?:\n[A-Za-z0-9+/=]+(?![\w+/=-]))*)"

# Of a header that says who asks, any value; else one that is not a word, as "the bearer of news" is not a secret.
_RANDOM = r"(?=[\w.~+/=-]*(?:[0-9]|[a-z][A-Z]|[A-Z]{2}))[\w.~+/=-]{6,}"
# What is redacted already stays as it is: nothing is left of it, or how a key of its kind begins.
_NOT_SHOWN = rf"(?!(?:{'|'.join(map(re.escape, ('sk-ant-', *_PREFIXES)))})?…(?!\.?[\w+/=%-]))"
_VALUE = rf"{_NOT_SHOWN}[^\s\"'<>`,;)]+"
_SCHEME = (
    r"(?i:(?:bearer|basic|token|digest|apikey|ssws|sharedkey(?:lite)?|negotiate|ntlm|dpop|hawk|aws4-hmac-sha256)\b)"
)
_PARAMETER = r"[\w-]{1,40}=(?:\"[^\"\n]*+\"?+|[^\s,\"'<>`]++)"  # of a scheme, such as `response="…"` of Digest
_OTHER_SCHEME = rf"[A-Za-z-]{{2,20}}[ \t]++(?=…|{_RANDOM}|[\w-]{{1,40}}=[\"'])"
_HEADER = (
    rf"(?i:authorization)(?:[\"']?\s*[:=]|[\"']\s*,(?=\s*b?[\"']{_SCHEME}\s))\s*+(?:b(?=[\"']))?+"
    rf"(?P<sure>[\"']|(?={_SCHEME}))?+(?:{_SCHEME}\s++[\"']?+|{_OTHER_SCHEME})?+"
    rf"(?P<hidden>{_NOT_SHOWN}{_PARAMETER}(?:\s*+,\s*+{_PARAMETER})*+|(?!{_SCHEME}){_VALUE})"
)
_BEARER = rf"(?<![A-Za-z])(?i:bearer)[ \t]+…?(?P<hidden>{_RANDOM})"
_X_HEADERS = (
    *("x-api-key", "x-goog-api-key", "x-auth-token", "x-amz-security-token", "x-auth-key", "x-functions-key"),
    *("x-access-token", "x-access-key", "x-secret-key", "x-vault-token", "x-shopify-access-token", "x-figma-token"),
)
_X_HEADER = rf"(?i:{'|'.join(_X_HEADERS)})[\"']?\s*[:=,]\s*\[?+(?:b(?=[\"']))?+[\"']?+(?P<hidden>{_VALUE})"

# Of a cookie, all values; of one that is set, not the attributes.
_ATTRIBUTE = r"(?i:path|domain|expires|max-age|samesite|secure|httponly|priority|partitioned|version)\b"
_CRUMB = rf"(?!{_ATTRIBUTE})[\w.$+-]{{1,64}}=[^\s;,\"'<>`]*"
_COOKIE = (
    r"(?i:cookie)(?:[\"']?\s*[:=,]\s*\[?+(?:b(?=[\"']))?+[\"']?+|[ \t]+[\"']?+)"
    rf"(?!{_ATTRIBUTE})[\w.$+-]{{1,64}}={_NOT_SHOWN}(?P<hidden>[^\s;,\"'<>`]*(?:;[ \t]*{_CRUMB})*)"
)

# Settings, `name = "value"`, quoted or not, and options of commands; `_is_named` and `_is_value` say which are secret.
_KEYS = ("api", "private", "access", "account", "signing", "encryption", "master", "subscription")
_KEY_NAME = "(?<=[a-z_-])(?:" + "|".join(f"(?<={name})|(?<={name}[_-])" for name in _KEYS) + ")key"
_PASSES = "|".join(f"(?<={name}_)" for name in ("db", "pg", "user", "smtp", "mail", "admin", "root"))
_PASSWORD = (
    rf"passw(?:or)?d|passwort|passphrase|pwd|(?:(?<=[\"'-])|{_PASSES}|(?-i:(?<=[A-Z0-9]_)(?=PASS)))pass(?![a-z])"
)
_TOKENS = "|".join(f"(?<={name}[_-])" for name in ("auth", "access", "refresh", "session", "api", "bot"))
_SECRET = rf"secret(?:[_-]?access)?(?:[_-]?key)?|(?:{_TOKENS})token"
_TOKEN = r"token|(?:auth|session(?:_?id)?|sid)(?=[\"'])|(?<![a-z0-9])_auth(?=[\"']?\s*[:=])"  # the last of npm
_SETTING_SIGNS: tuple[str, ...] = ("pass", "pwd", "secret", "token", "key", "sessionid", "session_id", "_auth")
_SETTING_SIGNS += ("auth'", 'auth"', "session'", 'session"', "sid'", 'sid"')
_NEXT = r"[;&,](?=[ \t]*[\w.-]{1,40}[=:]|\s|\Z)"  # where the next setting follows on the same line
_SETTING = (
    rf"(?i:(?P<password>{_PASSWORD})|{_SECRET}|{_KEY_NAME}|(?P<token>{_TOKEN}))"
    r"(?P<by>[\"']?\]?\s*+(?::?[:=]|=>)[ \t]*+|[\"'],[ \t]*+(?=[\"'])|[ \t]++)"
    rf"(?:\s*+(?:[bru]{{1,2}}(?=[\"']))?+(?P<quote>\"{{3}}|'{{3}}|[\"']){_NOT_SHOWN}(?![ ,)+])"
    r"(?P<quoted>(?:(?!(?P=quote))[^\n<>])++)(?P=quote)"
    rf"|{_NOT_SHOWN}(?P<bare>(?:(?!{_NEXT})[^\s\"'<>`])++))"
)
_OPTION = r"(?:(?<![\w-])--(?:[a-z0-9]{1,20}[_-]){0,4}|\bmachine\s+\S{1,80}\s+login\s+\S{1,80}\s+)\Z"
_CURL_USER = (
    r"(?<![\w-])(?i:-u|--(?:proxy-)?user)(?:=|[ \t]+)?[\"']?[^\s:\"'$<>{}]{1,64}:"
    rf"{_NOT_SHOWN}(?P<hidden>[^\s\"'<>`]{{3,}})"
)
# No values: references of templates and shells, calls; names, types, counts, dates, algorithms, paths, addresses.
_REFERENCE = r"\$?\{.*|\$\w+|\$\(.*|%\(.*|\[.*|<.*|.*\{\w+\}.*|[a-z_][\w.]*[(\[{].*"
_TEMPLATE = r"\$?\{.*\}|%\(\w+\)s"
_NAMES = r"(?:password|passwd|passphrase|pass|pwd?|token|secret|key|value|line|text|name)"
_ALGORITHM = (
    r"(?:sha|hmac|aes|md|[rhp]s|es|rsa|base|utf|pbkdf|argon|ed|oauth|tls|u?int|float|decimal|n?(?:var)?char|string|bytes)"
    r"[-_]?[0-9]+(?:[-_][\w-]+)?"
)
_NO_VALUE = (
    rf"(?i:{_REFERENCE}|(?:[=:|%]|--).*|\w?:.*|![a-z]+|[a-z_.!?-]+|[a-z_]\w*(?:\.[a-z_]\w*)+|(?:\w+_)?{_NAMES}_?[0-9]{{0,2}}"
    rf"|{_ALGORITHM}|[a-z_]\w*=[^=].*|[0-9]{{1,3}}(?:-[a-z]+|[a-z]{{1,2}})|v?[0-9]+(?:\.[0-9]+)+\w*|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}.*"
    r"|(?:~|\.{1,2})?/[\w.-]+(?:/[\w.-]+)*/?|[a-z]:[\\/].*|[\w./~-]+\.(?:pem|key|crt|txt|json|ya?ml|env|py|md|csv)"
    r"|[a-z][\w+.-]*://.*|(?:arn|vault|env|file|op|ref):.*)"
)
# What stands for a value in a manual: `--password=PASSWORD`, `-u user:password`.
_EXAMPLE = (
    rf"{_REFERENCE}|[A-Z_]+|(?i:(?:(?:your|my|the)[_-]?)?"
    r"(?:passw(?:or)?d|pass|pwd?|secret|(?:api[_-]?)?(?:token|key)|value|string|str|text|none|null|true|false))"
)
# A quoted one is no attribute of an object: a letter and a dot, as Vault's begin.
_DOTTED_TOKEN = r"[a-z]\.(?=\D*\d\D*\d)(?=[^A-Z]*[A-Z])[A-Za-z0-9]{12,}"
_SHORT = 4  # characters; what is shorter is no password


def _setting(match: re.Match[str]) -> Span | None:
    """Show a setting or an option without its value, where that is one."""
    start, by = match.start(), match["by"]
    is_option = bool(compiled(_OPTION).search(match.string, max(start - 200, 0), start))
    if not (is_option or "=" in by or ":" in by):
        return None
    group = "quoted" if match["quote"] else "bare"
    value = match[group] if match["quote"] else match[group].rstrip(".,;)]}")
    is_secret = _is_named(match, value, is_option=is_option) or _is_value(match, value.strip("…"))
    return Span(match.start(group), match.start(group) + len(value), "…") if is_secret else None


def _is_named(match: re.Match[str], value: str, *, is_option: bool) -> bool:
    """Return whether the name alone says that the value is secret, as of `password = "word"` or `API_KEY=word`."""
    name = match.string[match.start() : match.start("by")]
    if len(value) < _SHORT or (name.lower() in ("pass", "pwd") and not _is_short_password(match, name, value)):
        return False
    if is_option:
        return match["by"] == "=" and not compiled(_EXAMPLE).fullmatch(value)
    if match["quote"]:
        return not match["token"] and not compiled(_TEMPLATE).fullmatch(value)
    return match["by"] == "=" and name.isupper() and not compiled(rf"(?i:{_REFERENCE})").fullmatch(value)


def _is_short_password(match: re.Match[str], name: str, value: str) -> bool:
    """Return whether `pass` or `pwd` is a password: `DB_PASS=word`, `pwd="a word"`; `PWD` alone is a folder."""
    is_plain = compiled(rf"(?i:[~./$].*|[a-z]:[\\/].*)|{_EXAMPLE}").fullmatch(value)
    of_one = match.string[max(match.start() - 1, 0) : match.start()] == "_" and name.isupper()
    return not is_plain and (of_one or (name == "pwd" and match["quote"] is not None))


def _is_value(match: re.Match[str], value: str) -> bool:
    """Return whether a text is as no word and no code is: with letters and digits, or a password with other signs."""
    least, enough = (10, 2) if match["token"] else (5, 1)
    if match["quote"] and compiled(_DOTTED_TOKEN).fullmatch(value):
        return True
    if len(value) < least or (match["token"] and " " in value) or compiled(_NO_VALUE).fullmatch(value[:400]):
        return False
    digits, letters = sum(map(str.isdigit, value)), sum(map(str.isalpha, value))
    if match["password"] and (compiled(r"\w.*[@!$^#]").match(value) or digits == len(value) > least):
        return True
    return letters > 0 and digits >= enough


def _curl_user(match: re.Match[str]) -> Span | None:
    """Show a user of curl without the password; elsewhere `-u 1000:1000` is a user and a group."""
    before = match.string[max(match.start() - 400, 0) : match.start()]
    is_curl = compiled(r"\b(?:curl|wget)\b[^|;,]*\Z").search(before)
    return _as("…")(match) if is_curl and not compiled(_EXAMPLE).fullmatch(match["hidden"]) else None


def _header(match: re.Match[str]) -> Span | None:
    """Show a header without its value; an unquoted word without a scheme is prose."""
    is_secret = match["sure"] is not None or compiled(_RANDOM).match(match["hidden"].lstrip("…"))
    return _as("…")(match) if is_secret else None


def _cookie(match: re.Match[str]) -> Span | None:
    """Show a cookie without its values, if one of them is long."""
    values = re.split(r";[ \t]*[\w.$+-]+=", match["hidden"])
    return _as("…")(match) if any(len(value) >= 2 * _SHORT for value in values) else None


# Parameters of addresses that let their holder in: of OAuth, of signed addresses of AWS, Google and Azure.
_LONG_VALUE = r"(?=[=\n]{1,2}…?[\w%+/.-]{16})"
_ODD_VALUE = r"(?=[=\n]{1,2}…?(?=[A-Za-z_-]*[^\sA-Za-z_&#-])[^\s&#]{5})"
_PARAMETERS = (
    r"(?:[a-z]+[_-])*(?:token|api[_-]?key|signature|secret|passw(?:or)?d|pwd|credential|jwt|auth"
    rf"|session(?:[_-]?id)?{_LONG_VALUE})"
    rf"|x-(?:amz|goog)-(?:signature|credential|security-token)|awsaccesskeyid|sig"
    rf"|pass{_ODD_VALUE}|(?:key|code|sid|(?:php|j)?sessid|jsessionid){_LONG_VALUE}"
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
    rf"(?<![A-Za-z0-9])(?P<kind>{'|'.join(map(spaced, ID_NAMES))})\n?_\n?"
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
# Folders that nobody owns, and pages: /Users/Shared, /home/index.html.
_NOBODY = (
    r"(?!(?i:(?:shared|public|default(?:[ ]user)?|all[ ]users)(?![\w.-])"
    r"|[\w-]+\.(?:html?|php|jsx?|tsx?|css|md|json|xml|txt|png|svg|jsp|aspx?|csv|parquet|xlsx|pdf|py|ipynb)(?![\w/.-])))"
)
_HOME = rf"(?i:/(?:homes?[0-9]{{0,2}}|users)/){_NOBODY}{_WHO}|/root(?=/[\w.])"
_CELL = rf"/(?:afs/[\w.-]+|eos)/(?:users?|usr|home)/(?:\w/(?:\w\w/)?)?+{_WHO}"
_VOLUME = rf"/Volumes/{_PART}+(?:[ ]{_PART}+){{0,3}}(?=/[\w.])"
_TILDE = r"~[A-Za-z][\w.-]{2,31}(?=/[A-Za-z._])"
_TEMPORARY = (
    r"(?:/var/folders/[^/\s]+/[^/\s]+/[A-Z0-9]+|/var/tmp|/tmp|/dev/shm|/run/user/[0-9]+)"
    rf"(?P<rest>(?:/+{_PART}*{_LAST})+)"
)
_WINDOWS = (
    rf"(?i::[\\/]+(?:(?:users|profiles|homes?|documents[ ]and[ ]settings)[\\/]+{_NOBODY}{_WHO}"
    rf"(?P<temp>[\\/]+appdata[\\/]+local[\\/]+temp(?:[\\/]+{_PART}+)*)?|(?P<other>(?:windows[\\/]+)?te?mp(?:[\\/]+{_PART}+)+)))"
)
_SHARE = (
    rf"(?<![\\\w/:])(?:\\\\[A-Za-z0-9][\w.-]+\\(?!\\){_PART}+(?:\\{_PART}+)*"
    rf"|\\\\\\\\[A-Za-z0-9][\w.-]+\\\\(?!\\){_PART}+(?:\\\\{_PART}+)*)"
)
# Where homes of a network lie, such as /export/home, /nfs/home and /net/HOST/export/home.
_NETWORK = (
    r"/(?:export|net|network|nfs\w*|data[0-9]*|mnt|media|vol\w*|gpfs\w*|lustre\w*|scratch\w*|cluster|storage|work|shared?"
    r"|srv|fs[0-9]*|u[0-9]*|hpc|auto|ceph\w*|var|usr|remote|afs)(?:/[\w.-]{1,30}){0,3}"
)
_BEFORE_PATH = rf"(?:file://(?:localhost)?)?(?:(?:/mnt)?/[A-Za-z]|/private|{_NETWORK})?\Z"
_PATH_GOES_ON = r"[\w.~%/\\-]"
_FILE = r"[^.]\.\w{1,8}\Z"
_FOLDERS_OF_CODE = ("inputs", "outputs")  # of the API's containers, below /tmp; nobody's secret


def _path(shown: Callable[[re.Match[str]], str | None]) -> Shown:
    """Return what shows a path; one that is a part of another, such as of an address, is not a secret."""

    def span(match: re.Match[str]) -> Span | None:
        text, start = match.string, match.start()
        goes_on = start and text[start - 1] not in _NO_PATH
        before = compiled(_BEFORE_PATH).search(text, max(start - 80, 0), start) if goes_on else None
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
    return rf"{start}{spaced(folder)}(?![\w-])"


def _working_folder() -> str:
    try:
        return str(Path.cwd())
    except OSError:  # it was deleted
        return ""


KINDS = (
    SecretKind(("sk-ant-",), rf"(?<![A-Za-z0-9])(?i:{spaced('sk-ant-')})\n?{_KEY}", _as("sk-ant-…")),
    SecretKind(
        tuple(sign for sign in _VENDOR_SIGNS if sign[-1] in "_-"), _VENDOR, _vendor, body=r"[_-][a-z0-9_+/.-]{10}"
    ),
    SecretKind(tuple(sign for sign in _VENDOR_SIGNS if sign[-1] not in "_-"), _VENDOR, _vendor),
    SecretKind((":aa",), _BOT, _as("…")),
    SecretKind(_HOOK_SIGNS, _HOOK, _as("…")),
    SecretKind((".atlasv1.",), _ATLAS, _as("…")),
    SecretKind(("-----begin ",), _PEM, _as("…")),
    SecretKind(("private-lines:",), _PUTTY, _as("…")),
    SecretKind(("authorization",), _HEADER, _header),
    SecretKind(("bearer",), _BEARER, _as("…")),
    SecretKind(_X_HEADERS, _X_HEADER, _as("…")),
    SecretKind(("cookie",), _COOKIE, _cookie),
    SecretKind(_SETTING_SIGNS, _SETTING, _setting),
    SecretKind(("-u", "--user", "--proxy-user"), _CURL_USER, _curl_user),
    SecretKind(("?", "&", "#", ";jsessionid="), _QUERY, _as("…")),
    SecretKind(("://",), _USER, _as("…")),
    SecretKind(tuple(f"{name}_" for name in ID_NAMES), _ID, _id, body="_[a-z0-9]{8}"),
    SecretKind(("/home", "/users/", "/root/"), _HOME, _path(lambda _match: "~")),
    SecretKind(("/afs/", "/eos/"), _CELL, _path(lambda _match: "~")),
    SecretKind(("/volumes/",), _VOLUME, _path(lambda _match: "…")),
    SecretKind(("~",), _TILDE, _path(lambda _match: "~")),
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
