"""The public names: what type checkers see is what runs, and nothing else is offered."""

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from mypy import api

import nbfiles
from nbfiles import workspace
from nbfiles.errors import BadInput

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """Type-check a snippet as mypy --strict does, and return what it says."""
    folder = tmp_path_factory.mktemp("snippets")

    def check(source: str) -> str:
        snippet = folder / "snippet.py"
        snippet.write_text(f"import nbfiles\n{source}\n")
        config = str(ROOT / "pyproject.toml")
        said, problems, _ = api.run(["--config-file", config, "--cache-dir", str(ROOT / ".mypy_cache"), str(snippet)])
        assert not problems
        return said

    return check


def blocks() -> list[str]:
    """The README's Python that is not made of magics."""
    found = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    return [block for block in found if not re.search(r"^%", block, re.MULTILINE)]


def test_the_package_is_typed():
    command = [sys.executable, "-m", "mypy"]  # whose cache the tests below use
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_readmes_python_has_the_types_that_it_needs(checked):
    assert blocks()
    assert "Success" in checked("\n".join(blocks()))


def test_a_type_checker_knows_every_public_name(checked):
    lines = [f"reveal_type(nbfiles.{name})" for name in dir(nbfiles)]
    said = checked("\n".join(lines))
    assert ": error:" not in said
    assert said.count("Revealed type") == len(lines)
    assert "Any" not in [line.split('"')[1] for line in said.splitlines() if "Revealed" in line]


def test_a_type_checker_knows_that_ask_returns_an_answer(checked):
    assert "nbfiles._messages.answer.Answer" in checked('reveal_type(nbfiles.ask("q", "a.pdf", model="x"))')


WRONG = (
    'ask("q", modle="x")',
    'ask("q", max_tokens="many")',
    'ask("q").ask("and?", modle="x")',
    'upload("a.pdf", expire="1d")',
    "nothing",
    "use(5)",
)


def test_a_type_checker_refuses_what_cannot_be_called(checked):
    said = checked("\n".join(f"nbfiles.{call}" for call in WRONG))
    wrong = re.findall(r"^\S+?:(\d+): error:", said, re.MULTILINE)
    assert sorted(set(map(int, wrong))) == list(range(2, 2 + len(WRONG)))


def test_a_misspelled_keyword_is_one_line_when_it_runs():
    with pytest.raises(BadInput, match=r"^ask has no option modle\. Did you mean model\?$"):
        nbfiles.ask("q", modle="x")


def test_the_types_are_shipped():
    assert Path(nbfiles.__file__).with_name("py.typed").is_file()


def test_only_public_names_are_offered():
    assert set(dir(nbfiles)) == {*nbfiles.__all__, "__version__", "workspace"}
    assert all(getattr(nbfiles, name) is not None for name in dir(nbfiles))
    shell = InteractiveShell.instance()
    shell.user_ns["nbfiles"] = nbfiles
    with provisionalcompleter():
        offered = {completion.text for completion in shell.Completer.completions("nbfiles.as", 10)}
    shell.reset()
    InteractiveShell.clear_instance()
    assert offered == {"ask", "ask_each"}


def test_a_name_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        nbfiles.nothing  # noqa: B018


def test_the_workspace_is_an_attribute_of_a_fresh_import():
    code = "import nbfiles; print(nbfiles.workspace.usage.__name__, nbfiles.__version__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[1]
    assert done.stdout.split() == ["usage", version]


def test_the_package_runs_as_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "nbfiles", "--help"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.startswith("usage: nbfiles ")


def functions():
    """Every public function, and every public method of the classes that people hold in their hands."""
    yield from (
        (name, getattr(nbfiles, name)) for name in nbfiles.__all__ if inspect.isfunction(getattr(nbfiles, name))
    )
    own = vars(workspace).items()
    yield from ((f"workspace.{n}", f) for n, f in own if inspect.isfunction(f) and f.__module__ == workspace.__name__)
    for cls in (nbfiles.Answer, nbfiles.Files, nbfiles.Session):
        yield from ((f"{cls.__name__}.{n}", f) for n, f in vars(cls).items() if inspect.isfunction(f))


PUBLIC = {name: function for name, function in functions() if not name.rpartition(".")[2].startswith("_")}


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_function_says_what_it_takes_returns_and_raises(name):
    function = PUBLIC[name]
    text = inspect.getdoc(function)
    signature = inspect.signature(function)
    parameters = [parameter.lstrip("*") for parameter in signature.parameters if parameter not in ("self", "cls")]
    documented = re.findall(r"^\*{0,2}(\w+)(?: : .*)?\n    \S", text.partition("Parameters\n-")[2], re.MULTILINE)
    assert [parameter for parameter in parameters if parameter not in documented] == []
    returns = str(signature.return_annotation)
    assert returns == "None" or re.search(r"^(Returns|Yields)\n---", text, re.MULTILINE)
    assert not hasattr(function, "__wrapped__") or re.search(r"^Raises\n---", text, re.MULTILINE)
