"""Logs made by hand, with times that no test would wait for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from tests.cli.servers import GREETING, answer

THINKING_S = 0.05
HEADER = {
    "realtime_log": 1,
    "program": "realtime 0",
    "url": "embedded",
    "provider": "local",
    "dialect": "auto",
    "started": "2026-11-21T01:02:03.456Z",
}


def local(type_: str, /, **fields: Any) -> str:
    """A local input."""
    return json.dumps({"type": type_, **fields})


def turn(number: int, text: str, reply: str, *, at_s: float) -> list[tuple[float, str, str]]:
    """Somebody types, and the answer comes."""
    item = {"type": "message", "role": "user", "id": f"msg_user_{number}", "status": "completed"}
    content = [{"type": "input_text", "text": text}]
    added = json.dumps({"type": "conversation.item.added", "item": {**item, "content": content}})
    frames = [added, *answer(reply, response_id=f"resp_{number}")]
    return [
        (at_s, "local", local("user.text", text=text)),
        *((at_s + THINKING_S, "in", frame) for frame in frames),
    ]


def log(entries: Sequence[tuple[float, str, str]], **header: Any) -> str:
    """A log with these entries after the opening."""
    opening = [(0.0, "local", local("connection.opened")), (0.0, "in", GREETING)]
    lines = [
        f'{{"seq":{seq},"t":{at_s},"dir":"{direction}","event":{event}}}'
        for seq, (at_s, direction, event) in enumerate([*opening, *entries], 1)
    ]
    return "\n".join([json.dumps({**HEADER, **header}), *lines, ""])


def conversation(*words: tuple[str, str], every_s: float) -> str:
    """A log of turns, one every so many seconds, the first one after as many."""
    turns: Iterable[list[tuple[float, str, str]]] = (
        turn(number, text, reply, at_s=number * every_s) for number, (text, reply) in enumerate(words, 1)
    )
    return log([entry for each in turns for entry in each])
