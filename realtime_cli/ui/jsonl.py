"""The conversation for programs: one JSON object for each finished turn, notice, and the summary."""

from __future__ import annotations

import dataclasses
import json
from itertools import takewhile
from typing import Any, TextIO

from realtime_cli.core.view import CallView, ItemView, Marks, Notice, ResponseView, SessionView
from realtime_cli.visible import escaped

from .calls import OVER, call_of
from .summary import cost_json

_LATENCIES = ("committed", "response_created", "first_text", "first_audio", "first_sound", "done")


class JsonScreen:
    """Prints `{"type":"turn",...}` as each answer ends, and `{"type":"notice",...}` as each notice comes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._responses_shown = 0
        self._notices_shown = 0
        self._users_shown: set[str] = set()

    def update(self, view: SessionView) -> None:
        """Prints what is finished and new."""
        self._show(view, is_last=False)

    def close(self, view: SessionView) -> None:
        """Prints the rest, finished or not."""
        self._show(view, is_last=True)

    def skip(self, view: SessionView) -> None:
        """Counts everything so far as shown."""
        self._notices_shown = len(view.notices)
        self._responses_shown = len(view.responses)
        self._users_shown.update(item.id for item in view.items)

    def _show(self, view: SessionView, *, is_last: bool) -> None:
        for notice in view.notices[self._notices_shown :]:
            self._print(notice_json(notice))
        self._notices_shown = len(view.notices)
        for response in view.responses[self._responses_shown :]:
            is_over = not (
                response.is_active or _awaits_sound(response, view) or _awaits_tools(response, view)
            )
            if not (is_last or is_over):
                break  # turns come out in the order in which they began
            users = self._users(view, response)
            if not is_last and self._may_still_come(users, view):
                break
            self._responses_shown += 1
            self._users_shown.update(user.id for user in users)
            self._print(_turn_json(view, response, users))
        self._stream.flush()

    def _users(self, view: SessionView, response: ResponseView) -> list[ItemView]:
        """What the user said since the turn before; an answer beside the conversation answers nobody."""
        if not response.in_conversation:
            return []
        before = takewhile(lambda item: item.id not in response.item_ids, view.items)
        users = [
            item
            for item in before
            if item.role == "user" and item.kind == "message" and item.id not in self._users_shown
        ]
        # An answer without items has no place: it answers the first, and the next answer the rest.
        return users[:1] if not response.item_ids and self._later(view) else users

    def _may_still_come(self, users: list[ItemView], view: SessionView) -> bool:
        """Whether the user's words are not known yet; a turn waits for them to the end of the next one."""
        return any(user.awaits_transcript for user in users) and all(r.is_active for r in self._later(view))

    def _later(self, view: SessionView) -> list[ResponseView]:
        return [other for other in view.responses[self._responses_shown + 1 :] if other.in_conversation]

    def _print(self, value: dict[str, Any]) -> None:
        is_narrow = "utf" not in (self._stream.encoding or "").lower()
        self._stream.write(_json_text(value, is_ascii=is_narrow) + "\n")


def _awaits_sound(response: ResponseView, view: SessionView) -> bool:
    """Whether an answer is about to sound; that is the last thing to know of a spoken turn."""
    has_sound = response.marks.first_audio is not None and response.marks.first_sound is None
    return has_sound and view.audio.is_playing


def _awaits_tools(response: ResponseView, view: SessionView) -> bool:
    """Whether a call of an answer is still being run; what nobody runs keeps nobody busy."""
    return view.is_busy and any(
        call.state not in OVER for call in view.calls if call.response_id == response.id
    )


def _turn_json(view: SessionView, response: ResponseView, users: list[ItemView]) -> dict[str, Any]:
    """A turn as an object.

    `usage` counts tokens, `cost` is `{"usd": 0.0123, "certainty": "exact" | "estimated" | "unknown"}`; both
    are null where nothing is known, and so is an amount of which no part is. `latency_ms` are milliseconds
    since the start of the turn, `marks_s` the same moments in seconds of the session; null is what did not
    happen. `calls` are those of functions, and of MCP tools that the server called itself (`server_label`).
    """
    mine = [item for item in view.items if item.id in response.item_ids]
    return {
        "type": "turn",
        "response_id": response.id,
        "status": response.status,
        "why": response.why or None,
        "in_conversation": response.in_conversation,
        "user": "\n".join(user.text for user in users),
        "assistant": "\n".join(item.text for item in mine if item.text),
        "calls": [
            *(call_json(call) for call in view.calls if call.response_id == response.id),
            *(server_call_json(view, item) for item in mine if item.kind == "mcp_call"),
        ],
        "usage": dataclasses.asdict(response.usage) if response.usage else None,
        "cost": cost_json(response.cost) if response.cost else None,
        "latency_ms": latency_json(response.marks),
        "marks_s": marks_json(response.marks),
        "metadata": dict(response.metadata) if response.metadata else None,
    }


def _json_text(value: dict[str, Any], *, is_ascii: bool) -> str:
    try:
        return escaped(json.dumps(value, ensure_ascii=is_ascii, allow_nan=False))
    except ValueError:  # a server's NaN or Infinity, which JSON does not have
        finite = json.loads(json.dumps(value), parse_constant=lambda _: None)
        return escaped(json.dumps(finite, ensure_ascii=is_ascii))


def notice_json(notice: Notice) -> dict[str, Any]:
    """A notice as an object."""
    return {"type": "notice", **dataclasses.asdict(notice)}


def call_json(call: CallView) -> dict[str, Any]:
    """A function call as an object: how it ended (`state`), and how long it ran."""
    took_s = None if call.began_s is None or call.ended_s is None else call.ended_s - call.began_s
    return {
        "call_id": call.call_id,
        "name": call.name,
        "arguments": call.arguments,
        "state": call.state,
        "output": call.output or None,
        "duration_ms": None if took_s is None else round(took_s * 1000),
    }


def server_call_json(view: SessionView, item: ItemView) -> dict[str, Any]:
    """A server's own call of an MCP tool as an object."""
    return {**call_json(call_of(view, item)), "name": item.name, "server_label": item.server_label}


def latency_json(marks: Marks) -> dict[str, Any]:
    """Milliseconds from the end of the user's part to each step."""
    return {"origin": marks.origin, **{name: marks.since_start_ms(name) for name in _LATENCIES}}


def marks_json(marks: Marks) -> dict[str, Any]:
    """When each step happened, in session seconds."""
    told = {name: getattr(marks, name) for name in ("start", *_LATENCIES)}
    return {name: None if at is None else round(at, 3) for name, at in told.items()}
