from __future__ import annotations

import pytest

from realtime_cli.audio.portaudio import DeviceBusy, is_refusal, not_opened, reason


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("Invalid sample rate", -9997), "Invalid sample rate"),
        (("Unanticipated host error", -9999, (0, -5, "Input/output error\n")), "Input/output error"),
        (("Unanticipated host error", -9999, (0, 0, "")), "Unanticipated host error"),
        (("Error querying device -1",), "Error querying device -1"),
        ((), "Exception"),
    ],
    ids=["code", "the system's words", "no words", "no code", "nothing"],
)
def test_the_reason_is_one_line_in_the_systems_words_where_there_are_any(arguments, words):
    assert reason(Exception(*arguments)) == words


@pytest.mark.parametrize(
    ("arguments", "refuses", "is_busy"),
    [
        (("Invalid sample rate", -9997), True, False),
        (("Device unavailable", -9985), False, True),
        (("x",), False, False),
    ],
    ids=["refusal", "busy", "neither"],
)
def test_a_device_that_says_no_is_told_from_one_that_is_busy(
    arguments: tuple[object, ...], refuses: bool, is_busy: bool
) -> None:
    error = Exception(*arguments)
    told = not_opened("card", error)
    assert (is_refusal(error), isinstance(told, DeviceBusy)) == (refuses, is_busy)
    assert str(told) == f"card cannot be opened: {arguments[0]}"
    assert bool(told.hint) == is_busy
