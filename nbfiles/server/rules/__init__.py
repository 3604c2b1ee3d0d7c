"""What a request must keep to: small named functions, all in one table with their sources.

A new rule is a function that raises the documented error, and one row of RULES (it looks at the body) or of
READ_RULES (it looks at the request once its files are read). Sources: `docs` are the public guides and the
migration page of API version 2026-10-21, `types` the parameter types of the installed SDK, `seen` refusals
of the real API as issue trackers report them. docs/wire-facts.md has them in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from nbfiles.server.errors import invalid
from nbfiles.server.json_types import JsonObject
from nbfiles.server.rules import batches, messages, options, schemas, sizes, tool_names, turns

Source = Literal["docs", "types", "seen"]
Kind = Literal["message", "count", "batch", "batched"]  # the last is one request of a batch
Subject = TypeVar("Subject")


@dataclass(frozen=True)
class Rule(Generic[Subject]):
    """One rule, where it is from, and the kinds of request that must keep to it."""

    check: Callable[[Subject], None]
    source: Source
    kinds: tuple[Kind, ...] = ("message", "count")


RULES: tuple[Rule[JsonObject], ...] = (
    Rule(messages.sampling_is_gone, "docs"),
    Rule(messages.parameters_are_declared, "types"),
    Rule(messages.model_exists, "docs"),
    Rule(messages.values_have_their_types, "types"),
    Rule(messages.max_tokens_are_set, "types", ("message",)),
    Rule(messages.parameters_are_counted, "types", ("count",)),
    Rule(turns.threads_begin_anew, "types"),
    Rule(messages.messages_are_well_formed, "types"),
    Rule(options.thinking_fits_the_model, "docs"),
    Rule(options.effort_fits_the_model, "docs"),
    Rule(options.tools_may_be_forced, "docs"),
    Rule(messages.blocks_fit_their_role, "types"),
    Rule(messages.text_is_not_empty, "docs"),
    Rule(messages.users_do_not_cite, "docs"),
    Rule(messages.blocks_have_their_fields, "types"),
    Rule(messages.search_results_do_not_cite, "docs"),
    Rule(turns.the_user_speaks_last, "types"),
    Rule(turns.calls_are_unique, "seen"),
    Rule(turns.calls_have_results, "seen"),
    Rule(options.thinking_is_unchanged, "docs"),
    Rule(messages.citations_are_all_or_none, "docs"),
    Rule(messages.citations_exclude_a_schema, "docs"),
    Rule(messages.tools_are_declared, "types"),
    Rule(tool_names.tool_names_are_plain, "seen"),
    Rule(tool_names.tool_names_are_unique, "seen"),
    Rule(schemas.schemas_of_tools_are_small, "docs"),
    Rule(options.the_chosen_tool_is_there, "seen"),
    Rule(messages.uploads_need_the_tool, "docs"),
    Rule(messages.skills_need_the_tool, "docs", ("message",)),
    Rule(options.breakpoints_are_few, "docs"),
    Rule(schemas.schemas_are_closed, "docs"),
    Rule(schemas.strict_tools_are_few, "docs"),
    Rule(schemas.schemas_are_simple, "docs"),
    Rule(schemas.schema_is_supported, "docs"),
    Rule(messages.the_counter_can_count, "docs", ("count",)),
    Rule(batches.requests_are_a_list, "types", ("batch",)),
    Rule(batches.requests_have_parameters, "types", ("batch",)),
    Rule(batches.custom_ids_are_unique, "docs", ("batch",)),
    Rule(batches.parameters_suit_a_batch, "docs", ("batched",)),
)
READ_RULES: tuple[Rule[sizes.ReadRequest], ...] = (
    Rule(sizes.pages_are_few, "docs"),
    Rule(sizes.images_are_few, "docs"),
    Rule(sizes.images_are_small, "docs"),
    Rule(sizes.prompt_fits_the_context, "docs", ("message",)),
)


def check(body: object, kind: Kind, rules: Sequence[Rule[JsonObject]] = RULES) -> JsonObject:
    """Return a body that keeps to the rules, or raise the documented error for the first that it breaks."""
    if not isinstance(body, dict):
        raise invalid("The request body must be a JSON object.")
    _apply(body, kind, rules)
    return body


def check_read(request: sizes.ReadRequest, kind: Kind) -> None:
    """Raise the documented error for the first rule that a request breaks once its files are read."""
    _apply(request, kind, READ_RULES)


def _apply(subject: Subject, kind: Kind, rules: Sequence[Rule[Subject]]) -> None:
    for rule in rules:
        if kind in rule.kinds:
            rule.check(subject)


def sources() -> Iterator[tuple[str, Source]]:
    """Yield the name and the source of every rule."""
    yield from ((rule.check.__name__, rule.source) for rule in RULES)
    yield from ((rule.check.__name__, rule.source) for rule in READ_RULES)
