"""Tables as pandas reads them, tried in the limited child before the kernel reads them."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path


def shape(path: Path, function: str, options: dict[str, object], package: str) -> list[int]:
    """Return rows and columns of what a function of pandas reads; `package` is what it needs besides pandas."""
    pandas = import_module("pandas")
    try:
        if package:
            import_module(package)
        return list(getattr(pandas, function)(path, **options).shape)
    except ImportError:  # neither it nor pandas may say of what
        raise ImportError(name=package) from None
