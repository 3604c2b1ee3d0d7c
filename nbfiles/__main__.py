"""`python -m nbfiles` is the `nbfiles` command."""

import sys

from nbfiles.cli import main

sys.exit(main())
