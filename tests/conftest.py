"""What every test gets: its own data folder, no credentials, and no network beyond this machine."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

HERE = Path(__file__).parent
NOTEBOOKS = HERE.parent / "notebooks"
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest: browsers, then what stands beside this file."""
    items.sort(key=lambda item: (item.get_closest_marker("browser") is None, item.path.parent != HERE))


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> Iterator[None]:
    """Let SIGINT interrupt, here and in what the tests start, also where pytest runs in the background.

    A shell starts such programs with SIGINT ignored, and everything that they start inherits that.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True)
def own_world(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the test away from the user's files and keys, and return its data folder."""
    folder = tmp_path_factory.mktemp("world")
    for name in os.environ:
        if name.startswith(("ANTHROPIC_", "NBFILES_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ANTHROPIC_CONFIG_DIR", str(folder / "anthropic"))
    monkeypatch.setenv("NBFILES_DATA_DIR", str(folder / "nbfiles"))
    monkeypatch.setenv("NBFILES_USE", "local")
    return folder / "nbfiles"


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail the test that connects to another machine."""

    def guarded(method: Any) -> Any:
        def connect(self: socket.socket, address: Any) -> Any:
            if self.family != socket.AF_UNIX and address[0] not in LOOPBACK:
                raise PermissionError(f"a test tried to connect to {address[0]}")
            return method(self, address)

        return connect

    monkeypatch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """JupyterLab on a copy of notebooks/, with cleared outputs; one for all tests in a browser."""
    from tests.browser.labpage import copy_notebooks, running_lab  # needs Playwright, which others do not

    home = tmp_path_factory.mktemp("lab")
    with running_lab(home, copy_notebooks(NOTEBOOKS, home / "notebooks")) as running:
        yield running
