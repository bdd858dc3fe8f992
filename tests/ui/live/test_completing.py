from __future__ import annotations

import pytest
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import to_plain_text

from realtime_cli.core.session import Session
from realtime_cli.ui.live.completing import completer

VIEW = Session().view()


def offered(text: str, cursor: int | None = None) -> list[tuple[str, int, str, str]]:
    document = Document(text, len(text) if cursor is None else cursor)
    found = completer(lambda: VIEW).get_completions(document, CompleteEvent())
    return [
        (each.text, each.start_position, to_plain_text(each.display), to_plain_text(each.display_meta))
        for each in found
    ]


@pytest.mark.parametrize("text", ["", "hello /mute", "//usr", "?", " /mute"])
def test_only_commands_are_completed(text: str) -> None:
    assert offered(text) == []


def test_a_completion_replaces_what_was_typed_of_the_word() -> None:
    assert offered("/mo") == [("/mode ", -3, "/mode", "how answers come; text mutes too")]
    assert offered("/mode v") == [("voice ", -1, "voice", "spoken answers, and the microphone")]


def test_what_stands_behind_the_cursor_stays() -> None:
    assert offered("/mode vxyz", 7)[0][:2] == ("voice ", -1)


def test_control_characters_are_never_shown() -> None:
    assert all("\x1b" not in shown for row in offered("/help \x1b") for shown in row[2:])


def test_a_buffer_takes_a_completion() -> None:
    line = Buffer(completer=completer(lambda: VIEW), multiline=True, document=Document("/ins"))
    completions = list(completer(lambda: VIEW).get_completions(line.document, CompleteEvent()))
    line.apply_completion(completions[-1])
    assert line.text == "/inspect "
