"""Whatever a model says, its HTML holds nothing that fetches, runs or imitates; nothing said is lost."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbfiles._display import markdown, math, sanitize
from nbfiles._display.sanitize import attribute, clean, escape, mark, to_html, to_plain
from tests.display.fuzz import mutations, problems
from tests.display.hostile import CONTROLS, HOSTILE
from tests.display.html_reader import FORBIDDEN, read


def afresh(text: str) -> str:
    """Render without what an earlier text left behind."""
    sanitize.forget()
    return to_html(text)


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


@pytest.mark.parametrize("markdown", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_is_inert(markdown: str) -> None:
    assert read(to_html(clean(markdown))).wrong == []


@pytest.mark.parametrize("markdown", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_is_inert_even_where_nobody_cleaned_it(markdown: str) -> None:
    assert read(to_html(markdown)).wrong == []


@pytest.mark.parametrize("markdown", [text for text in HOSTILE if len(text) < 300], ids=ascii)
def test_a_hostile_text_stays_readable(markdown: str) -> None:
    shown = read(to_html(clean(markdown))).text
    # An address may be shown percent-coded, an entity decoded, a title or a fence's language left out.
    for word in ("alert", "secret", "Kernel", "evil"):
        if word in markdown and not re.search(r"\\u|&#|'title'|\"title\"|```|~~~|q=", ascii(markdown)):
            assert word in shown or word in markdown.partition('"')[2] or "[a](" in markdown


@pytest.mark.parametrize("markdown", [text for text in HOSTILE if len(text) < 300], ids=ascii)
def test_every_beginning_of_a_hostile_text_is_inert(markdown: str) -> None:
    text = clean(markdown)
    assert [wrong for end in range(len(text)) for wrong in read(to_html(text[:end])).wrong] == []


@pytest.mark.parametrize(("markdown", "tags", "said"), CONTROLS)
def test_an_honest_text_keeps_its_form_and_its_words(markdown: str, tags: list[str], said: list[str]) -> None:
    reader = read(to_html(clean(markdown)))
    assert reader.wrong == []
    assert set(tags) <= set(reader.tags)
    place = 0
    for part in said:
        place = reader.text.index(part, place) + len(part)


def test_growing_text_reads_as_it_will_be_read_as_a_whole() -> None:
    text = "\n\n".join(markdown for markdown, _, _ in CONTROLS) + "\n"
    growing = [to_html(text[:end]) for end in range(0, len(text), 3)]
    assert growing == [afresh(text[:end]) for end in range(0, len(text), 3)]
    assert all(read(html).wrong == [] for html in growing)


def test_a_text_that_begins_like_the_one_before_is_read_as_it_is_alone() -> None:
    alone = afresh("- a\n\n  b\n")
    afresh("- a\n\nb\nc\n")  # the list ends before its `b`
    assert to_html("- a\n\n  b\n") == alone


LINES = st.sampled_from(
    ["a", "- b", "1. c", "  d", "    e", "> f", "|g|h|", "|-|-|", "***", "---", "===", "```", "$$", "x^2$$",
     "\\[", "y\\]", "# i", "", "", "[j]: k", "~~~", "-", "1.", "**l", "$m$", f"n{mark(1)}", "\t- o",
     f"```{mark(2)}"]
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(LINES, min_size=1, max_size=14))
def test_any_lines_grow_into_the_same_html(lines: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    sanitize.forget()
    growing = [to_html(text[:end]) for end in range(1, len(text) + 1)]
    assert growing == [afresh(text[:end]) for end in range(1, len(text) + 1)]
    settled: tuple[sanitize.RenderedBlock, ...] = ()
    sanitize.forget()
    for end in range(1, len(text) + 1):
        *before, _ = sanitize.to_blocks(text[:end])
        assert tuple(before)[: len(settled)] == settled  # what is settled never changes
        settled = tuple(before)


def test_a_long_text_is_cleaned_line_by_line_as_it_is_as_a_whole() -> None:
    text = "".join(f"a\u200b{n}\r\n\u200db\x0b|c|{mark(n)}\n```{mark(n)}\n```\n" for n in range(200))
    ends = range(3000, len(text), 97)
    sanitize.forget()
    growing = [clean(text[:end]) for end in ends], [to_html(text[:end]) for end in ends]
    assert growing[1] == [afresh(text[:end]) for end in ends]
    for cleaned, end in zip(growing[0], ends, strict=True):
        sanitize.forget()
        assert cleaned == clean(text[:end])


SHORT = [text for text in HOSTILE if len(text) < 300] + [markdown for markdown, _, _ in CONTROLS]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(SHORT), min_size=2, max_size=4), st.data())
def test_mixtures_of_hostile_texts_are_inert(texts: list[str], data: st.DataObject) -> None:
    cuts = [data.draw(st.integers(0, len(text))) for text in texts]
    halves = [(text[cut:], text[:cut]) for text, cut in zip(texts, cuts, strict=True)]
    mixed = "".join(half[number % 2] for number, half in enumerate(halves))
    assert read(to_html(clean(mixed))).wrong == []


MANY_SIGNS = [*"[]()<>!*_`~$\\|#-+&;:/\"'= \n\tahx1{}^@.", "http://a.b", "javascript:", "&#x", mark(1)]
SIGNS = st.lists(st.sampled_from(MANY_SIGNS), max_size=60).map("".join)


@settings(max_examples=300)
@given(SIGNS)
def test_any_heap_of_signs_is_inert(text: str) -> None:
    assert read(to_html(text)).wrong == []


@settings(max_examples=200)
@given(st.lists(st.tuples(SIGNS, st.integers(1, 99)), min_size=1, max_size=4))
def test_no_mark_is_ever_lost(pieces: list[tuple[str, int]]) -> None:
    text = "".join(clean(piece) + mark(number) for piece, number in pieces)
    shown = re.findall(r"<sup>\[(\d+)\]</sup>", to_html(text))
    assert sorted(shown) == sorted(str(number) for _, number in pieces)


@settings(max_examples=200)
@given(st.text(st.characters()))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert not FORBIDDEN.search(clean(text))
    clean(text).encode()


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\nb\tc\r\nd", "a\nb\tc\nd"),
        ("\x00\x07\x1b[0m\x7f\x9b", ""),
        ("a\x0cb\u2028c", "a\nb\nc"),
        ("x\u202ey\u2066z\u200e", "xyz"),
        ("pass\u200bword\u2060\ufeff\u00ad", "password"),
        ("a\u200db \U0001f468\u200d\U0001f469", "ab \U0001f468\u200d\U0001f469"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("a\U000e0041\U000e0100\ufe00\u2764\ufe0f", "a\u2764\ufe0f"),
        ("\ud800a\udc00", "a"),
        ("\ue0001\ue001 \ue002", "1 \ue002"),
        ("\ufdd0\uffff\U0002fffe", ""),
    ],
)
def test_characters_that_steer_or_hide_are_dropped(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    ("before", "after", "html"),
    [
        ("**up 12%**", " more", "<strong>up 12%</strong><sup>[3]</sup> more"),
        ("- item", "\n- next", "<li>item<sup>[3]</sup></li>"),
        ("| a |\n|---|\n| 1 |", "\n\nx", "1  <sup>[3]</sup></td>"),
        ("```\ncode\n```", "\n\nafter", "</code></pre>\n<p><sup>[3]</sup></p>\n<p>after</p>"),
        ("`code", "`", "<code>code<sup>[3]</sup></code>"),
        ("$x^2$", "", "<span>$x^2$</span><sup>[3]</sup>"),
        ("$$\nx^2\n$$", "\n", "$$</span><sup>[3]</sup></p>"),
        ("[a](https://docs.example/a", ")", '<a href="https://docs.example/a"'),
    ],
)
def test_a_mark_shows_where_it_was_put(before: str, after: str, html: str) -> None:
    shown = to_html(before + mark(3) + after)
    assert html in shown
    assert shown.count("<sup>[3]</sup>") == 1


def test_the_text_twin_is_the_markdown_itself() -> None:
    assert to_plain(f"**Up**{mark(1)}{mark(12)} <b>\n\n| a |") == "**Up**[1][12] <b>\n\n| a |"


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("![a chart](https://pics.example/c.png?u=1)", "[image not loaded: a chart – pics.example]"),
        ("![](attachment:c.png)", "[image not loaded: attachment:c.png]"),
        ("[docs](https://docs.example/a)", "docs (docs.example)"),
        ("[docs.example/a](https://docs.example/a)", "docs.example/a"),
        ("[https://docs.example](https://evil.example)", "https://docs.example (evil.example)"),
        ("[docs.example.evil.example](https://docs.example)", "docs.example.evil.example (docs.example)"),
        (
            "[docs.example](https://docs.example@evil.example/)",
            "docs.example (https://docs.example@evil.example/)",
        ),
        ("[x](https://еvil.example)", "x (xn--vil-qdd.example)"),
        ("[guide](docs/guide.md)", "guide (docs/guide.md)"),
        ("[x](https://xn--b-41ga.example/)", "x (https://xn--b-41ga.example/)"),  # no name that there can be
        ("[x](javascript:alert)", "x (javascript:alert)"),
        (
            "[Jane Doe <jane@docs.example>](mailto:jane@docs.example)",
            "Jane Doe jane@docs.example (jane@docs.example)",
        ),
        ("[<https://docs.example/a>](https://docs.example/a)", "https://docs.example/a"),
        ("[<https://docs.example>](https://evil.example)", "https://docs.example (evil.example)"),
        ("[<https://docs.example/a>](javascript:alert)", "https://docs.example/a (javascript:alert)"),
        ("[a <https://b.example> **<c@d.example>**](e.md) f", "a https://b.example c@d.example (e.md) f"),
        (
            "[![a](https://b.example/c.png)](https://d.example)",
            "[image not loaded: a – b.example] (d.example)",
        ),
        (
            "![a <https://b.example>](https://c.example)",
            "[image not loaded: a https://b.example – c.example]",
        ),
        (f"[x](https://a.example/{'q' * 200})", "x (a.example, long address, 201 characters)"),
    ],
)
def test_a_place_on_the_web_is_named(markdown: str, shown: str) -> None:
    assert read(to_html(markdown)).text.strip() == shown


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("[a <https://b.example> c <d@e.example>](https://f.example)", ["https://f.example"]),
        ("[a <https://b.example> c](javascript:alert)", ["https://b.example"]),
        ("[a [b <https://c.example>](https://d.example) e](https://f.example)", ["https://d.example"]),
    ],
)
def test_a_link_inside_a_link_is_only_its_text(text: str, addresses: list[str]) -> None:
    assert re.findall('href="([^"]*)"', to_html(text)) == addresses
    assert read(to_html(text)).wrong == []


def test_mutations_of_markdown_are_drawn_and_inert() -> None:
    assert [fault for text in mutations(2026, 1_000) for fault in problems(text)] == []


@pytest.mark.parametrize(
    "tex",
    [r"x^2", r"\frac{a}{b}", r"a_1 + b", r"n", r"O(n \log n)", r"P_{\text{total}}", r"E = mc^2",
     r"\alpha \to \infty",
     r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", r"x \in \{1, 2\}", r"12\%", "α + β"],
)  # fmt: skip
def test_simple_mathematics_is_set(tex: str) -> None:
    assert f"<span>${math.html_escape(tex)}$</span>" in to_html(f"where ${tex}$ holds")


@pytest.mark.parametrize(
    "text",
    ["$5 to $10", "US$3 and A$4", "$1,000.50–$2,000", "$AAPL and $MSFT", "echo $HOME/$USER", "$$ and $$$",
     "$5/$10 k",      "a $ b $ c", r"\(see note one\)", r"\[1\]", "$5m+$3m", "pay $5 (not $6)"],
)  # fmt: skip
def test_money_and_prose_stay_as_they_are(text: str) -> None:
    html = to_html(text)
    assert read(html).wrong == []
    assert read(html).text.strip() == re.sub(r"\\([()\[\]])", r"\1", text)
    assert not re.search(r"<span>\$+[^$<]", html)


def test_a_formula_never_ends_in_a_backslash_that_would_take_its_delimiter_along() -> None:
    html = to_html("$$\n  d^2\n \\ $$\n\nand $5")
    assert read(html).wrong == []
    assert "<pre><code>$$" in html


def test_formulas_have_a_limit() -> None:
    html = to_html("$x^2$ " * (math.MAX_FORMULAS + 5))
    assert html.count("<span>$x^2$</span>") == math.MAX_FORMULAS
    assert html.count("<code>$x^2$</code>") == 5


@pytest.mark.parametrize("text", ["> " * 40 + "deep", "- " * 40 + "deep", "x" * (sanitize.MAX_CHARS + 1)])
def test_what_is_beyond_a_limit_is_shown_as_written(text: str) -> None:
    assert read(to_html(f"{text}{mark(1)}")).text.strip() == f"{text}[1]"
    assert to_html(text).startswith("<pre>")


def test_a_paragraph_of_nothing_but_brackets_is_shown_as_written() -> None:
    text = "[a](https://a.example)" * (markdown.MAX_BRACKETS + 1)
    assert to_html(text) == f"<p>{text}</p>\n"


def test_a_table_that_would_fill_itself_up_is_shown_as_written() -> None:
    text = "|" + "a|" * 90 + "\n|" + "-|" * 90 + "\n" + "|\n" * 500
    assert "<table>" not in to_html(text)
    assert "<table>" in to_html(text[:400])


@pytest.mark.parametrize("depth", range(1, 25))
def test_nothing_is_lost_at_any_depth(depth: int) -> None:
    for sign in ("> ", "- "):
        assert "deep" in to_html(sign * depth + "deep\n\nafter")


def test_a_template_gets_text_that_is_only_text() -> None:
    assert escape("<b>'\"&") == "&lt;b&gt;&#x27;&quot;&amp;"
    assert read(escape(r"costs $5 to $10 \(x\) \begin{a}")).wrong == []
    assert attribute("'$5' \u202e<") == "&#x27;$5&#x27; &lt;"
