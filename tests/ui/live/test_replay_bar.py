from __future__ import annotations

import asyncio
from dataclasses import replace
from io import BytesIO, TextIOWrapper

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.core.session import Session
from realtime_cli.core.view import Retry
from realtime_cli.log import LogEntry
from realtime_cli.runtime.deck import Deck
from realtime_cli.runtime.landmarks import Landmark, LandmarkKind, Landmarks, Place
from realtime_cli.runtime.memory import MemoryScreen
from realtime_cli.runtime.pace import Pace
from realtime_cli.runtime.playback import Playback, Source
from realtime_cli.ui.live.replay_bar import bar_line, clock
from realtime_cli.ui.live.replay_status import replay_status
from realtime_cli.ui.theme import make_console
from tests.support.echo_server import GREETING
from tests.support.virtual_time import in_virtual_time

TURNS = tuple(Landmark(Place(at_s, number), "turn") for number, at_s in enumerate((25.0, 75.0)))


def deck(
    *,
    at_s: float = 0.0,
    end_s: float = 100.0,
    turns: tuple[Landmark, ...] = (),
    markers: tuple[Landmark, ...] = (),
    has_sound: bool = False,
    pace: Pace | None = None,
) -> Deck:
    """A recording that stands at that time, for good."""

    async def stand() -> Deck:
        entries = [LogEntry(1, 0.0, "in", GREETING), LogEntry(2, end_s, "in", GREETING)]
        source = Source(entries=lambda: entries, make_session=Session, has_inputs=True)
        playback = Playback(source, pace=pace or Pace(), clock=lambda: 0.0)
        here = Deck(playback, end_s=end_s, has_speaker=True)
        here.know(Landmarks(turns, markers, entries=2, end_s=end_s, has_sound=has_sound))
        playback.seek(Place(at_s))
        playing = asyncio.create_task(playback.run(MemoryScreen()))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        playing.cancel()
        return here

    return in_virtual_time(stand())


def line(here: Deck, *, width: int, encoding: str = "utf-8") -> str:
    return bar_line(make_console(TextIOWrapper(BytesIO(), encoding=encoding)), here, width=width).plain


def test_it_shows_how_much_is_over() -> None:
    assert line(deck(at_s=50.0), width=40) == "▸ 0:50 ━━━━━━━━━━━●─────────── 1:40  ×1"


def test_turns_are_ticks_and_markers_are_signs() -> None:
    kinds: tuple[LandmarkKind, ...] = ("mark", "interruption", "error", "gap")
    markers = tuple(Landmark(Place(60.0 + 10 * number), kind) for number, kind in enumerate(kinds))
    shown = line(deck(at_s=50.0, turns=TURNS, markers=markers), width=60)
    assert shown == "▸ 0:50 ━━━━━━━━━━┿━━━━━━━━━━●───◆────╱─┼─!───~──── 1:40  ×1"


def test_too_many_turns_are_no_ticks() -> None:
    many = tuple(Landmark(Place(float(at_s)), "turn") for at_s in range(100))
    assert "┼" not in line(deck(turns=many), width=80)


def test_a_terminal_that_knows_ascii_only_gets_ascii() -> None:
    mark = Landmark(Place(80.0), "mark")
    shown = line(deck(at_s=50.0, turns=TURNS, markers=(mark,)), width=40, encoding="ascii")
    assert shown.isascii()
    assert shown == "> 0:50 =====+=====O-----+#---- 1:40  x1"


def test_it_says_how_it_plays() -> None:
    assert line(deck(pace=Pace(is_paused=True)), width=60).endswith("1:40  paused  ×1")
    assert line(deck(pace=Pace(speed=0.125)), width=60).endswith("×0.125")
    assert line(deck(has_sound=True), width=60).endswith("×1  ♪ on")
    assert line(deck(has_sound=True, pace=Pace(is_muted=True)), width=60).endswith("×1  ♪ off")


@given(st.integers(1, 200), st.floats(0, 100_000, allow_nan=False), st.floats(0, 1))
def test_it_fits_every_width(width: int, end_s: float, share: float) -> None:
    here = deck(at_s=end_s * share, end_s=end_s, turns=TURNS, pace=Pace(is_paused=True), has_sound=True)
    assert len(line(here, width=width)) < max(2, width)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.0, "0:00"), (59.99, "0:59"), (61.0, "1:01"), (3661.5, "1:01:01"), (36000, "10:00:00")],
)
def test_times_are_short(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown


@pytest.mark.parametrize("width", [20, 40, 80, 200])
@pytest.mark.parametrize("is_paused", [True, False])
def test_the_status_fits_and_says_how_to_leave(width: int, is_paused: bool) -> None:
    here = deck(pace=Pace(is_paused=is_paused))
    paper = make_console(TextIOWrapper(BytesIO(), encoding="utf-8"))
    shown = replay_status(paper, Session().view(), here, server="local", width=width)
    assert shown.cell_len < width
    assert ("q leaves" in shown.plain) == (width >= 40 or is_paused)


def test_the_status_tells_of_a_lost_connection_without_counting_down() -> None:
    paper = make_console(TextIOWrapper(BytesIO(), encoding="utf-8"))
    lost = replace(Session().view(), connection="reconnecting", retry=Retry(1, 3.0))
    wide, narrow = (replay_status(paper, lost, deck(), server="local", width=width) for width in (80, 20))
    assert wide.plain.startswith("connecting again (2 of 5) · text")
    assert narrow.plain == "reconnecting"
