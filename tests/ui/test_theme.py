from __future__ import annotations

import io

import pytest
from rich.text import Text

from realtime_cli.ui.theme import THEMES, can_show, make_console


@pytest.mark.parametrize(
    ("encoding", "shows"), [("utf-8", True), ("ascii", False), ("latin-1", False), ("cp437", False)]
)
def test_a_stream_can_show_what_its_encoding_has(encoding: str, shows: bool) -> None:
    console = make_console(io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    assert can_show(console, "⚙") is shows
    assert can_show(console, "plain")


def test_a_stream_without_an_encoding_takes_everything() -> None:
    assert can_show(make_console(io.StringIO()), "⚙")


def test_a_stream_with_an_encoding_that_nobody_knows_gets_the_simplest() -> None:
    class Strange(io.StringIO):
        encoding = "x-unheard-of"

    assert not can_show(make_console(Strange()), "a")


def test_nothing_in_a_text_is_an_instruction() -> None:
    file = io.StringIO()
    make_console(file, width=80).print("[bold]:smile: [/] 12 'x' http://a")
    assert file.getvalue() == "[bold]:smile: [/] 12 'x' http://a\n"


@pytest.mark.parametrize(("no_color", "is_plain"), [("1", True), ("", False), (None, False)])
def test_a_terminal_has_styles_unless_they_are_not_wanted(
    monkeypatch: pytest.MonkeyPatch, no_color: str | None, is_plain: bool
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color is not None:
        monkeypatch.setenv("NO_COLOR", no_color)
    file = io.StringIO()
    console = make_console(file)
    for style in THEMES["dark"].styles:
        console.print(Text("words", style))
    assert ("\x1b" not in file.getvalue()) is is_plain


def test_words_are_not_coloured_by_what_they_look_like(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    file = io.StringIO()
    make_console(file).print("12 'x' http://a None")
    assert file.getvalue() == "12 'x' http://a None\n"


def test_a_reader_that_went_away_is_told_to_whoever_prints() -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        make_console(Gone()).print("words")
