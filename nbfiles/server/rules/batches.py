"""Rules on a batch when it is created, and on the parameters of one of its requests when that is answered.

[docs] Batch guide: parameters are validated asynchronously, and their errors are results of the batch that has ended.
"""

from __future__ import annotations

import re

from nbfiles.server.errors import invalid
from nbfiles.server.json_types import JsonObject

MOST_REQUESTS = 100_000

LONGEST_ID = 64  # characters

_CUSTOM_ID = re.compile(r"^[a-zA-Z0-9_-]{1,64}$")


def requests_are_a_list(body: JsonObject) -> None:
    """Refuse a batch without requests, or with too many."""
    requests = body.get("requests")
    if not isinstance(requests, list):
        raise invalid("requests: Field required")
    if not 1 <= len(requests) <= MOST_REQUESTS:
        raise invalid(f"requests: a batch has 1 to {MOST_REQUESTS:,} requests")


def requests_have_parameters(body: JsonObject) -> None:
    """Refuse a request without the parameters of a message."""
    for n, item in enumerate(body["requests"]):
        if not isinstance(item, dict) or not isinstance(item.get("params"), dict):
            raise invalid(f"requests.{n}.params: Field required")


def custom_ids_are_unique(body: JsonObject) -> None:
    """Refuse a custom_id that is malformed, or that two requests have."""
    ids: set[str] = set()
    for n, item in enumerate(body["requests"]):
        where, custom_id = f"requests.{n}.custom_id", item.get("custom_id")
        if not isinstance(custom_id, str):
            raise invalid(f"{where}: Field required")
        if len(custom_id) > LONGEST_ID:
            raise invalid(f"{where}: String should have at most {LONGEST_ID} characters")
        if not _CUSTOM_ID.fullmatch(custom_id):
            raise invalid(f"{where}: String should match pattern '{_CUSTOM_ID.pattern}'")
        if custom_id in ids:
            raise invalid(f"{where}: '{custom_id}' is used more than once")
        ids.add(custom_id)


def parameters_suit_a_batch(body: JsonObject) -> None:
    """Refuse streams, a speed and no tokens at all: nobody waits for a batch."""
    if body.get("stream"):
        raise invalid("stream: batches do not stream")
    if body.get("speed"):
        raise invalid("speed: not supported in a batch")
    if body.get("max_tokens") == 0:
        raise invalid("max_tokens: must be at least 1 in a batch")
