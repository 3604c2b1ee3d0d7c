"""A new session, as a new kernel has one, without starting a kernel."""

import pytest


def new_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the next call begin a session; the one before goes on for whoever has it."""
    monkeypatch.setattr("nbfiles._functions.kernel._current", None)
