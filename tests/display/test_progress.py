"""What is shown while nbfiles works, and when that ends."""

import pytest

from nbfiles._display.progress import LiveProgress
from nbfiles.errors import Stopped


def test_what_still_waits_after_stop_is_not_sent():
    with LiveProgress() as live:
        live.waiting(7, "Busy.")
    with pytest.raises(Stopped):
        live.waiting(6, "Busy.")
