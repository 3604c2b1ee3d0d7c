"""An error that is a mistake of ours, on the server's log: with its traceback, and without what is private in it."""

from __future__ import annotations

import logging
import traceback

from nbfiles.redact import redact

_logger = logging.getLogger("nbfiles.server")


def report(what: str, problem: BaseException) -> None:
    """Log an error; a traceback has paths of this machine, and the text of an error what it was about."""
    _logger.error("%s\n%s", redact(what), redact("".join(traceback.format_exception(problem))).rstrip())
