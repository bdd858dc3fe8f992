"""What a server or a file says is nothing but visible text, wherever the program shows it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.cli.program import Program
from tests.cli.recordings import local, log, turn
from tests.cli.servers import Frame, event, peer
from tests.terminal.screen import CTRL_C, CTRL_D, ENTER, Terminal, terminal

ATTACKS = (
    "\x1b]0;owned\x07",
    "\x1b]8;;http://evil.example/\x1b\\x\x1b]8;;\x1b\\",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1b[2J\x1b[66;6H\x1b[31;7;5m",
    "\x1bPq#0~\x1b\\",
    "\x1bc\x1b(0",
    "\x9b2J\x9d0;owned\x9c\x90q\x9c",
    "\x00\x07\x08\x0b\x0c\x0e\x0f\x18\x1a\x7f",
    "\r\n\r\x85\u2028\u2029",
    "\u202eexe\u202c\u2066x\u2069\u200f\u061c",
    "e" + "\u0301" * 300,
    "日本語👩שלום",
    "\t\t" + "[b](javascript:\x1b[2J) `\x1b[2J` **\x1b[2J** <http://\x1b[2J>",
)
EVIL = "".join(ATTACKS) + "MARK"
# What the program itself writes: styles, movements, erasing, modes.
_OURS = re.compile(
    r"\x1b\[[0-9;]*m|\x1b\[[0-9]*[A-DGK]|\x1b\[\?(?:1|7|12|25|1049|2004)(?:;25)?[hl]|\x1b\[\?u|\x1b\[[0-9]* q"
    r"|\x1b[78]|\x1b\[J|\x1b\[H|\x1b(?:\[[0-9;?]*)?\Z"
)
_ACTS = re.compile("[\x00-\x07\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\x1b")
ITEM: dict[str, Any] = {"id": EVIL, "type": "message", "role": "assistant", "content": []}
PLACE = {"item_id": EVIL, "response_id": EVIL, "content_index": 0, "output_index": 0}
CALL: dict[str, Any] = {
    "id": "c" + EVIL,
    "type": "function_call",
    "call_id": EVIL,
    "name": EVIL,
    "arguments": EVIL,
}
LIST: dict[str, Any] = {
    "id": "l",
    "type": "mcp_list_tools",
    "server_label": EVIL,
    "tools": [{"name": EVIL, "input_schema": {}}],
}
MCP: dict[str, Any] = {
    "id": "m",
    "type": "mcp_call",
    "server_label": EVIL,
    "name": EVIL,
    "arguments": EVIL,
    "output": EVIL,
    "error": {"type": EVIL, "message": EVIL, "code": 1},
}


def _response(**fields: Any) -> dict[str, Any]:
    return {"id": EVIL, "conversation_id": "c", "output": [], "status": "in_progress", **fields}


def _added(item: dict[str, Any], index: int = 0) -> list[str]:
    place = {"response_id": EVIL, "output_index": index, "item": item}
    return [event("response.output_item.added", **place), event("response.output_item.done", **place)]


def _greeting(text: str) -> str:
    session = {"type": "realtime", "id": text, "model": text, "instructions": text, "tools": []}
    return event("session.created", session={**session, "audio": {"output": {"voice": text}}})


def _everything() -> list[str]:
    """Hostile text in every field that is shown."""
    words = (
        f"# {EVIL}\n\n| {EVIL} | b |\n|-|-|\n| {EVIL} | c |\n\n```{EVIL}\n{EVIL}\n```\n- {EVIL}\n\n> {EVIL}\n"
    )
    user = {"id": "u" + EVIL, "type": "message", "role": "user", "status": "completed"}
    details = {"type": "failed", "reason": EVIL, "error": {"type": EVIL, "code": EVIL, "message": EVIL}}
    voice = {"audio": {"output": {"voice": EVIL + "2"}}}
    return [
        event(
            "session.updated",
            session={"type": "realtime", "model": EVIL, "instructions": EVIL + "2", **voice},
        ),
        event("conversation.item.added", item={**user, "content": [{"type": "input_text", "text": EVIL}]}),
        event("response.created", response=_response()),
        event("response.output_item.added", response_id=EVIL, output_index=0, item=ITEM),
        event("response.output_text.delta", delta=words, **PLACE),
        event(
            "response.output_item.done",
            response_id=EVIL,
            output_index=0,
            item={**ITEM, "status": "completed"},
        ),
        *_added(CALL, 1),
        *_added(LIST, 2),
        *_added(MCP, 3),
        event("response.done", response=_response(status="failed", status_details=details)),
        event("error", error={"type": EVIL, "code": EVIL, "message": EVIL, "param": EVIL, "event_id": EVIL}),
        event(
            "rate_limits.updated",
            rate_limits=[{"name": EVIL, "limit": 100, "remaining": 1, "reset_seconds": 9}],
        ),
        event(EVIL, item_id=EVIL, more={EVIL: EVIL}),
        '{"type": "' + "\x7f\u202e\u009b2J" + '", "\u009b2J": "\u009b2J"}',
        "\x1b[2J no JSON \u009b",
    ]


def _words(screen: Terminal) -> str:
    """All words that were printed, those that have scrolled away among them."""
    return " ".join(_OURS.sub("", screen.raw.decode("utf-8", errors="ignore")).split())


def _is_harmless(screen: Terminal) -> bool:
    rest = _OURS.sub("", screen.raw.decode("utf-8", errors="ignore"))
    found = _ACTS.search(rest)
    assert found is None, rest[max(0, found.start() - 60) : found.end() + 30]
    return True


def _says(frame: str) -> list[Frame]:
    return list(_everything()) if json.loads(frame)["type"] == "response.create" else []


@pytest.mark.parametrize("columns", [120, 40])
async def test_hostile_events_are_words(realtime: Program, columns: int) -> None:
    async with (
        peer(_says, greeting=[_greeting(EVIL)]) as server,
        terminal(realtime, "chat", "--text", "--url", server.url, columns=columns) as screen,
    ):
        await screen.until(lambda: "›" in screen.lines[-2:-1])
        screen.raw, before = b"", list(screen.overruns)
        screen.type(f"hello{ENTER}")
        await screen.until(lambda: "of an unknown type so far" in _words(screen))
        for command in (
            "items",
            "usage",
            "latency",
            "tools",
            "set",
            "log",
            "retrieve x",
            "events response.*",
        ):
            screen.type(f"/{command}{ENTER}")
        await screen.until(lambda: "the other screen" in screen.leftovers)
        for key in ("/", *ENTER, "\x1b[H", ENTER, "\x1b[B", *"jjj", ENTER, ENTER):
            size = len(screen.raw)
            screen.type(key)
            await screen.until(lambda before=size: len(screen.raw) >= before)
        assert _is_harmless(screen)
        assert [row.replace("\u0301", "") for row in screen.overruns] == before
        screen.type(CTRL_C)
        await screen.until(lambda: "the other screen" not in screen.leftovers)
        assert _is_harmless(screen)
        screen.type(CTRL_D)
        await screen.ends()
        assert screen.leftovers == []
        assert not [line for line in screen.lines if len(line.replace("\u0301", "")) > columns]


@pytest.mark.parametrize("arguments", [(), ("--speed", "max"), ("--events",)])
async def test_a_hostile_recording_is_words(realtime: Program, arguments: tuple[str, ...]) -> None:
    frames = [(0.1, "in", frame) for frame in _everything() if "no JSON" not in frame]
    mark = (0.2, "local", local("user.mark", label=EVIL))
    text = log([*turn(1, EVIL, EVIL, at_s=0.05), *frames, mark], program=EVIL, url=EVIL, provider=EVIL)
    file = realtime.file("log\u202e.jsonl", text)
    async with terminal(realtime, "replay", file, *arguments, columns=60) as screen:
        if arguments == ():
            await screen.shows("MARK")
            for key in (".", "\x05", ENTER, "\x1b[B", ENTER, "\x05", "?", "q"):
                screen.type(key)
        await screen.ends()
        assert _is_harmless(screen)
        assert "MARK" in screen.text
