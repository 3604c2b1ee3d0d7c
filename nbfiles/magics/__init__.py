"""Doors: cell text becomes typed options and one call of nbfiles.api."""
