"""What the SDK and httpx2 log, with `ANTHROPIC_LOG=debug` or by any other setting, without secrets and prompts."""

from __future__ import annotations

import logging

from nbfiles.redact import redact
from nbfiles.visible_text import visible

# A filter sees what is logged on its own logger, not what comes up from those below. tests/client/test_logs.py
# looks for loggers that came new with the SDK.
LOGGERS = (
    *("anthropic", "anthropic._base_client", "anthropic._response", "anthropic._tracing", "httpx2"),
    *(f"anthropic.lib.credentials.{name}" for name in ("_auth", "_cache", "_providers", "_workload")),
    *(f"anthropic.lib._tracing.{name}" for name in ("_api_call", "_response", "_streaming", "_tools", "_work")),
    *("anthropic.lib.middleware", "anthropic.lib.threads._thread_state"),
    *(f"httpcore2.{name}" for name in ("connection", "http11", "http2", "proxy", "socks")),
)


def redact_logs() -> None:
    """Redact what these loggers log from now on; done twice, it is done once."""
    for name in LOGGERS:
        logging.getLogger(name).addFilter(_redacted)


def _redacted(record: logging.LogRecord) -> bool:
    """Redact a record in place; one that holds a whole request, as the SDK prints it, is dropped."""
    if str(record.msg).startswith("Request options"):
        return False
    record.msg, record.args = visible(redact(record.getMessage())), None
    if record.exc_info:
        record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
    return True
