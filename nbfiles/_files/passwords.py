"""Ask for the password of a file, where somebody can type it: it is kept in no cell, no history and no file."""

from __future__ import annotations

import getpass
import os
import sys
import threading


def ask(name: str) -> str:
    """Return what was typed; empty where nobody can be asked, such as in a script or in a thread."""
    if threading.current_thread() is not threading.main_thread() or not _can_ask():
        return ""
    try:
        return getpass.getpass(f"Password of “{name}”: ")
    except (EOFError, OSError, RuntimeError):  # a notebook that runs without a person refuses to ask
        return ""


def _can_ask() -> bool:
    """Return whether there is a terminal, or a kernel, which puts a function of its own in place of this one."""
    is_kernel = getattr(getpass.getpass, "__module__", "") != "getpass"
    try:
        return is_kernel or (os.isatty(sys.stdin.fileno()) if sys.stdin else False)
    except (OSError, ValueError):  # a stand-in for the standard input has no number
        return False
