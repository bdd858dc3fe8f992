"""What an update has changed, in words, and without secrets."""

from __future__ import annotations

import pytest

from realtime_cli.core.changes import changes
from realtime_cli.core.session import Session
from tests.support.builders import event, greeted
from tests.support.playbook import listen

KEY = "sk-" + "x" * 20
MCP = {"type": "mcp", "server_label": "docs", "authorization": "secret-1", "headers": {"x": "secret-2"}}


def turn(**fields: object) -> dict[str, object]:
    return {"audio": {"input": {"turn_detection": {"type": "server_vad", "threshold": 0.5, **fields}}}}


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({}, {}, ""),
        ({"voice": "ash"}, {}, ""),
        ({"id": "a", "object": "b", "expires_at": 1}, {"id": "c", "object": "d", "expires_at": 2}, ""),
        (turn(), turn(threshold=0.6), "audio.input.turn_detection.threshold 0.5 -> 0.6"),
        (turn(), turn(type="semantic_vad"), "audio.input.turn_detection server_vad -> semantic_vad"),
        (
            turn(),
            {"audio": {"input": {"turn_detection": None}}},
            "audio.input.turn_detection server_vad -> none",
        ),
        (
            {},
            {"instructions": "Be kind. " * 9},
            'instructions none -> "Be kind. Be kind. Be kind. B...',
        ),
        ({"a": 1, "b": 1, "c": 1}, {"a": 2, "b": 2, "c": 2}, "a 1 -> 2, b 1 -> 2, c 1 -> 2"),
        (
            {},
            {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5},
            "a none -> 1, b none -> 2, c none -> 3, 2 more",
        ),
        ({"m": ["text"]}, {"m": ["audio"]}, 'm ["text"] -> ["audio"]'),
        ({"m": [{}, 1]}, {"m": [{}, {}, 3]}, "m 2 entries -> 3 entries"),
        ({"p": None}, {"p": {"id": "pmpt_1"}}, "p none -> pmpt_1"),
        ({"p": None}, {"p": {"x": 1}}, "p none -> {...}"),
        ({"tools": []}, {"tools": [{"type": "function", "name": "time"}]}, "tools none -> time"),
        ({}, {"tools": [MCP, {"type": "web_search"}, 5, {}]}, "tools none -> docs, web_search, ?, ?"),
        ({"tools": [{"name": "a"}]}, {"tools": [{"name": "a", "x": 1}]}, "tools a -> a"),
    ],
)
def test_a_change_has_its_path(before: dict[str, object], after: dict[str, object], words: str) -> None:
    assert changes(before, after) == words


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"tools": [MCP]}),
        ({"x": {"headers": {"a": "old"}}}, {"x": {"headers": {"a": "secret-1"}}}),
        ({"x": {"authorization": "old"}}, {"x": {"authorization": "secret-1"}}),
        ({"prompt": {"variables": {"k": "old"}}}, {"prompt": {"variables": {"k": "secret-1"}}}),
        ({"instructions": "x"}, {"instructions": f"use {KEY}"}),
    ],
)
def test_no_secret_is_told(before: dict[str, object], after: dict[str, object]) -> None:
    words = changes(before, after)
    assert words
    assert "secret" not in words
    assert KEY not in words


def updated(**fields: object) -> Session:
    session = greeted(voice="ash")
    for threshold in (0.5, 0.5, 0.6):
        listen(session, event("session.updated", session={"type": "realtime", **turn(threshold=threshold)}))
    return session


def test_the_first_update_is_what_we_asked_for_and_later_ones_are_told() -> None:
    (notice,) = updated().view().notices
    assert (notice.level, notice.code) == ("info", "session")
    assert notice.text == "session updated: audio.input.turn_detection.threshold 0.5 -> 0.6"
