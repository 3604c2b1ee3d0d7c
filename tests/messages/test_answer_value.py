"""An answer is a frozen value that goes through JSON and comes back the same."""

import json
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import BaseModel

from nbfiles._messages.answer import Answer, Usage
from nbfiles._messages.structured_output import schema
from nbfiles.errors import CutOff
from nbfiles.records import FileRecord, Files, Kind, Origin
from tests.answers import answer_of, said

PAGE = {"type": "page_location", "cited_text": "q", "document_index": 0, "start_page_number": 1, "end_page_number": 2}
REPLY = (
    {"type": "thinking", "thinking": "hm", "signature": "s"},
    {"type": "server_tool_use", "id": "t1", "name": "code_execution", "input": {"code": "1"}},
    {"type": "code_execution_tool_result", "tool_use_id": "t1", "content": {"stdout": "1", "return_code": 0}},
    {"type": "text", "text": "So.", "citations": [PAGE]},
    {"type": "hologram", "data": [1, {"a": None}]},
)


class Invoice(BaseModel):
    total: float


def generated(path):
    return FileRecord(
        "a.csv",
        "file_1",
        Kind.DATA,
        "text/csv",
        3,
        datetime(2026, 11, 1, tzinfo=UTC),
        sha256="00",
        path=path,
        made_by_code=True,
        origin=Origin(1, (("b.csv", None),), "7f3a"),
    )


def again(answer):
    return Answer.from_dict(json.loads(json.dumps(answer.to_dict())))


def test_an_answer_comes_back_the_same_through_json(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = answer_of(
        *REPLY,
        **{"question": "why?", "request": {"max_tokens": 9}, "model": "m", "by": "m", "sent_to": "Claude"},
        **{"sources": ("b.pdf",), "documents": ("b.pdf",), "inputs": (("b.csv", None),), "thread": "t", "turn": 2},
        **{"usage": Usage(1, 2, 3, 4), "stop_reason": "end_turn", "container": "c", "notes": ("n",)},
        **{"files": Files([generated(tmp_path / "nbfiles_out" / "a.csv")]), "evidence": ("quote found",)},
        **{"cost": 0.5, "seconds": 1.5, "unreported": 1},
    )
    assert again(answer) == answer
    assert (again(answer).citations, again(answer).code, again(answer).files) == (
        answer.citations,
        answer.code,
        answer.files,
    )


@pytest.mark.parametrize("path", ["/home/ada/secret/a.csv", None])
def test_no_path_outside_the_working_folder_is_written_down(path):
    answer = answer_of(*REPLY, files=Files([generated(path and Path(path))]))
    assert "ada" not in json.dumps(answer.to_dict())
    assert again(answer).files[0].path is None


def test_a_saved_path_that_leads_elsewhere_is_not_followed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    values = answer_of(*REPLY, files=Files([generated(tmp_path / "a.csv")])).to_dict()
    values["files"][0]["path"] = "../../etc/passwd"
    assert Answer.from_dict(values).files[0].path is None


def test_what_was_raised_is_kept_as_a_line():
    answer = said("So", problem="It broke off.", error=CutOff("It broke off."))
    assert (again(answer).problem, again(answer).error) == ("It broke off.", None)


@pytest.mark.parametrize("spec", ["total float", Invoice])
def test_the_fields_of_a_schema_come_back(spec):
    answer = said('{"total": 9.5}', stop_reason="end_turn", schema=schema(spec))
    data = again(answer).data
    assert (data if isinstance(data, dict) else data.model_dump()) == {"total": 9.5}
    assert list(again(answer).df()["total"]) == [9.5]


def test_an_answer_is_frozen_and_small():
    answer = said("So")
    with pytest.raises(FrozenInstanceError):
        answer.model = "other"
    assert len(Answer.__dataclass_fields__) <= 12


def test_an_answer_that_comes_from_no_session_says_what_to_do():
    with pytest.raises(Exception, match=r"nbfiles\.ask"):
        said("So").show()
