"""What is too large for a request is made to fit, or refused before anything is sent; earlier turns count."""

from pathlib import Path

import pytest
from PIL import Image

import nbfiles
from nbfiles import current_session
from nbfiles.errors import BadInput
from tests.pdfs import numbered


def uploads():
    """The files of the workspace, by name and how large they are."""
    entries = current_session().connection.workspace.entries()
    return sorted((entry.remote.filename, entry.remote.size_bytes) for entry in entries)


def images(answer):
    """The ids of the images of a request, in order."""
    blocks = (block for message in answer.request["messages"] for block in message["content"])
    return [block["source"]["file_id"] for block in blocks if block["type"] == "image"]


def sizes(answer):
    """What the local server says of the images that it got."""
    return [line.split(": ", 1)[1].split(" pixels")[0] for line in answer.text.splitlines() if line.startswith("- ")]


@pytest.mark.parametrize("cell", ["%upload long.pdf", "%%ask_file long.pdf\nWhere is Q599?", "%ask_file long.pdf Why?"])
def test_a_pdf_of_601_pages_is_refused_with_the_names_of_its_parts(shell, tmp_path, cell):
    numbered(tmp_path / "long.pdf", 601)
    with pytest.raises(
        BadInput,
        match=r"has 601 pages, .* takes at most 600\. Split it by pages: long\.pdf\[1-600\] long\.pdf\[601\]$",
    ):
        shell.run(cell)
    assert uploads() == []


def test_a_pdf_of_601_pages_is_asked_in_parts(shell, tmp_path):
    numbered(tmp_path / "long.pdf", 601)
    frame = shell.run("%%ask_file long.pdf[1-600] long.pdf[601] --each\nWhere is Q601?")
    assert list(frame["page"].fillna("")) == ["", "601"]


def test_700_pages_in_three_turns_are_refused_at_the_third(shell, tmp_path):
    for name, count in (("a.pdf", 250), ("b.pdf", 250), ("c.pdf", 200)):
        numbered(tmp_path / name, count, name)
    for name in ("a.pdf", "b.pdf"):
        assert shell.run(f"%%ask_file {name} -t talk\nWhere is Q17?").complete
    with pytest.raises(BadInput) as caught:
        shell.run("%%ask_file c.pdf -t talk\nWhere is Q17?")
    assert str(caught.value) == (
        "This conversation holds 500 pages of PDF; with “c.pdf” (200 pages), it has 700, and a question takes at most "
        "600. Split it by pages, for example: c.pdf[1-100]; or begin anew, without the earlier turns: --fresh"
    )
    assert [name for name, _ in uploads()] == ["a.pdf", "b.pdf"]
    answer = shell.run("%%ask_file c.pdf[1-100] -t talk\nWhere is Q17?")  # what was to be typed
    assert answer.turn == 3
    assert ("c.pdf[1-100]", "page 17") in [(citation.file, citation.where) for citation in answer.citations]
    assert shell.run("%%ask_file c.pdf -t talk --fresh\nWhere is Q17?").turn == 1


def test_several_pdfs_with_too_many_pages_together(shell, tmp_path):
    for name, count in (("a.pdf", 350), ("b.pdf", 350)):
        numbered(tmp_path / name, count, name)
    message = (
        r"^“a\.pdf” \(350 pages\) and “b\.pdf” \(350 pages\) have 700 pages together, and a question takes at most "
        r"600\. Split it by pages, for example: b\.pdf\[1-250\]; or ask about each on its own: --each$"
    )
    for cell in ("%%ask_file a.pdf b.pdf\nWhere?", "%%ask_file a.pdf b.pdf --dry-run\nWhere?"):
        with pytest.raises(BadInput, match=message):
            shell.run(cell)
    assert uploads() == []


def test_a_model_with_a_smaller_context_takes_fewer_pages(shell, tmp_path):
    numbered(tmp_path / "a.pdf", 150)
    with pytest.raises(
        BadInput,
        match=r"claude-haiku-4-5 takes at most 100\. Split it by pages: a\.pdf\[1-100\] a\.pdf\[101-150\]; or ask a "
        r"model with a larger context, which takes 600: %nbfiles models$",
    ):
        shell.run("%%ask_file a.pdf -m claude-haiku-4-5\nWhere is Q17?")
    assert shell.run("%%ask_file a.pdf[1-100] -m claude-haiku-4-5\nWhere is Q17?").complete
    shell.run("%%ask_file a.pdf -t talk\nWhere is Q17?")
    with pytest.raises(BadInput, match=r"^This conversation holds 150 pages of PDF, and claude-haiku-4-5 takes"):
        shell.run("%%ask_file -t talk -m claude-haiku-4-5\nAnd Q18?")


def test_a_row_that_is_too_large_fails_alone(shell, tmp_path):
    numbered(tmp_path / "a.pdf", 150)
    numbered(tmp_path / "b.pdf", 5)
    frame = shell.run("%%ask_file a.pdf b.pdf --each -m claude-haiku-4-5\nWhere is Q3?")
    assert "has 150 pages" in frame["error"][0]
    assert frame["page"][1] == "3"
    shell.run("%%ask_file a.pdf b.pdf --each -m claude-haiku-4-5 --dry-run\nWhere is Q3?")
    assert "Left out: “a.pdf” has 150 pages" in shell.shown


def test_more_text_than_a_model_reads_is_refused_before_the_upload(shell, tmp_path):
    (tmp_path / "long.txt").write_text("words and more words\n" * 50_000)
    (tmp_path / "short.txt").write_text("A note.")
    for cell in ("%%ask_file long.txt short.txt {}\nWhy?", "%%ask_file long.txt short.txt {} --dry-run\nWhy?"):
        with pytest.raises(
            BadInput,
            match=r"at least 262,\d\d\d tokens \(estimated\), of which “long\.txt” has 262,500, and claude-haiku-4-5 "
            r"reads at most 200,000\. Ask about fewer files, or about a part of them\. Ask about each on its own: "
            r"--each$",
        ):
            shell.run(cell.format("-m claude-haiku-4-5"))
    assert uploads() == []


def test_a_conversation_that_outgrows_the_model_is_refused(shell, tmp_path):
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(f"words of {name}\n" * 40_000)
    shell.run("%%ask_file a.txt -t talk -m claude-haiku-4-5\nWhy?")
    with pytest.raises(BadInput, match=r"Begin anew, without the earlier turns: --fresh$"):
        shell.run("%%ask_file b.txt -t talk\nWhy?")
    assert [name for name, _ in uploads()] == ["a.txt"]


def test_a_follow_up_in_python_counts_its_answer(shell, tmp_path):
    numbered(tmp_path / "a.pdf", 350)
    numbered(tmp_path / "b.pdf", 350, "Leaf")
    answer = nbfiles.ask("Where is Q17?", "a.pdf")
    with pytest.raises(BadInput, match=r"b\.pdf\[1-250\]; or begin anew, .*: nbfiles\.ask\(…\)$"):
        answer.ask("And here?", "b.pdf")


def photo(path: Path, size=(2100, 300), colour=0):
    Image.linear_gradient("L").resize(size).point(lambda value: (value + colour) % 256).convert("RGB").save(path)


def test_many_large_photos_are_sent_as_smaller_copies(shell, tmp_path):
    for number in range(21):
        photo(tmp_path / f"{number:02}.jpg", colour=number)
    answer = shell.run("%%ask_file [0-9]*.jpg\nWhat is in them?")
    assert sizes(answer) == ["JPEG, 1,568 × 224"] * 21
    assert shell.shown.count("smaller copies of at most 1,568 pixels a side") == 1
    assert answer.sources == tuple(f"{number:02}.jpg" for number in range(21))
    assert "**00.jpg**" in answer.text
    before = uploads()
    assert len(before) == 42
    again = shell.run("%%ask_file [0-9]*.jpg\nWhat is in them now?")
    assert images(again) == images(answer)
    assert uploads() == before
    assert len(current_session().connection.files.registry) == 21


def test_a_dry_run_plans_the_copies(shell, tmp_path):
    for number in range(21):
        photo(tmp_path / f"{number:02}.jpg", colour=number)
    shell.run("%%ask_file [0-9]*.jpg --dry-run\nWhat is in them?")
    planned = int(shell.shown.split("tokens in")[1].split(",")[0] + shell.shown.split("tokens in")[1].split(",")[1][:3])
    assert "(smaller copy)" in shell.shown
    assert uploads() == []
    answer = shell.run("%%ask_file [0-9]*.jpg\nWhat is in them?")
    assert answer.usage.total_in == planned


def test_images_of_earlier_turns_count_and_shrink_too(shell, tmp_path):
    for number in range(21):
        photo(tmp_path / f"{number:02}.jpg", colour=number)
    first = shell.run("%%ask_file 0*.jpg -t talk\nWhat is in them?")
    assert sizes(first) == ["JPEG, 2,100 × 300"] * 10
    second = shell.run("%%ask_file 1*.jpg 20.jpg -t talk\nAnd in these?")
    assert sizes(second) == ["JPEG, 1,568 × 224"] * 21
    third = shell.run("%%ask_file 00.jpg -t talk\nAnd in this?")  # it is there already
    assert len(images(third)) == 21
    assert "smaller" not in shell.shown.split("tokens in")[0].split("Local server")[-1]


def test_an_image_of_more_than_8000_pixels_is_uploaded_and_sent_smaller(shell, tmp_path):
    Image.new("RGB", (9000, 300), "red").save(tmp_path / "wide.png")
    shell.run("%upload wide.png")
    assert "9,000 × 300 pixels, more than the API reads: questions get a smaller copy" in shell.shown
    answer = shell.run("%%ask_file wide.png\nWhat is in it?")
    assert sizes(answer) == ["PNG, 2,576 × 86"]
    assert "“wide.png”: sent as a smaller copy of at most 2,576 pixels a side" in shell.shown
    assert [name for name, _ in uploads()] == ["wide.png", "wide.png"]


def test_a_copy_that_is_gone_is_made_again(shell, tmp_path):
    Image.new("RGB", (9000, 300), "red").save(tmp_path / "wide.png")
    first = shell.run("%%ask_file wide.png -t talk\nWhat is in it?")
    current_session().connection.client.delete(images(first)[0])
    second = shell.run("%%ask_file wide.png -t talk\nAnd now?")
    assert second.complete
    assert images(second) != images(first)
    third = shell.run("%%ask_file wide.png -t talk\nAnd then?")
    assert images(third) == images(second)
    assert shell.run("%%ask_file wide.png\nAlone?").complete


def test_a_copy_goes_with_its_image(shell, tmp_path):
    Image.new("RGB", (9000, 300), "red").save(tmp_path / "wide.png")
    shell.run("%%ask_file wide.png\nWhat is in it?")
    shell.run("%files --all")
    assert "image, smaller copy" in shell.shown
    shell.run("%files rm wide.png --yes")
    assert uploads() == []


def test_code_gets_the_image_as_it_is(shell, tmp_path):
    Image.new("RGB", (9000, 300), "red").save(tmp_path / "wide.png")
    question = "```python\nfrom PIL import Image\nprint(Image.open('wide.png').size)\n```"
    answer = shell.run(f"%%ask_file wide.png --code\n{question}")
    assert "(9000, 300)" in "".join(step.stdout for step in answer.code)


def test_ejected_code_makes_the_copy(shell, tmp_path):
    Image.new("RGB", (9000, 300), "red").save(tmp_path / "wide.png")
    shell.run("%%ask_file wide.png\nWhat is in it?")
    shell.run("%nbfiles eject")
    assert "thumbnail((2576, 2576))" in shell.shown


def test_601_images_are_refused(shell, tmp_path):
    for number in range(101):
        Image.new("L", (8, 8), number).save(tmp_path / f"{number}.png")
    with pytest.raises(
        BadInput,
        match=r"^This question has 101 images, and claude-haiku-4-5 takes at most 100\. Ask about each on its own: "
        r"--each; or ask a model with a larger context, which takes 600: %nbfiles models$",
    ):
        shell.run("%%ask_file *.png -m claude-haiku-4-5\nWhat?")
    assert uploads() == []


def test_a_photo_with_a_second_picture_behind_it_is_one_photo(shell, tmp_path):
    first, second = Image.new("RGB", (400, 300), "red"), Image.new("RGB", (40, 30), "blue")
    first.save(tmp_path / "phone.jpg", "MPO", save_all=True, append_images=[second])
    answer = shell.run("%%ask_file phone.jpg\nWhat is in it?")
    assert sizes(answer) == ["MPO, 400 × 300"]  # as Pillow calls a JPEG of this kind
