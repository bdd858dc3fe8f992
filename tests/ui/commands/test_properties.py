from __future__ import annotations

import sys
import timeit
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_cli.core.view import CallView, ItemView, SessionView
from realtime_cli.ui.commands import complete, is_command
from realtime_cli.ui.commands.registry import commands
from realtime_cli.ui.commands.words import parse, split
from tests.support.builders import event
from tests.support.desks import MemoryDesk
from tests.support.voice import voice_session

NAMES = [command.name for command in commands()]
PIECES = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "response.create",
            "conversation.item.create",
            "item.content[0].text=",
            "{",
            '{"type": "response.create"}',
            "[",
            "all",
            "1",
            "-1",
            "null",
            "audio.input.turn_detection.threshold",
            "turn_detection",
            "'",
            '"',
            "\\",
            "=",
            "~",
            "..",
            "/",
            "\ud800",
            "call_1",
            "9" * 400,
            "NaN",
        ]
    ),
)
LINES = st.builds(
    lambda start, name, rest: start + name + " " + " ".join(rest),
    st.sampled_from(["/", "/", "/", "//", "?", ""]),
    st.one_of(st.sampled_from(NAMES), st.sampled_from([f"{name}!" for name in NAMES]), st.text(max_size=6)),
    st.lists(PIECES, max_size=4),
)


def rich_view() -> SessionView:
    """A view with one of everything that is offered."""
    session = voice_session(audio={"input": {"turn_detection": None}}, tools=[{"name": "get it"}])
    session.receive(event("session.updated", session={"type": "realtime", "instructions": "Don't."}), 1.0)
    items = (
        ItemView("it's 1", "message", "assistant", text="x", has_audio=True, audio_ms=100.0, heard_ms=3.0),
    )
    calls = (CallView("call '1'", 'we"ather', "{}", "awaiting_approval"),)
    return replace(session.view(), items=items, calls=calls)


VIEW = rich_view()


@given(LINES)
@settings(max_examples=400, deadline=None)
def test_no_line_raises(line: str) -> None:
    desk = MemoryDesk(voice_session(), width=40)
    desk.run(line)
    for row in desk.rows:
        assert not any(ord(char) < 32 for char in row.plain)


@given(LINES, st.integers(0, 60))
@settings(max_examples=300, deadline=None)
def test_an_accepted_completion_is_a_line_that_parses(line: str, cursor: int) -> None:
    for each in complete(line, cursor, view=VIEW):
        accepted = line[: each.start] + each.text
        assert is_command(accepted)
        assert parse(accepted) is not None
        assert all(char.isprintable() for char in each.shown + each.summary)


@given(st.text(alphabet='{}[]",:\\ aeinoprstuy_1', max_size=40))
@settings(max_examples=300, deadline=None)
def test_whatever_stands_in_braces_only_its_end_is_completed(typed: str) -> None:
    line = f"/send response.create {{{typed}"
    for each in complete(line, len(line), view=VIEW):
        assert each.text.lower().startswith(line[each.start :].lower())


@pytest.mark.parametrize("name", NAMES)
def test_what_is_offered_is_one_word(name: str) -> None:
    for each in complete(f"/{name} ", len(name) + 2, view=VIEW):
        if not each.text.startswith("{"):
            assert len(split(each.text)) == 1


@pytest.mark.parametrize(
    "name",
    ["it's.png", "a b.png", "a;b&c.png", "{x}.png", "ünï.png", "-d.png", "#1.png", "~x.png", "sm[i]le.png"]
    + ([] if sys.platform == "win32" else ['say "hi".png', "back\\slash.png", "it's \"b\\c.png", "end\\"]),
)
def test_every_file_that_is_offered_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / name).write_bytes(b"GIF89a")
    monkeypatch.chdir(tmp_path)
    line = "/image "
    [offer] = complete(line, len(line), view=VIEW)
    desk = MemoryDesk()
    desk.run(line[: offer.start] + offer.text + "What is it?")
    assert [part["type"] for part in desk.sent[0]["item"]["content"]] == ["input_text", "input_image"]


def test_a_key_costs_little_in_a_long_conversation_and_a_full_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1000):
        (tmp_path / f"file {number}.png").touch()
    monkeypatch.chdir(tmp_path)
    items = tuple(ItemView(f"item_{number}", "message", "user", text="word " * 50) for number in range(2000))
    view = replace(VIEW, items=items)
    for line in (
        "/",
        "/set ",
        "/set thres",
        "/send conversation.item.create ",
        "/delete x",
        "/delete ",
        "/image ",
    ):
        complete(line, len(line), view=view)
        best_s = min(
            timeit.repeat(lambda line=line: complete(line, len(line), view=view), number=1, repeat=5)
        )
        assert best_s < 0.02, line


@given(st.text())
def test_any_line_and_cursor_can_be_completed(line: str) -> None:
    for cursor in (0, len(line) // 2, len(line), len(line) + 3):
        complete(line, cursor, view=VIEW)
