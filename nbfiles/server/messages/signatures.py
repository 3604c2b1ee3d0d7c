"""Signatures of thinking blocks: opaque to clients, and how a block that came back changed is known."""

from __future__ import annotations

import base64
import hashlib
import hmac

_MARK = "bmJmaWxlcw"  # blocks of other servers have other signatures; those cannot be checked here
_KEY = b"nbfiles"  # no secret: this tells mistakes, not attacks


def sign(thinking: str) -> str:
    """Return the signature of a thinking text."""
    digest = hmac.new(_KEY, thinking.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
    return _MARK + base64.b64encode(digest).decode()


def fits(thinking: str, signature: str) -> bool:
    """Return whether a block is as this server wrote it, or is not of this server."""
    return not signature.startswith(_MARK) or hmac.compare_digest(signature, sign(thinking))
