"""Wrong types at the public functions: one line before anything happens, never a traceback."""

import io
import math
from pathlib import Path

import pytest

import nbfiles
from nbfiles import current_session, workspace
from nbfiles._functions import drop_thread, fork_thread
from nbfiles.errors import BadInput, NbfilesError
from tests.sessions import new_session

CLOSED = io.BytesIO()
CLOSED.close()
ODD = [5, -1, [], {}, b"x", object(), True, math.nan, math.inf, CLOSED]
# What is odd elsewhere is meant here: bytes become a file, and there may be no variables.
FITS = [("upload", b"x"), ("ask name", b"x"), *((f"{n} variables", {}) for n in ("ask", "ask_each", "plan"))]
CALLS = {
    "upload": lambda odd: nbfiles.upload(odd),
    "upload name": lambda odd: nbfiles.upload("a.txt", name=odd),
    "upload expires": lambda odd: nbfiles.upload("a.txt", expires=odd),
    "upload_text": lambda odd: nbfiles.upload_text(odd, "b.txt"),
    "upload_text name": lambda odd: nbfiles.upload_text("text", odd),
    "ask": lambda odd: nbfiles.ask(odd, "a.txt"),
    "ask name": lambda odd: nbfiles.ask("What?", odd),
    "ask_each": lambda odd: nbfiles.ask_each("What?", odd),
    "plan": lambda odd: nbfiles.plan("What?", odd),
    "download": lambda odd: nbfiles.download(odd),
    "download to": lambda odd: nbfiles.download("a.txt", to=odd),
    "use": lambda odd: nbfiles.use(odd),
    "configure effort": lambda odd: nbfiles.configure(effort=odd),
    "configure model": lambda odd: nbfiles.configure(model=odd),
    "cite": lambda odd: nbfiles.cite(odd),
    "file_table": lambda odd: nbfiles.file_table(odd),
    "drop_thread": drop_thread,
    "fork_thread": lambda odd: fork_thread("x", odd),
    "listed": workspace.listed,
    "info": workspace.info,
    "remove": workspace.remove,
    "clean": lambda odd: workspace.clean(older_than=odd),
    "adopt": workspace.adopt,
} | {
    f"{name} {option}": lambda odd, ask=ask, option=option: ask("What?", "a.txt", **{option: odd})
    for name, ask in (("ask", nbfiles.ask), ("ask_each", nbfiles.ask_each), ("plan", nbfiles.plan))
    for option in ("model", "effort", "thread", "schema", "skill", "variables")
}


@pytest.fixture(autouse=True)
def kernel(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    new_session(monkeypatch)
    Path("a.txt").write_text("The fox has four legs.")
    yield
    current_session().close()


@pytest.mark.parametrize("call", CALLS)
def test_what_does_not_fit_is_refused_in_one_line(call):
    for odd in ODD:
        if (call, odd) in FITS:
            continue
        with pytest.raises(NbfilesError) as refused:
            CALLS[call](odd)
        assert "\n" not in str(refused.value)
        assert len(str(refused.value)) < 250


@pytest.mark.parametrize("budget", [-1, math.inf, -math.inf, math.nan])
def test_a_budget_is_a_sum_of_dollars(budget):
    with pytest.raises(BadInput, match="US dollars"):
        nbfiles.plan("What?", "a.txt", budget=budget)
    with pytest.raises(BadInput, match="US dollars"):
        nbfiles.configure(budget=budget)


def test_the_line_says_what_to_give_instead():
    with pytest.raises(BadInput, match=r"^upload: name takes text, not int\.$"):
        nbfiles.upload("a.txt", name=5)
    with pytest.raises(BadInput, match=r"^upload_text: text takes text, not bytes\.$"):
        nbfiles.upload_text(b"text", "b.txt")
    with pytest.raises(BadInput, match=r"Put a \* before it: \*names"):
        nbfiles.ask_each("What?", ["a.txt"])
    with pytest.raises(BadInput, match=r"put a \* before it"):
        nbfiles.upload(["a.txt"])


def test_a_misspelled_option_is_named_with_the_closest():
    with pytest.raises(BadInput, match=r"ask has no option modle. Did you mean model\?"):
        nbfiles.ask("What?", "a.txt", modle="x")
    with pytest.raises(BadInput, match=r"Did you mean budget\?"):
        nbfiles.ask_each("What?", "a.txt", buget=1)


def test_what_is_missing_is_named():
    with pytest.raises(BadInput, match="missing a required argument: 'name'"):
        nbfiles.upload_text("text")
