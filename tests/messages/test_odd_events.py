"""Replies are untrusted: whatever the values in an event are, the answer is folded and shown."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from nbfiles._display.answer import bundle
from nbfiles._messages.answer import Answer
from nbfiles._messages.blocks import sent_back
from tests.answers import built

SCALARS = st.none() | st.booleans() | st.integers(-3, 10**12) | st.floats(allow_nan=True) | st.text(max_size=8)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
KINDS = st.sampled_from(
    [
        "text",
        "thinking",
        "server_tool_use",
        "code_execution_tool_result",
        "bash_code_execution_tool_result",
        "container_upload",
        "hologram",
    ]
)
DELTAS = st.sampled_from(
    ["text_delta", "thinking_delta", "signature_delta", "citations_delta", "input_json_delta", "odd"]
)
PLACES = st.sampled_from(["page_location", "char_location", "content_block_location", "odd"])


def obj(**fields):
    """An object with these fields, each there or not, each right or anything."""
    return st.fixed_dictionaries({}, optional={name: value | JSON for name, value in fields.items()})


CITATION = obj(
    type=PLACES,
    cited_text=st.text(max_size=9),
    document_index=st.integers(-2, 2),
    document_title=st.text(max_size=5),
    start_page_number=st.integers(-2, 9),
    end_page_number=st.integers(-2, 9),
)
RESULT = obj(
    type=st.just("code_execution_result"),
    stdout=st.text(max_size=9),
    return_code=st.integers(0, 2),
    error_code=st.just("unavailable"),
    content=st.lists(obj(file_id=st.just("file_1")), max_size=2),
)
BLOCK = obj(
    type=KINDS,
    id=st.just("t1"),
    tool_use_id=st.just("t1"),
    text=st.text(max_size=9),
    input=obj(code=st.text(max_size=9), path=st.just("p")),
    citations=st.lists(CITATION, max_size=2),
    content=RESULT,
    file_id=st.just("file_2"),
)
EVENT = st.one_of(
    obj(type=st.just("message_start"), message=obj(model=st.just("m"), usage=obj(input_tokens=st.just(1)))),
    obj(type=st.just("content_block_start"), content_block=BLOCK),
    obj(
        type=st.just("content_block_delta"),
        delta=obj(
            type=DELTAS,
            text=st.text(max_size=5),
            partial_json=st.sampled_from(['{"code": "x"}', "[1]", "{"]),
            citation=CITATION,
        ),
    ),
    obj(type=st.just("content_block_stop")),
    obj(
        type=st.just("message_delta"),
        delta=obj(stop_reason=st.just("end_turn"), container=obj(id=st.just("c"))),
        usage=obj(output_tokens=st.just(1)),
    ),
)


@settings(max_examples=400)
@given(st.lists(EVENT, max_size=8))
def test_no_reply_can_break_the_answer_or_its_looks(events):
    answer = built(events, documents=("a.pdf",)).snapshot()
    shown = bundle(answer)
    assert isinstance(answer.text, str)
    assert all(isinstance(text, str) for text in shown.values())
    assert all(isinstance(file_id, str) for file_id in answer.origins())
    sent_back(answer.blocks)
    assert Answer.from_dict(json.loads(json.dumps(answer.to_dict()))) == answer
