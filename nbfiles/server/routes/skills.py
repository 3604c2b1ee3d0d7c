"""The Skills API (docs/wire-facts.md)."""

from __future__ import annotations

import base64
import re

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from nbfiles.server import workspaces
from nbfiles.server.errors import invalid
from nbfiles.server.json_types import JsonObject
from nbfiles.server.routes.common import cursor_position, whole_number
from nbfiles.server.storage.skills import StoredSkill, version_of

DEFAULT_PAGE, MAX_PAGE = 20, 1000
MOST_FILES = 200
LONGEST_NAME = 255  # characters of a display_name

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


async def create(request: Request) -> Response:
    """POST /v1/skills."""
    async with request.form(max_files=MOST_FILES) as form:
        files = await _files(form)
        display_name = str(form.get("display_name") or "")
    name, description = _manifest(files)
    if len(display_name) > LONGEST_NAME:
        raise invalid(f"display_name: must be at most {LONGEST_NAME} characters long")
    skills = workspaces.of(request).skills
    version = await run_in_threadpool(lambda: skills.add(name, description, files, display_name=display_name))
    return JSONResponse(skills.get(version.skill_id).shape)


async def create_version(request: Request) -> Response:
    """POST /v1/skills/{id}/versions."""
    skill = _named(request)
    async with request.form(max_files=MOST_FILES) as form:
        files = await _files(form)
    name, description = _manifest(files)
    if skill.source != "custom" or name != skill.versions[0].name:
        raise invalid(f"files: a version of {skill.id} must be named '{skill.versions[0].name}'")
    skills = workspaces.of(request).skills
    version = await run_in_threadpool(lambda: skills.add(name, description, files, to=skill.id))
    return JSONResponse(version.shape)


async def _files(form: FormData) -> dict[str, bytes]:
    """[docs] All files lie in one top-level directory; return them by their paths below it."""
    parts = [part for _, part in form.multi_items() if isinstance(part, UploadFile)]
    tops = {(part.filename or "").partition("/")[0] for part in parts}
    if len(tops) != 1:
        raise invalid("files: all files must be in the same top-level directory")
    return {(part.filename or "").partition("/")[2]: await part.read() for part in parts}


def _manifest(files: dict[str, bytes]) -> tuple[str, str]:
    """[docs] A SKILL.md at the root names and describes the skill."""
    if "SKILL.md" not in files:
        raise invalid("files: a SKILL.md is required at the root of the top-level directory")
    head = _frontmatter(files["SKILL.md"].decode("utf-8", "replace"))
    name, description = head.get("name", ""), head.get("description", "")
    if not _SLUG.fullmatch(name) or not description:
        raise invalid("files: SKILL.md must give a `name` of a-z, 0-9 and hyphens, and a `description`")
    return name, description


def _frontmatter(text: str) -> dict[str, str]:
    """Return the `key: value` lines between the two `---` at the top."""
    first, *lines = text.splitlines() or [""]
    end = next((n for n, line in enumerate(lines) if line.startswith("---")), 0)
    lines = lines[:end] if first.rstrip() == "---" else []
    pairs = (line.partition(":") for line in lines if not line.startswith((" ", "#")))
    return {key.strip(): value.strip().strip("\"'") for key, _, value in pairs}


def _named(request: Request) -> StoredSkill:
    return workspaces.of(request).skills.get(request.path_params["skill_id"])


def _page(request: Request, items: list[JsonObject]) -> Response:
    """Return a page of a list that fits into memory; its cursor is a place in the list."""
    query = request.query_params
    limit = whole_number("limit", query.get("limit", str(DEFAULT_PAGE)), 1, MAX_PAGE)
    start = cursor_position(query["page"]) if "page" in query else 0
    more = base64.urlsafe_b64encode(str(start + limit).encode()).decode()
    page = items[start : start + limit]
    return JSONResponse({"data": page, "next_page": more if len(items) > start + limit else None})


def list_skills(request: Request) -> Response:
    """GET /v1/skills."""
    source = request.query_params.get("source")
    skills = workspaces.of(request).skills.all()
    return _page(request, [skill.shape for skill in skills if source in (None, skill.source)])


def list_versions(request: Request) -> Response:
    """GET /v1/skills/{id}/versions."""
    return _page(request, [version.shape for version in _named(request).versions])


def retrieve(request: Request) -> Response:
    """GET /v1/skills/{id}."""
    return JSONResponse(_named(request).shape)


def retrieve_version(request: Request) -> Response:
    """GET /v1/skills/{id}/versions/{version or latest}."""
    return JSONResponse(version_of(_named(request), request.path_params["version"]).shape)


def content(request: Request) -> Response:
    """GET /v1/skills/{id}/versions/{version or latest}/content."""
    skill = _named(request)
    version = version_of(skill, request.path_params["version"])
    if skill.source != "custom":
        raise invalid(f"Skill {skill.id} is Anthropic's, and its files are not on this server.")
    headers = {"content-disposition": f'attachment; filename="{version.name}.zip"'}
    return Response(workspaces.of(request).skills.archive(version), media_type="application/zip", headers=headers)


def delete(request: Request) -> Response:
    """DELETE /v1/skills/{id}."""
    skill_id = request.path_params["skill_id"]
    workspaces.of(request).skills.delete(skill_id)
    return JSONResponse({"id": skill_id, "type": "skill_deleted"})


def delete_version(request: Request) -> Response:
    """DELETE /v1/skills/{id}/versions/{version}."""
    version_id = request.path_params["version"]
    workspaces.of(request).skills.delete(request.path_params["skill_id"], version_id)
    return JSONResponse({"id": version_id, "type": "skill_version_deleted"})


def routes() -> list[Route]:
    """Return the resource's routes."""
    one, versions = "/v1/skills/{skill_id}", "/v1/skills/{skill_id}/versions"
    return [
        Route("/v1/skills", create, methods=["POST"]),
        Route("/v1/skills", list_skills, methods=["GET"]),
        Route(one, retrieve, methods=["GET"]),
        Route(one, delete, methods=["DELETE"]),
        Route(versions, create_version, methods=["POST"]),
        Route(versions, list_versions, methods=["GET"]),
        Route(f"{versions}/{{version}}", retrieve_version, methods=["GET"]),
        Route(f"{versions}/{{version}}", delete_version, methods=["DELETE"]),
        Route(f"{versions}/{{version}}/content", content, methods=["GET"]),
    ]
