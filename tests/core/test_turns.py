"""The microphone's gate by itself."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_cli.core.turns import PREROLL_MS, SHORTEST_TALK_MS, MicrophoneGate
from realtime_cli.protocol.encoding import PCM_24K, Encoding
from tests.support.voice import pcm

ENCODINGS = (
    PCM_24K,
    Encoding("audio/pcm", 16000),
    Encoding("audio/pcmu", 8000),
    Encoding("audio/pcma", 8000),
)
BLOCK = pcm(20)


def listening(
    encoding: Encoding = PCM_24K, *, push_to_talk: bool = False, half_duplex: bool = False
) -> MicrophoneGate:
    gate = MicrophoneGate()
    assert gate.listen(encoding)
    gate.use(push_to_talk=push_to_talk, half_duplex=half_duplex)
    return gate


def admitted(gate: MicrophoneGate, *blocks: bytes) -> list[bytes | None]:
    return [gate.admit(block, speaker_sounds=False) for block in blocks]


def test_before_anybody_asked_for_blocks_none_goes_out() -> None:
    assert admitted(MicrophoneGate(), BLOCK) == [None]


def test_an_open_gate_lets_blocks_through_as_they_are_and_empty_ones_not_at_all() -> None:
    assert admitted(listening(), BLOCK, b"", BLOCK) == [BLOCK, None, BLOCK]


@pytest.mark.parametrize(
    ("encoding", "zero"), [*zip(ENCODINGS, (b"\0", b"\0", b"\xff", b"\xd5"), strict=True)]
)
def test_muted_silence_of_the_same_size_goes_out(encoding: Encoding, zero: bytes) -> None:
    gate = listening(encoding)
    gate.is_muted = True
    assert admitted(gate, BLOCK) == [zero * len(BLOCK)]


def test_half_duplex_is_deaf_while_the_speaker_sounds() -> None:
    gate = listening(half_duplex=True)
    assert gate.admit(BLOCK, speaker_sounds=True) == bytes(len(BLOCK))
    assert gate.admit(BLOCK, speaker_sounds=False) == BLOCK
    assert listening().admit(BLOCK, speaker_sounds=True) == BLOCK


def test_a_key_that_is_held_is_heard_even_while_the_speaker_sounds() -> None:
    gate = listening(push_to_talk=True, half_duplex=True)
    gate.start_talking()
    assert gate.admit(pcm(100), speaker_sounds=True) == pcm(100)


@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(deadline=None)
@given(before_ms=st.lists(st.sampled_from([10, 20, 40, 100, 400]), max_size=40))
def test_a_talk_begins_with_the_last_300_ms_before_it(encoding: Encoding, before_ms: list[int]) -> None:
    gate = listening(encoding, push_to_talk=True)
    before = [pcm(ms, encoding=encoding) for ms in before_ms]
    assert admitted(gate, *before) == [None] * len(before)
    gate.start_talking()
    (first,) = admitted(gate, talk := pcm(SHORTEST_TALK_MS, encoding=encoding))
    assert first is not None
    assert first == (b"".join(before) + talk)[-len(first) :]
    assert encoding.ms(len(first)) == min(sum(before_ms), PREROLL_MS) + SHORTEST_TALK_MS


def test_nothing_goes_out_before_the_talk_is_100_ms_long_and_then_everything() -> None:
    gate = listening(push_to_talk=True)
    gate.start_talking()
    assert admitted(gate, *[BLOCK] * 7) == [None] * 4 + [BLOCK * 5, BLOCK, BLOCK]
    gate.stop_talking()
    assert admitted(gate, BLOCK) == [None]


def test_the_next_talk_has_a_pre_roll_of_its_own() -> None:
    gate = listening(push_to_talk=True)
    gate.start_talking()
    admitted(gate, *[BLOCK] * 9)
    gate.stop_talking()
    admitted(gate, between := pcm(60))
    gate.start_talking()
    assert admitted(gate, pcm(100)) == [between + pcm(100)]


def test_what_was_said_muted_is_silent_in_the_pre_roll() -> None:
    gate = listening(push_to_talk=True)
    gate.is_muted = True
    admitted(gate, BLOCK)
    gate.is_muted = False
    gate.start_talking()
    assert admitted(gate, pcm(100)) == [bytes(len(BLOCK)) + pcm(100)]


def test_another_encoding_is_news_and_spoils_what_was_kept() -> None:
    gate = listening(push_to_talk=True)
    admitted(gate, BLOCK)
    assert not gate.listen(PCM_24K)
    assert gate.listen(Encoding("audio/pcmu", 8000))
    gate.start_talking()
    assert admitted(gate, bytes(800)) == [bytes(800)]


def test_congestion_drops_what_would_go_out_and_counts_it_from_its_begin() -> None:
    gate = listening()
    gate.congest()
    assert admitted(gate, BLOCK, BLOCK) == [None, None]
    assert gate.dropped_ms == 40
    gate.congest()
    assert gate.dropped_ms == 0
    gate.use(push_to_talk=True, half_duplex=False)
    admitted(gate, BLOCK)
    assert gate.dropped_ms == 0


def test_a_change_of_mode_ends_a_talk_and_no_change_does_not() -> None:
    gate = listening(push_to_talk=True)
    gate.start_talking()
    gate.use(push_to_talk=True, half_duplex=True)
    assert gate.is_talking
    gate.use(push_to_talk=False, half_duplex=True)
    assert not gate.is_talking
    assert admitted(gate, BLOCK) == [BLOCK]
