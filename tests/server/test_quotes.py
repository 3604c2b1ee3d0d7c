from itertools import pairwise

import pytest

from nbfiles._documents.pdf import page_texts
from tests.server.official import MODEL, SAMPLES, document, text

PAGES = page_texts(SAMPLES / "bzip2-manual.pdf")
STORY = "The harbour is old.\n\nSeven boats left at dawn. Only the green boat came back.\n\nNobody asked why.\n"


def citations(message):
    return [citation for block in message.content for citation in block.citations or ()]


def plain(words):
    source = {"type": "text", "media_type": "text/plain", "data": words}
    return {"type": "document", "source": source, "citations": {"enabled": True}}


def words(message):
    return "".join(block.text for block in message.content)


@pytest.mark.parametrize(
    ("question", "page", "expected"),
    [
        ("What does the -9 flag do and how much memory does compression need?", 9, "around 7600k of memory"),
        ("Can bzip2recover repair damaged files?", 7, "recover data from damaged files"),
        ("Who wrote bzip2?", 10, "Julian Seward"),
        ("Is the library thread-safe?", 12, "no global variables"),
    ],
)
def test_the_manual_answers_real_questions(ask, manual, question, page, expected):
    cited = citations(ask(document(manual), text(question)))
    on_page = [" ".join(c.cited_text.split()) for c in cited if c.start_page_number == page]
    assert expected in " ".join(on_page)


def test_every_citation_stands_on_its_page(ask, manual):
    cited = citations(ask(document(manual), text("How does the library report errors and return values?")))
    assert 2 <= len(cited) <= 4
    for citation in cited:
        assert citation.type == "page_location"
        assert citation.end_page_number == citation.start_page_number + 1
        assert citation.cited_text in PAGES[citation.start_page_number - 1]
        assert (citation.document_title, citation.file_id) == ("bzip2-manual.pdf", manual)


@pytest.mark.parametrize("cite", [False, None])
def test_where_nothing_is_cited_the_answer_is_one_text(ask, client, manual, cite):
    block = (
        document(manual, cite=False) if cite is False else {"type": "document", "source": document(manual)["source"]}
    )
    content = [block, text("Can bzip2recover repair damaged files?")]
    (only,) = ask(*content).content
    assert "recover data from damaged files" in only.text
    assert only.citations is None
    messages = [{"role": "user", "content": content}]
    with client.messages.stream(model=MODEL, max_tokens=4000, messages=messages) as stream:
        kinds = [event.type for event in stream]
        assert [block.text for block in stream.get_final_message().content] == [only.text]
    assert (kinds.count("content_block_start"), kinds.count("content_block_stop")) == (1, 1)


def test_a_text_goes_on_behind_a_quotation_as_another_block(ask, manual):
    blocks = ask(document(manual), text("Can bzip2recover repair damaged files?")).content
    cited = [bool(block.citations) for block in blocks]
    assert cited[:3] == [False, True, False]
    assert not any(one is two is False for one, two in pairwise(cited))


def test_a_text_is_cited_by_its_characters(ask, upload):
    story = upload("story.txt", "text/plain", STORY.encode()).id
    (citation,) = citations(ask(document(story), text("Which boats came back?")))
    assert citation.cited_text == STORY[citation.start_char_index : citation.end_char_index]
    assert citation.cited_text.endswith("Only the green boat came back.")


def test_content_blocks_are_cited_by_number(ask):
    blocks = [text("Apples are red."), text("The moon is made of basalt and dust.")]
    source = {"type": "content", "content": blocks}
    block = {"type": "document", "source": source, "citations": {"enabled": True}}
    (citation,) = citations(ask(block, text("What is the moon made of?")))
    assert (citation.start_block_index, citation.end_block_index) == (1, 2)


def test_documents_are_counted_over_the_whole_conversation(ask, manual, upload):
    story = upload("story.txt", "text/plain", STORY.encode()).id
    messages = [
        {"role": "user", "content": [document(manual), text("What is bzip2?")]},
        {"role": "assistant", "content": "A program."},
        {"role": "user", "content": [document(story), text("Which boats came back?")]},
    ]
    assert 1 in {citation.document_index for citation in citations(ask(messages=messages))}


def test_a_follow_up_is_answered_from_the_earlier_document(ask, manual):
    first = [{"role": "user", "content": [document(manual), text("Can bzip2recover repair files?")]}]
    answer = ask(messages=first)
    follow_up = [*first, answer.to_param(), {"role": "user", "content": "Is the library thread-safe?"}]
    assert "no global variables" in words(ask(messages=follow_up))


def test_without_citations_the_words_are_the_same(ask, manual):
    question = text("Who wrote bzip2?")
    bare = ask(document(manual, cite=False), question)
    assert citations(bare) == []
    assert words(bare) == words(ask(document(manual), question))


def test_no_match_says_so_with_the_words_tried(ask, manual):
    said = words(ask(document(manual), text("What about zebras and giraffes?")))
    assert said.endswith("No passage in **bzip2-manual.pdf** matches. Words searched: zebras, giraffes.")


def test_plurals_find_singulars(ask, upload):
    story = upload("story.txt", "text/plain", STORY.encode()).id
    assert citations(ask(document(story), text("Any harbours?")))


def test_a_question_about_the_whole_gets_the_beginning(ask, manual):
    assert "The beginning of **bzip2-manual.pdf**:" in words(
        ask(document(manual), text("What is this document about?"))
    )


def test_contents_pages_do_not_win(ask, manual):
    quoted = words(ask(document(manual), text("memory management")))
    assert ". . . ." not in quoted


def test_quoted_text_cannot_act_as_markdown(ask, upload):
    nasty = upload("n.txt", "text/plain", b"The secret word is *xyzzy* and [a link](http://evil.example) <b>.").id
    said = words(ask(document(nasty), text("What is the secret word?")))
    assert r"\*xyzzy\* and \[a link\](http://evil.example) \<b>" in said


def test_a_search_result_is_quoted_as_one(ask):
    block = {
        "type": "search_result",
        "source": "https://example.org/tides",
        "title": "Tides",
        "content": [text("The boat is red."), text("High water comes twice a day, at about noon.")],
        "citations": {"enabled": True},
    }
    (cited,) = [c for b in ask(block, text("When is high water?")).content for c in b.citations or ()]
    assert (cited.type, cited.source, cited.start_block_index) == (
        "search_result_location",
        "https://example.org/tides",
        1,
    )


LANGUAGES = {
    "german": (
        "Der Vertrag beginnt im Mai.\n\nDie Kündigungsfrist beträgt drei Monate zum Quartalsende.\n\n"
        "Lieferung erfolgt frei Haus.",
        {
            "Wie lang sind die Kündigungsfristen?": "Kündigungsfrist",
            "Was gilt für Lieferungen?": "Lieferung",
            "Kündigungsfristen": "Kündigungsfrist",
        },
    ),
    "french": (
        "Le contrat commence en mai.\n\nLa livraison est gratuite.\n\nLe préavis est de trois mois.",
        {"Quelles sont les livraisons gratuites ?": "livraison", "Combien de préavis ?": "préavis"},
    ),
}


@pytest.mark.parametrize(("language", "question"), [(name, q) for name, (_, asked) in LANGUAGES.items() for q in asked])
def test_other_endings_are_found_in_german_and_french(ask, language, question):
    words, answers = LANGUAGES[language]
    block = {
        "type": "document",
        "source": {"type": "text", "media_type": "text/plain", "data": words},
        "citations": {"enabled": True},
    }
    first = next(c for b in ask(block, text(question)).content for c in b.citations or ())
    assert answers[question] in first.cited_text
    assert words[first.start_char_index : first.end_char_index] == first.cited_text


def test_a_word_itself_tells_more_than_its_compounds(ask):
    words = (
        "Mietzeit\n\nDas Mietverhältnis beginnt im März und läuft auf unbestimmte Zeit.\n\n"
        "Die Miete beträgt 940 Euro im Monat, die Nebenkosten betragen 210 Euro.\n\n"
        "Die Mietsache besteht aus drei Zimmern."
    )
    found = citations(ask(plain(words), text("Wie hoch ist die Miete?")))
    assert found[0].cited_text.startswith("Die Miete beträgt")


def test_a_number_is_found_however_it_is_grouped(ask):
    assert not citations(ask(plain("A boat."), text("9" * 5000 + " and ²²²²²?")))
    for written in ("18204", "18,204", "18.204", "18 204"):
        assert citations(ask(plain(f"We counted {written} boats."), text("What about 18204?")))


def test_each_of_several_documents_is_quoted(ask):
    blocks = [
        {
            "type": "document",
            "title": f"{name}.txt",
            "source": {"type": "text", "media_type": "text/plain", "data": words},
            "citations": {"enabled": True},
        }
        for name, words in (
            ("north", "The harbour of the north opens at six. The harbour of the north closes at nine. " * 4),
            ("south", "In the south, the harbour opens at seven in the morning."),
        )
    ]
    content = ask(*blocks, text("When does the harbour open?")).content
    assert {c.document_title for b in content for c in b.citations or ()} == {"north.txt", "south.txt"}


@pytest.mark.parametrize(
    ("lines", "question", "expected"),
    [
        ("1. Buy milk for Anna\n2. Call Otto in Riga\n3. Sleep", "Who is to be called in Riga?", "Call Otto in Riga"),
        ("id | town\n1004 | Oslo\n1005 | Riga\n1006 | Rome", "What is 1005?", "1005 | Riga"),
    ],
)
def test_items_of_a_list_and_rows_that_begin_with_a_number_are_no_headings(ask, lines, question, expected):
    cited = citations(ask(plain(lines), text(question)))
    assert expected in cited[0].cited_text
