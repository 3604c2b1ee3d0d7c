import io
import zipfile
from concurrent.futures import ThreadPoolExecutor

import anthropic
import pytest

from nbfiles.server.errors import ApiProblem
from nbfiles.server.storage.skills import SkillStore
from tests.server.official import CODE, text

MANIFEST = b"---\nname: tide-tables\ndescription: Reads tide tables.\n---\n# How\n"


def files(manifest=MANIFEST, name="tide-tables/SKILL.md"):
    return [(name, manifest, "text/markdown"), ("tide-tables/read.py", b"print(1)", "text/x-python")]


@pytest.fixture
def skill(client):
    made = client.skills.create(files=files(), display_name="Tides")
    yield made
    if any(one.id == made.id for one in client.skills.list(limit=1000)):
        client.skills.delete(made.id)


def test_anthropics_own_are_there(client):
    assert {skill.id for skill in client.skills.list(source="anthropic")} == {"pptx", "xlsx", "docx", "pdf"}
    assert client.skills.retrieve("xlsx").source.type == "anthropic"
    assert [v.id for v in client.skills.versions.list("xlsx")] == ["20251013"]


def test_a_custom_skill_lives_and_dies(client, skill):
    assert client.skills.retrieve(skill.id) == skill
    assert [one.id for one in client.skills.list(source="custom")] == [skill.id]
    version = client.skills.versions.retrieve(skill.latest_version_id, skill_id=skill.id)
    assert (version.name, version.description) == ("tide-tables", "Reads tide tables.")
    assert client.skills.delete(skill.id).type == "skill_deleted"
    with pytest.raises(anthropic.NotFoundError):
        client.skills.retrieve(skill.id)


def test_a_new_version_is_the_latest_until_it_is_deleted(client, skill):
    second = client.skills.versions.create(skill.id, files=files())
    assert client.skills.retrieve(skill.id).latest_version_id == second.id
    assert client.skills.versions.delete(second.id, skill_id=skill.id).type == "skill_version_deleted"
    assert client.skills.retrieve(skill.id).latest_version_id == skill.latest_version_id


def test_the_only_version_goes_with_its_skill(client, skill):
    with pytest.raises(anthropic.BadRequestError, match="only one of"):
        client.skills.versions.delete(skill.latest_version_id, skill_id=skill.id)
    client.skills.versions.create(skill.id, files=files())
    assert client.skills.delete(skill.id).type == "skill_deleted"
    with pytest.raises(anthropic.NotFoundError):
        client.skills.versions.list(skill.id)


def test_skills_come_and_go_while_others_are_listed(client):
    def come_and_go(_):
        made = client.skills.create(files=files())
        client.skills.versions.create(made.id, files=files())
        client.skills.delete(made.id)

    with ThreadPoolExecutor(4) as pool:
        going = [pool.submit(come_and_go, n) for n in range(24)]
        while not all(one.done() for one in going):
            assert {skill.id for skill in client.skills.list(source="anthropic", limit=1000)} >= {"pdf", "xlsx"}
    for one in going:
        one.result()


def test_a_version_is_downloaded_as_the_archive_that_makes_it_again(client, skill):
    reply = client.beta.skills.versions.download(skill.latest_version_id, skill_id=skill.id)
    assert reply.headers["content-type"] == "application/zip"
    assert 'filename="tide-tables.zip"' in reply.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(reply.read())) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    assert contents == {name: content for name, content, _ in files()}


@pytest.mark.parametrize(("skill_id", "version"), [("skill_nobody", "latest"), ("xlsx", "20200101")])
def test_a_version_that_is_not_there_is_not_downloaded(client, skill_id, version):
    with pytest.raises(anthropic.NotFoundError):
        client.beta.skills.versions.download(version, skill_id=skill_id)


def test_the_files_of_anthropics_own_are_not_here(client):
    with pytest.raises(anthropic.BadRequestError, match="not on this server"):
        client.beta.skills.versions.download("latest", skill_id="xlsx")


def test_skills_are_paged(client, skill):
    first = client.skills.list(limit=2)
    assert first.data[0] == skill
    assert len(list(first)) == 5


BAD = {
    "SKILL.md is required": files(name="tide-tables/README.md"),
    "same top-level directory": files(name="elsewhere/SKILL.md"),
    "SKILL.md must give": files(b"no front matter"),
    "both a file and a directory": [*files(), ("tide-tables/read.py/b", b"x")],
    "not a path within": [*files(), (f"tide-tables/{'x' * 300}", b"x")],
    "d' is not a path within": [*files(), (f"tide-tables/{'d/' * 400}d", b"x")],
    "is not a path": [*files(), (f"tide-tables/{'a/' * 600}b", b"x")],
}


@pytest.mark.parametrize(("message", "sent"), BAD.items(), ids=BAD.keys())
def test_a_malformed_skill_is_refused(client, message, sent):
    with pytest.raises(anthropic.BadRequestError, match=message):
        client.skills.create(files=sent)


def test_a_front_matter_without_end_is_read_once(client):
    """Not once from each of its lines, which would take hours."""
    with pytest.raises(anthropic.BadRequestError, match=r"SKILL.md must give"):
        client.skills.create(files=files(b"---\n" + b"\n" * 2_000_000 + b"x"))


def test_a_refused_skill_leaves_nothing(tmp_path, open_store):
    skills = SkillStore(open_store(tmp_path))
    with pytest.raises(ApiProblem):
        skills.add("tides", "Reads.", {"a": b"x", "a/b": b"x"})
    assert not list((tmp_path / "skills").iterdir())


def test_anthropics_own_cannot_be_deleted(client):
    with pytest.raises(anthropic.BadRequestError, match="cannot be deleted"):
        client.skills.delete("pdf")


def test_a_container_says_which_skills_it_has(ask, skill):
    skills = [
        {"type": "anthropic", "skill_id": "xlsx", "version": "latest"},
        {"type": "custom", "skill_id": skill.id},
    ]
    message = ask(text("```python\n1\n```"), tools=[CODE], container={"skills": skills})
    versions = [(one.skill_id, one.version) for one in message.container.skills]
    assert versions == [("xlsx", "20251013"), (skill.id, skill.latest_version_id)]


@pytest.mark.parametrize(
    ("kind", "message", "options"),
    [
        (
            anthropic.NotFoundError,
            "skill_nobody",
            {"tools": [CODE], "container": {"skills": [{"type": "custom", "skill_id": "skill_nobody"}]}},
        ),
        (
            anthropic.BadRequestError,
            "require the code",
            {"container": {"skills": [{"type": "anthropic", "skill_id": "pdf"}]}},
        ),
        (
            anthropic.BadRequestError,
            "at most 20",
            {"tools": [CODE], "container": {"skills": [{"type": "anthropic", "skill_id": "pdf"}] * 21}},
        ),
    ],
)
def test_a_request_for_skills_that_cannot_be_is_refused(ask, kind, message, options):
    with pytest.raises(kind, match=message):
        ask(text("?"), **options)
