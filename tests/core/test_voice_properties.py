"""Whatever servers, devices and people do at once: the server's memory is cut right, and silent is silent."""

from __future__ import annotations

from base64 import b64decode
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from realtime_cli.core.effects import Effect, FinishAudio, PlayAudio, SendEvent, StopPlayback
from realtime_cli.core.inputs import (
    AudioReady,
    Backpressure,
    CancelRequested,
    DeadlineReached,
    ListeningMode,
    MicrophoneBlock,
    MicrophoneEnded,
    MuteRequested,
    PlaybackProgress,
    PlaybackStopped,
    SessionInput,
    TalkEnded,
    TalkStarted,
    UserText,
)
from realtime_cli.core.session import Session
from realtime_cli.protocol import client_events as client
from realtime_cli.protocol import server_events as server
from tests.support.builders import event, response_created, response_done
from tests.support.voice import audio_delta, audio_done, pcm, speech_started, voice_session

RESPONSES = ["resp_1", "resp_2", "resp_3"]
ITEMS = [(r, f"{r}_{letter}") for r in RESPONSES for letter in "ab"]
MS = st.sampled_from([0.0, 0.01, 8.0, 20.0, 99.99, 100.0, 1e9]) | st.floats(allow_nan=True)
PARTS = st.tuples(st.sampled_from([item for _, item in ITEMS] + ["nowhere"]), st.sampled_from([0, 1]))


def delta(place: tuple[str, str], size: int, index: int) -> SessionInput:
    return audio_delta(pcm(20)[:size], response_id=place[0], item_id=place[1], content_index=index)


DELTAS = st.builds(
    delta, st.sampled_from(ITEMS), st.sampled_from([0, 1, 2, 47, 480, 960]), st.sampled_from([0, 1])
)
PROGRESS = st.builds(lambda part, ms, delay: PlaybackProgress(*part, ms, delay), PARTS, MS, MS)
SPOKEN = (
    DELTAS
    | DELTAS
    | st.builds(response_created, st.sampled_from(RESPONSES))
    | st.builds(response_done, st.sampled_from(RESPONSES))
    | st.builds(lambda place: audio_done(place[1], response_id=place[0]), st.sampled_from(ITEMS))
    | PROGRESS
)
INTERRUPTING = (
    st.sampled_from([speech_started(), CancelRequested(), UserText("x"), TalkStarted(), TalkEnded()])
    | st.builds(lambda part, ms: PlaybackStopped(*part, ms), PARTS, MS)
    | st.sampled_from([PlaybackStopped(), DeadlineReached()])
    | st.builds(lambda r: response_done(r, status="cancelled"), st.sampled_from(RESPONSES))
)
AROUND = (
    st.builds(AudioReady, st.sampled_from(["", "mic"]), st.sampled_from(["", "speaker"]))
    | st.builds(ListeningMode, st.booleans(), st.booleans())
    | st.builds(MuteRequested, st.booleans())
    | st.builds(Backpressure, st.just(1), st.booleans(), MS)
    | st.builds(MicrophoneBlock, st.sampled_from([b"", pcm(20), pcm(100)]))
    | st.sampled_from([MicrophoneEnded(), event("conversation.item.deleted", item_id="resp_1_a")])
)
TALK = st.lists(SPOKEN | INTERRUPTING, max_size=50)
ANYTHING = st.lists(SPOKEN | INTERRUPTING | AROUND, max_size=50)
# Milliseconds are floats, added up in more than one order.
ROUNDING_MS = 1e-6
often = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass
class Account:
    """What a server and a speaker know of a session."""

    received: defaultdict[tuple[str, int], bytes] = field(default_factory=lambda: defaultdict(bytes))
    played: defaultdict[tuple[str, int], bytes] = field(default_factory=lambda: defaultdict(bytes))
    finished: Counter[tuple[str, int]] = field(default_factory=Counter)
    cut: dict[tuple[str, int], int] = field(default_factory=dict)
    cancelled: Counter[str | None] = field(default_factory=Counter)

    def hear(self, happened: SessionInput) -> None:
        if isinstance(happened, server.ResponseOutputAudioDelta):
            assert happened.item_id is not None
            self.received[happened.item_id, happened.content_index or 0] += b64decode(happened.delta or "")

    def take(self, effects: Sequence[Effect]) -> None:
        assert [number for number, effect in enumerate(effects) if isinstance(effect, StopPlayback)] in (
            [],
            [0],
        )
        for effect in effects:
            self._take(effect)

    def _take(self, effect: Effect) -> None:
        match effect:
            case PlayAudio(item_id, index, audio):
                assert audio
                assert item_id.rpartition("_")[0] not in self.cut_responses
                self.played[item_id, index] += audio
            case FinishAudio(item_id, index):
                assert (item_id, index) in self.played
                self.finished[item_id, index] += 1
            case SendEvent(client.ConversationItemTruncate() as cut):
                part = (cut.item_id, cut.content_index)
                assert part not in self.cut
                assert len(self.received[part]) >= 2
                assert 0 <= cut.audio_end_ms <= len(self.received[part]) // 2 / 24
                self.cut[part] = cut.audio_end_ms
            case SendEvent(client.ResponseCancel() as cancel):
                self.cancelled[cancel.response_id] += 1
            case _:
                pass

    @property
    def cut_responses(self) -> set[str]:
        return {item_id.rpartition("_")[0] for item_id, _ in self.cut}


def account_of(session: Session, happened: Iterable[SessionInput]) -> Account:
    account = Account()
    for number, each in enumerate(happened):
        account.hear(each)
        account.take(session.receive(each, 1 + number / 8))
    return account


@often
@given(ANYTHING)
def test_parts_are_cut_once_within_what_was_received_and_silent_ever_after(
    happened: list[SessionInput],
) -> None:
    account = account_of(voice_session(), happened)
    assert all(times == 1 for response_id, times in account.cancelled.items() if response_id is not None)
    for part, audio in account.played.items():
        assert account.received[part].startswith(audio[:2])
        assert len(audio) <= len(account.received[part])


@often
@given(st.lists(SPOKEN, max_size=50))
def test_what_nobody_interrupts_is_played_byte_for_byte(happened: list[SessionInput]) -> None:
    account = account_of(voice_session(), happened)
    whole = {part: audio[: len(audio) // 2 * 2] for part, audio in account.received.items() if len(audio) > 1}
    assert account.played == whole
    assert not account.cut
    for part in account.finished:
        assert part in whole


@often
@given(ANYTHING)
def test_two_runs_are_equal(happened: list[SessionInput]) -> None:
    one, other = voice_session(), voice_session()
    for number, each in enumerate(happened):
        assert repr(one.receive(each, 1 + number / 8)) == repr(other.receive(each, 1 + number / 8))
        assert one.next_deadline() == other.next_deadline()
    assert repr(one.view()) == repr(other.view())


@often
@given(ANYTHING)
def test_no_block_of_the_microphone_moves_a_deadline(happened: list[SessionInput]) -> None:
    session = voice_session()
    for number, each in enumerate(happened):
        session.receive(each, 1 + number / 8)
        before = session.next_deadline()
        session.receive(MicrophoneBlock(pcm(20)), 1 + number / 8 + 0.05)
        assert session.next_deadline() == before


@often
@given(TALK)
def test_quiet_comes_once_everything_was_heard_or_stopped(happened: list[SessionInput]) -> None:
    session = voice_session()
    account = account_of(session, happened)
    for number in range(10):
        ends: list[SessionInput] = [response_done(r.id) for r in session.view().responses if r.is_active]
        for each in [*ends, PlaybackStopped(), DeadlineReached()]:
            account.hear(each)
            account.take(session.receive(each, 100.0 + number))
    for item_id, index in list(account.played):
        session.receive(PlaybackProgress(item_id, index, 1e9), 200.0)
    view = session.view()
    assert not view.audio.is_playing
    assert not view.is_busy or session.receive(response_created("last"), 201.0) is not None
    for item in view.items:
        assert item.heard_ms is None or 0 <= item.heard_ms <= item.audio_ms + ROUNDING_MS


@often
@given(TALK)
def test_without_a_speaker_nothing_sounds_and_nothing_is_cut(happened: list[SessionInput]) -> None:
    account = account_of(voice_session(AudioReady("mic", "")), happened)
    assert not account.played
    assert not account.cut
    assert not account.finished


@often
@given(st.lists(st.integers(1, 400), min_size=1, max_size=8), st.data())
def test_a_speaker_that_tells_the_truth_gets_a_cut_that_is_true(
    sizes_ms: list[int], data: st.DataObject
) -> None:
    session, total_ms = voice_session(), sum(sizes_ms)
    session.receive(response_created(), 0.0)
    for ms in sizes_ms:
        session.receive(audio_delta(ms), 0.0)
    played = data.draw(st.integers(0, total_ms * 24))
    assert session.receive(speech_started(), 1.0) == [StopPlayback()]
    (cut,) = session.receive(PlaybackStopped("item_1", 0, played / 24), 1.1)
    assert isinstance(cut, SendEvent)
    assert isinstance(cut.event, client.ConversationItemTruncate)
    assert cut.event.audio_end_ms == played // 24
