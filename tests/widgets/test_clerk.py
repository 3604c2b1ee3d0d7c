import pytest

from nbfiles._widgets.filetable_backend import FileTableBackend
from nbfiles.errors import BadInput
from nbfiles.session import Session


@pytest.mark.parametrize("plan", [None, 1, [], {}, "1", float("nan")])
def test_a_confirmation_of_what_was_not_listed_deletes_nothing(plan):
    with pytest.raises(BadInput, match="Nothing was deleted"):
        FileTableBackend(Session(), "*").answer({"ask": "delete", "plan": plan})
