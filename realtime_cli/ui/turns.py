"""How a turn looks in words, wherever it is shown: its sign, its style, and what stands for missing words."""

from __future__ import annotations

from typing import Literal, TypeAlias

from rich.console import Console
from rich.text import Text

from realtime_cli.core.view import ItemView, Notice
from realtime_cli.visible import one_line

from .theme import can_show

Mark: TypeAlias = Literal["user", "assistant", "tool", "result"]

_SIGNS: dict[Mark, tuple[str, str]] = {
    "user": ("› ", "> "),
    "assistant": ("● ", "* "),
    "tool": ("⚙ ", "# "),
    "result": ("  ↳ ", "  = "),
}
_STYLES: dict[Mark, str] = {"user": "user", "assistant": "assistant", "tool": "tool", "result": "tool"}
_FINISHED = frozenset({"completed", "incomplete", "failed"})
_CALLS = frozenset({"function_call", "mcp_call", "mcp_approval_request"})


def sign(console: Console, mark: Mark) -> Text:
    """What stands before a paragraph."""
    fancy, simple = _SIGNS[mark]
    words = fancy if can_show(console, fancy) else simple
    return Text(words, "mark" if mark == "assistant" else _STYLES[mark])


def style_of(mark: Mark) -> str:
    """The style of a paragraph's words."""
    return _STYLES[mark]


def is_over(item: ItemView, *, is_busy: bool) -> bool:
    """Whether nothing more is to come: by the item's own word, or by the end of all answers."""
    if item.status in _FINISHED or item.kind == "function_call_output":
        return True
    if item.kind == "mcp_list_tools":
        return bool(item.output)
    return item.response_id is not None and not is_busy


def unheard(item: ItemView) -> str:
    """What stands for the words of a user's turn that has none."""
    if item.transcription_error:
        return "(spoken; the transcription failed)"
    return "(spoken; not transcribed)" if item.has_audio else "(no words)"


def tool_words(item: ItemView) -> list[tuple[Mark, str]]:
    """A call and its result, each on a line of its own."""
    words: list[tuple[Mark, str]] = []
    if item.kind in _CALLS:
        words.append(("tool", f"{one_line(item.name)}({one_line(item.arguments, limit=500)})"))
    elif item.kind == "mcp_list_tools" and item.output:
        words.append(("tool", f"{one_line(item.name)}: {one_line(item.output)}"))
    if item.kind == "function_call_output" or (item.kind in _CALLS and item.output):
        words.append(("result", one_line(item.output, limit=500)))
    return words


def interruption(cut_ms: float) -> Text:
    """Where an answer was cut off."""
    return Text(f"  interrupted after {cut_ms / 1000:.1f} s", "info")


def notice_words(console: Console, notice: Notice) -> Text:
    """What happened, which event caused it, what to do."""
    dot = "·" if can_show(console, "·") else "-"
    words = Text(f"{dot} " if notice.level == "info" else f"{notice.level}: ", notice.level)
    words.append(one_line(notice.text), notice.level)
    if notice.cause is not None and notice.level != "info":
        sure = "" if notice.cause.certain else "probably "
        words.append(f" (answers {sure}{one_line(notice.cause.type)})", "info")
    if notice.hint:
        words.append(f" — {notice.hint}" if can_show(console, "—") else f" - {notice.hint}", "info")
    return words
