"""What a tool gives back, as text for the model."""

from __future__ import annotations

import json
import traceback
from pathlib import Path
from types import TracebackType
from typing import cast

from pydantic_core import PydanticSerializationError, to_json

from .tool import ToolFailed

OUTPUT_LIMIT_BYTES = 65_536
_LONGEST_ERROR = 2000
_HERE = Path(__file__).parent


def as_text(result: object) -> str:
    """Text as it is, anything else as JSON. Raises `ToolFailed` for what JSON cannot hold."""
    if isinstance(result, str):
        return result
    try:
        return to_json(result, inf_nan_mode="null").decode()
    except (PydanticSerializationError, ValueError, RecursionError, AttributeError, TypeError) as problem:
        kind = type(result).__name__
        raise ToolFailed(
            f"the tool's result ({kind}) cannot be written as JSON", detail=str(problem)
        ) from None


def cut(text: str, limit_bytes: int = OUTPUT_LIMIT_BYTES) -> str:
    """The text, or as much of it as the model gets, which then says so."""
    if len(text) * 4 <= limit_bytes:
        return text
    data = text.encode("utf-8", "surrogatepass")
    if len(data) <= limit_bytes:
        return text
    kept = data[:limit_bytes].decode("utf-8", "ignore")
    return f"{kept}\n[cut: these are the first {limit_bytes:,} of {len(data):,} bytes]"


def as_error(words: str) -> str:
    """An output that tells the model what went wrong."""
    return json.dumps({"error": words[:_LONGEST_ERROR]}, ensure_ascii=False)


def words_of(error: BaseException) -> str:
    """An exception in a line or two; of a group, those that it holds."""
    if isinstance(error, BaseExceptionGroup):
        group = cast("BaseExceptionGroup[BaseException]", error)
        return "; ".join(words_of(each) for each in group.exceptions)
    name = type(error).__name__
    try:
        said = str(error)
    except Exception:  # the exception is somebody else's code, too
        said = ""
    return f"{name}: {said}" if said else name


def trace_of(error: BaseException) -> str:
    """The traceback, from the first frame that is the tool's own."""
    shown = _unwrapped(error)
    return "".join(traceback.format_exception(type(shown), shown, _without_ours(shown.__traceback__)))


def _unwrapped(error: BaseException) -> BaseException:
    """What a thread has raised, out of the group in which it came here."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    group = cast("BaseExceptionGroup[BaseException]", error)
    return group if group.message else group.exceptions[0]


def _without_ours(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and Path(trace.tb_frame.f_code.co_filename).parent == _HERE:
        trace = trace.tb_next
    return trace
