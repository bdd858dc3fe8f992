"""What sounds: a content part of an item."""

from __future__ import annotations

from typing import NamedTuple


class PartId(NamedTuple):
    """A content part of an item: what the API's truncate names."""

    item_id: str
    content_index: int
