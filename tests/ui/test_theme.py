from __future__ import annotations

import io

import pytest
from rich.text import Text

from realtime_cli.ui.theme import THEMES, ThemeName, can_show, make_console, make_paper, theme_of


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


@pytest.mark.parametrize(
    ("background", "expected"),
    [
        ("15;0", "dark"),
        ("0;15", "light"),
        ("0;default;7", "light"),
        ("", "dark"),
        ("odd", "dark"),
        ("12;8", "dark"),
    ],
)
def test_auto_believes_what_the_terminal_says_of_its_background(background: str, expected: str) -> None:
    assert theme_of("auto", {"COLORFGBG": background}) is THEMES[expected]


@pytest.mark.parametrize("name", ["dark", "light"])
def test_a_theme_that_was_chosen_is_used(name: ThemeName) -> None:
    assert theme_of(name, {"COLORFGBG": "0;15" if name == "dark" else "15;0"}) is THEMES[name]


def test_all_themes_have_the_same_styles() -> None:
    assert THEMES["dark"].styles.keys() == THEMES["light"].styles.keys()


def test_without_a_theme_there_are_no_styles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert make_console(io.StringIO(), theme="none").color_system is None
    stdout = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    assert make_paper(stdout, theme="none").color_system is None
    assert make_paper(stdout, theme="light").color_system is not None
