"""The live screen while both sides speak, as a person sees it."""

from __future__ import annotations

import base64

import pytest

from realtime_cli.core.inputs import (
    AudioReady,
    ListeningMode,
    MuteRequested,
    PlaybackProgress,
    PlaybackStopped,
)
from tests.cli.program import Program
from tests.cli.servers import event
from tests.terminal.live import Live, live, puppet
from tests.terminal.screen import CTRL_D, ENTER, ESC

DEVICES = AudioReady("mic", "spk")
ITEM = {"id": "item_1", "type": "message", "role": "assistant", "content": []}
PLACE = {"item_id": "item_1", "response_id": "resp_1", "content_index": 0, "output_index": 0}
RESPONSE = {"id": "resp_1", "conversation_id": "conv_1", "output": []}
WORDS = "The quick brown fox jumps over the lazy dog and runs away."
TRANSCRIBING = event(
    "session.updated",
    session={"type": "realtime", "audio": {"input": {"transcription": {"model": "whisper-1"}}}},
)
KNOWS, REPORTS = f"{ESC}[?0u", f"{ESC}[?2u"
REPEAT, RELEASE = f"{ESC}[32;1:2u", f"{ESC}[32;1:3u"


def speech(ms: int, words: str = WORDS) -> list[str]:
    """An answer begins: words, and so much sound of them."""
    sound = base64.b64encode(bytes(48 * ms)).decode()
    return [
        event("response.created", response={**RESPONSE, "status": "in_progress"}),
        event("response.output_item.added", response_id="resp_1", output_index=0, item=ITEM),
        event("response.output_audio_transcript.delta", delta=words, **PLACE),
        event("response.output_audio.delta", delta=sound, **PLACE),
    ]


def done(status: str = "completed") -> list[str]:
    return [
        event("response.output_audio.done", **PLACE),
        event(
            "response.done", response={**RESPONSE, "status": status, "output": [{**ITEM, "status": status}]}
        ),
    ]


def committed(item_id: str = "u1") -> str:
    return event("input_audio_buffer.committed", item_id=item_id)


def transcript(text: str, item_id: str = "u1") -> str:
    name = "conversation.item.input_audio_transcription.completed"
    return event(name, item_id=item_id, content_index=0, transcript=text)


def truncated(ms: int) -> str:
    return event("conversation.item.truncated", item_id="item_1", content_index=0, audio_end_ms=ms)


async def _listens(here: Live) -> None:
    here.do(DEVICES)
    await here.screen.shows("· listening")


async def _hears(here: Live, heard_ms: float) -> None:
    """Returns once so much of the answer has been played."""
    await here.screen.shows("· speaking")
    here.do(PlaybackProgress("item_1", 0, heard_ms))
    await here.until(lambda: here.happened[-1].get("heard_ms") == heard_ms)


async def _pushes_to_talk(here: Live) -> None:
    here.do(DEVICES, ListeningMode(push_to_talk=True))
    await here.screen.shows("ptt · ready")


async def test_the_status_line_tells_who_speaks_and_how_loud(realtime: Program) -> None:
    async with puppet() as server, live(realtime, server.url, columns=120) as here:
        await _listens(here)
        assert "mic ▁▁▁▁▁▁ spk ▁▁▁▁▁▁" in here.status
        here.do("-6 -60")
        await here.screen.shows("mic ██████ spk ▁▁▁▁▁▁")
        server.send(event("input_audio_buffer.speech_started", item_id="u1"))
        await here.screen.shows("· user speaking")
        assert here.screen.lines[0] == "› …"
        server.send(event("input_audio_buffer.speech_stopped", item_id="u1"), committed(), *speech(1000))
        await here.screen.shows("· speaking")
        here.do("-60 -6")
        await here.screen.shows("mic ▁▁▁▁▁▁ spk ██████")


async def test_a_transcript_that_comes_late_stands_before_its_answer(realtime: Program) -> None:
    async with puppet() as server, live(realtime, server.url) as here:
        server.send(TRANSCRIBING)
        await _listens(here)
        server.send(committed(), *speech(1000))
        await _hears(here, 200.0)
        await here.screen.until(lambda: here.screen.lines[:2] == ["› …", f"● {WORDS}"])
        server.send(*done())
        await _hears(here, 1000.0)
        server.send(transcript("Tell me about the fox."))
        await here.screen.until(
            lambda: here.screen.lines[:-1] == ["› Tell me about the fox.", f"● {WORDS}", "›"]
        )
        await here.screen.shows("listening")


async def test_an_interrupted_answer_is_marked_and_what_was_cut_is_struck(realtime: Program) -> None:
    async with puppet() as server, live(realtime, server.url, columns=40) as here:
        await _listens(here)
        server.send(*speech(2000))
        await _hears(here, 1200.0)
        await here.screen.shows("runs away.")
        server.send(event("input_audio_buffer.speech_started", item_id="u1"))
        await here.screen.shows("user speaking")
        here.do(PlaybackStopped("item_1", 0, 1210.0))
        await here.until(lambda: here.happened[-1].get("heard_ms") == 1210.0)
        server.send(*done("cancelled"), truncated(1210), committed(), transcript("Wait!"))
        await here.screen.shows("› Wait!")
        assert here.screen.lines[:4] == [
            "● The quick brown fox jumps over the",
            "  lazy dog and runs away.",
            "  interrupted after 1.2 s",
            "› Wait!",
        ]
        assert here.screen.struck == "lazy dog and runs away."


async def test_hostile_transcripts_are_words(realtime: Program) -> None:
    async with puppet() as server, live(realtime, server.url) as here:
        await _listens(here)
        server.send(
            committed(), transcript("\x1b]0;owned\x07\x1b[2J"), *speech(100, "\x1b[31m\u202e red"), *done()
        )
        await _hears(here, 100.0)
        await here.screen.until(lambda: "● ␛[31m\\u202e red" in here.screen.lines)
        assert "› ␛]0;owned␇␛[2J" in here.screen.lines
        assert b"\x1b[2J" not in here.screen.raw


@pytest.mark.parametrize("columns", [120, 80, 40])
async def test_it_fits(realtime: Program, columns: int) -> None:
    async with puppet() as server, live(realtime, server.url, columns=columns) as here:
        here.do(DEVICES)
        await here.screen.shows("listening")
        server.send(committed(), transcript("Say it."), *speech(60_000, WORDS * 20))
        await _hears(here, 30_000.0)
        assert len(here.status) < columns
        assert all(len(line) <= columns for line in here.screen.lines)
        server.send(*done())
        await _hears(here, 60_000.0)
        await here.screen.until(lambda: "listening" in here.status)
        lines = here.screen.lines
        begin = next(number for number, line in enumerate(lines) if line.startswith("●"))
        assert lines[begin - 1] == "› Say it."
        said = " ".join(line.strip() for line in lines[begin:-2]).removeprefix("● ")
        assert said == WORDS * 20


async def test_space_on_an_empty_line_talks_and_in_a_text_it_is_a_space(realtime: Program) -> None:
    async with puppet() as server, live(realtime, server.url) as here:
        await _pushes_to_talk(here)
        here.screen.type(" ")
        await here.screen.shows("ptt · user speaking")
        assert here.screen.lines[0] == "› …"
        await here.until(lambda: here.wishes == ["listening.mode", "talk.started"])
        here.do("-6 -6")
        await here.screen.shows("████")  # a space bar that is held down repeats much earlier
        here.screen.type(" ")
        await here.screen.until(lambda: "user speaking" not in here.status)
        here.screen.type(f"two words{ENTER}")
        await here.until(lambda: here.typed == ["two words"])
        assert here.wishes == ["listening.mode", "talk.started", "talk.ended"]


async def test_where_releases_are_reported_space_talks_while_it_is_held(realtime: Program) -> None:
    async with puppet() as server, live(realtime, server.url) as here:
        await _pushes_to_talk(here)
        await here.screen.until(lambda: b"\x1b[?u" in here.screen.raw)
        assert b"\x1b[>2u" not in here.screen.raw
        here.screen.type(KNOWS)
        await here.screen.until(lambda: b"\x1b[>2u\x1b[?u" in here.screen.raw)
        here.screen.type(REPORTS)
        await here.screen.shows("hold space to talk")
        here.screen.type(" ")
        await here.screen.shows("ptt · user speaking")
        here.screen.type(REPEAT * 3 + "   ")
        here.screen.type(RELEASE)
        await here.screen.until(lambda: "user speaking" not in here.screen.text)
        here.screen.type(f"a{ESC}[97;1:3ub c {RELEASE}")
        await here.screen.until(lambda: here.input == "› ab c")
        assert here.wishes == ["listening.mode", "talk.started", "talk.ended"]
        here.screen.type("\x15")
        here.screen.type(CTRL_D)
        assert await here.screen.ends() == 0
        assert here.screen.raw.count(b"\x1b[<u") == 1


async def test_a_press_and_its_release_in_one_piece_talk_and_stop(realtime: Program) -> None:
    async with puppet() as server, live(realtime, server.url) as here:
        await _pushes_to_talk(here)
        here.screen.type(KNOWS + REPORTS)
        await here.screen.shows("hold space to talk")
        here.screen.type(" " + RELEASE)
        await here.until(lambda: here.wishes == ["listening.mode", "talk.started", "talk.ended"])


async def test_keys_mute_and_change_the_mode(realtime: Program) -> None:
    async with puppet() as server, live(realtime, server.url, columns=120) as here:
        await _listens(here)
        here.screen.type("\x14")
        await here.screen.shows("muted · ready")
        here.screen.type(f"{ESC}OQ")  # F2
        await here.screen.shows("· listening")
        here.screen.type("\x0f")
        await here.screen.shows("· ready")
        await here.screen.until(lambda: b"\x1b[?u" in here.screen.raw)
        here.screen.type(f"{ESC}OR")  # F3
        await here.screen.shows("· listening")
        assert here.wishes == ["user.mute", "user.mute", "listening.mode", "listening.mode"]


async def test_a_mute_from_elsewhere_is_seen(realtime: Program) -> None:
    async with puppet() as server, live(realtime, server.url) as here:
        await _listens(here)
        here.do(MuteRequested(on=True))
        await here.screen.shows("muted")
        here.screen.type("\x14")
        await here.screen.shows("mic · listening")


async def test_a_space_tells_whoever_is_muted_how_to_be_heard(realtime: Program) -> None:
    async with puppet() as server, live(realtime, server.url) as here:
        await _pushes_to_talk(here)
        await here.screen.shows("space talks")
        here.screen.type("\x14")
        await here.screen.shows("^T unmutes")
        assert "space talks" not in here.status
        here.screen.type(" ")
        await here.screen.until(lambda: here.status == "muted: Ctrl-T unmutes")
        assert (here.input, here.wishes) == ("›", ["listening.mode", "user.mute"])


async def test_esc_stops_what_is_still_heard(realtime: Program) -> None:
    async with puppet() as server, live(realtime, server.url) as here:
        await _listens(here)
        server.send(*speech(2000), *done())
        await _hears(here, 500.0)
        here.screen.type(ESC)
        await here.until(lambda: here.wishes == ["user.cancel"])
        here.do(PlaybackStopped("item_1", 0, 520.0))
        server.send(truncated(520))
        await here.screen.shows("interrupted after 0.5 s")
        await here.screen.shows("listening")


async def test_leaving_in_the_middle_prints_all_words(realtime: Program) -> None:
    async with puppet() as server, live(realtime, server.url) as here:
        await _listens(here)
        server.send(*speech(2000))
        await _hears(here, 500.0)
        here.screen.type(CTRL_D)
        assert await here.screen.ends() == 0
        assert here.screen.lines == [f"● {WORDS}", "the end"]
        assert here.screen.is_as_before
