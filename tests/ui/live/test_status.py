from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from realtime_cli.core.cost import Cost
from realtime_cli.core.session import Session
from realtime_cli.core.view import (
    AudioView,
    CallState,
    CallView,
    GapCounts,
    Marks,
    ResponseView,
    Retry,
    SessionView,
    TokenCounts,
)
from realtime_cli.runtime.ports import Levels
from realtime_cli.ui.live.status import Meters, Status, changes_in_s, status_line
from realtime_cli.ui.theme import make_console

DEVICES = AudioView(microphone="Built-in", speaker="Built-in", is_listening=True)
SPOKEN = ResponseView(
    "resp_1",
    "completed",
    marks=Marks("speech", 1.0, first_text=1.4, first_audio=1.5, first_sound=1.84, done=3.0),
)
TYPED = ResponseView("resp_1", "completed", marks=Marks("text", 1.0, first_text=1.32, done=3.0))
LOUD = "▁▁▁▆ ▁▁▁▁"
FIGURES = "840 ms · $0.0123 · 59 min left · 12.3k tok · logged"
CONFIG = {"model": "gpt-realtime", "audio": {"output": {"voice": "marin"}}}
NEW = replace(Session().view(), connection="open", config=CONFIG, opened_s=0.0)
USED = replace(NEW, cost=Cost(0.01234), tokens=TokenCounts(9000, 3345), now_s=60.0, ends_s=3600.0)
TEXT, VOICE = replace(USED, responses=(TYPED,)), replace(USED, responses=(SPOKEN,), audio=DEVICES)


def console_of(encoding: str = "utf-8") -> Console:
    return make_console(io.TextIOWrapper(io.BytesIO(), encoding=encoding), width=200)


def shown(view: SessionView, *, width: int = 250, encoding: str = "utf-8", **status: Any) -> Text:
    meters = Meters()
    meters.add(Levels(microphone_dbfs=-20, speaker_dbfs=-60))
    told = Status("openai", meters, **{"log": "recording", **status})
    return status_line(console_of(encoding), view, told, width=width)


def line(view: SessionView, **status: Any) -> str:
    return shown(view, **status).plain


def styles(text: Text, words: str) -> set[str]:
    at = text.plain.index(words)
    return {str(span.style) for span in text.spans if span.start <= at < span.end} | {str(text.style)}


def test_it_says_everything_where_there_is_room() -> None:
    assert line(VOICE) == (
        "open microphone · listening      mic ▁▁▁▁▁▆ spk ▁▁▁▁▁▁  first sound 840 ms · $0.0123 · 59 min left"
        " · 12.3k tokens · logged  openai gpt-realtime marin  ^T mutes  ^O push-to-talk"
    )
    assert line(TEXT) == (
        "text · ready     first text 320 ms · $0.0123 · 59 min left · 12.3k tokens · logged"
        "  openai gpt-realtime  ? help"
    )


@pytest.mark.parametrize(
    ("width", "words"),
    [
        (120, f"mic · listening      {LOUD}  {FIGURES}  openai gpt-realtime marin"),
        (100, f"mic · listening      {LOUD}  {FIGURES}  gpt-realtime"),
        (80, f"mic · listening      {LOUD}  840 ms · $0.0123 · 59 min left  gpt-realtime"),
        (60, f"mic · listening      {LOUD}  840 ms · $0.0123"),
        (48, "mic · listening      ▁▆ ▁▁  840 ms · $0.0123"),
        (40, "mic · listening      840 ms · $0.0123"),
        (30, "mic · listening      840 ms"),
        (20, "mic · listening"),
        (12, "listening"),
        (8, "listen…"),
    ],
)
def test_a_voice_chat_folds(width: int, words: str) -> None:
    assert line(VOICE, width=width) == words


@pytest.mark.parametrize(
    ("width", "words"),
    [
        (100, f"text · ready     {FIGURES.replace('840', '320')}  openai gpt-realtime  ? help"),
        (80, "text · ready     320 ms · $0.0123 · 59 min left · 12.3k tok  gpt-realtime"),
        (60, "text · ready     320 ms · $0.0123  gpt-realtime"),
        (40, "text · ready     320 ms · $0.0123"),
        (30, "ready     320 ms · $0.0123"),
        (20, "ready     320 ms"),
    ],
)
def test_a_text_chat_folds(width: int, words: str) -> None:
    assert line(TEXT, width=width) == words


def test_a_new_session_says_nothing_that_it_does_not_know() -> None:
    assert line(NEW, log=None) == "text · ready     openai gpt-realtime  ? help"


@pytest.mark.parametrize(
    ("audio", "words"),
    [
        (replace(DEVICES, is_muted=True), "muted · ready  "),
        (replace(DEVICES, is_muted=True, is_playing=True), "muted · speaking  "),
        (replace(DEVICES, is_push_to_talk=True), "push-to-talk · ready  "),
        (replace(DEVICES, is_push_to_talk=True, is_talking=True), "push-to-talk · user speaking  "),
        (replace(DEVICES, is_playing=True), "open microphone · speaking  "),
        (replace(DEVICES, is_half_duplex=True), "half-duplex · listening  "),
        (AudioView(speaker="Built-in", is_playing=True), "text · speaking  "),
    ],
)
def test_mode_and_state(audio: AudioView, words: str) -> None:
    assert line(replace(TEXT, audio=audio)).startswith(words)


def test_the_state_of_an_answer() -> None:
    assert "· user speaking  " in line(replace(VOICE, user_speaking=True))
    assert "· thinking  " in line(replace(VOICE, is_busy=True))
    response = ResponseView("resp_1", "in_progress", marks=Marks(first_text=1.0))
    assert "· writing  " in line(replace(TEXT, is_busy=True, responses=(response,)))
    assert "· connecting  " in line(replace(TEXT, connection="connecting"))
    assert "· closed  " in line(replace(TEXT, connection="closed"))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("running", "using a tool"),
        ("awaiting_approval", "waiting for approval"),
        ("done", "thinking"),
        ("pending", "thinking"),
    ],
)
def test_the_state_of_a_call(state: CallState, words: str) -> None:
    view = replace(TEXT, is_busy=True, calls=(CallView("call_1", "weather", "{}", state),))
    assert f"· {words}  " in line(view)


def test_whoever_is_muted_learns_that_first() -> None:
    muted = replace(VOICE, audio=replace(DEVICES, is_muted=True))
    assert line(muted, width=8) == "muted"
    assert "selected" in styles(shown(muted), "muted")


def test_what_stands_behind_the_state_keeps_its_place() -> None:
    busy = (VOICE, replace(VOICE, user_speaking=True), replace(VOICE, is_busy=True))
    assert len({line(view, width=100).index(LOUD) for view in busy}) == 1
    assert len({line(view, width=100).partition("  ")[2].strip() for view in busy}) == 1


def test_the_sound_of_an_answer_that_is_coming_is_waited_for() -> None:
    coming = ResponseView("resp_2", "in_progress", marks=Marks("speech", 5.0, first_text=5.3))
    assert "first sound 840 ms" in line(replace(VOICE, responses=(SPOKEN, coming)))
    heard = replace(coming, marks=replace(coming.marks, first_audio=5.4, first_sound=5.5))
    assert "first sound 500 ms" in line(replace(VOICE, responses=(SPOKEN, heard)))
    typed = ResponseView("resp_2", "in_progress", marks=Marks("text", 5.0, first_text=5.1))
    assert "first text 100 ms" in line(replace(TEXT, responses=(TYPED, typed)))


@pytest.mark.parametrize(
    ("cost", "words"),
    [
        (Cost(0.02, "estimated"), "· ~$0.02 ·"),
        (Cost(0.02, "unknown"), "· at least $0.02 ·"),
        (Cost(0.0, "unknown"), "· cost unknown ·"),
        (Cost(0.00001), "· <$0.0001 ·"),
    ],
)
def test_how_sure_the_cost_is(cost: Cost, words: str) -> None:
    assert words in line(replace(TEXT, cost=cost))


def test_what_is_free_has_no_cost() -> None:
    assert "first text 320 ms · 59 min left" in line(replace(TEXT, cost=Cost()))


def test_a_limit_of_money_stands_beside_the_cost_and_is_loud_near_its_end() -> None:
    assert "· $0.0123 of $0.50 ·" in line(TEXT, max_usd=0.5)
    assert "warning" not in styles(shown(TEXT, max_usd=0.5), "$0.0123")
    assert "warning" in styles(shown(TEXT, max_usd=0.0125), "$0.0123")
    assert "$0.0123" in line(VOICE, width=30, max_usd=0.0125)


def test_what_is_billed_by_the_minute_grows_with_the_time() -> None:
    view = replace(TEXT, cost=Cost(0.05, per_minute=0.05))
    assert "· $0.05 ·" in line(view)
    assert "· $0.10 ·" in line(view, now_s=120.5)
    assert "· $0.05/min ·" in line(view, now_s=120.5, is_calm=True)
    assert changes_in_s(replace(view, ends_s=None), Status("x", Meters())) == pytest.approx(12.0, abs=0.01)


@pytest.mark.parametrize(
    ("now_s", "words", "style"),
    [
        (60.0, "59 min left", "info"),
        (2800.0, "13 min left", "info"),
        (3400.0, "3 min left", "warning"),
        (3550.0, "0:50 left", "error"),
        (3700.0, "time is up", "error"),
    ],
)
def test_the_time_that_is_left(now_s: float, words: str, style: str) -> None:
    assert style in styles(shown(TEXT, now_s=now_s), words)


def test_time_is_shown_at_any_width_once_it_is_short() -> None:
    assert "min left" not in line(VOICE, width=60)
    assert "13 min left" in line(VOICE, width=60, now_s=2800.0)
    assert line(VOICE, width=34, now_s=3500.0) == "mic · listening      1:40 left"


def test_the_limit_of_the_user_counts_where_it_comes_first() -> None:
    assert "9 min left" in line(TEXT, max_s=600.0)
    assert "59 min left" in line(TEXT, max_s=36_000.0)
    assert "left" not in line(replace(NEW, opened_s=None), max_s=600.0)
    assert "left" not in line(replace(TEXT, connection="closed"))


def test_a_log_that_fails_is_told_at_once() -> None:
    assert "error" in styles(shown(TEXT, width=40, log="failed"), "log failed")
    assert "· no log  " in line(TEXT, log="off")
    assert "log" not in line(TEXT, log=None)


def test_trouble_with_the_sound_and_the_network() -> None:
    view = replace(VOICE, audio=replace(DEVICES, is_congested=True, gaps=GapCounts(speaker=2)))
    assert "warning" in styles(shown(view), "network is slow")
    assert "2 gaps in the sound" in line(view)
    assert "network is slow" in line(view, width=48)


def test_a_calm_line_has_no_meters_and_nothing_that_ticks() -> None:
    assert (
        line(VOICE, is_calm=True, width=80)
        == "mic · listening      840 ms · $0.0123 · over 30 min left  gpt-realtime"
    )
    seen = {line(VOICE, is_calm=True, now_s=3310.0 + second) for second in range(170)}
    assert len(seen) == 1
    assert changes_in_s(VOICE, Status("x", Meters(), is_calm=True)) == pytest.approx(3540 - 1800, abs=0.01)


def lost(view: SessionView, *, tries: int = 1, at_s: float | None = 63.0) -> SessionView:
    return replace(view, connection="reconnecting", retry=Retry(tries, at_s))


@pytest.mark.parametrize(
    ("width", "words"),
    [
        (
            120,
            (
                "text · connecting again in 3 s (2 of 5)  320 ms · $0.0123 · 12.3k tok · logged"
                "  gpt-realtime  /reconnect tries now"
            ),
        ),
        (80, "text · connecting again in 3 s (2 of 5)  320 ms · $0.0123  /reconnect tries now"),
        (60, "text · connecting again in 3 s (2 of 5)  320 ms · $0.0123"),
        (40, "connecting again in 3 s (2 of 5)"),
        (30, "reconnecting"),
    ],
)
def test_a_lost_connection_and_when_it_is_tried_again(width: int, words: str) -> None:
    told = shown(lost(TEXT), width=width)
    assert told.plain == words
    assert "warning" in styles(told, "connecting")


@pytest.mark.parametrize("width", [40, 120])
def test_a_lost_connection_in_a_voice_chat(width: int) -> None:
    assert "· connecting again in 3 s (2 of 5)" in line(lost(VOICE), width=width)


@pytest.mark.parametrize(
    ("tries", "at_s", "now_s", "words"),
    [
        (0, 60.5, 60.0, "connecting again in 1 s (1 of 5)"),
        (3, 64.0, 60.0, "connecting again in 4 s (4 of 5)"),
        (3, 64.0, 61.2, "connecting again in 3 s (4 of 5)"),
        (3, 64.0, 64.0, "connecting again (4 of 5)"),
        (4, None, 66.0, "connecting again (4 of 5)"),
    ],
)
def test_the_tries_are_counted_and_the_seconds_until_the_next(
    tries: int, at_s: float | None, now_s: float, words: str
) -> None:
    assert words in line(lost(TEXT, tries=tries, at_s=at_s), now_s=now_s)
    calm = line(lost(TEXT, tries=tries, at_s=at_s), now_s=now_s, is_calm=True)
    assert f"text · connecting again ({words.split('(')[1]}" in calm


def test_the_seconds_until_the_next_try_tick_but_not_where_it_is_calm() -> None:
    view = replace(lost(TEXT, at_s=63.5), ends_s=None)
    status = Status("x", Meters(), now_s=60.0)
    assert changes_in_s(view, status) == pytest.approx(0.5, abs=0.01)
    later = replace(status, now_s=60.501)
    assert changes_in_s(view, later) == pytest.approx(1.0, abs=0.01)
    assert changes_in_s(view, replace(status, is_calm=True)) is None
    assert changes_in_s(replace(view, retry=Retry(2, None)), status) is None


def test_while_there_is_no_connection_one_may_try_now_or_leave() -> None:
    assert line(lost(TEXT)).endswith("/reconnect tries now  ^D leaves")


def test_the_keys_that_matter_now() -> None:
    push_to_talk = replace(VOICE, audio=replace(DEVICES, is_push_to_talk=True))
    assert line(push_to_talk).endswith("space talks  ^T mutes  ^O open microphone")
    assert line(push_to_talk, holds_to_talk=True).endswith("hold space to talk  ^T mutes  ^O open microphone")
    assert line(replace(VOICE, audio=replace(DEVICES, is_muted=True))).endswith("^T unmutes  ^O push-to-talk")
    muted = replace(VOICE, audio=replace(DEVICES, is_muted=True, is_push_to_talk=True))
    assert line(muted).endswith("marin  ^T unmutes  ^O open microphone")
    assert line(replace(TEXT, is_busy=True)).endswith("^C interrupts  ? help")
    asked = line(TEXT, width=40, hints=(("y", "allows"), ("n", "denies")))
    assert asked == "ready     320 ms · $0.0123  y allows"


def test_a_note_stands_alone() -> None:
    assert line(VOICE, note="Ctrl-C again leaves") == "Ctrl-C again leaves"


def test_an_ascii_terminal_gets_ascii() -> None:
    assert line(VOICE, encoding="ascii").isascii()
    assert line(VOICE, encoding="ascii").startswith(
        "open microphone - listening      mic .....+ spk ......  first sound"
    )


def test_hostile_names_stay_words() -> None:
    hostile = replace(NEW, config={"model": "\x1b[2J\nx"})
    assert line(hostile, log=None) == "text · ready     openai ␛[2J x  ? help"


def test_a_long_name_leaves_room_to_the_rest() -> None:
    named = replace(VOICE, config={"model": "漢" * 400})
    assert f"  openai {'漢' * 15} …  ^T mutes" in line(named).replace(" marin", "")
    assert line(named, width=60) == line(VOICE, width=60)


names = st.text(max_size=40) | st.text(st.sampled_from("漢字👩‍👩‍👧é\u0301\x1b\u202e ab"), max_size=40)
times = st.none() | st.floats(0, 4000)
audios = st.builds(
    AudioView,
    microphone=st.sampled_from(["", "Built-in"]),
    speaker=st.sampled_from(["", "Built-in"]),
    is_listening=st.booleans(),
    is_muted=st.booleans(),
    is_push_to_talk=st.booleans(),
    is_talking=st.booleans(),
    is_playing=st.booleans(),
    is_congested=st.booleans(),
)
views = st.builds(
    lambda audio, model, voice, **more: replace(
        USED, audio=audio, config={"model": model, "audio": {"output": {"voice": voice}}}, **more
    ),
    audio=audios,
    model=names,
    voice=names,
    ends_s=times,
    responses=st.sampled_from([(), (TYPED,), (SPOKEN,)]),
    cost=st.builds(
        Cost,
        st.floats(0, 1e5),
        st.sampled_from(["exact", "estimated", "unknown"]),
        st.sampled_from([0.0, 0.05]),
    ),
    is_busy=st.booleans(),
)
statuses = st.builds(
    Status,
    names,
    st.just(Meters()),
    holds_to_talk=st.booleans(),
    now_s=st.floats(0, 4000),
    log=st.sampled_from([None, "recording", "off", "failed"]),
    is_calm=st.booleans(),
    max_usd=st.none() | st.floats(0.01, 10),
    max_s=times,
)


@settings(max_examples=40, deadline=None)
@given(views, statuses, st.sampled_from(["utf-8", "ascii"]))
def test_a_wider_terminal_never_shows_less(view: SessionView, status: Status, encoding: str) -> None:
    console, widths = console_of(encoding), range(1, 210)
    lines = [status_line(console, view, status, width=width) for width in widths]
    assert all(line.cell_len < max(2, width) for width, line in zip(widths, lines, strict=True))
    words = [len(line.plain.split()) for line in lines[24:]]
    assert words == sorted(words)


@settings(deadline=None)
@given(views, statuses, st.integers(1, 210))
def test_equal_inputs_give_equal_text_without_controls(view: SessionView, status: Status, width: int) -> None:
    text = status_line(console_of(), view, status, width=width)
    assert text == status_line(console_of(), view, status, width=width)
    assert not {char for char in text.plain if char < " " or char in "\x7f\x9b\u202e\u2028"}


def test_what_is_muted_is_not_loud() -> None:
    muted = replace(VOICE, audio=replace(DEVICES, is_muted=True))
    assert "mark" in styles(shown(VOICE), "▁▁▁▁▁▆")
    assert "mark" not in styles(shown(muted), "▁▁▁▁▁▆")


def test_nothing_changes_by_itself_where_nothing_ends_or_costs_by_time() -> None:
    assert changes_in_s(replace(TEXT, ends_s=None), Status("x", Meters())) is None
