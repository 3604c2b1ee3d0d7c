"""Files of the same contents under different names: each is read, called and deleted by the name that was said."""

import re

import pytest

from nbfiles import current_session
from tests.sessions import new_session

ROWS = "region,revenue\nnorth,10\nsouth,32\n"
TEXT = "The launch of the probe is planned for Monday, from the northern site.\n"
READ = "```python\nimport os\nprint(sorted(n for n in os.listdir() if n.endswith('{}')), open('{}').read()[:6])\n```"


@pytest.fixture
def pair(tmp_path):
    """Write files of these names with the same contents."""

    def write(*names, contents=ROWS):
        for name in names:
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(contents)

    return write


def blocks(answer, turn=-1):
    """Return type and title of the files that a turn of the user holds."""
    turns = [message for message in answer.request["messages"] if message["role"] == "user"]
    return [(block["type"], block.get("title")) for block in turns[turn]["content"] if block["type"] != "text"]


def remote_names():
    return sorted(file.filename for file in current_session().connection.client.newest())


def registered(name):
    return current_session().connection.files.registry.get(name)


def restart(monkeypatch):
    """Begin a new kernel, as far as nbfiles can tell."""
    current_session().close()
    new_session(monkeypatch)


def prints(answer):
    return "".join(step.stdout for step in answer.code)


@pytest.mark.parametrize(("first", "second"), [("a.txt", "a.csv"), ("a.csv", "a.txt")])
def test_the_kind_follows_the_name(shell, pair, first, second):
    pair("a.txt", "a.csv")
    kinds = {record.name: record.kind for record in shell.run(f"%upload {first} {second}")}
    assert kinds == {"a.txt": "text", "a.csv": "data"}
    assert shell.run("%ask_file a.csv How many rows are there?").code
    assert not shell.run("%ask_file a.txt What is the revenue of the north?").code


def test_the_kind_follows_the_name_in_the_next_kernel(shell, pair, monkeypatch):
    pair("a.txt", "a.csv")
    shell.run("%upload a.txt")
    restart(monkeypatch)
    assert shell.run("%upload a.csv")[0].kind == "data"


def test_code_reads_each_of_two_by_its_name(shell, pair):
    pair("p.csv", "q.csv")
    shell.run(f"%%ask_file p.csv\n{READ.format('csv', 'p.csv')}")
    answer = shell.run(f"%%ask_file q.csv\n{READ.format('csv', 'q.csv')}")
    assert prints(answer) == "['q.csv'] region\n"
    assert answer.sources == ("q.csv",)
    assert remote_names() == ["p.csv", "q.csv"]


def test_comparing_two_sends_both(shell, pair):
    pair("p.csv", "q.csv")
    answer = shell.run(f"%%ask_file p.csv q.csv\n{READ.format('csv', 'q.csv')}")
    assert len(set(content_ids(answer))) == 2
    assert prints(answer) == "['p.csv', 'q.csv'] region\n"
    profiled = shell.run("%ask_file p.csv q.csv Compare them.").text
    assert "p.csv" in profiled
    assert "q.csv" in profiled


def content_ids(answer):
    return [block["file_id"] for block in answer.request["messages"][-1]["content"] if "file_id" in block]


def test_what_code_makes_names_its_input_by_the_name_that_was_said(shell, pair):
    pair("p.csv", "q.csv")
    shell.run("%upload p.csv")
    make = "```python\nimport os\nopen(os.environ['OUTPUT_DIR'] + '/t.txt', 'w').write('made')\n```"
    (record,) = shell.run(f"%%ask_file q.csv\n{make}").files
    assert [name for name, _ in record.origin.inputs] == ["q.csv"]


def test_two_documents_share_an_upload_and_each_has_its_title(shell, pair):
    pair("p.txt", "q.txt", contents=TEXT)
    first, second = shell.run("%upload p.txt q.txt")
    assert first.file_id == second.file_id
    assert "already there: the same contents as “p.txt”" in shell.shown
    answer = shell.run("%ask_file p.txt q.txt When is the launch?")
    assert blocks(answer) == [("document", "p.txt"), ("document", "q.txt")]
    assert answer.documents == ("p.txt", "q.txt")
    only = shell.run("%ask_file q.txt When is the launch?")
    assert {citation.file for citation in only.citations} == {"q.txt"}
    assert {citation.evidence for citation in only.citations} == {"quote found"}
    assert only.sources == ("q.txt",)
    assert remote_names() == ["p.txt"]


def test_two_tables_without_code_are_two_documents(shell, pair):
    pair("p.csv", "q.csv")
    answer = shell.run("%%ask_file p.csv q.csv --no-code\nWhat is the revenue of the north?")
    assert blocks(answer) == [("document", "p.csv"), ("document", "q.csv")]


def test_documents_for_code_are_there_under_their_names(shell, pair):
    pair("p.txt", "q.txt", contents=TEXT)
    shell.run("%upload p.txt q.txt")
    dry = dict(shell.run("%%ask_file p.txt q.txt --code --dry-run\nWhen?").rows)
    assert dry["would be uploaded"] == "q.txt"
    answer = shell.run(f"%%ask_file p.txt q.txt --code\n{READ.format('txt', 'q.txt')}")
    assert prints(answer) == "['p.txt', 'q.txt'] The la\n"
    assert "the same contents as “p.txt”, sent once more under this name" in shell.shown
    dry = dict(shell.run("%%ask_file p.txt q.txt --code --dry-run\nWhen?").rows)
    assert dry["would be uploaded"] == "nothing"
    shell.run(f"%%ask_file p.txt q.txt --code\n{READ.format('txt', 'p.txt')}")
    assert remote_names() == ["p.txt", "q.txt"]


def test_a_dry_run_tells_which_of_two_is_uploaded(shell, pair):
    pair("p.csv", "q.csv")
    pair("p.txt", "q.txt", contents=TEXT)
    shell.run("%upload p.csv p.txt")
    dry = dict(shell.run("%%ask_file p.csv q.csv p.txt q.txt --dry-run\nWhat is it?").rows)
    assert dry["would be uploaded"] == "q.csv"
    assert dry["blocks"] == "2 container_upload, 2 document, 1 text"


def test_a_renamed_table_is_sent_under_its_new_name_and_that_is_said(shell, pair, tmp_path):
    pair("p.csv")
    shell.run("%upload p.csv")
    (tmp_path / "p.csv").rename(tmp_path / "q.csv")
    shell.run("%upload q.csv")
    assert "the same contents as “p.csv”, sent once more under this name" in shell.shown
    shell.run("%upload q.csv")
    assert "already there" in shell.shown
    assert remote_names() == ["p.csv", "q.csv"]


def test_a_name_that_this_kernel_does_not_know_stays_out_of_the_notebook(shell, pair, monkeypatch):
    pair("private.txt", "notes.txt", contents=TEXT)
    shell.run("%upload private.txt")
    restart(monkeypatch)
    shell.run("%upload notes.txt")
    assert "the same contents as a file uploaded earlier" in shell.shown
    assert "private" not in shell.shown


def test_the_next_kernel_sends_neither_again(shell, pair, monkeypatch):
    pair("p.csv", "q.csv")
    ids = [record.file_id for record in shell.run("%upload p.csv q.csv")]
    restart(monkeypatch)
    answer = shell.run(f"%%ask_file q.csv\n{READ.format('csv', 'q.csv')}")
    assert prints(answer) == "['q.csv'] region\n"
    assert [record.file_id for record in shell.run("%upload p.csv q.csv")] == ids
    assert remote_names() == ["p.csv", "q.csv"]


def test_the_next_kernel_asks_about_the_other_document_by_its_name(shell, pair, monkeypatch):
    pair("p.txt", "q.txt", contents=TEXT)
    shell.run("%upload p.txt")
    restart(monkeypatch)
    answer = shell.run("%ask_file q.txt When is the launch?")
    assert {citation.file for citation in answer.citations} == {"q.txt"}
    assert [record.name for record in shell.run("%files")] == ["q.txt"]


@pytest.mark.parametrize("suffix", ["csv", "txt"])
def test_both_are_in_the_list_and_one_can_be_deleted(shell, pair, suffix):
    pair(f"p.{suffix}", f"q.{suffix}", contents=TEXT)
    shell.run(f"%upload p.{suffix} q.{suffix}")
    assert [record.name for record in shell.run("%files")] == [f"p.{suffix}", f"q.{suffix}"]
    shell.run(f"%files rm p.{suffix} --yes")
    assert [record.name for record in shell.run("%files")] == [f"q.{suffix}"]
    assert shell.run("%files verify").rows == ((f"q.{suffix}", "there"),)
    assert shell.run(f"%ask_file q.{suffix} When is the launch?").complete


def test_a_name_of_a_shared_upload_goes_and_the_upload_goes_with_the_last_one(shell, pair):
    pair("p.txt", "q.txt", contents=TEXT)
    shell.run("%upload p.txt q.txt")
    shell.run("%files rm p.txt")
    assert "Of “p.txt”, only the name goes: “q.txt” uses the same upload." in shell.shown
    shell.run("%files rm p.txt --yes")
    assert "The workspace is as before. Of “p.txt”, only the name goes" in shell.shown
    assert remote_names() == ["p.txt"]
    shell.run("%files rm q.txt --yes")
    assert "only the name" not in shell.shown
    assert remote_names() == []
    shell.run("%upload p.txt q.txt")
    shell.run("%files rm *.txt --yes")
    assert "Deleted: 2 files, 71 bytes" in shell.shown
    assert remote_names() == []
    assert shell.run("%files") == ()


def test_a_deletion_by_label_takes_the_upload_from_all_its_names(shell, pair):
    pair("p.txt", "q.txt", contents=TEXT)
    record = shell.run("%upload p.txt q.txt")[0]
    shell.run(f"%files rm …{record.file_id[-4:]} --yes")
    assert remote_names() == []
    assert shell.run("%files") == ()


def test_a_conversation_takes_the_other_one_in_its_second_turn(shell, pair):
    pair("p.txt", "q.txt", contents=TEXT)
    shell.run("%%ask_file p.txt -t talk\nWhen is the launch?")
    answer = shell.run("%%ask_file q.txt -t talk\nWhen is the launch?")
    assert blocks(answer) == [("document", "q.txt")]
    assert answer.documents == ("p.txt", "q.txt")
    assert "context" not in answer.request["messages"][-1]["content"][0]
    third = shell.run("%%ask_file q.txt -t talk\nFrom which site?")
    assert blocks(third) == []
    assert third.request["messages"][-1]["content"][0]["text"] == "About “q.txt”:"
    assert third.sources == ("p.txt", "q.txt")


def test_a_conversation_with_code_takes_the_other_table_in_its_second_turn(shell, pair):
    pair("p.csv", "q.csv")
    shell.run("%%ask_file p.csv -t talk\nHow many rows are there?")
    answer = shell.run(f"%%ask_file q.csv -t talk\n{READ.format('csv', 'q.csv')}")
    assert prints(answer) == "['p.csv', 'q.csv'] region\n"


def test_a_document_of_a_conversation_is_not_sent_again_for_code(shell, pair):
    pair("p.txt", "q.txt", contents=TEXT)
    shell.run("%upload p.txt q.txt")
    shell.run("%%ask_file q.txt -t talk\nWhen is the launch?")
    answer = shell.run(f"%%ask_file q.txt -t talk --code\n{READ.format('txt', 'q.txt')}")
    assert blocks(answer) == [("container_upload", None)]
    assert prints(answer) == "['q.txt'] The la\n"


def test_each_file_has_a_row_by_its_name(shell, pair):
    pair("p.txt", "q.txt", contents=TEXT)
    pair("p.csv", "q.csv")
    names = ["p.txt", "q.txt", "p.csv", "q.csv"]
    frame = shell.run(f"%%ask_file {' '.join(names)} --each\nWhat is in it?")
    assert list(frame["file"]) == names
    for name, answer in zip(frame["file"], frame["answer"], strict=True):
        assert set(re.findall(r"[pq]\.(?:txt|csv)", answer)) <= {name}
    shell.run("%%ask_file q.txt q.csv --each\nWhat is in it?")
    assert "2 of them before" in shell.shown


def test_each_cites_the_file_of_its_row(shell, pair):
    pair("p.txt", "q.txt", contents=TEXT)
    shell.run("%%ask_file p.txt q.txt --each\nWhen is the launch?")
    shell.run("%cite 1 q.txt")
    assert "q.txt" in shell.shown
    assert "p.txt" not in shell.shown


@pytest.mark.parametrize("suffix", ["csv", "txt"])
def test_uploads_that_somebody_deleted_come_back_under_their_names(shell, pair, suffix):
    names = f"p.{suffix}", f"q.{suffix}"
    pair(*names, contents=TEXT)
    shell.run(f"%upload {' '.join(names)}")
    for record in {registered(name).file_id: registered(name) for name in names}.values():
        current_session().connection.client.delete(record.file_id)
    answer = shell.run(f"%%ask_file {' '.join(names)} --code\n{READ.format(suffix, names[1])}")
    assert prints(answer) == f"['p.{suffix}', 'q.{suffix}'] The la\n"
    assert answer.complete
    assert [record.name for record in shell.run("%files")] == list(names)


def test_a_document_comes_back_from_the_other_file_where_its_own_is_gone(shell, pair, tmp_path):
    pair("p.txt", "q.txt", contents=TEXT)
    shell.run("%upload p.txt q.txt")
    shell.run("%%ask_file p.txt -t talk\nWhen is the launch?")
    (tmp_path / "p.txt").unlink()
    current_session().connection.client.delete(registered("p.txt").file_id)
    assert shell.run("%%ask_file -t talk\nFrom which site?").complete


def test_one_that_changes_leaves_the_other_as_it_was(shell, pair, tmp_path):
    pair("p.txt", "q.txt", contents=TEXT)
    shell.run("%upload p.txt q.txt")
    (tmp_path / "q.txt").write_text("The launch is planned for Friday now, and from the southern site.\n")
    answer = shell.run("%ask_file p.txt q.txt When is the launch?")
    assert len({block["source"]["file_id"] for block in answer.request["messages"][0]["content"][:2]}) == 2
    assert {c.evidence for c in answer.citations} == {"quote found"}
    assert "Friday" in shell.run("%ask_file q.txt When is the launch?").text
    assert "Monday" in shell.run("%ask_file p.txt When is the launch?").text


def test_another_name_for_the_same_file_is_the_name_that_code_finds(shell, pair):
    pair("p.csv")
    shell.run("%upload p.csv")
    shell.run("%upload p.csv --as sales.csv")
    assert prints(shell.run(f"%%ask_file sales.csv\n{READ.format('csv', 'sales.csv')}")) == "['sales.csv'] region\n"


def test_a_name_that_was_chosen_is_not_that_of_the_path(shell, pair):
    pair("p.csv")
    shell.run("%upload p.csv --as p-final.csv")
    assert prints(shell.run(f"%%ask_file p.csv\n{READ.format('csv', 'p.csv')}")) == "['p.csv'] region\n"
    assert "because another file" not in shell.shown
    assert [record.name for record in shell.run("%files")] == ["p-final.csv", "p.csv"]


def test_the_other_name_of_a_table_is_said_where_its_bytes_are_not_here(shell, pair, monkeypatch, own_world):
    pair("p.csv")
    shell.run("%upload p.csv")
    restart(monkeypatch)
    (own_world / "ledger.db").unlink()
    shell.run("%files adopt p.csv --as sales.csv")
    answer = shell.run(f"%%ask_file sales.csv\n{READ.format('csv', 'p.csv')}")
    assert prints(answer) == "['p.csv'] region\n"
    message = "Code finds “sales.csv” as “p.csv”: that is its name in the workspace."
    assert answer.notes == (message,)
    assert [name for name, _ in answer.asked.inputs] == ["p.csv"]
    assert ("name there", "p.csv") in shell.run("%files info sales.csv").rows


def test_an_adopted_table_is_found_by_the_name_that_it_got(shell, pair, monkeypatch):
    pair("p.csv")
    shell.run("%upload p.csv")
    restart(monkeypatch)
    shell.run("%files adopt p.csv --as sales.csv")
    assert prints(shell.run(f"%%ask_file sales.csv\n{READ.format('csv', 'sales.csv')}")) == "['sales.csv'] region\n"


def test_ejected_code_uploads_each_table_under_its_name(shell, pair):
    pair("p.csv", "q.csv")
    shell.run("%ask_file p.csv q.csv Compare them.")
    shell.run("%nbfiles eject")
    assert re.findall(r"file=\('(.*?)'", shell.shown) == ["p.csv", "q.csv"]


def test_two_pictures_are_both_sent_under_their_names(shell, tmp_path):
    (tmp_path / "rose.jpg").write_bytes((tmp_path / "flower.jpg").read_bytes())
    answer = shell.run("%ask_file flower.jpg rose.jpg What is to be seen?")
    assert blocks(answer) == [("image", None)] * 2
    assert remote_names() == ["flower.jpg", "rose.jpg"]
    assert "rose.jpg" in answer.text


def test_a_path_that_an_older_name_hides_is_said_with_what_to_type(shell, pair):
    pair("data/p.csv", contents="region,revenue\neast,1\n")
    pair("p.csv")
    shell.run("%upload data/p.csv")
    answer = shell.run("%ask_file p.csv What is in it?")
    message = (
        "“p.csv” is the file uploaded earlier from the folder “data”. For the file in the current folder, type: ./p.csv"
    )
    assert message in answer.notes
    assert message in shell.shown
    assert message in str(shell.run("%%ask_file p.csv --dry-run\nWhat is in it?"))
    shell.run("%%ask_file p.csv --each\nWhat is in it?")
    assert message in shell.shown
    answer = shell.run(f"%%ask_file ./p.csv\n{READ.format('csv', 'p-2.csv')}")
    assert "as “p-2.csv”, because another file is “p.csv”" in shell.shown
    assert prints(answer) == "['p-2.csv'] region\n"
    assert answer.notes == ()


def test_a_path_that_the_text_of_a_cell_hides_is_said_too(shell, pair):
    pair("my notes.txt", contents=TEXT)
    shell.run('%%upload "my notes.txt"\nNothing is launched on Friday.')
    (note,) = shell.run('%ask_file "my notes.txt" When is the launch?').notes
    assert note.startswith("“my notes.txt” is what was uploaded earlier under this name.")
    assert note.endswith('type: "./my notes.txt"')


def test_a_name_that_hides_nothing_is_not_explained(shell, pair):
    pair("p.csv")
    shell.run("%upload p.csv")
    assert shell.run("%ask_file p.csv What is in it?").notes == ()


def test_a_glob_over_names_says_which_files_are_new(shell, pair):
    pair("a.txt", "b.txt", "c.txt", contents=TEXT)
    shell.run("%upload *.txt")
    assert shell.run("%ask_file *.txt When is the launch?").notes == ()
    pair("d.txt", contents="The launch is on Tuesday.\n")
    message = "“*.txt” means the files uploaded earlier, without “d.txt”. For all, type: ./*.txt"
    answer = shell.run("%ask_file *.txt When is the launch?")
    assert answer.sources == ("a.txt", "b.txt", "c.txt")
    assert answer.notes == (message,)
    assert message in shell.shown
    assert message in str(shell.run("%%ask_file *.txt --dry-run\nWhen is the launch?"))
    shell.run("%%ask_file *.txt --each\nWhen is the launch?")
    assert message in shell.shown
    answer = shell.run("%ask_file ./*.txt When is the launch?")
    assert (answer.sources, answer.notes) == (("a.txt", "b.txt", "c.txt", "d.txt"), ())
    assert shell.run("%ask_file *.txt When is the launch?").notes == ()


def test_a_glob_over_names_names_at_most_three_new_files(shell, pair):
    pair("old a.txt", contents=TEXT)
    shell.run('%upload "old a.txt"')
    pair(*(f"old {letter}.txt" for letter in "bcdef"), contents="The launch is on Tuesday.\n")
    (note,) = shell.run('%ask_file "old *.txt" When is the launch?').notes
    assert "without “old b.txt”, “old c.txt”, “old d.txt” and 2 more." in note
    assert note.endswith('For all, type: "./old *.txt"')


def test_two_files_of_one_name_in_one_question_are_both_sent(shell, pair):
    pair("data/p.csv", contents="region,revenue\neast,1\n")
    pair("p.csv")
    answer = shell.run("%ask_file data/p.csv p.csv Compare them.")
    assert answer.sources == ("p.csv", "p-2.csv")
    assert answer.notes == ()
