"""Microphone, keys, speaker and network, as the session takes them."""

from __future__ import annotations

import json

import pytest

from realtime_cli.core.effects import Disconnect, Effect, Listen, SendEvent, StopPlayback
from realtime_cli.core.inputs import (
    AudioGap,
    AudioNotice,
    AudioReady,
    Backpressure,
    CancelRequested,
    ConnectionLost,
    ConnectionOpened,
    DeadlineReached,
    ListeningMode,
    MicrophoneBlock,
    MicrophoneEnded,
    MuteRequested,
    QuitRequested,
    SessionInput,
    TalkEnded,
    TalkStarted,
    UserEvent,
    UserText,
)
from realtime_cli.core.patience import PATIENCE_S
from realtime_cli.core.session import Session
from realtime_cli.core.turns import TAIL_S
from realtime_cli.core.view import AUDIO_CODE, MICROPHONE_CODE, SPEAKER_CODE, AudioView, GapCounts
from realtime_cli.protocol.encoding import PCM_24K, Encoding
from tests.support.builders import (
    event,
    greeted,
    refusal,
    response_created,
    response_done,
    says,
    sends,
    sends_raw,
)
from tests.support.playbook import listen, play, then, when
from tests.support.voice import (
    BOTH,
    appends,
    audio_delta,
    finishes,
    format_of,
    heard,
    pcm,
    plays,
    speech_started,
    stopped,
    truncates,
    voice_session,
)

PTT = ListeningMode(push_to_talk=True)
BLOCK = MicrophoneBlock(pcm(20))
SPEECH = MicrophoneBlock(pcm(100))
COMMIT, CLEAR, CREATE = (
    sends("input_audio_buffer.commit"),
    sends("input_audio_buffer.clear"),
    sends("response.create"),
)
TAIL = DeadlineReached()
ODD = format_of("audio/pcm", -8000)
SERVER_VAD = {"type": "server_vad", "threshold": 0.4}
TOLD_VAD = {"type": "realtime", "audio": {"input": {"turn_detection": SERVER_VAD}}}


def detects(turn_detection: object, kind: str = "realtime") -> SendEvent:
    session = {"type": kind, "audio": {"input": {"turn_detection": turn_detection}}}
    return sends("session.update", session=session)


def pressed() -> Session:
    """A session whose user is about to press the key; nobody else finds turns."""
    return voice_session(mode=PTT, audio={"input": {"turn_detection": None}})


def test_the_microphone_is_asked_for_once_the_session_is_greeted_and_configured() -> None:
    session = Session({"instructions": "x"})
    play(
        session,
        when(BOTH),
        when(BLOCK),
        when(ConnectionOpened()),
        when(BLOCK),
        when(event("session.created", session={"type": "realtime"})),
        then(sends("session.update", session={"type": "realtime", "instructions": "x"}), Listen(PCM_24K)),
        when(BLOCK),
        then(appends(BLOCK.audio)),
        when(event("session.updated", session={"type": "realtime", "instructions": "x"})),
    )
    assert session.view().audio.is_listening


def test_a_microphone_that_comes_late_is_asked_for_then() -> None:
    play(greeted(), when(BLOCK), when(BOTH), then(Listen(PCM_24K)), when(AudioReady("other", "speaker")))


def test_without_a_microphone_nobody_is_asked_to_listen() -> None:
    view = play(greeted(), when(AudioReady("", "speaker")), when(BLOCK))
    assert view.audio == AudioView(speaker="speaker")


def test_a_microphone_that_goes_and_comes_back_is_asked_for_again() -> None:
    play(
        voice_session(),
        when(AudioReady("", "speaker")),
        when(BLOCK),
        when(AudioReady("mic 2", "speaker")),
        then(Listen(PCM_24K)),
    )


def test_what_a_server_of_text_hears_it_hears_all_the_same() -> None:
    play(voice_session(output_modalities=["text"]), when(BLOCK), then(appends(BLOCK.audio)))


@pytest.mark.parametrize(
    ("told", "encoding"),
    [
        (format_of("audio/pcmu"), Encoding("audio/pcmu", 8000)),
        (format_of("audio/pcma", 8000), Encoding("audio/pcma", 8000)),
        (format_of("audio/pcm", 16000), Encoding("audio/pcm", 16000)),
        (format_of("audio/opus"), None),
        (format_of("audio/pcm", 0), None),
        (format_of("audio/pcm", -5), None),
        (format_of("audio/pcm", 1_000_000_007), None),
        ({"type": "audio/pcm", "rate": 10**30}, None),
        ({"type": "audio/pcm", "rate": "fast"}, None),
        ({"type": ["audio/pcm"], "rate": 16000}, None),
        ({}, None),
        (None, None),
    ],
)
def test_the_microphone_follows_the_format_of_the_session(told: object, encoding: Encoding | None) -> None:
    updated = event("session.updated", session={"type": "realtime", "audio": {"input": {"format": told}}})
    effects = [then(Listen(encoding))] if encoding else []
    play(voice_session(), when(updated), *effects, when(updated))


def test_a_rate_that_no_sound_has_is_told_once() -> None:
    updated = event("session.updated", session={"type": "x", "audio": {"output": {"format": ODD}}})
    view = listen(voice_session(), updated, updated)
    assert [(notice.level, notice.text) for notice in view.notices] == [
        ("warning", "no sound has the rate that the server set for output, -8000: 24000 is used")
    ]


def test_the_microphone_uses_the_format_that_was_asked_for_since_the_server_reads_in_order() -> None:
    config = {"type": "realtime", "audio": {"input": {"format": format_of("audio/pcmu")}}}
    play(
        Session(config),
        when(BOTH),
        when(ConnectionOpened()),
        when(event("session.created", session={"type": "realtime"})),
        then(sends("session.update", session=config), Listen(Encoding("audio/pcmu", 8000))),
        when(event("session.updated", session=config)),
    )


def test_a_format_that_was_refused_is_not_used() -> None:
    config = {"type": "realtime", "audio": {"input": {"format": format_of("audio/pcmu")}}}
    session = Session(config)
    listen(session, BOTH, ConnectionOpened())
    created = {"type": "realtime", "audio": {"input": {"format": format_of("audio/pcm", 24000)}}}
    listen(session, event("session.created", session=created))
    play(session, when(refusal("invalid_value", event_id="event_1")), then(Listen(PCM_24K)))


def test_what_goes_out_is_counted_and_carries_no_id() -> None:
    session = voice_session()
    (effect,) = session.receive(BLOCK, 1.0)
    assert isinstance(effect, SendEvent)
    assert effect.raw is not None
    assert json.loads(effect.raw) == json.loads(effect.event.to_json())
    counters = session.view().counters
    assert (counters.events_out, counters.audio_out_bytes) == (1, len(BLOCK.audio))
    assert not session.expects_answers


def test_muted_the_server_hears_silence() -> None:
    silence = appends(bytes(len(BLOCK.audio)))
    view = play(
        voice_session(),
        when(MuteRequested(on=True)),
        when(BLOCK),
        then(silence),
        when(MuteRequested(on=False)),
        when(BLOCK),
        then(appends(BLOCK.audio)),
        when(MuteRequested(on=True)),
    )
    assert view.audio.is_muted


def test_half_duplex_lasts_until_the_room_is_silent() -> None:
    session = voice_session(mode=ListeningMode(half_duplex=True))
    silence, sound = appends(bytes(len(BLOCK.audio))), appends(BLOCK.audio)
    view = play(
        session,
        when(BLOCK, at=0.5),
        then(sound),
        when(response_created()),
        when(BLOCK),
        then(sound),
        when(audio_delta(100)),
        then(plays(100)),
        when(BLOCK),
        then(silence),
        when(response_done(), at=1.0),
        then(finishes()),
        when(BLOCK, at=2.0),
        then(silence),
        when(heard(100, delay_ms=50), at=3.0),
        when(BLOCK, at=3.24),
        then(silence),
        when(BLOCK, at=3.26),
        then(sound),
    )
    assert view.audio.is_half_duplex


def test_half_duplex_waits_after_a_stop_as_well() -> None:
    session = voice_session(mode=ListeningMode(half_duplex=True))
    silence, sound = appends(bytes(len(BLOCK.audio))), appends(BLOCK.audio)
    listen(session, response_created(), audio_delta(1000), heard(20, delay_ms=50))
    listen(session, speech_started())
    play(
        session,
        when(BLOCK, at=1.0),
        then(silence),
        when(stopped(30), at=1.1),
        then(truncates(30)),
        when(BLOCK, at=1.34),
        then(silence),
        when(BLOCK, at=1.36),
        then(sound),
    )


def test_a_talk_is_sent_committed_and_answered() -> None:
    view = play(
        pressed(),
        when(BLOCK, at=1.0),
        when(TalkStarted(), at=1.1),
        when(SPEECH, at=1.2),
        then(appends(BLOCK.audio + SPEECH.audio)),
        when(BLOCK),
        then(appends(BLOCK.audio)),
        when(TalkEnded(), at=1.3),
        when(BLOCK, at=1.36),
        then(appends(BLOCK.audio)),
        when(DeadlineReached(), at=1.38),
        then(COMMIT, CREATE),
        when(BLOCK),
        when(event("input_audio_buffer.committed", item_id="user_1"), at=1.4),
        when(response_created(), at=1.5),
    )
    marks = view.responses[0].marks
    assert (marks.origin, marks.start, marks.committed) == ("speech", 1.3, 1.4)
    assert view.audio.is_push_to_talk


def released() -> Session:
    """A session whose user has let go of the key at 1 s, after 100 ms of speech."""
    session = pressed()
    listen(session, TalkStarted(), SPEECH)
    session.receive(TalkEnded(), 1.0)
    return session


def test_what_is_on_its_way_when_the_key_comes_up_is_sent_before_the_commit() -> None:
    session = released()
    assert session.next_deadline() == 1.0 + TAIL_S
    assert session.is_busy
    assert not session.view().audio.is_talking
    play(
        session,
        when(BLOCK, at=1.02),
        then(appends(BLOCK.audio)),
        when(TalkEnded()),
        when(TAIL, at=1.0 + TAIL_S),
        then(COMMIT, CREATE),
        when(BLOCK),
    )
    assert session.next_deadline() == 1.0 + TAIL_S + PATIENCE_S


def test_the_tail_is_heard_though_the_room_still_sounds() -> None:
    session = voice_session(
        mode=ListeningMode(push_to_talk=True, half_duplex=True), audio={"input": {"turn_detection": None}}
    )
    listen(session, response_created(), audio_delta(1000), heard(300), TalkStarted(), SPEECH, TalkEnded())
    play(session, when(BLOCK), then(appends(BLOCK.audio)))


def test_the_key_that_goes_down_again_at_once_continues_the_talk() -> None:
    session = released()
    play(
        session,
        when(TalkStarted(), at=1.05),
        when(BLOCK),
        then(appends(BLOCK.audio)),
        when(TAIL, at=1.0 + TAIL_S),
        when(TalkEnded(), at=2.0),
        when(TAIL, at=2.0 + TAIL_S),
        then(COMMIT, CREATE),
    )


@pytest.mark.parametrize(
    ("happened", "effects"),
    [
        (QuitRequested(), [COMMIT, CREATE, Disconnect()]),
        (MicrophoneEnded(), [COMMIT, CREATE]),
        (UserText("and"), [COMMIT, CREATE, says("and")]),
        (UserEvent('{"type":"x"}'), [COMMIT, CREATE, sends_raw('{"type":"x"}')]),
        (ListeningMode(), [COMMIT, CREATE]),
        (CancelRequested(), []),
        (ConnectionLost(1006), []),
    ],
)
def test_what_happens_before_the_tail_has_come_does_not_wait_for_it(
    happened: SessionInput, effects: list[Effect]
) -> None:
    session = released()
    play(
        session,
        when(happened, at=1.04),
        *([then(*effects)] if effects else []),
        when(TalkEnded()),
    )
    assert session.next_deadline() == (1.04 + PATIENCE_S if effects else None)


def test_leaving_before_the_tail_has_come_says_it_behind_the_cut() -> None:
    session = pressed()
    listen(session, response_created(), audio_delta(1000), heard(300), TalkStarted(), SPEECH, TalkEnded())
    play(session, when(QuitRequested()), then(truncates(300), COMMIT, Disconnect()))


def test_a_talk_that_was_cancelled_is_cleared_by_the_next() -> None:
    session = released()
    play(session, when(CancelRequested(), at=1.04), when(TalkStarted()), then(CLEAR))


@pytest.mark.parametrize("congested_first", [True, False])
def test_a_talk_that_the_network_did_not_take_is_not_called_silence(congested_first: bool) -> None:
    session = pressed()
    congested = Backpressure(600_000, is_congested=True)
    begin = [congested, TalkStarted()] if congested_first else [TalkStarted(), congested]
    view = listen(session, *begin, SPEECH, Backpressure(1, is_congested=False, dropped_ms=100), TalkEnded())
    assert view.notices[-1].text == "what you said was lost: the network did not keep up"
    view = listen(session, TalkStarted(), TalkEnded())
    assert "nothing was said" in view.notices[-1].text


def test_the_view_shows_that_the_user_talks() -> None:
    session = pressed()
    assert listen(session, TalkStarted()).audio.is_talking
    assert not listen(session, TalkEnded()).audio.is_talking


def test_a_key_that_was_touched_by_accident_sends_nothing() -> None:
    view = play(
        pressed(), when(SPEECH), when(TalkStarted()), when(BLOCK), when(TalkEnded()), when(TalkEnded())
    )
    assert [(notice.level, notice.text) for notice in view.notices] == [
        ("info", "nothing was said: that was less than 100 ms")
    ]
    assert not view.is_busy


def test_a_talk_interrupts_what_plays_and_its_commit_waits_for_the_cut() -> None:
    session = pressed()
    listen(session, response_created(), audio_delta(1000), heard(300))
    play(
        session,
        when(TalkStarted()),
        then(StopPlayback(), sends("response.cancel", response_id="resp_1")),
        when(SPEECH),
        then(appends(SPEECH.audio)),
        when(TalkEnded()),
        when(TAIL),
        when(stopped(320)),
        then(truncates(320), COMMIT),
        when(response_done(status="cancelled")),
        then(CREATE),
    )


def test_a_talk_that_begins_before_the_last_one_was_committed_belongs_to_it() -> None:
    session = pressed()
    listen(session, response_created(), audio_delta(1000), heard(300))
    listen(session, TalkStarted(), SPEECH, TalkEnded(), TAIL, UserText("and"))
    play(
        session,
        when(TalkStarted()),
        when(SPEECH),
        then(appends(SPEECH.audio)),
        when(TalkEnded()),
        when(TAIL),
        when(stopped(320)),
        then(truncates(320), says("and"), COMMIT),
    )


def test_what_was_sent_before_a_talk_is_cleared() -> None:
    session = voice_session(audio={"input": {"turn_detection": None}})
    play(session, when(BLOCK), then(appends(BLOCK.audio)), when(PTT), when(TalkStarted()), then(CLEAR))
    play(
        session,
        when(SPEECH),
        then(appends(SPEECH.audio)),
        when(TalkEnded()),
        when(TAIL),
        then(COMMIT, CREATE),
    )
    listen(session, response_created(), response_done())
    play(session, when(TalkStarted()))


def test_a_rest_too_short_to_commit_is_cleared() -> None:
    session = pressed()
    by_hand = UserEvent(str(appends(BLOCK.audio).raw))
    view = play(
        session,
        when(TalkStarted()),
        when(by_hand),
        then(appends(BLOCK.audio)),
        when(TalkEnded()),
        then(CLEAR),
    )
    assert [notice.level for notice in view.notices] == ["info"]


def test_keys_mean_nothing_without_push_to_talk_or_without_a_microphone() -> None:
    play(voice_session(), when(TalkStarted()), when(TalkEnded()))
    play(voice_session(AudioReady("", "speaker"), PTT), when(TalkStarted()), when(TalkEnded()))
    session = pressed()
    listen(session, TalkStarted(), SPEECH)
    play(session, when(TalkStarted()), when(BLOCK), then(appends(BLOCK.audio)))


def test_a_transcription_is_committed_and_not_answered() -> None:
    session = greeted()
    told = {"type": "transcription", "audio": {"input": {"turn_detection": None}}}
    listen(session, event("session.updated", session=told), BOTH, PTT, TalkStarted(), SPEECH)
    play(session, when(TalkEnded()), when(TAIL), then(COMMIT))


def test_push_to_talk_turns_the_servers_ear_for_turns_off_and_on_again() -> None:
    session = voice_session(audio={"input": {"turn_detection": SERVER_VAD}})
    view = play(
        session,
        when(PTT),
        then(detects(None)),
        when(ListeningMode(push_to_talk=True, half_duplex=True)),
        when(
            event(
                "session.updated",
                session=json.loads(json.dumps({**TOLD_VAD, "audio": {"input": {"turn_detection": None}}})),
            )
        ),
        when(ListeningMode()),
        then(detects(SERVER_VAD)),
        when(event("session.updated", session=TOLD_VAD)),
        when(ListeningMode()),
    )
    assert view.differences == ()


def test_push_to_talk_from_the_start_needs_no_second_update() -> None:
    config = {"type": "realtime", "audio": {"input": {"turn_detection": None}}}
    session = Session(config)
    listen(session, BOTH, PTT, ConnectionOpened())
    play(
        session,
        when(event("session.created", session=TOLD_VAD)),
        then(sends("session.update", session=config), Listen(PCM_24K)),
        when(event("session.updated", session=config)),
        when(ListeningMode()),
        then(detects(SERVER_VAD)),
    )


def test_where_nobody_found_turns_before_nobody_does_after() -> None:
    session = voice_session(audio={"input": {"turn_detection": None}})
    play(session, when(PTT), when(ListeningMode()))


def test_a_server_that_tells_nothing_is_believed_to_find_turns() -> None:
    play(
        voice_session(),
        when(PTT),
        then(detects(None)),
        when(ListeningMode()),
        then(detects({"type": "server_vad"})),
    )


def test_the_end_of_a_file_ends_the_turn_where_nobody_else_does() -> None:
    session = voice_session(audio={"input": {"turn_detection": None}})
    listen(session, SPEECH)
    view = play(session, when(MicrophoneEnded()), then(COMMIT, CREATE), when(BLOCK), when(MicrophoneEnded()))
    assert not view.audio.is_listening


def test_the_end_of_a_file_changes_nothing_where_the_server_finds_the_turns() -> None:
    session = voice_session()
    listen(session, SPEECH)
    play(session, when(MicrophoneEnded()), when(BLOCK), then(appends(BLOCK.audio)))


def test_the_end_of_a_file_ends_a_talk_but_makes_none() -> None:
    session = pressed()
    listen(session, TalkStarted(), SPEECH)
    play(session, when(MicrophoneEnded()), then(COMMIT, CREATE), when(TalkEnded()))
    play(pressed(), when(MicrophoneEnded()))


def test_a_file_that_is_too_short_is_not_committed() -> None:
    session = voice_session(audio={"input": {"turn_detection": None}})
    listen(session, BLOCK)
    play(session, when(MicrophoneEnded()), then(CLEAR))


def test_another_file_is_listened_to() -> None:
    session = voice_session()
    listen(session, MicrophoneEnded())
    play(session, when(AudioReady("two.wav", "speaker")), then(Listen(PCM_24K)))


def test_what_the_network_does_not_take_is_dropped_and_told_once() -> None:
    session = voice_session()
    view = play(
        session,
        when(Backpressure(600_000, is_congested=True), at=1.0),
        when(BLOCK),
        when(Backpressure(700_000, is_congested=True)),
        when(BLOCK),
    )
    assert view.audio.is_congested
    assert session.dropped_ms == 40
    view = play(
        session,
        when(Backpressure(10, is_congested=False, dropped_ms=session.dropped_ms), at=2.0),
        when(Backpressure(10, is_congested=False)),
        when(BLOCK),
        then(appends(BLOCK.audio)),
    )
    assert [(notice.level, notice.text) for notice in view.notices] == [
        ("warning", "the network does not keep up: what you say is not sent until it does"),
        ("warning", "the network keeps up again; 40 ms of your speech were lost"),
    ]


def test_a_replay_knows_what_was_dropped_from_the_log() -> None:
    session = voice_session()
    view = listen(
        session, Backpressure(1, is_congested=True), Backpressure(1, is_congested=False, dropped_ms=340.0)
    )
    assert "340 ms" in view.notices[-1].text


def test_a_server_that_means_another_rate_is_spoken_to_at_that() -> None:
    session = Session(pcm_input_rate_hz=16000)
    greeting = event(
        "session.created", session={"audio": {"input": {"format": format_of("audio/pcm", 24000)}}}
    )
    play(
        session,
        when(ConnectionOpened()),
        when(greeting),
        when(BOTH),
        then(Listen(Encoding("audio/pcm", 16000))),
        when(event("session.updated", session={"audio": {"input": {"format": format_of("audio/pcmu")}}})),
        then(Listen(Encoding("audio/pcmu", 8000))),
    )


def test_gaps_in_the_sound_are_counted() -> None:
    view = listen(greeted(), AudioGap("speaker", 20.0), AudioGap("speaker", 40.5), AudioGap("network", 60.0))
    assert view.audio.gaps == GapCounts(speaker=2, network=1, total_ms=120.5)
    assert view.audio.gaps.total == 3
    assert not view.notices


def test_what_the_devices_tell_is_a_notice() -> None:
    view = listen(greeted(), AudioNotice("error", "no PortAudio", "install libportaudio2"))
    assert [(n.level, n.text, n.hint) for n in view.notices] == [
        ("error", "no PortAudio", "install libportaudio2")
    ]


def test_what_is_about_one_side_says_so_in_its_code() -> None:
    both = AudioNotice("error", "no sound")
    one, other = AudioNotice("error", "gone", side="microphone"), AudioNotice("error", "gone", side="speaker")
    view = listen(greeted(), both, one, other)
    assert [n.code for n in view.notices] == [AUDIO_CODE, MICROPHONE_CODE, SPEAKER_CODE]


def test_the_encoding_that_the_server_hears_is_in_the_view() -> None:
    session = Session(pcm_input_rate_hz=16_000)
    assert session.view().audio.input_encoding == Encoding(rate_hz=16_000)
    told = {"audio": {"input": {"format": format_of("audio/pcmu")}}}
    listen(session, event("session.created", session=told))
    assert session.view().audio.input_encoding == Encoding("audio/pcmu", 8000)


def test_who_leaves_is_not_listened_to_any_more() -> None:
    play(voice_session(), when(QuitRequested()), then(Disconnect()), when(BLOCK))
    play(voice_session(), when(ConnectionLost(1006)), when(BLOCK), when(AudioReady("again", "")))


def test_the_first_sound_is_marked_when_it_can_be_heard() -> None:
    session = voice_session()
    view = play(
        session,
        when(response_created(), at=1.0),
        when(audio_delta(100), at=1.2),
        then(plays(100)),
        when(heard(20, delay_ms=40), at=1.25),
        when(heard(80, delay_ms=40), at=1.35),
    )
    marks = view.responses[0].marks
    assert (marks.first_audio, marks.first_sound) == (1.2, 1.29)


def test_a_talk_can_be_given_up_and_the_next_one_begins_anew() -> None:
    session = pressed()
    listen(session, TalkStarted(), SPEECH)
    play(
        session,
        when(CancelRequested()),
        when(TalkEnded()),
        when(BLOCK),
        when(TalkStarted()),
        then(CLEAR),
    )


def test_nobody_talks_into_a_muted_microphone() -> None:
    session = pressed()
    view = play(session, when(MuteRequested(on=True)), when(TalkStarted()), when(SPEECH), when(TalkEnded()))
    assert not view.audio.is_talking
