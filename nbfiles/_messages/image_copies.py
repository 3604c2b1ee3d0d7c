"""Images that a request does not take as large as they are: smaller copies are sent in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from nbfiles import limits
from nbfiles._documents.pdf import DocumentError
from nbfiles._files import file_tokens
from nbfiles._messages.content import all_blocks, file_id_of
from nbfiles.records import JSON, FileRecord

Smaller = Callable[[Sequence[FileRecord], int], list[FileRecord]]  # images and pixels a side → their copies

OF_MANY = (
    "{}: sent as smaller copies of at most {:,} pixels a side, as the API takes at most {:,} of more than "
    f"{limits.MANY_IMAGES} images."
)
OF_ONE = "{}: sent as a smaller copy of at most {:,} pixels a side, as the API does not take it so large."
MOST_NAMED = 3  # images in one sentence


def with_copies(
    request: JSON, records: Iterable[FileRecord], smaller: Smaller
) -> tuple[JSON, list[FileRecord], tuple[str, ...]]:
    """Return a request that the API takes, the copies that `smaller` made for it, and what to say of them.

    Images of earlier turns count, and are replaced, too. `records` are the files by id.
    """
    by_id, turns = {record.file_id: record for record in records}, request["messages"]
    ids = [file_id_of(block) or "" for block in all_blocks(turns) if block["type"] == "image"]
    many = len(ids) > limits.MANY_IMAGES
    most = limits.SIDE_OF_MANY - 1 if many else limits.SIDE
    large = [by_id[file_id] for file_id in dict.fromkeys(ids) if file_id in by_id and _is_large(by_id[file_id], most)]
    if not large:
        return request, [], ()
    side = limits.SMALLER_SIDE if many else limits.LONGEST_SIDE
    copies = smaller(large, side)
    moved = {record.file_id: copy.file_id for record, copy in zip(large, copies, strict=True)}
    note = OF_MANY.format(_named(large), side, limits.SIDE_OF_MANY) if many else OF_ONE.format(_named(large), side)
    messages = [{**message, "content": [_moved(block, moved) for block in message["content"]]} for message in turns]
    return {**request, "messages": messages}, copies, (note,)


def _moved(block: JSON, moved: Mapping[str, str]) -> JSON:
    """Return a block of an image with the id of its copy; code gets the image itself."""
    copy = moved.get(file_id_of(block) or "") if block["type"] == "image" else None
    return {**block, "source": {**block["source"], "file_id": copy}} if copy else block


def _named(records: Sequence[FileRecord]) -> str:
    if len(records) > MOST_NAMED:
        return f"{len(records):,} images"
    return ", ".join(f"“{record.name}”" for record in records)


def _is_large(record: FileRecord, most: int) -> bool:
    """Return whether an image is larger than a request takes; of one that is not here, nothing is known."""
    if record.path is None or not record.path.is_file():
        return False
    try:
        longest = max(file_tokens.pixels(record.path))
    except DocumentError:
        return False
    if record.longest_side:
        return min(record.longest_side, longest) > most
    # What a picture was made of may be smaller, such as the pages of a TIFF.
    may_be_larger = record.converted and most < limits.SIDE
    return longest > most or may_be_larger or record.size_bytes > limits.IMAGE_BYTES
