"""Words and the audio in which they begin."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.core.answers import Say, Speech
from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.server.spreading import Spread
from tests.support.speech import ULAW

SECOND = bytes(48000)


def spread(text: str, *, encoding: Encoding = PCM_24K, delta_ms: float = 100) -> Spread:
    return Spread(text, encoding=encoding, delta_ms=delta_ms, speed=1.0)


def all_of(spread: Spread) -> list[list[Say | Speech]]:
    given: list[list[Say | Speech]] = []
    while parts := spread.next():
        given.append(parts)
    return given


def shown(deltas: list[list[Say | Speech]]) -> str:
    """Words, and a dot for each 100 ms."""
    parts = [part for delta in deltas for part in delta]
    return "".join(part.text if isinstance(part, Say) else "." * (len(part.audio) // 4800) for part in parts)


def test_each_word_comes_ahead_of_the_audio_in_which_it_begins() -> None:
    whole = spread("aaaa bbbb cccc dddd")
    whole.add(SECOND)
    whole.end()
    assert shown(all_of(whole)) == "aaaa.. bbbb.. cccc... dddd..."


def test_audio_that_still_comes_is_not_waited_for() -> None:
    growing = spread("a text of twenty chars")
    growing.add(SECOND[:14400])
    assert shown(all_of(growing)) == "a text..."
    assert not growing.is_over
    growing.add(SECOND[:9600])
    growing.end()
    assert shown(all_of(growing)) == " of twenty chars.."
    assert growing.is_over


def test_a_rest_shorter_than_a_delta_waits_for_the_end() -> None:
    growing = spread("word")
    growing.add(SECOND[:4000])
    assert growing.next() == []
    growing.end()
    assert growing.next() == [Say("word"), Speech(SECOND[:4000])]


def test_words_without_audio_come_alone() -> None:
    silent = spread("no sound")
    assert silent.next() == []
    silent.end()
    assert silent.next() == [Say("no"), Say(" sound")]
    assert silent.is_over


def test_deltas_are_as_long_as_wished() -> None:
    telephone = spread("hello", encoding=ULAW, delta_ms=20)
    telephone.add(b"\xff" * 400)
    telephone.end()
    sizes = [len(part.audio) for delta in all_of(telephone) for part in delta if isinstance(part, Speech)]
    assert sizes == [160, 160, 80]


@given(
    st.text(max_size=200).filter(str.strip),
    st.lists(st.binary(max_size=9600).map(lambda audio: audio[: len(audio) & ~1]), max_size=8),
)
def test_nothing_is_lost_and_every_delta_has_its_words_before_it(text: str, pieces: list[bytes]) -> None:
    growing = spread(text, delta_ms=20)
    given: list[list[Say | Speech]] = []
    for piece in pieces:
        growing.add(piece)
        given += all_of(growing)
    growing.end()
    given += all_of(growing)
    assert growing.is_over
    parts = [part for delta in given for part in delta]
    assert "".join(part.text for part in parts if isinstance(part, Say)) == text
    assert b"".join(part.audio for part in parts if isinstance(part, Speech)) == b"".join(pieces)
    assert isinstance(parts[0], Say)
