"""An option is written down once: flag, help, keyword, checks, completion and the page in docs/ follow from it."""

import runpy
from pathlib import Path
from typing import Annotated, Unpack

import pytest
from IPython.core.magic_arguments import magic_arguments

import nbfiles
from nbfiles import workspace
from nbfiles._files.options import DownloadKeywords, ListKeywords, UploadKeywords
from nbfiles._files.workspace import SORTS
from nbfiles._functions.validation import validate_call
from nbfiles._magics import MAGICS
from nbfiles._magics.arguments import magic_spelling, option_arguments, parse
from nbfiles._magics.ask_file import AskFileOptions
from nbfiles._messages.code_steps import CodeStep, as_cell
from nbfiles._messages.costs import afford
from nbfiles._messages.options import AskKeywords, SettingKeywords
from nbfiles._messages.request import AskRequest
from nbfiles.errors import BadInput
from nbfiles.options import Option, check_options, options_of
from tests.sessions import new_session

TONE = Option(
    "the tone, 100 % of the time",
    ("-w", "--tone-of-voice"),
    "WORD",
    completion=("plain", "formal"),
    takes="plain or formal",
    example="plain",
    valid=("plain", "formal").__contains__,
)
WRITER = runpy.run_path(str(Path(__file__).parent.parent / "docs" / "write_reference.py"))
SOURCES = {"models", "conversations", "skills", "variables", "folders"}  # what completion can look up


class Invented(AskKeywords, total=False):
    tone: Annotated[str | None, TONE]


@magic_arguments("invented")
@option_arguments(Invented)
def magic_invented(line):
    """Ask in a tone."""
    with magic_spelling():
        options = vars(parse(line, magic_invented.parser).options)
        check_options(Invented, options)
        return options


@validate_call
def invented(question: str, **options: Unpack[Invented]) -> object:
    """Ask in a tone."""
    check_options(Invented, options)
    return options


def test_one_entry_gives_an_option_its_flags_and_its_help():
    assert magic_invented("--tone-of-voice plain --no-code")["tone"] == "plain"
    assert magic_invented("-w formal")["tone"] == "formal"
    assert "--tone-of-voice WORD" in magic_invented.__doc__
    assert "the tone, 100 % of the time" in " ".join(magic_invented.__doc__.split())
    with pytest.raises(BadInput, match=r"Did you mean --tone-of-voice\?"):
        magic_invented("--tone-of-voise plain")


def test_one_entry_gives_an_option_its_keyword():
    assert invented("Why?", tone="plain") == {"tone": "plain"}
    with pytest.raises(BadInput, match=r"invented has no option tonne\. Did you mean tone\?"):
        invented("Why?", tonne="plain")
    with pytest.raises(BadInput, match=r"tone takes text, not int\."):
        invented("Why?", tone=5)
    assert "tone: str | None = None" in str(invented.__signature__)


def test_one_entry_gives_an_option_its_check_in_the_words_of_who_typed_it():
    with pytest.raises(BadInput, match=r"^tone takes plain or formal, not “rude”\.$"):
        invented("Why?", tone="rude")
    with pytest.raises(BadInput, match=r"^--tone-of-voice takes plain or formal, not “rude”\.$"):
        magic_invented("-w rude")


def test_one_entry_brings_an_option_into_the_request_checked(monkeypatch):
    assert AskRequest("Why?").options == {name: named.default for name, named in options_of(AskKeywords).items()}
    monkeypatch.setattr("nbfiles._messages.options.AskKeywords", Invented)
    assert AskRequest("Why?").options["tone"] is None
    assert AskRequest("Why?", options={"tone": "plain"}).options["tone"] == "plain"
    with pytest.raises(BadInput, match=r"^tone takes plain or formal, not “rude”\.$"):
        AskRequest("Why?", options={"tone": "rude"})


def test_one_entry_gives_an_option_its_completion_and_its_row():
    assert options_of(Invented)["tone"].option.completion == ("plain", "formal")
    row = '| `-w`, `--tone-of-voice WORD` | `tone="plain"` | the tone, 100 % of the time |'
    assert row in WRITER["page"]({"%invented": ("`invented`", Invented)})


def test_the_reference_is_as_the_tables_say():
    assert WRITER["PAGE"].read_text() == WRITER["page"](WRITER["TABLES"]), "type: python docs/write_reference.py"


@pytest.mark.parametrize(
    ("magic", "table"),
    [
        ("ask_file", AskFileOptions),
        ("upload", UploadKeywords),
        ("files", ListKeywords),
        ("download", DownloadKeywords),
    ],
)
def test_a_magic_has_the_options_of_its_table(magic, table):
    parser = MAGICS[magic][0].parser
    known = {flag for named in options_of(table).values() for flag in named.flags}
    opposites = {f"--no-{name}" for name, named in options_of(table).items() if named.has_opposite}
    given = {flag for action in parser._actions for flag in action.option_strings}
    assert given == known | opposites


@pytest.mark.parametrize("table", [AskFileOptions, UploadKeywords, ListKeywords, DownloadKeywords])
def test_what_completes_an_option_is_a_list_of_words_or_a_known_source(table):
    for named in options_of(table).values():
        words = named.option.completion
        assert words in SOURCES if isinstance(words, str) else all(map(named.option.valid, words))
        assert named.option.takes or named.option.valid is Option.__init__.__defaults__[-1]


def test_files_are_listed_in_the_orders_that_sort_takes():
    assert set(options_of(ListKeywords)["sort"].option.completion) == set(SORTS)


def test_settings_are_options_of_a_question():
    assert SettingKeywords.__annotations__.keys() <= options_of(AskKeywords).keys()


@pytest.fixture
def note(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    new_session(monkeypatch)
    Path("a.txt").write_text("The fox has four legs.")
    yield "a.txt"
    nbfiles.current_session().close()


def ask_without_a_key():
    nbfiles.use("claude")
    nbfiles.ask("q", "a.txt")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nbfiles.ask("q", max_tokens=0), "max_tokens takes a whole number from 1, not 0."),
        (lambda: nbfiles.ask("q", effort="huge"), "effort takes one of low, medium, high, xhigh, max, not “huge”."),
        (lambda: nbfiles.ask("q", skill="xlsx", code=False), "skill needs code: leave out code=False."),
        (lambda: nbfiles.upload("a.txt", expires="9y"), "expires takes hours or days from 1h to 90d, such as 12h or"),
        (lambda: nbfiles.ask(" ", "a.txt"), "The question is empty. Type, for example: nbfiles.ask("),
        (lambda: workspace.listed(sort="colour"), "sort takes one of name, size, age, expiry, not “colour”."),
        (lambda: workspace.clean(older_than="9y"), "older_than takes hours or days such as 12h or 30d, not “9y”."),
        (lambda: workspace.clean(), "How old? Type, for example: nbfiles.workspace.clean(older_than='30d')"),
        (lambda: nbfiles.configure(max_tokens=0), "max_tokens takes a whole number from 1, not 0. Type, for"),
        (lambda: nbfiles.configure(effort="huge"), "effort takes one of low, medium, high, xhigh, max, not “huge”. T"),
        (lambda: nbfiles.eject(), "There is no question yet to write code for. Ask one with nbfiles.ask()."),
        (lambda: nbfiles.ask("q", "b.pdf"), "No file “b.pdf”. Upload it first: nbfiles.upload('b.pdf')"),
        (lambda: nbfiles.ask("q", skill="poetry"), "There is no skill “poetry”. To see them: nbfiles.skills()"),
        (lambda: ask_without_a_key(), "No API key found. Set ANTHROPIC_API_KEY"),
        (lambda: afford(None, 1.0, 0.0, "the budget"), "The price is not known, so the budget of $1.00 cannot be held"),
        (lambda: as_cell(CodeStep(""), 3), "Step 3 ran no code. Type, for example: nbfiles.code(2)"),
    ],
)
def test_an_error_of_a_function_speaks_of_keywords_and_functions(note, call, message):
    with pytest.raises(BadInput) as refused:
        call()
    assert str(refused.value).startswith(message)
    assert "--" not in str(refused.value)
    assert "%" not in str(refused.value)
