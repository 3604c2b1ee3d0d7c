"""Fields instead of prose: a Pydantic class, or a short form such as `'vendor, total float, items list'`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib import import_module
from typing import Any

from nbfiles._messages.options import AskKeywords
from nbfiles.close_matches import close_matches
from nbfiles.errors import BadInput
from nbfiles.options import spelled
from nbfiles.private_values import redacted_repr
from nbfiles.records import JSON

TYPES: dict[str, Any] = {
    "str": str,
    "text": str,
    "int": int,
    "float": float,
    "number": float,
    "bool": bool,
    "date": date,
    "datetime": datetime,
    "list": list[str],
}
MOST_FIELDS = 16  # [docs] of a schema that have several types; each of a short form may be null
_FIELD = re.compile(r"([A-Za-z]\w*)(?:\s+(\w+))?")
_LAST_KEY = re.compile(r'"((?:[^"\\]|\\.)+)"\s*:')


@redacted_repr
@dataclass(frozen=True)
class Schema:
    """The fields of an answer: a Pydantic `model`; data of a short form (`spec`) is read as a plain dict.

    An answer that was saved has no class any more: its data, checked before, is read as it is in JSON.
    """

    model: Any
    plain: bool
    spec: str | None = None
    saved_format: JSON | None = None

    @property
    def format(self) -> JSON:
        """What `output_config.format` takes."""
        if self.saved_format is not None:
            return self.saved_format
        return {"type": "json_schema", "schema": _closed(self.model.model_json_schema())}

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields."""
        return tuple(self.format["schema"].get("properties", ()))

    def read(self, text: str) -> Any:
        """Return the data of a reply in which `problem` found nothing."""
        if self.model is None:
            return json.loads(text)
        value = self.model.model_validate_json(text)
        return value.model_dump() if self.plain else value

    def rows(self, data: Any) -> list[JSON]:
        """Return the data as rows: one, or one for each object of its only field, a list."""
        row = data if self.plain else data.model_dump()
        only = next(iter(row.values()), None) if len(row) == 1 else None
        if isinstance(only, list) and only and all(isinstance(item, dict) for item in only):
            return only
        return [row]

    def problem(self, text: str, stop_reason: str | None, max_tokens: int) -> str | None:
        """Say in one line why a reply does not fill the fields, or None where it does."""
        if stop_reason == "refusal":
            return "Claude declined to answer, so there is no data."
        if stop_reason == "max_tokens":
            where = f" inside “{keys[-1]}”" if (keys := _LAST_KEY.findall(text)) else ""
            more = spelled(AskKeywords, "max_tokens", 2 * max_tokens)
            return f"The data was cut{where}, at {max_tokens:,} tokens. Ask again with {more}."
        try:
            self.read(text)
        except _pydantic().ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = ".".join(map(str, first["loc"]))
            return f"The data does not fit{f' in “{field}”' if field else ''}: {first['msg']}."
        except ValueError:
            return "The data is not JSON."
        return None

    def to_dict(self) -> JSON:
        """Return the short form, or the format of a class, as JSON."""
        return {"spec": self.spec} if self.spec else {"format": self.format}

    @classmethod
    def from_dict(cls, values: JSON) -> Schema:
        """Return what `to_dict` gave as a value."""
        if "spec" in values:  # an earlier version may have taken more fields
            return cls(_short(values["spec"]), plain=True, spec=values["spec"])
        return cls(None, plain=True, saved_format=values["format"])


def schema(spec: Any, variables: Mapping[str, Any] | None = None) -> Schema:
    """Read a Pydantic class, its name among `variables`, or the short form; raises BadInput.

    One word alone that is written like a class, or like one of the notebook's but for a slip, is meant as one.
    """
    model = (variables or {}).get(spec.strip()) if isinstance(spec, str) else spec
    if _is_model(model):
        return Schema(model, plain=False)
    if not isinstance(spec, str):
        raise BadInput("A schema is a Pydantic class, or text such as 'vendor, total float, due date'.")
    if variables is not None and spec.strip().isidentifier():
        _refuse_class(spec.strip(), variables)
    short = Schema(_short(spec), plain=True, spec=spec)
    _refuse_many(len(short.fields))
    return short


def _refuse_many(count: int) -> None:
    if count > MOST_FIELDS:
        raise BadInput(
            f"The schema has {count} fields, and the API takes at most {MOST_FIELDS} fields that may be empty. "
            "Ask for the others in a second question."
        )


def _refuse_class(name: str, variables: Mapping[str, Any]) -> None:
    """Raise BadInput where a word means a class that there is not, or that is not Pydantic's."""
    classes = [key for key, value in variables.items() if _is_model(value)]
    value = variables.get(name)
    field = f"For a field of that name, write: '{name} str'"
    if isinstance(value, type):
        raise BadInput(f"“{name}” is a class, but not a Pydantic class. Write: class {name}(pydantic.BaseModel): …")
    if _is_model(type(value)):
        raise BadInput(f"“{name}” is one {type(value).__name__}, and a schema is the class: {type(value).__name__}.")
    lower = {key.lower(): key for key in classes}
    close = [lower[key] for key in close_matches(name.lower(), lower, n=3, cutoff=0.8)]
    if close:
        raise BadInput(f"There is no class “{name}”. Did you mean {' or '.join(close)}? {field}")
    if name[:1].isupper() and name not in variables:
        known = f"The classes here are {', '.join(classes)}." if classes else "Define it in a cell above."
        raise BadInput(f"There is no Pydantic class “{name}”. {known} {field}")


def _is_model(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, _pydantic().BaseModel)


def _short(spec: str) -> Any:
    fields: dict[str, Any] = {}
    for part in spec.split(","):
        match = _FIELD.fullmatch(part.strip())
        if not match:
            raise BadInput(f"“{part.strip()}” is not a field. Write, for example: 'vendor, total float, due date'")
        name, kind = match[1], match[2] or "str"
        if name in fields:
            raise BadInput(
                f"The schema has the field “{name}” twice, and an answer can fill it once. Rename one of them."
            )
        # What a document does not say must not be made up, so every field may be null.
        fields[name] = (_type(name, kind) | None, ...)
    return _pydantic().create_model("Fields", **fields)


def _type(name: str, kind: str) -> Any:
    if kind in TYPES:
        return TYPES[kind]
    close = close_matches(kind, TYPES)
    hint = f"Did you mean {close[0]}?" if close else f"The types are {', '.join(TYPES)}."
    raise BadInput(f"“{name} {kind}”: there is no type {kind}. {hint}")


def _closed(part: Any) -> Any:
    """Return a JSON schema as the API wants it: no other properties, and all of them required."""
    if isinstance(part, list):
        return [_closed(item) for item in part]
    if not isinstance(part, dict):
        return part
    result = {key: _closed(value) for key, value in part.items() if key != "default"}
    if result.get("type") == "object" and "properties" in result:
        result |= {"additionalProperties": False, "required": list(result["properties"])}
    return result


def _pydantic() -> Any:
    """Import Pydantic, which comes with the Anthropic SDK, when a schema is used."""
    return import_module("pydantic")
