from __future__ import annotations

import json
import time

import pytest

from realtime_cli.redaction import Redactor
from realtime_cli.ui.live.raw import EventRing, RawView
from tests.ui.raw.scenes import (
    SESSIONS,
    assert_fits,
    body,
    console,
    lines,
    numbers,
    recorded,
    ring_of,
    seen,
    tone,
    view_of,
    words,
)

SPOKEN = next(path for path in SESSIONS if path.stem.endswith("openai_ws__test_audio_in_server_vad_turn"))
TOOL = next(path for path in SESSIONS if path.stem == "test_openai_ws__test_tool_call_round")


def many(count: int) -> EventRing:
    ring = EventRing()
    seen(ring, *({"type": "x", "item_id": f"item_{number % 3}"} for number in range(1, count + 1)))
    return ring


def selected(view: RawView) -> int:
    (line,) = [line for line in lines(view) if line.startswith(">")]
    return int(line[1:].split()[0])


def header(view: RawView, *, width: int = 120) -> str:
    return lines(view, width=width)[0]


@pytest.mark.parametrize("width", [40, 80, 120, 200])
@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_recorded_sessions_fit_any_width(path: object, width: int) -> None:
    view = view_of(ring_of(path))  # type: ignore[arg-type]  # a Path, which parametrize does not tell
    for key in ("end", "f", "home", "enter", "n", "w", "end", "n", "pagedown"):
        view.press(key)
        assert_fits(view.rows(width=width, height=30), width=width, height=30)


def test_a_spoken_turn_tells_its_story() -> None:
    view = view_of(ring_of(SPOKEN))
    view.press("home")
    told = [" ".join(line[1:].split()) for line in body(view, height=60)]
    assert told[0] == "1 0.000 ← session.created 1.3k gpt-realtime alloy audio server_vad sess…9ESYH"
    assert told[3] == "4 0.300 +100ms → input_audio_buffer.append 5.2k ×55 38 ms ▁▁▁▁▁▁▁▁▇▆▆█▇▅▅▆▄▅▁▁▁▁▁▁"
    assert told[4] == "59 5.800 +100ms ← input_audio_buffer.speech_started 153 start 1,460 ms item…pEeKv"
    assert any(
        line.endswith('…audio_transcription.completed 258 "Hello, my name is Marcelo."') for line in told
    )
    assert any(line.endswith("response.done 968 completed 205 tokens resp…c0LKn") for line in told)


def test_function_calls_are_told_with_their_arguments() -> None:
    view = view_of(ring_of(TOOL))
    view.press("home")
    told = words(view, height=60)
    assert '×12 {"city": "London"}' in told
    assert '{"city": "London"}' in told
    assert '×11 "It is foggy and 12 degrees in London."' in told
    assert any(line.startswith('function_call_output "It is foggy') for line in told)


def test_an_empty_session_says_so() -> None:
    view = view_of(EventRing())
    assert body(view) == [" no events yet"]
    for key in ("up", "down", "enter", "home", "end", "r", "b", "f", "pageup", "n"):
        assert view.press(key)
        assert_fits(view.rows(width=40, height=5), width=40, height=5)
    assert not view.inspect(None)


def test_the_screen_is_as_high_as_it_should_be() -> None:
    view = view_of(many(50))
    for height in range(1, 12):
        assert_fits(view.rows(width=60, height=height), width=60, height=height)
    assert view.rows(width=0, height=5) == view.rows(width=5, height=0) == []
    assert_fits(view.rows(width=1, height=5), width=1, height=5)


def test_audio_is_a_small_picture() -> None:
    ring = EventRing()
    for amplitude in (20000, 0, 2000):
        audio = tone(20, amplitude=amplitude)
        seen(ring, {"type": "input_audio_buffer.append", "audio": audio}, direction="out")
    view = view_of(ring)
    assert words(view) == ["×3  60 ms █▁▅"]
    view.press("f")
    assert words(view) == [" 20 ms █", " 20 ms ▁", " 20 ms ▅"]


@pytest.mark.parametrize("width", [40, 59, 60, 80, 99, 100, 160])
def test_every_row_has_the_number_that_inspects_it(width: int) -> None:
    ring = many(1002)
    view = view_of(ring)
    view.press("f")
    rows = lines(view, width=width, height=5)[1:-1]
    assert [int(row[1:].split()[0]) for row in rows] == [1000, 1001, 1002]
    assert len({row.index(".") for row in rows}) == 1
    view.press("up")
    view.press("enter")
    assert "#1001" in lines(view, width=width)[0]


def test_what_happened_here_is_dim() -> None:
    ring = EventRing()
    seen(ring, {"type": "playback.progress", "item_id": "item_1", "heard_ms": 20}, direction="local")
    row = view_of(ring).rows(width=80, height=5)[1]
    assert "local" in {str(span.style) for span in row.spans}
    assert "· playback.progress" in row.plain


def test_an_error_names_the_event_that_caused_it() -> None:
    ring = EventRing()
    seen(ring, {"type": "response.cancel", "event_id": "event_7"}, direction="out")
    error = {"code": "c", "message": "no", "event_id": "event_7"}
    seen(ring, {"type": "x", "about": "event_7"}, {"type": "error", "error": error})
    view = view_of(ring)
    assert words(view)[2] == "#1 response.cancel: c: no"
    row = view.rows(width=120, height=5)[3]
    assert any(str(span.style) == "error" for span in row.spans)
    view.press("enter")
    assert body(view)[0] == "answers     #1 response.cancel"
    view.inspect(1)
    assert body(view)[:2] == ["answered by #3 error", "after it    #2 x"]


def test_frames_that_are_no_events_are_described() -> None:
    ring = EventRing()
    ring.saw("in", b"\x00\xffabc\x1b", now_s=0, is_object=False)
    ring.saw("in", "broken {\x1b", now_s=0, is_object=False)
    ring.saw("in", '{"x": 1}', now_s=0, is_object=True)
    view = view_of(ring)
    assert words(view) == ["6 bytes: ␀ÿabc␛", "9 characters: broken {␛", "x=1"]
    assert "(not an event)" in body(view)[0]
    assert "(no type)" in body(view)[2]
    view.inspect(1)
    assert body(view) == ["a binary frame of 6 bytes", "000000  00 ff 61 62 63 1b" + " " * 32 + "..abc."]
    view.press("n")
    assert body(view) == ["no JSON object:", "broken {␛"]


def test_the_newest_is_followed_until_the_user_moves() -> None:
    ring = many(100)
    view = view_of(ring)
    assert selected(view) == 100
    seen(ring, {"type": "x"})
    assert selected(view) == 101
    view.press("up")
    assert selected(view) == 100
    assert "row 100/101" in header(view)
    before = body(view)
    seen(ring, {"type": "x"}, {"type": "x"})
    assert body(view) == before
    view.press("end")
    assert selected(view) == 103
    assert "follows" in header(view)


def test_below_the_last_row_it_is_followed_again() -> None:
    ring = many(10)
    view = view_of(ring)
    view.press("up")
    view.press("down")
    seen(ring, {"type": "x"})
    assert selected(view) == 10
    view.press("down")
    view.press("down")
    seen(ring, {"type": "x"})
    assert selected(view) == 12


def test_keys_move_the_selection() -> None:
    view = view_of(many(100))
    lines(view, height=12)
    found = []
    for key in ("home", "down", "j", "pagedown", "pageup", "k", "G", "pageup", "g", "up", "space"):
        view.press(key)
        lines(view, height=12)
        found.append(selected(view))
    assert found == [1, 2, 3, 30, 3, 2, 100, 73, 1, 1, 28]


def test_rows_move_no_more_than_they_must() -> None:
    view = view_of(many(100))
    view.press("home")
    lines(view, height=12)
    for _ in range(9):
        view.press("down")
    top = body(view, height=12)[0]
    view.press("up")
    assert body(view, height=12)[0] == top
    for _ in range(3):
        view.press("down")
    assert numbers_at(view, height=12) == list(range(3, 13))


def numbers_at(view: RawView, *, height: int) -> list[int]:
    return [int(line[1:].split()[0]) for line in body(view, height=height)]


def test_the_selection_stays_when_the_oldest_are_dropped() -> None:
    ring = EventRing(max_events=10)
    seen(ring, *({"type": "x"} for _ in range(10)))
    view = view_of(ring)
    for _ in range(4):
        view.press("up")
    seen(ring, {"type": "x"}, {"type": "x"}, {"type": "x"})
    assert selected(view) == 6
    assert numbers(view) == list(range(4, 14))
    seen(ring, *({"type": "x"} for _ in range(20)))
    assert selected(view) == 24


def test_a_filter_keeps_what_it_finds() -> None:
    view = view_of(many(9))
    assert view.filter("item:item_1")
    assert numbers(view) == [1, 4, 7]
    assert header(view).startswith(" events item:item_1 ")
    assert "3 of 9 events · follows" in header(view)
    assert view.pattern == "item:item_1"
    assert view.filter("nothing.at.all")
    assert body(view)[0].startswith(" nothing matches; response.*")
    view.press("b")
    assert numbers(view) == [1, 4, 7]
    view.press("b")
    view.press("b")
    assert numbers(view) == list(range(1, 10))


def test_a_bad_filter_is_refused_in_a_line_and_changes_nothing() -> None:
    view = view_of(many(9))
    view.filter("x")
    assert not view.filter("foo:\x1bbar")
    assert header(view).startswith(' no filter begins with "foo:"; try response.*')
    assert view.pattern == "x"
    assert numbers(view) == list(range(1, 10))
    assert not view.filter('\x1b"')
    assert "␛" in header(view)
    view.press("up")
    assert header(view).startswith(" events x")


def test_the_selection_survives_filters_and_folding() -> None:
    view = view_of(ring_of(TOOL))
    view.inspect(20)
    view.press("escape")
    assert selected(view) == 20
    view.press("f")
    folded = selected(view)
    assert folded < 20
    view.press("f")
    assert selected(view) == folded
    view.filter("out:")
    assert selected(view) <= folded


def test_an_event_is_inspected_and_left_again() -> None:
    view = view_of(ring_of(TOOL))
    view.press("home")
    assert view.press("enter")
    assert header(view).startswith(" #1 ← session.created ")
    assert body(view)[0] == 'type: "session.created"'
    view.press("n")
    assert header(view).startswith(" #2 → session.update ")
    view.press("p")
    view.press("p")
    assert header(view).startswith(" #1 ← session.created ")
    assert view.press("escape")
    assert selected(view) == 1
    assert not view.press("escape")
    assert not view.press("q")


def test_any_event_is_inspected_by_its_number() -> None:
    ring = ring_of(TOOL)
    view = view_of(ring)
    view.filter("session.*")
    assert view.inspect(15)
    assert header(view).startswith(" #15 ← response.function_call_arguments.delta ")
    assert view.pattern == ""
    assert view.inspect(None)
    assert header(view).startswith(f" #{ring.last} ")
    assert not view.inspect(ring.last + 1)
    assert header(view).startswith(f" #{ring.last + 1} is not kept: there are #1 to #{ring.last}")


def test_a_long_event_is_scrolled() -> None:
    view = view_of(ring_of(TOOL))
    view.inspect(1)
    top = body(view, height=10)[0]
    assert "lines 1 to 8 of" in lines(view, height=10)[0]
    view.press("down")
    assert body(view, height=10)[0] != top
    view.press("end")
    bottom = body(view, height=10)
    view.press("pagedown")
    view.press("down")
    assert body(view, height=10) == bottom
    view.press("home")
    view.press("up")
    assert body(view, height=10)[0] == top
    view.press("space")
    assert "lines 8 to 15 of" in lines(view, height=10)[0]


def test_ids_lead_to_the_events_that_have_them() -> None:
    ring = EventRing()
    seen(
        ring,
        {"type": "a", "item_id": "item_1", "response_id": "resp_1"},
        {"type": "b", "response": {"id": "resp_1"}},
        {"type": "c", "item": {"id": "item_1"}},
        {"type": "d"},
    )
    view = view_of(ring)
    view.inspect(1)
    assert body(view)[:2] == ["after it    #3 c", "ids         1 item_1  2 resp_1"]
    view.press("2")
    assert view.pattern == "id:resp_1"
    assert numbers(view) == [1, 2]
    view.press("b")
    view.press("home")
    view.press("r")
    assert numbers(view) == [1, 3]
    view.press("b")
    view.inspect(4)
    view.press("r")
    assert header(view).startswith(" nothing else has an id of this event")


def test_a_run_is_inspected_as_a_whole() -> None:
    ring = EventRing()
    for word in ("It ", "is ", "foggy"):
        seen(ring, {"type": "response.output_text.delta", "delta": word})
    for _ in range(2):
        seen(ring, {"type": "response.output_audio.delta", "delta": tone(100)})
    view = view_of(ring)
    view.inspect(1)
    assert body(view)[:3] == [
        "×3, #1 to #3: f shows each of them", 'together "It is foggy"', "the first of them:",
    ]  # fmt: skip
    view.press("n")
    assert body(view)[:2] == ["×2, #4 to #5: f shows each of them", "together 200 ms"]
    assert "█" in body(view)[4]
    view.press("f")
    assert header(view).startswith(" #4 ")
    assert body(view)[0].startswith("type:")


def test_secrets_are_never_shown() -> None:
    ring = EventRing()
    key = "sk-proj-0123456789abcdef"
    seen(
        ring,
        {"type": "x", "text": f"my key is {key} and my-own-key"},
        {"type": "y", "authorization": "abc def"},
    )
    view = RawView(ring, console(), redactor=Redactor(["my-own-key"]))
    shown = "\n".join(lines(view, width=200))
    view.inspect(1)
    shown += "\n".join(lines(view))
    view.inspect(2)
    shown += "\n".join(lines(view))
    assert key not in shown
    assert "my-own-key" not in shown
    assert "abc def" not in shown
    assert shown.count("[redacted]") >= 6


def test_a_terminal_without_these_characters_gets_others() -> None:
    view = view_of(ring_of(SPOKEN), encoding="ascii")
    for key in ("home", "pagedown", "end", "enter"):
        view.press(key)
        assert "".join(lines(view, width=80)).isascii()


def test_unknown_keys_do_nothing() -> None:
    view = view_of(many(3))
    before = body(view)
    assert all(view.press(key) for key in ("z", "", "0", "c-x", "9", "n", "tab"))
    assert body(view) == before
    view.press("enter")
    inspected = body(view)
    assert all(view.press(key) for key in ("z", "", "0", "c-x", "9", "tab"))
    assert body(view) == inspected


def test_the_cost_of_a_picture_does_not_grow_with_the_session() -> None:
    def took_s(count: int) -> float:
        ring = EventRing()
        frames = [raw for _, raw in recorded(SPOKEN)]
        for number in range(count):
            ring.saw("in", frames[number % len(frames)], now_s=number / 50, is_object=True)
        view = view_of(ring)
        view.rows(width=120, height=40)
        times = []
        for _ in range(20):
            ring.saw("in", json.dumps({"type": "y"}), now_s=count, is_object=True)
            start = time.perf_counter()
            view.rows(width=120, height=40)
            times.append(time.perf_counter() - start)
        return min(times)

    assert took_s(20_000) < 5 * took_s(500) + 0.002


def test_an_event_that_is_dropped_stays_while_it_is_looked_at() -> None:
    ring = EventRing(max_events=5)
    seen(
        ring,
        {"type": "a.delta", "delta": "x"},
        {"type": "a.delta", "delta": "y"},
        {"type": "b", "name": "bee"},
    )
    view = view_of(ring)
    view.press("enter")
    page = body(view)
    seen(ring, *({"type": "c"} for _ in range(20)))
    assert body(view) == page
    assert header(view).strip() == "#3 is not kept any more"
    view.press("escape")
    assert selected(view) == ring.first


def test_a_run_grows_while_it_is_looked_at() -> None:
    ring = EventRing(max_events=5)
    seen(ring, {"type": "a.delta", "delta": "one"}, {"type": "a.delta", "delta": " two"})
    view = view_of(ring)
    view.press("enter")
    assert 'together "one two"' in body(view)
    seen(ring, {"type": "a.delta", "delta": " three"})
    assert 'together "one two three"' in body(view)
    seen(ring, *({"type": "a.delta", "delta": " four"} for _ in range(3)))
    assert body(view)[1].startswith('together "one two three')


@pytest.mark.parametrize("width", [20, 40, 80])
def test_a_question_mark_tells_all_keys(width: int) -> None:
    view = view_of(many(3))
    view.press("?")
    assert_fits(view.rows(width=width, height=60), width=width, height=60)
    assert header(view).startswith(" keys of the raw view")
    shown = "\n".join(body(view, width=width, height=60))
    assert all(key in shown for key in ("Ctrl-U", "n, p", "Home, g", "F4"))
    assert lines(view, height=5)[1].startswith(" ↑ ↓")
    assert view.press("down")
    assert lines(view, height=5)[1].startswith(" PgUp")
    assert view.press("escape")
    assert numbers(view) == [1, 2, 3]
    assert view.press("enter")
    assert view.press("?")
    assert view.press("q")
    assert header(view).startswith(" #3")


def test_a_filter_that_is_typed_fast_is_looked_for_once() -> None:
    ring = many(20_000)
    view = view_of(ring)
    lines(view)
    start = time.process_time()
    view.try_out("item_1")
    lines(view)
    once_s = time.process_time() - start
    start = time.process_time()
    for end in range(1, 21):
        view.try_out("x*y*z*item_1*item_2*"[:end])
    lines(view)
    assert time.process_time() - start < 5 * once_s + 0.05
