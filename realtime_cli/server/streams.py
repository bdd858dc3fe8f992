"""Streams that are closed when nobody reads them any more."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

_Item = TypeVar("_Item")


@asynccontextmanager
async def closed_after(stream: AsyncIterator[_Item]) -> AsyncGenerator[AsyncIterator[_Item]]:
    """The stream; at the end of the block it is closed, if it is one that can be."""
    try:
        yield stream
    finally:
        if isinstance(stream, AsyncGenerator):
            await stream.aclose()
