"""Ejected code is flat: no line is indented by more than two levels, and it makes the same values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbfiles._messages.flat_code import WIDTH, FlatCode, Variable

NAMES = st.sampled_from(["text", "content", "part", "import os", "a" * 90, "", "properties"])
TEXTS = st.text(max_size=5) | st.sampled_from(
    ["word " * 40, "x" * 200, 'it\'s "quoted" \\ and\nbroken ' * 9, "{}'''()"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=30,
)


def written(value):
    code = FlatCode()
    code.assign("request", value)
    return "".join(code.statements)


@given(JSON)
def test_the_code_makes_the_value_and_is_flat(value):
    source, namespace = written(value), {}
    exec(source, namespace)
    assert namespace["request"] == value
    assert all(len(line) - len(line.lstrip(" ")) <= 8 for line in source.splitlines())


def test_what_is_deep_has_variables_before_it():
    schema = {
        "type": "object",
        "properties": {"rows": {"type": "array", "items": {"type": "string", "title": "t" * 30}}},
    }
    source = written({"output_config": {"format": {"type": "json_schema", "schema": schema}}})
    assert source.index("properties_1 = ") < source.index("format_1 = ") < source.index("request = ")
    assert max(map(len, source.splitlines())) <= WIDTH


def test_no_variable_is_called_by_what_somebody_wrote():
    deep = {"a": {"b": {"__import__('os')": {"evil": "word " * 40}}}}
    assert "evil =" not in written(deep)
    assert "part_1 = " in written(deep)


@pytest.mark.parametrize("value", [Variable("turn_1"), [Variable("turn_1")], {"content": Variable("x" * 90)}])
def test_a_variable_stands_as_it_is(value):
    assert "'turn_1'" not in written(value)
    assert "'xxx" not in written(value)
