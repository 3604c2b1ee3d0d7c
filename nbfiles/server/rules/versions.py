"""Which shapes a client expects: those of today, or those of SDKs of a year ago.

[docs] Files API guide and the migration page of 2026-10-21. The beta header of the Files API brings back its
id cursors. With the old version alone, SDKs 0.124 to 1.x expect page cursors and older programs id cursors:
they get both.
"""

from __future__ import annotations

from starlette.datastructures import Headers

from nbfiles.server.errors import invalid
from nbfiles.server.json_types import JsonObject

OLD = "2023-06-01"
VERSIONS = (OLD, "2026-10-21")
FILES_BETA = "files-api-2025-04-14"
SAMPLING = {"temperature": 1, "top_p": 1, "top_k": 2**31}  # each from 0 to this


def is_old(headers: Headers) -> bool:
    """Return whether a request has the old version; one without a version gets today's shapes."""
    version = headers.get("anthropic-version", VERSIONS[-1])
    if version not in VERSIONS:
        raise invalid(f"anthropic-version: '{version}' is not a valid version")
    return version == OLD


def betas(headers: Headers) -> frozenset[str]:
    """Return the beta features that a request names."""
    return frozenset(name.strip() for line in headers.getlist("anthropic-beta") for name in line.split(","))


def modern(body: object, headers: Headers) -> object:
    """Return a Messages body as today's clients write it; what steers sampling goes, as none is done."""
    if not isinstance(body, dict) or not is_old(headers):
        return body
    _check_sampling(body)
    modern_body = {name: value for name, value in body.items() if name not in SAMPLING}
    if isinstance(modern_body.get("output_format"), dict):
        config = modern_body.get("output_config") or {}
        modern_body["output_config"] = {**config, "format": modern_body.pop("output_format")}
    return modern_body


def _check_sampling(body: JsonObject) -> None:
    for name, most in SAMPLING.items():
        value = body.get(name, 0)
        if not isinstance(value, int | float) or not 0 <= value <= most:
            raise invalid(f"{name}: Input should be a number from 0 to {most}")
