import pytest

from nbfiles.server.engines.sandbox.charts import program
from nbfiles.server.engines.sandbox.findings import number
from nbfiles.server.engines.sandbox.profile import Chart, label, mentioned, plan
from tests.canaries import letters

COLUMNS = [
    {"name": name, "kind": kind, "distinct": distinct, "longest": 9, "missing": 0}
    for name, kind, distinct in [
        ("species", "group", 3),
        ("island", "group", 3),
        ("bill_length_mm", "number", 100),
        ("body_mass_g", "number", 90),
        ("day", "date", 80),
    ]
]
TABLE = {
    "name": "p.csv",
    "reader": "csv",
    "options": {},
    "renamed": False,
    "nested": False,
    "dates": ["day"],
    "rows": 300,
    "measures": True,
    "columns": COLUMNS,
    "pair": ["bill_length_mm", "body_mass_g"],
    "split": ["body_mass_g", "species"],
}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("plot body mass by species", ["body_mass_g", "species"]),
        ("Is the bill longer on some islands?", ["bill_length_mm", "island"]),
        ("body_mass_g", ["body_mass_g"]),
        ("What is in here?", []),
    ],
)
def test_questions_name_columns_in_their_own_words(question, expected):
    assert mentioned(question, COLUMNS) == expected


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("body mass by species", Chart("box", "species", "body_mass_g")),
        ("bill length against body mass", Chart("scatter", "body_mass_g", "bill_length_mm", "species")),
        ("body mass per day", Chart("line", "day", "body_mass_g")),
        ("how is body mass distributed", Chart("hist", "body_mass_g", hue="species")),
        ("how many per island", Chart("count", "island")),
    ],
)
def test_the_first_chart_suits_the_question(question, first):
    assert plan(TABLE, question)[0] == first


def test_many_long_names_are_written_below_each_other():
    columns = [{**column, "distinct": 12, "longest": 20} for column in COLUMNS]
    assert plan({**TABLE, "columns": columns}, "body mass by island")[0].kind == "boxes"


def test_a_general_question_gets_three_different_charts():
    assert len({chart.kind for chart in plan(TABLE, "What is in here?")}) == 3


@pytest.mark.parametrize("kind", ["box", "boxes", "scatter", "line", "hist", "count", "density", "rows"])
@pytest.mark.parametrize("name", ['a "b"', "c\\d", "e\nf", "{x}", "größe (cm)"])
def test_code_is_valid_python_whatever_columns_are_called(kind, name):
    hue = name if kind in ("scatter", "hist") else None
    compile(program(TABLE, [Chart(kind, name, name, hue)]).source, "profile", "exec")


def test_labels_read_as_words_with_units():
    assert label("body_mass_g") == "Body mass"
    assert label("body_mass_g", unit=True) == "Body mass (g)"


def test_numbers_have_the_digits_that_a_sentence_bears():
    assert [number(n) for n in (5000.0, 0.12345, 12345.6, -3.0)] == ["5,000", "0.123", "12,346", "-3"]


def test_columns_are_named_by_the_words_that_tell_them_apart():
    columns = [{"name": name} for name in ("bill_length_mm", "bill_depth_mm", "flipper_length_mm")]
    assert mentioned("bill depth against bill length", columns) == ["bill_depth_mm", "bill_length_mm"]


SECRET = "sk-" + "ant-" + "api03-" + letters(48)


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        (SECRET, SECRET[13:]),
        (SECRET.lower(), SECRET[13:]),
        (f"/home/{'muster' + 'mann'}/x", "muster" + "mann"),
        (f"~{'muster' + 'mann'}/x", "muster" + "mann"),
        ("gh" + "p_" + SECRET[13:49], SECRET[13:49]),
        (f"DB_PASSWORD={SECRET[13:30]}", SECRET[13:30]),
    ],
)
def test_names_that_hold_a_secret_are_not_spelled_in_words(name, secret):
    columns = [{**COLUMNS[0], "name": name}, {**COLUMNS[3], "name": f"{name} of all"}]
    table = TABLE | {"columns": columns, "dates": [], "name": f"{SECRET}.csv", "split": None, "pair": None}
    for kind in ("scatter", "density", "hist", "count", "line", "rows", "box"):
        chart = Chart(kind, name, f"{name} of all")
        inputs = program(table, [chart]).inputs
        made = (*inputs["labels"].values(), inputs["summary"], chart.title, chart.filename)
        assert [text for text in made if secret.lower() in "".join(filter(str.isalnum, text.lower()))] == []
        assert chart.filename.isprintable()
        assert chart.filename


def test_names_without_a_secret_are_spelled_in_words():
    assert label("body_mass_g", unit=True) == "Body mass (g)"
    assert label("file_path_home") == "File path home"
