from __future__ import annotations

import pytest

from realtime_cli.audio.portaudio import is_busy, is_refusal, reason


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


def test_a_device_that_says_no_is_told_from_one_that_is_busy():
    refusal, busy = Exception("Invalid sample rate", -9997), Exception("Device unavailable", -9985)
    assert (is_refusal(refusal), is_busy(refusal)) == (True, False)
    assert (is_refusal(busy), is_busy(busy)) == (False, True)
    assert (is_refusal(Exception("x")), is_busy(Exception("x"))) == (False, False)
