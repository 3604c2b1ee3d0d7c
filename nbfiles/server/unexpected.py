"""An error that nobody expected: a full disk is told as what it is, all else is a mistake of ours, and is logged.

On the log it has its traceback, and nothing of what is private in it.
"""

from __future__ import annotations

import logging
import traceback

from nbfiles.redact import redact
from nbfiles.server.errors import ApiProblem, invalid
from nbfiles.server.storage.store import DiskFull, is_disk_full

_logger = logging.getLogger("nbfiles.server")


def as_problem(what: str, problem: BaseException) -> ApiProblem:
    """Return what to answer with; a mistake of ours is logged."""
    if is_disk_full(problem):
        return invalid(str(DiskFull()))
    report(what, problem)
    return ApiProblem(500, "Internal server error")


def report(what: str, problem: BaseException) -> None:
    """Log an error; a traceback has paths of this machine, and the text of an error what it was about."""
    _logger.error("%s\n%s", redact(what), redact("".join(traceback.format_exception(problem))).rstrip())
