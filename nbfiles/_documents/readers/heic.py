"""HEIC images, which a package that the person has installed adds to Pillow."""

from __future__ import annotations

from importlib import import_module

from nbfiles._documents.reader_table import DocumentError

# Either reads HEIC. Their wheels hold libraries under the LGPL and the GPL, so that neither comes with nbfiles.
PACKAGES = ("pi_heif", "pillow_heif")
BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"mif1", b"msf1")


def is_heic(head: bytes) -> bool:
    """Return whether a file begins as HEIC."""
    return head[4:8] == b"ftyp" and head[8:12] in BRANDS


def require(name: str) -> None:
    """Let Pillow read HEIC; raises DocumentError with what to do where nothing is installed that can."""
    for package in PACKAGES:
        try:
            import_module(package).register_heif_opener()
            return
        except ImportError:
            continue
    raise DocumentError(f"{name} is a HEIC image. Save it as JPEG, or to have it converted, type: %pip install pi-heif")
