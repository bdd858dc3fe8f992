"""One call of one tool, from its arguments to text for the model. Whatever happens is an `Ending`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from realtime_cli.core.session import Session
from realtime_cli.core.view import SessionView

from .capture import Record, printing_into
from .context import Context
from .results import as_error, as_text, cut, trace_of, words_of
from .tool import Arguments, Tool, ToolFailed
from .toolbox import Toolbox

# The `call_id` of a call that no model makes.
BY_HAND = "by_hand"
Outcome: TypeAlias = Literal["done", "failed", "denied", "cancelled"]


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of a call: its output for the model, and what the tool's author wants to see."""

    output: str
    outcome: Outcome = "done"
    detail: str = ""
    is_late: bool = False


def failed(words: str, *, detail: str = "", outcome: Outcome = "failed") -> Ending:
    """A call that has no result; the model is told why."""
    return Ending(as_error(words), outcome, detail)


def too_late(tool: Tool) -> Ending:
    """A call that took too long."""
    words = f"{tool.name} did not finish within {tool.timeout_s:g} s"
    return Ending(as_error(words), "failed", is_late=True)


async def call_alone(
    tool: Tool, arguments: Arguments, toolbox: Toolbox, *, look: Callable[[], SessionView] | None = None
) -> Ending:
    """Runs the tool as its user asks, beside the session or without one; `tool.check` gave the arguments."""
    context = Context(BY_HAND, look=look or Session({}).view)
    try:
        async with asyncio.timeout(tool.timeout_s):
            return await perform(tool, arguments, context, redact=toolbox.redactor.text)
    except TimeoutError:
        return too_late(tool)
    finally:
        context.finish(is_cancelled=True)


async def perform(
    tool: Tool, arguments: Arguments, context: Context, *, redact: Callable[[str], str]
) -> Ending:
    """Runs the tool. Raises nothing but `CancelledError`, and that only where this task is cancelled.

    Texts are without secrets before they are cut: a part of one would not be found any more.
    """
    record = Record()

    def told(*texts: str) -> str:
        return cut("\n".join(redact(text).rstrip() for text in (*texts, record.text) if text.strip()))

    with printing_into(record):
        try:
            output = cut(redact(as_text(await tool.run(arguments, context))))
        except ToolFailed as failure:
            return failed(redact(str(failure)), detail=told(failure.detail))
        except asyncio.CancelledError as error:
            if _is_cancelled():
                raise
            return failed("the tool gave up", detail=told(trace_of(error)))
        except BaseException as error:  # a tool is somebody else's code
            return failed(redact(words_of(error)), detail=told(trace_of(error)))
    return Ending(output, detail=redact(record.text))


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
