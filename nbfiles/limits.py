"""The documented limit of one file, for the client, the widgets and the embedded server alike."""

from __future__ import annotations

# The Files API documents “500 MB” (docs/wire-facts.md) and no unit; decimal is what file managers count, and
# what no server that counts 1024 refuses.
FILE_BYTES = 500_000_000
FILE_LIMIT = f"{FILE_BYTES // 10**6} MB"
