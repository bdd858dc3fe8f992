from __future__ import annotations

from collections.abc import Callable

import pytest
from prompt_toolkit.document import Document

from realtime_cli.ui.live.line import Line

ASTRONAUT = "👩🏽‍🚀"
TEXT = f"a{ASTRONAUT}e\u0301🇩🇪z"
STOPS = ["a", ASTRONAUT, "e\u0301", "🇩🇪", "z"]


def line(text: str = TEXT, at: int | None = None) -> Line:
    buffer = Line(multiline=True)
    buffer.document = Document(text, len(text) if at is None else at)
    return buffer


def test_the_cursor_goes_left_and_right_by_what_one_sees() -> None:
    buffer = line()
    seen = [buffer.document.text_after_cursor]
    for _ in STOPS:
        buffer.cursor_left()
        seen.append(buffer.document.text_after_cursor)
    assert seen == ["".join(STOPS[at:]) for at in range(len(STOPS), -1, -1)]
    for at in range(1, len(STOPS) + 1):
        buffer.cursor_right()
        assert buffer.document.text_before_cursor == "".join(STOPS[:at])


def test_backspace_deletes_what_one_sees() -> None:
    buffer = line()
    for left in range(len(STOPS) - 1, -1, -1):
        assert buffer.delete_before_cursor() == STOPS[left]
        assert buffer.text == "".join(STOPS[:left])
    assert buffer.delete_before_cursor() == ""


def test_delete_deletes_what_one_sees() -> None:
    buffer = line(at=0)
    for gone, char in enumerate(STOPS, 1):
        assert buffer.delete() == char
        assert buffer.text == "".join(STOPS[gone:])
    assert buffer.delete() == ""


@pytest.mark.parametrize("move", [Line.cursor_up, Line.cursor_down])
def test_the_cursor_never_stands_within_a_character(move: Callable[[Line], None]) -> None:
    rows = ["abcd", f"x{ASTRONAUT}y", "abcd"]
    buffer = line("\n".join(rows))
    buffer.cursor_position = 3 if move is Line.cursor_down else len(buffer.text) - 1
    move(buffer)
    assert buffer.document.current_line_before_cursor in {"x", f"x{ASTRONAUT}"}


def test_a_word_is_deleted_to_its_beginning() -> None:
    buffer = line("one two")
    assert buffer.delete_before_cursor(3) == "two"
    assert buffer.text == "one "
