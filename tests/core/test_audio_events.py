"""The speech of an answer: what is played of it, however the server cuts it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_cli.core.effects import FinishAudio, PlayAudio
from realtime_cli.core.inputs import AudioReady
from realtime_cli.protocol.encoding import PCM_24K, Encoding
from tests.support.builders import event, response_created, response_done
from tests.support.playbook import listen, play, then, when
from tests.support.recordings import SESSIONS, recorded
from tests.support.voice import audio_delta, audio_done, finishes, format_of, heard, pcm, plays, voice_session


def test_speech_is_played_as_it_comes_and_finished_once() -> None:
    session = voice_session()
    view = play(
        session,
        when(audio_delta(100)),
        then(plays(100)),
        when(audio_delta(40)),
        then(plays(40)),
        when(audio_done()),
        then(finishes()),
        when(audio_done()),
        when(response_done()),
        when(heard(140)),
    )
    (item,) = view.items
    assert (item.audio_bytes, item.audio_ms, item.heard_ms) == (6720, 140, 140)
    assert not view.is_busy


def test_an_answer_is_busy_until_it_was_heard() -> None:
    session = voice_session()
    listen(session, response_created(), audio_delta(100), response_done())
    for heard_ms, is_busy in ((0.0, True), (60.0, True), (98.9, True), (99.1, False)):
        assert listen(session, heard(heard_ms)).is_busy is is_busy


def test_speech_that_was_heard_before_its_end_was_told_is_over_when_it_is() -> None:
    session = voice_session()
    listen(session, response_created(), audio_delta(100), heard(100))
    assert session.view().audio.is_playing
    view = play(session, when(response_done()), then(finishes()))
    assert not view.is_busy


def test_every_item_and_part_of_an_answer_is_played_for_itself_and_finished_at_the_end() -> None:
    play(
        voice_session(),
        when(audio_delta(20)),
        then(plays(20)),
        when(audio_delta(20, content_index=1)),
        then(plays(20, content_index=1)),
        when(audio_delta(20, item_id="item_2")),
        then(plays(20, item_id="item_2")),
        when(response_done()),
        then(finishes(), finishes(content_index=1), finishes("item_2")),
    )


def test_the_end_of_speech_without_a_name_is_that_of_the_last_item() -> None:
    play(
        voice_session(),
        when(audio_delta(20, item_id=None, response_id=None)),
        then(plays(20, item_id="unnamed_1")),
        when(event("response.output_audio.done")),
        then(finishes("unnamed_1")),
    )
    play(voice_session(), when(event("response.output_audio.done")))
    play(voice_session(), when(response_created()), when(event("response.output_audio.done")))


@settings(deadline=None)
@given(st.lists(st.integers(0, 9), max_size=12))
def test_a_sample_may_be_cut_between_two_deltas(sizes: list[int]) -> None:
    whole = pcm(10)
    cuts = [sum(sizes[:number]) for number in range(len(sizes) + 1)]
    session = voice_session()
    played = b""
    for start, end in pairwise(cuts):
        for effect in session.receive(audio_delta(whole[start:end]), 0.0):
            assert isinstance(effect, PlayAudio)
            assert len(effect.audio) % 2 == 0
            played += effect.audio
    assert played == whole[: cuts[-1] // 2 * 2]


@pytest.mark.parametrize("audio", ["not base64!", "ä", "A", "AA=A"])
def test_what_is_not_base64_is_told_once_for_each_answer(audio: str) -> None:
    view = play(
        voice_session(),
        when(audio_delta(audio)),
        when(audio_delta(audio)),
        when(audio_delta(20)),
        then(plays(20)),
        when(response_done()),
        then(finishes()),
        when(audio_delta(audio, item_id="item_2", response_id="resp_2")),
    )
    words = "audio of an answer is lost: what the server sent is not base64"
    assert [(notice.level, notice.text) for notice in view.notices] == [("warning", words)] * 2


def test_padding_may_be_missing_and_nothing_is_nothing() -> None:
    play(
        voice_session(),
        when(audio_delta("AAA")),
        then(PlayAudio("item_1", 0, b"\0\0", PCM_24K)),
        when(audio_delta("")),
        when(event("response.output_audio.delta", response_id="resp_1", item_id="item_1")),
    )


@pytest.mark.parametrize(
    ("told", "encoding"),
    [
        (format_of("audio/pcmu"), Encoding("audio/pcmu", 8000)),
        (format_of("audio/pcm", 16000), Encoding("audio/pcm", 16000)),
        (format_of("audio/pcm"), PCM_24K),
        (None, PCM_24K),
    ],
)
def test_speech_sounds_as_the_session_says(told: object, encoding: Encoding) -> None:
    session = voice_session(audio={"output": {"format": told}})
    audio = pcm(20, encoding=encoding)
    view = play(session, when(audio_delta(audio)), then(PlayAudio("item_1", 0, audio, encoding)))
    assert view.items[0].audio_ms == 20


def test_an_answer_may_sound_otherwise_than_its_session() -> None:
    audio = {"output": {"format": format_of("audio/pcma")}}
    play(
        voice_session(),
        when(response_created(audio=audio)),
        when(audio_delta(b"\xd5" * 160)),
        then(PlayAudio("item_1", 0, b"\xd5" * 160, Encoding("audio/pcma", 8000))),
        when(response_done(audio={"output": {"voice": "alloy"}})),
        then(FinishAudio("item_1", 0)),
    )


def test_a_part_keeps_its_encoding_to_its_end() -> None:
    told = {"type": "realtime", "audio": {"output": {"format": format_of("audio/pcmu")}}}
    play(
        voice_session(AudioReady("", "speaker")),
        when(audio_delta(20)),
        then(plays(20)),
        when(event("session.updated", session=told)),
        when(audio_delta(20)),
        then(plays(20)),
    )


def test_more_speech_behind_its_end_is_played_too() -> None:
    session = voice_session()
    play(
        session,
        when(audio_delta(20)),
        then(plays(20)),
        when(response_done()),
        then(finishes()),
        when(heard(20)),
        when(audio_delta(20)),
        then(plays(20), finishes()),
        when(audio_delta(20, item_id="item_2")),
        then(plays(20, item_id="item_2"), finishes("item_2")),
    )
    assert session.is_busy
    assert not listen(session, heard(40), heard(20, item_id="item_2")).is_busy


@pytest.mark.parametrize("name", SESSIONS)
def test_the_speech_of_recorded_servers_is_played_whole(name: str) -> None:
    session = voice_session()
    effects = [effect for happened in recorded(name) for effect in session.receive(happened, 1.0)]
    played = sum(len(effect.audio) for effect in effects if isinstance(effect, PlayAudio))
    assert played == sum(item.audio_bytes // 2 * 2 for item in session.view().items)
    finished = [effect.item_id for effect in effects if isinstance(effect, FinishAudio)]
    assert finished == [item.id for item in session.view().items if item.audio_bytes]
