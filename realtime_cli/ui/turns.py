"""How a turn looks in words, wherever it is shown: its sign, its style, and what stands for missing words."""

from __future__ import annotations

from typing import Literal, TypeAlias

from rich.console import Console
from rich.text import Text

from realtime_cli.core.explain import BENIGN
from realtime_cli.core.view import MARK_CODE, ItemView, Notice
from realtime_cli.visible import one_line

from .theme import can_show

Mark: TypeAlias = Literal["user", "assistant", "tool", "result"]

_SIGNS: dict[Mark, tuple[str, str]] = {
    "user": ("› ", "> "),
    "assistant": ("● ", "* "),
    "tool": ("⚙ ", "# "),
    "result": ("  ↳ ", "  = "),
}
_NAMES: dict[Mark, str] = {
    "user": "you: ",
    "assistant": "assistant: ",
    "tool": "tool: ",
    "result": "result: ",
}
_STYLES: dict[Mark, str] = {"user": "user", "assistant": "assistant", "tool": "tool", "result": "tool"}
# So much is repeated of what was not heard.
_QUOTED = 60
_WORDLESS = "(no words)"
_FINISHED = frozenset({"completed", "incomplete", "failed"})


def sign(console: Console, mark: Mark, *, in_words: bool = False) -> Text:
    """What stands before a paragraph; a word for those who listen to the screen."""
    fancy, simple = _SIGNS[mark]
    words = fancy if can_show(console, fancy) else simple
    style = "mark" if mark == "assistant" else _STYLES[mark]
    return Text.assemble((_NAMES[mark] if in_words else words, style))


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
    if item.is_silent:
        return _WORDLESS
    if item.transcription_error:
        return "(spoken; the transcription failed)"
    if item.has_audio:
        return "(spoken; not transcribed)"
    return "(image)" if item.has_image else _WORDLESS


def interruption(cut_ms: float, lost: str = "") -> Text:
    """Where an answer was cut off, and what was not heard of it, as far as that has to be said."""
    words = Text(f"  interrupted after {cut_ms / 1000:.1f} s", "info")
    return words.append(f'; not heard: "{one_line(lost, limit=_QUOTED)}"' if lost.strip() else "", "info")


def is_worth_a_line(notice: Notice) -> bool:
    """Whether people want to read it: races that every client meets are for the log and the raw view."""
    return notice.code not in BENIGN


def notice_words(console: Console, notice: Notice, *, in_words: bool = False) -> Text:
    """What happened, which event caused it, what to do."""
    if notice.code == MARK_CODE and not in_words:
        return _mark_line(console, notice)
    start = "" if notice.code == MARK_CODE else aside_sign(console, in_words=in_words)
    words = Text(start if notice.level == "info" else f"{notice.level}: ", notice.level)
    words.append(one_line(notice.text), notice.level)
    if notice.cause is not None and notice.level != "info":
        sure = "" if notice.cause.certain else "probably "
        words.append(f" (answers {sure}{one_line(notice.cause.type)})", "info")
    if notice.hint:
        dash = "—" if can_show(console, "—") else "-"
        words.append(f" {dash} {one_line(notice.hint)}", "info")
    return words


def aside_sign(console: Console, *, in_words: bool = False) -> str:
    """What stands before a remark."""
    return "notice: " if in_words else "· " if can_show(console, "·") else "- "


def _mark_line(console: Console, notice: Notice) -> Text:
    """A moment to find again: a thin line with its name."""
    line = "─" if can_show(console, "─") else "-"
    return Text(f"{line * 2} {one_line(notice.text, limit=_QUOTED)} {line * 8}", "rule")
