"""Calls of functions and MCP tools as rows: the name, the arguments, how it goes, what came of it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import dropwhile

from rich.console import Console
from rich.text import Text

from realtime_cli.core.view import ANSWER_WANTED, CallState, CallView, ItemView, SessionView
from realtime_cli.visible import one_line, visible

from .ends import both_ends, whole
from .figures import milliseconds
from .theme import can_show
from .turns import Mark, sign
from .wrap import shortened, untabbed, wrapped, wrapped_below

CALLS = frozenset({"function_call", "mcp_call", "mcp_approval_request"})
OVER = frozenset[CallState]({"done", "failed", "denied", "cancelled"})

_SIGNS: dict[CallState, tuple[str, str]] = {
    "collecting": ("… ", "... "),
    "pending": ("… ", "... "),
    "awaiting_approval": ("? ", "? "),
    "running": ("◌ ", "~ "),
    "done": ("✓ ", "+ "),
    "failed": ("✗ ", "x "),
    "denied": ("✗ ", "x "),
    "cancelled": ("– ", "- "),
}
_STYLES: dict[CallState, str] = {
    "collecting": "info",
    "pending": "info",
    "awaiting_approval": "waiting",
    "running": "running",
    "done": "done",
    "failed": "failed",
    "denied": "failed",
    "cancelled": "info",
}
_WORDS: dict[CallState, str] = {
    "pending": "waiting for its output",
    "awaiting_approval": "waiting for approval: /approve or /deny",
}
# Where there are keys for it, and a person who sees them.
_WORDS_WITH_KEYS = _WORDS | {"awaiting_approval": "waiting for approval: ^Y /approve, ^N /deny"}
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[{}\[\],:]|[^\s{}\[\],:"]+')
# Rows of arguments or of a result; a longer one is folded, and one beyond `_MOST` characters not even read.
_ROWS, _MOST, _DEEPEST = 6, 50_000, 12
# What is asked for has so many rows where it is told for good; less is not enough to see its ends.
_ASKED_ROWS, _LEAST_ROWS = 200, 3
# So much of a text is told on one line, to whom nothing is shown but lines, and in the raw view.
_ON_ONE_LINE, _TOLD, _INSPECTED = 1_000, 500, 20_000
_INDENT = "    "
_OPENING, _CLOSING = frozenset("{["), frozenset("}]")
# An object of so few parts and characters stays on one line.
_FEW_PARTS, _SHORT = 40, 60
_STATES: dict[str, CallState] = {"in_progress": "running", "completed": "done", "failed": "failed"}
_APPROVALS: dict[str, CallState] = {"waiting": "awaiting_approval", "approved": "done", "denied": "denied"}
# The same of the call that was asked for.
_ASKED: dict[str, CallState] = {**_APPROVALS, "approved": "pending"}


def call_of(view: SessionView, item: ItemView) -> CallView:
    """The call that the item carries: the core's, or, of an MCP server's, what its item says."""
    if item.kind == "function_call":
        mine = (call for call in reversed(view.calls) if item.id == call.item_id)
        call = next(mine, None) or next((c for c in view.calls if c.call_id == item.call_id), None)
        if call is not None:
            return replace(call, name=call.name or item.name, arguments=call.arguments or item.arguments)
    name = ".".join(filter(None, [item.server_label, item.name]))
    return CallView(
        item.call_id or item.id,
        name,
        item.arguments,
        _state_of(view, item),
        item.id,
        output=item.error or item.output,
        progress=item.approval.replace("waiting", ""),
        began_s=item.began_s,
        ended_s=item.ended_s,
    )


def request_of(view: SessionView, item: ItemView) -> ItemView | None:
    """What a server asks before it makes a call of its own that it has told already."""
    if item.kind != "mcp_call":
        return None
    later = dropwhile(lambda each: each.id != item.id, view.items)
    asked = (each for each in later if each.kind == "mcp_approval_request")
    return next((each for each in asked if _what(each) == _what(item)), None)


def call_rows(
    console: Console,
    call: CallView,
    *,
    width: int,
    now_s: float,
    in_words: bool = False,
    room: int = _ASKED_ROWS,
) -> list[Text]:
    """All that there is to say of a call now.

    Where it waits for approval its arguments are whole, or their two ends where `room` rows are not enough.
    """
    start = sign(console, "tool", in_words=in_words)
    state = _state(console, call, now_s, in_words=in_words)
    rows = _head(console, call, start, state, width, room)
    if not call.output:
        return rows
    result = _result(console, call, width, in_words=in_words)
    return rows + result


def outcome_rows(
    console: Console, call: CallView, *, width: int, now_s: float, in_words: bool = False
) -> list[Text]:
    """What became of a call that was told while it ran."""
    start = sign(console, "tool", in_words=in_words)
    row = start.append(one_line(call.name, limit=60), "tool").append("  ")
    row.append_text(_state(console, call, now_s, in_words=in_words))
    result = _result(console, call, width, in_words=in_words) if call.output else []
    return [shortened(console, row, width), *result]


def told_words(console: Console, view: SessionView, item: ItemView) -> list[tuple[Mark, str]]:
    """A call, or what came of it, for a screen that tells each of them once."""
    listed = item.error or item.output
    if item.kind == "mcp_list_tools" and listed:
        return [("tool", f"{one_line(item.name)}: {one_line(listed)}")]
    if item.kind == "function_call_output":
        call = next((call for call in view.calls if call.call_id == item.call_id), None)
        return [("result", _outcome(console, call or CallView("", "", "", "done"), item.output))]
    if item.kind not in CALLS:
        return []
    call = call_of(view, item)
    said: tuple[Mark, str] = ("tool", f"{one_line(call.name)}({_told(console, call)})")
    if item.kind == "function_call":
        return [said]
    outcome = call.progress if item.kind == "mcp_approval_request" else call.output
    return [said, ("result", _outcome(console, call, outcome))]


def _told(console: Console, call: CallView) -> str:
    """The arguments, or their two ends: somebody may have to allow the call."""
    words = one_line(call.arguments, limit=sys.maxsize)
    if len(words) <= _TOLD:
        return words
    half = _TOLD // 2
    dots = _dots(console)
    return f"{words[:half]} {dots} {len(words) - 2 * half:,} more characters {dots} {words[-half:]}"


def _outcome(console: Console, call: CallView, output: str) -> str:
    """An output, and, where that is known, how the call went and how long it took."""
    words = one_line(output, limit=500)
    if call.began_s is None and call.state in ("done", "awaiting_approval"):
        return words or _WORDS.get(call.state, call.state)
    state = _state(console, call, call.began_s or 0.0, in_words=True).plain
    state = f"{call.name}: {state}" if call.item_id and call.response_id else state
    return f"{words}  ({one_line(state)})" if words and words != state else one_line(state)


def listing_rows(console: Console, item: ItemView, *, width: int, in_words: bool = False) -> list[Text]:
    """The tools of an MCP server: how many, and their names."""
    row = sign(console, "tool", in_words=in_words).append(one_line(item.name, limit=60) or "MCP", "tool")
    if item.status == "failed":
        return [row.append("  ").append(_failed(console, item.error or "its tools could not be listed"))]
    names = item.output.split(", ") if item.output else []
    if not names and item.status != "completed":
        return [row.append("  ").append(_sign(console, "running") + "listing its tools", "running")]
    count = "1 tool" if len(names) == 1 else f"{len(names)} tools"
    row.append(f"  {count}" + (": " if names else ""), "info")
    row.append(one_line(item.output, limit=width * 2), "info")
    return wrapped_below(row, width=width)


def result_rows(console: Console, output: str, *, width: int, in_words: bool = False) -> list[Text]:
    """An output whose call is not known."""
    return _result(
        console, CallView("", "", "", "done", output=output or "(empty)"), width, in_words=in_words
    )


def _state_of(view: SessionView, item: ItemView) -> CallState:
    if item.kind == "mcp_approval_request":
        return _APPROVALS.get(item.approval, "cancelled")
    if item.error:
        return "failed"
    if item.began_s is None and not item.output and item.status != "completed":
        asked = request.approval if (request := request_of(view, item)) is not None else ""
        if asked == "denied" or (asked and item.status == "in_progress"):
            return _ASKED[asked]
        if item.status == "in_progress":
            return "collecting"
    return "done" if item.output else _STATES.get(item.status, "cancelled" if item.status else "pending")


def _what(item: ItemView) -> tuple[str, str, str]:
    return item.server_label, item.name, item.arguments


def _sign(console: Console, state: CallState) -> str:
    fancy, simple = _SIGNS[state]
    return fancy if can_show(console, fancy) else simple


def _failed(console: Console, why: str) -> Text:
    return Text(_sign(console, "failed") + one_line(why), "failed")


def _state(console: Console, call: CallView, now_s: float, *, in_words: bool) -> Text:
    """How it goes: a sign and a word, and how long it has taken."""
    if call.state == "running" and call.progress.startswith(ANSWER_WANTED):
        mark = "" if in_words else _sign(console, "awaiting_approval")
        return Text(mark + one_line(call.progress), "waiting")
    style, mark = _STYLES[call.state], "" if in_words else _sign(console, call.state)
    word = (_WORDS if in_words else _WORDS_WITH_KEYS).get(call.state, call.state)
    if call.began_s is None:  # of an approval it is known what it was
        return Text(mark + (call.progress or word), style)
    words = Text(mark + word, style)
    if call.state == "running":
        words.append(f" {max(0, int(now_s - call.began_s))} s", style)
        words.append(f": {one_line(call.progress)}" if call.progress else "", "info")
    elif call.ended_s is not None:
        lead = "in" if call.state == "done" else "after"
        words.append(f" {lead} {milliseconds(max(0.0, call.ended_s - call.began_s) * 1000)}", "info")
    return words


def _head(console: Console, call: CallView, start: Text, state: Text, width: int, room: int) -> list[Text]:
    """The call on one line, with its state where there is room; long arguments below."""
    name = one_line(call.name, limit=80) or "?"
    if call.state == "collecting":
        cells = width - start.cell_len - len(name) - state.cell_len - 5
        row = start.append(name, "tool").append(f"({_tail(call.arguments, max(8, cells))}  ", "info")
        return [shortened(console, row.append_text(state), width)]
    if len(call.arguments) <= _ON_ONE_LINE:
        arguments = one_line(call.arguments, limit=sys.maxsize)
        line = start.copy().append(name, "tool").append(f"({arguments})", "info")
        if line.cell_len + 2 + state.cell_len <= width:
            return [line.append("  ").append_text(state)]
        below = wrapped_below(Text(_INDENT) + state, width=width) if line.cell_len <= width else []
        if below and len(below) < room:
            return [line, *below]
    head = wrapped_below(start.append(name, "tool").append("  ").append_text(state), width=width)
    if call.state == "awaiting_approval":
        head = head if len(head) + _LEAST_ROWS <= room else [shortened(console, head[0], width)]
        return head + _asked(console, call.arguments, width, room - len(head))
    return head + _folded(console, call.arguments, width, "info")


def _asked(console: Console, arguments: str, width: int, room: int) -> list[Text]:
    """All arguments, indented or at least wrapped; where that is too much, their beginning and their end."""
    indent = _INDENT if width > 2 * len(_INDENT) else ""
    cells = max(1, width - len(indent))
    rows = whole(pretty(arguments), width=cells) if len(arguments) <= room * cells else []
    if not rows or len(rows) > room:
        rows = both_ends(
            arguments,
            width=cells,
            room=max(_LEAST_ROWS, room),
            between=lambda count: _between(console, count, len(arguments), cells),
        )
    return [Text(indent) + row for row in rows]


def _between(console: Console, count: int, size: int, width: int) -> Text:
    """How much is not shown of what somebody is asked for, and where it is."""
    where, has = ("Ctrl-E", "shows") if size <= _INSPECTED else ("the log", "has")
    told = (
        f"{count:,} more characters: {where} {has} all before you approve",
        f"{count:,} more characters: {where} {has} all",
        f"{count:,} more characters: {where}",
        f"{count:,} more: {where}",
    )
    room = width - len(_dots(console)) - 1
    words = next((each for each in told if len(each) <= room), told[-1])
    return shortened(console, Text(f"{_dots(console)} {words}", "warning"), width)


def _tail(arguments: str, room: int) -> str:
    """The end of what has come, which is where it moves."""
    tail = " ".join(visible(arguments[-4 * room :]).split())
    return tail if len(arguments) <= room else "…" + tail[-(room - 1) :]


def _result(console: Console, call: CallView, width: int, *, in_words: bool) -> list[Text]:
    style = "failed" if call.state in {"failed", "denied"} else ""
    start = sign(console, "result", in_words=in_words)
    line = one_line(call.output[: width + 1], limit=width + 1)
    if "\n" not in call.output.strip() and start.cell_len + Text(line).cell_len <= width:
        return [start.append(line, style)]
    first, *more = _folded(console, call.output.strip(), width, style)
    if start.cell_len != len(_INDENT):
        start.rstrip()
        return [start, first, *more]
    return [start + (first[len(_INDENT) :] if first.plain.startswith(_INDENT) else first), *more]


def _folded(console: Console, text: str, width: int, style: str) -> list[Text]:
    """JSON indented, other words as they are; what is too long is counted instead."""
    lines = pretty(text) if text[:1] in {"{", "["} and len(text) <= _MOST else tuple(text.split("\n"))
    rows, is_json = list[Text](), text[:1] in {"{", "["}
    indent = _INDENT if width > 2 * len(_INDENT) else ""
    room = max(1, width - len(indent))
    for index, line in enumerate(lines):
        words = Text(untabbed(visible(line[: room * (_ROWS + 1)])), style)
        more = [shortened(console, words, room)] if is_json else wrapped(words, width=room)
        left = _ROWS - len(rows)
        rows += [Text(indent) + row for row in more[:left]]
        if len(more) > left or (len(more) == left and index + 1 < len(lines)):
            rest = _rest(console, len(lines) - index - 1, len(line), indent)
            return [*rows, shortened(console, rest, width)]
    return rows


def _rest(console: Console, lines: int, size: int, indent: str) -> Text:
    count = (
        f"{lines:,} more lines" if lines > 1 else "1 more line" if lines else f"{size:,} characters in all"
    )
    return Text(f"{indent}{_dots(console)} {count}: Ctrl-E", "info")


def _dots(console: Console) -> str:
    return "…" if can_show(console, "…") else "..."


@lru_cache(maxsize=32)
def pretty(json_text: str) -> tuple[str, ...]:
    """The lines of a JSON text, indented, whole or not; its tokens stay as they were written."""
    return tuple(_lines(_TOKEN.findall(json_text)))


def _lines(parts: Sequence[str]) -> Iterator[str]:
    ends = _closing(parts)
    line, depth, at = "", 0, 0
    while at < len(parts):
        part, end = parts[at], ends.get(at, at)
        if part in _OPENING and at < end < at + _FEW_PARTS and _is_short(parts[at : end + 1]):
            line, at = line + _on_one_line(parts[at : end + 1]), end
        elif part in _OPENING:
            yield line + part
            depth += 1
            line = _margin(depth)
        elif part in _CLOSING:
            if line.strip():
                yield line
            depth = max(0, depth - 1)
            line = _margin(depth) + part
        elif part == ",":
            yield line + part
            line = _margin(depth)
        else:
            line += ": " if part == ":" else part
        at += 1
    if line.strip():
        yield line


def _closing(parts: Sequence[str]) -> dict[int, int]:
    """Where each part that is opened is closed again."""
    ends, opened = dict[int, int](), list[int]()
    for at, part in enumerate(parts):
        if part in _OPENING:
            opened.append(at)
        elif part in _CLOSING and opened:
            ends[opened.pop()] = at
    return ends


def _is_short(parts: Sequence[str]) -> bool:
    return sum(map(len, parts)) <= _SHORT


def _on_one_line(parts: Sequence[str]) -> str:
    return "".join({",": ", ", ":": ": "}.get(part, part) for part in parts)


def _margin(depth: int) -> str:
    return "  " * min(depth, _DEEPEST)
