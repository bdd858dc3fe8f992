from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from realtime_cli.core.session import Session
from realtime_cli.core.view import Marks, Origin, ResponseView, SessionView
from realtime_cli.ui.theme import make_console
from realtime_cli.ui.waterfall import latency_rows

NEW = Session().view()


def console_of(encoding: str = "utf-8") -> Console:
    return make_console(io.TextIOWrapper(io.BytesIO(), encoding=encoding), width=200)


def after(*turns: Marks) -> SessionView:
    answers = (ResponseView(f"resp_{number}", "completed", marks=marks) for number, marks in enumerate(turns))
    return replace(NEW, responses=tuple(answers))


def rows(view: SessionView, *, width: int = 60, encoding: str = "utf-8") -> list[str]:
    return [row.plain.rstrip() for row in latency_rows(console_of(encoding), view, width)]


def spoken(start: float, *, sound: float, committed: float | None = 0.1) -> Marks:
    """A spoken turn; its steps in seconds after its start."""
    return Marks(
        "speech",
        start,
        None if committed is None else start + committed,
        response_created=start + 0.2,
        first_text=start + 0.4,
        first_audio=start + 0.5,
        first_sound=start + sound,
        done=start + 1.0,
    )


def test_a_calm_screen_has_words_and_numbers_only() -> None:
    view = after(spoken(1.0, sound=0.6))
    shown = [row.plain.rstrip() for row in latency_rows(console_of("utf-8"), view, 60, calm=True)]
    assert shown[:3] == [
        "last turn  from the end of your speech",
        "committed     100 ms",
        "created       200 ms",
    ]
    assert "━" not in "".join(shown)


def test_a_turn_is_drawn_on_one_axis_above_what_is_usual() -> None:
    assert rows(after(spoken(1.0, sound=0.6, committed=None), spoken(5.0, sound=0.8)), width=62) == [
        "last turn  from the end of your speech",
        "                      0                                  1.0 s",
        "committed     100 ms  ━━━━",
        "created       200 ms      ━━━━",
        "first text    400 ms          ━━━━━━━━",
        "first audio   500 ms                  ━━━━",
        "first sound   800 ms                      ━━━━━━━━━━━━",
        "done           1.0 s                                  ━━━━━━━━",
        "",
        "session, 2 answers",
        "              median      p95",
        "committed     100 ms   100 ms  1 of 2",
        "created       200 ms   200 ms",
        "first text    400 ms   400 ms",
        "first audio   500 ms   500 ms",
        "first sound   700 ms   800 ms",
        "done           1.0 s    1.0 s",
        "until sound   700 ms   800 ms",
    ]


def test_a_narrow_terminal_has_the_same_in_small() -> None:
    assert rows(after(spoken(1.0, sound=0.8)), width=40)[1:8] == [
        "                      0            1.0 s",
        "committed     100 ms  ━━",
        "created       200 ms    ━╸",
        "first text    400 ms     ╺━━━",
        "first audio   500 ms         ━━",
        "first sound   800 ms           ━━━━━╸",
        "done           1.0 s                ╺━━━",
    ]


def test_a_terminal_without_unicode_has_bars_too() -> None:
    drawn = rows(after(spoken(1.0, sound=0.8)), width=40, encoding="ascii")
    assert all(row.isascii() for row in drawn)
    assert drawn[6] == "first sound   800 ms           ======"


def test_an_answer_that_goes_on_for_long_leaves_the_axis() -> None:
    typed = Marks("text", 1.0, None, response_created=1.2, first_text=1.5, done=31.0)
    title, axis, created, text, done, *_ = rows(after(typed), width=62)
    assert (title, axis.split()) == ("last turn  from your words", ["0", "1.0", "s"])
    assert (created.count("━"), text.count("━")) == (8, 12)
    assert done.split()[1:3] == ["30.0", "s"]
    assert done.endswith("━›")
    assert rows(after(typed), width=62, encoding="ascii")[4].endswith("=>")


def test_what_the_user_waited_for_stands_out() -> None:
    shown = latency_rows(console_of(), after(spoken(1.0, sound=0.8)), 60)
    strong = [row.plain.split("  ")[0] for row in shown if any(span.style == "strong" for span in row.spans)]
    assert strong == ["first sound", "until sound"]


def test_typed_and_spoken_turns_have_a_line_each() -> None:
    typed = Marks("text", 1.0, None, response_created=1.1, first_text=1.3, done=2.0)
    assert rows(after(typed, spoken(5.0, sound=0.8)))[-2:] == [
        "until sound   800 ms   800 ms  1 of 2",
        "until text    300 ms   300 ms  1 of 2",
    ]


@pytest.mark.parametrize(
    "view", [NEW, after(Marks(response_created=1.0, done=2.0)), after(Marks("text", 1.0))]
)
def test_nothing_measured_is_one_line(view: SessionView) -> None:
    assert rows(view) == ["no turn has been measured yet"]


moments = st.none() | st.floats(0, 1e5)
origins: st.SearchStrategy[Origin] = st.sampled_from(["text", "speech", "commit", "tool", "server"])
turns = st.lists(st.builds(Marks, origins, *([moments] * 7)), max_size=6)


@settings(deadline=None)
@given(turns, st.integers(1, 200), st.sampled_from(["utf-8", "ascii"]))
def test_no_row_is_wider_than_the_terminal(given_turns: list[Marks], width: int, encoding: str) -> None:
    shown = latency_rows(console_of(encoding), after(*given_turns), width)
    assert shown
    assert all(row.cell_len <= width for row in shown)
