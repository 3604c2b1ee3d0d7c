"""Marks of tests that only `.ci/full` runs, with the part of it that does."""

import os

import pytest

FRONTENDS = pytest.mark.skipif("NBFILES_FRONTENDS" not in os.environ, reason="only in .ci/full frontends")
PAIRS = pytest.mark.skipif("NBFILES_PAIRS" not in os.environ, reason="only in .ci/full pairs")
