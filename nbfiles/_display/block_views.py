"""Find the functions that draw a block and say what goes on, by the names in its entry of BLOCKS."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from typing import cast

from nbfiles._display.sanitize import RenderedBlock
from nbfiles._messages.answer import Answer
from nbfiles._messages.block_values import Part
from nbfiles._messages.blocks import View, kind_of


def draw(part: Part, number: int) -> RenderedBlock:
    """Return a part of an answer as HTML and text; `number` counts the steps of code so far."""
    view = kind_of(part.type).view
    return cast("Callable[[Part, int], RenderedBlock]", _load(view))(part, number) if view else RenderedBlock("", "")


def status(answer: Answer, block_type: str, partial_input: str) -> str:
    """Return what goes on while a block of this type is the last one."""
    status = kind_of(block_type).status
    if isinstance(status, str):
        return status
    return cast("Callable[[Answer, str], str]", _load(status))(answer, partial_input)


@lru_cache
def _load(view: View) -> object:
    return getattr(import_module(view.module), view.function)
