"""JSON as it arrives and leaves. The rules look at what arrives before anything else reads it."""

from __future__ import annotations

from typing import Any, TypeAlias

JsonObject: TypeAlias = dict[str, Any]
Json: TypeAlias = Any
