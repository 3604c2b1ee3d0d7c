"""The fields of a schema: a table that reads well however deep it is, and its text twin."""

from nbfiles._display import structured_output

DATA = {
    "vendor": "Acme <b>& Sons</b>",
    "paid": None,
    "tags": ["new", "urgent"],
    "items": [{"name": "bolt", "size": {"mm": 8}}, {"name": "nut", "price": 0.5}],
    "empty": [],
}


def test_text_says_everything_on_indented_lines():
    assert structured_output.plain(DATA).splitlines() == [
        "vendor: Acme <b>& Sons</b>",
        "paid: —",
        "tags:",
        "  - new",
        "  - urgent",
        "items:",
        "  - name: bolt",
        "    size:",
        "      mm: 8",
        "  - name: nut",
        "    price: 0.5",
        "empty: []",
    ]


def test_html_says_the_same_and_nothing_in_it_is_markup():
    html = structured_output.html(DATA)
    assert "<b>& Sons" not in html
    assert html.count("<table>") == 3
    for word in ("vendor", "urgent", "bolt", "price", "—"):
        assert word in html


def test_long_lists_and_deep_nests_end_somewhere():
    deep = [[[[[["bottom"]]]]]]
    assert "bottom" in structured_output.html(deep)
    assert "bottom" in structured_output.plain(deep)
    many = [{"n": number} for number in range(70)]
    assert "20 more in answer.data" in structured_output.html(many)
    assert "20 more in answer.data" in structured_output.plain(many)


def test_a_value_of_several_lines_stays_with_its_field():
    assert structured_output.plain({"note": "one\ntwo", "next": 1}) == "note: one\n  two\nnext: 1"


def test_only_a_long_word_is_broken():
    assert "anywhere" in structured_output.html({"key": "x" * 200})
    assert "anywhere" not in structured_output.html({"price": 0.5, "note": "word " * 100})
