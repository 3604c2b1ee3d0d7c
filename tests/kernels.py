"""A kernel of this interpreter, driven as a notebook drives it, and what its cells sent."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any, Self

import pytest
from jupyter_client.manager import KernelManager

from tests.waiting import HANG_S

EVERY_PAINT = "import nbfiles._display.throttle as p; p.PAINTS_A_SECOND, p.PAINT_SHARE = 1e6, 1"
GLANCE_S = 1  # between two looks whether a silent kernel is still there


@dataclass
class Cell:
    """What one cell sent: its outputs that show something as a notebook would save them, and every message on the way.

    `printed` is what jupyter console shows of it, which knows no updates (docs/frontends.md).
    """

    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    printed: str = ""
    paints: int = 0
    sent: int = 0
    cleared: bool = False
    error: dict[str, Any] | None = None

    def see(self, kind: str, content: dict[str, Any]) -> None:
        if kind in ("display_data", "update_display_data", "execute_result", "stream") and self.cleared:
            self.outputs, self.cleared = {}, False
        if kind in ("display_data", "update_display_data", "execute_result"):
            name = content.get("transient", {}).get("display_id") or f"output {self.paints}"
            self.outputs[name] = content["data"]
            self.paints += 1
            self.sent += len(str(content))
            if not any(content["data"].values()):
                del self.outputs[name]
        if kind in ("display_data", "execute_result"):
            self.printed += content["data"]["text/plain"] + "\n"
        if kind == "stream":
            output = self.outputs.setdefault(f"{content['name']} {self.paints}", {"text/plain": ""})
            output["text/plain"] += content["text"]
            self.printed += content["text"]
        if kind == "clear_output":
            self.cleared = content["wait"]
        if kind == "error":
            self.error = content


class Kernel:
    """A kernel of this interpreter, driven as a notebook drives it; use it with `with`, or stop it."""

    def __init__(self, **environ: str) -> None:
        self.manager = KernelManager()
        self.manager.kernel_spec.argv = [
            sys.executable,
            "-m",
            "ipykernel_launcher",
            "-f",
            "{connection_file}",
        ]
        self.manager.start_kernel(env={**os.environ, **environ})
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=HANG_S)  # or until it is dead

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()
        self.manager.context.destroy()

    def messages(self, cell: str) -> Iterator[tuple[str, dict[str, Any]]]:
        sent = self.client.execute(cell)
        while True:
            message = self.next_message(cell)
            if message["parent_header"].get("msg_id") != sent:
                continue
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return
            yield message["msg_type"], message["content"]

    def next_message(self, cell: str) -> dict[str, Any]:
        """Wait for a message as long as the kernel is alive: silence alone says nothing."""
        end = time.monotonic() + HANG_S
        while time.monotonic() < end:
            try:
                return self.client.get_iopub_msg(timeout=GLANCE_S)
            except Empty:
                if not self.manager.is_alive():
                    pytest.fail(f"the kernel died in: {cell}")
        pytest.fail(f"the kernel hangs in: {cell}")

    def run(self, text: str) -> Cell:
        cell = Cell()
        for message in self.messages(text):
            cell.see(*message)
        return cell


def stopped_at(kernel: Kernel, text: str, sign: str) -> Cell:
    """Run a cell, press Stop when `sign` is shown, and return the cell."""
    cell, pressed = Cell(), False
    for kind, content in kernel.messages(text):
        cell.see(kind, content)
        if sign in str(content) and not pressed:
            kernel.manager.interrupt_kernel()
            pressed = True
    return cell


@contextmanager
def painting_kernel(folder: Path) -> Iterator[Kernel]:
    """Yield a kernel in a folder of its own that has nbfiles loaded, and paints whatever arrives at once."""
    with Kernel(
        ANTHROPIC_API_KEY="sk-ant-test",
        ANTHROPIC_CONFIG_DIR=str(folder / "anthropic"),
        NBFILES_DATA_DIR=str(folder / "nbfiles"),
        NBFILES_USE="http://127.0.0.1:9",
    ) as kernel:
        kernel.run(f"%cd {folder}\n%load_ext nbfiles\nimport nbfiles")
        kernel.run(EVERY_PAINT)
        yield kernel
