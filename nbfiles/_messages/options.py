"""How to ask: what `%%ask_file` and `nbfiles.ask` take beside the question and the files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from math import isfinite
from typing import Annotated, Any, TypedDict, cast

from nbfiles.close_matches import close_matches
from nbfiles.config import DEFAULT_MAX_TOKENS
from nbfiles.errors import BadInput, Spelled
from nbfiles.options import Option, check_options, format_value, options_of, spelled
from nbfiles.private_values import redacted_repr

EFFORTS = ("low", "medium", "high", "xhigh", "max")


class AskKeywords(TypedDict, total=False):
    """The options of a question; what is not given, or None, is left to files, model and settings.

    `budget` is in US dollars. `thread` names a conversation, which `fresh` begins anew. `schema` is a
    Pydantic class or a short form. `skill` names skills, with commas between them.
    """

    model: Annotated[
        str | None,
        Option(
            "the model to ask; default: that of the settings",
            ("-m", "--model"),
            completion="models",
            example="claude-sonnet-5-5",
        ),
    ]
    thread: Annotated[
        str | None,
        Option(
            "continue this conversation, or start it; its files stay attached",
            ("-t", "--thread"),
            "NAME",
            completion="conversations",
            takes="a name",
            example="earnings",
            valid=lambda name: bool(name.strip()),
        ),
    ]
    fresh: Annotated[bool, Option("start the conversation again; of many files, ask about each again")]
    code: Annotated[bool | None, Option("let Claude run code on the files, or not; default: when there is data")]
    cite: Annotated[bool | None, Option("ask for citations, or not; default: wherever the API can give them")]
    skill: Annotated[
        str | None,
        Option("skills for the code: xlsx, pptx, docx, pdf, or custom ones", metavar="NAMES", completion="skills"),
    ]
    schema: Annotated[
        object,
        Option(
            "fields to fill: a Pydantic class, or 'vendor, total float, due date'",
            metavar="SPEC",
            completion="variables",
        ),
    ]
    max_tokens: Annotated[
        int | None,
        Option(
            f"the longest answer, in tokens; default: {DEFAULT_MAX_TOKENS}",
            metavar="N",
            takes="a whole number from 1",
            example="4000",
            valid=lambda tokens: tokens >= 1,
        ),
    ]
    effort: Annotated[
        str | None,
        Option(
            "how hard to think: low, medium, high, xhigh or max",
            metavar="LEVEL",
            completion=EFFORTS,
            takes=f"one of {', '.join(EFFORTS)}",
            example="low",
            valid=EFFORTS.__contains__,
        ),
    ]
    budget: Annotated[
        float | None,
        Option(
            "refuse, before anything is sent, what may cost more than this, in US dollars",
            metavar="USD",
            takes="US dollars, for example 0.50",
            example="2.00",
            valid=lambda dollars: isfinite(dollars) and dollars >= 0,
        ),
    ]


class SettingKeywords(TypedDict, total=False):
    """What `%nbfiles set` and `nbfiles.configure` set for later questions; None, or no text, takes it back."""

    model: str | None
    max_tokens: int | str | None
    effort: str | None
    budget: float | str | None


def complete(options: AskKeywords) -> AskKeywords:
    """Return options with a value for each, as the table has it where none is given; raises BadInput."""
    defaults = cast(AskKeywords, {name: named.default for name, named in options_of(AskKeywords).items()})
    values: AskKeywords = {**defaults, **options}
    check_options(AskKeywords, values)
    if values["skill"] is not None and values["code"] is False:
        no_code = spelled(AskKeywords, "code", False)
        raise BadInput(spelled(AskKeywords, "skill"), " needs code: leave out ", no_code, ".")
    return values


@redacted_repr
@dataclass(frozen=True, slots=True)
class AskDefaults:
    """What a question gets that does not say otherwise; `budget` is in US dollars for the whole kernel.

    No `model` means that of the destination (`Models.default`).
    """

    model: str | None = None
    max_tokens: int = DEFAULT_MAX_TOKENS
    effort: str | None = None
    budget: float | None = None

    def changed(self, settings: Mapping[str, object]) -> AskDefaults:
        """Return these with other values, read from text where they are text; raises BadInput."""
        return replace(self, **{_setting(name): _value(name, value) for name, value in settings.items()})


def _setting(name: str) -> str:
    names = [field.name for field in fields(AskDefaults)]
    if name in names:
        return name
    close = close_matches(name, names)
    hint = f"Did you mean {close[0]}?" if close else f"The settings are {', '.join(names)}."
    raise BadInput(f"There is no setting “{name}”. {hint}")


def _value(name: str, value: object) -> Any:
    """Return a setting as its option takes it; None, or no text, stands for what it is at first."""
    if value is None or value in ("", "none"):
        return getattr(AskDefaults(), name)
    named = options_of(AskKeywords)[name]
    read = named.types[0]
    try:
        if isinstance(value, bool) or (read is str and not isinstance(value, str)):
            raise TypeError
        setting = read(value)
    except (TypeError, ValueError, OverflowError):
        setting = None
    if setting is None or not named.option.valid(setting):
        raise BadInput(
            f"{name} takes {named.option.takes or 'text'}, not {format_value(value)}. Type, for example: ",
            Spelled(
                f"nbfiles.configure({name}={named.option.example!r})", f"%nbfiles set {name}={named.option.example}"
            ),
        )
    return setting
