"""How a magic's line is split."""

from argparse import ArgumentParser, BooleanOptionalAction

import pytest

from nbfiles._magics.arguments import looks_like_file, parse
from nbfiles.errors import BadInput

FILES = {"a.pdf", "b c.csv", "it's.txt"}


@pytest.fixture
def parser():
    parser = ArgumentParser(prog="%ask_file", add_help=False)
    parser.add_argument("-m", "--model")
    parser.add_argument("--code", action=BooleanOptionalAction)
    parser.add_argument("--max-tokens", type=int)
    return parser


@pytest.mark.parametrize(
    ("line", "words", "rest"),
    [
        ("a.pdf what changed?", ["a.pdf"], "what changed?"),
        ('a.pdf "b c.csv" why', ["a.pdf", "b c.csv"], "why"),
        ('a.pdf "why is it so?"', ["a.pdf"], "why is it so?"),
        ('a.pdf "why" or "how"?', ["a.pdf"], '"why" or "how"?'),
        ("a.pdf what's it's about", ["a.pdf"], "what's it's about"),
        ("a.pdf  keep   {blanks} $5 \\n ", ["a.pdf"], "keep   {blanks} $5 \\n"),
        ("it's.txt why", ["it's.txt"], "why"),
        ("a.pdf what does -x do", ["a.pdf"], "what does -x do"),
        ("", [], ""),
    ],
)
def test_files_come_first_and_the_question_stays_as_typed(parser, line, words, rest):
    parsed = parse(line, parser, FILES.__contains__)
    assert (parsed.words, parsed.rest) == (words, rest)


def test_options_may_stand_between_the_files(parser):
    parsed = parse('--model "x y" a.pdf --no-code --max-tokens=5 why', parser, FILES.__contains__)
    assert (parsed.options.model, parsed.options.code, parsed.options.max_tokens) == ("x y", False, 5)
    assert (parsed.words, parsed.rest) == (["a.pdf"], "why")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--modle x", "Did you mean --model"),
        ("--frobnicate", "has no option"),
        ("--model", "needs a value"),
        ("--code --no-code", "given more than once"),
        ("-m x --model y", "given more than once"),
    ],
)
def test_a_wrong_option_is_one_line_with_what_to_type(parser, line, words):
    with pytest.raises(BadInput, match=words) as caught:
        parse(line, parser)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("word", ["a.pdf", "data/x", "*.csv", "x.R", "C:\\a.txt"])
def test_these_are_meant_as_files(word):
    assert looks_like_file(word)


@pytest.mark.parametrize("word", ["what", "3.5", "why?", "$5", "{a}", ""])
def test_these_are_not(word):
    assert not looks_like_file(word)
