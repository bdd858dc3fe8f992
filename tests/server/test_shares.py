"""Long appends in shares."""

from __future__ import annotations

import random
from base64 import b64decode, b64encode

import pytest

from realtime_cli.protocol.base import MAX_APPEND_BYTES
from realtime_cli.protocol.client_events import InputAudioBufferAppend, InputAudioBufferCommit
from realtime_cli.protocol.encoding import PCM_24K
from realtime_cli.server.shares import in_shares

PCM = random.Random(1).randbytes(5 * 48_000 + 1)


def append(audio: str, **fields: object) -> InputAudioBufferAppend:
    return InputAudioBufferAppend.model_validate({"audio": audio, **fields})


def test_a_long_append_comes_in_shares_of_half_a_second_at_most() -> None:
    shares = list(in_shares(append(b64encode(PCM).decode(), event_id="e1")))
    assert len(shares) == 11
    pieces: list[bytes] = []
    for share in shares:
        assert isinstance(share, InputAudioBufferAppend)
        assert share.event_id == "e1"
        pieces.append(b64decode(share.audio, validate=True))
    assert b"".join(pieces) == PCM
    assert max(PCM_24K.ms(len(piece)) for piece in pieces) == 500


@pytest.mark.parametrize(
    "event",
    [
        append(b64encode(PCM[:960]).decode()),
        append(b64encode(PCM[:24_000]).decode()),
        append("no base64"),
        InputAudioBufferCommit(),
    ],
    ids=["20 ms", "500 ms", "no base64", "no append"],
)
def test_everything_else_stays_as_it_is(event: InputAudioBufferAppend | InputAudioBufferCommit) -> None:
    assert list(in_shares(event)) == [event]


@pytest.mark.parametrize(
    "event",
    [
        append(b64encode(PCM).decode() + "?"),
        append(b64encode(PCM).decode(), speed=2),
        append(b64encode(bytes(MAX_APPEND_BYTES + 2)).decode()),
    ],
    ids=["a fault at the end", "an unknown parameter", "too much"],
)
def test_what_is_to_be_refused_is_refused_as_a_whole(event: InputAudioBufferAppend) -> None:
    assert list(in_shares(event)) == [event]
