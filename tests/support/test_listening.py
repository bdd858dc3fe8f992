"""The judge of what was heard, judged."""

from __future__ import annotations

import pytest

from tests.cli.sounds import tone
from tests.support.listening import was_heard, without_holes

SAID = tone(100)
GAP = bytes(960)


@pytest.mark.parametrize("heard", [SAID, GAP + SAID + GAP, GAP + SAID[:2000] + GAP + SAID[2000:] + GAP])
def test_gaps_are_forgiven(heard: bytes) -> None:
    assert was_heard(SAID, heard)
    assert was_heard(GAP + SAID + GAP, heard)


@pytest.mark.parametrize(
    "heard",
    [
        b"",
        GAP,
        SAID[:-2],
        SAID[2:],
        SAID[:2000] + SAID[2002:],
        SAID[:2000] + SAID[1000:2000] + SAID[2000:],
        SAID[:2000] + b"\1\1" + SAID[2000:],
    ],
)
def test_nothing_else_is(heard: bytes) -> None:
    assert not was_heard(SAID, heard)


def test_holes_are_taken_out_and_nothing_else() -> None:
    assert without_holes(GAP + b"\1\0" + GAP + b"\0\1\0\0\2\0" + GAP) == b"\1\0\0\1\2\0"
    assert without_holes(b"\1\0" + bytes(8) + b"\2\0" + bytes(10) + b"\3\0", shortest=5) == (
        b"\1\0" + bytes(8) + b"\2\0\3\0"
    )
    assert without_holes(GAP) == without_holes(b"") == b""


def test_silence_is_always_heard() -> None:
    assert was_heard(GAP, b"")
