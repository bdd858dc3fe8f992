from __future__ import annotations

from array import array

from realtime_cli.audio.echo_gate import EchoGate

SOUND, SILENCE = array("h", [0, 4000, -4000] * 80).tobytes(), bytes(480)
SECOND = 100


def admitted(gate: EchoGate, frame: bytes, count: int, *, cleaned: bytes = SILENCE) -> list[bool]:
    return [gate.admits(frame, captured=frame, cleaned=cleaned) for _ in range(count)]


def closed(gate: EchoGate) -> int:
    """So many frames of sound until the microphone is heard again."""
    return next(n for n in range(30 * SECOND) if gate.admits(SOUND, captured=SOUND, cleaned=SILENCE))


def trusted() -> EchoGate:
    gate = EchoGate()
    admitted(gate, SOUND, 3 * SECOND)
    return gate


def test_nobody_is_silent_while_nothing_sounds() -> None:
    assert all(admitted(EchoGate(), SILENCE, 500))


def test_a_canceller_is_trusted_after_a_second_of_sound() -> None:
    gate = EchoGate()
    assert not any(admitted(gate, SOUND, SECOND))
    assert all(admitted(gate, SOUND, SECOND))


def test_a_canceller_that_leaves_sound_is_trusted_after_two_seconds() -> None:
    gate = EchoGate()
    assert not any(admitted(gate, SOUND, 2 * SECOND, cleaned=SOUND))
    assert all(admitted(gate, SOUND, SECOND, cleaned=SOUND))


def test_a_canceller_that_is_not_there_is_never_trusted() -> None:
    gate = EchoGate()
    absent = [gate.admits(SOUND, captured=SOUND, cleaned=None) for _ in range(5 * SECOND)]
    assert not any(absent)
    assert closed(gate) == SECOND


def test_without_a_canceller_the_microphone_is_heard_while_nothing_sounds() -> None:
    gate = EchoGate()
    assert not gate.admits(SOUND, captured=SOUND, cleaned=None)
    heard = [gate.admits(SILENCE, captured=SOUND, cleaned=None) for _ in range(SECOND)]
    assert not any(heard[:35])
    assert all(heard[45:])


def test_the_sound_that_is_still_in_the_room_counts() -> None:
    gate = EchoGate()
    admitted(gate, SOUND, 10)
    heard = admitted(gate, SILENCE, SECOND)
    assert not any(heard[:35])
    assert all(heard[45:])


def test_an_upset_takes_the_trust_away_for_a_second() -> None:
    gate = trusted()
    gate.upset()
    assert closed(gate) == SECOND


def test_answers_that_are_cut_off_early_give_it_more_and_more_time() -> None:
    gate = trusted()
    gate.interrupt()
    times: list[int] = []
    for _ in range(6):
        admitted(gate, SOUND, 20)
        gate.interrupt()
        times.append(closed(gate))
    assert times == [200, 400, 800, 1600, 1600, 1600]


def test_that_it_happens_again_and_again_is_told_once() -> None:
    gate = trusted()
    gate.interrupt()
    told: list[bool] = []
    for _ in range(6):
        told.append(gate.interrupt())
        closed(gate)
    assert told == [False, False, True, False, False, False]


def test_an_answer_that_was_heard_is_cut_off_by_whoever_likes() -> None:
    gate = trusted()
    for _ in range(5):
        admitted(gate, SOUND, 3 * SECOND)
        assert not gate.interrupt()
        assert all(admitted(gate, SOUND, 1))


def test_who_is_silent_interrupts_nobody() -> None:
    gate = EchoGate()
    admitted(gate, SOUND, 20)
    assert not any(gate.interrupt() for _ in range(9))
    assert closed(gate) == SECOND - 20


def test_ten_good_seconds_are_forgiveness() -> None:
    gate = trusted()
    gate.interrupt()
    gate.interrupt()
    assert closed(gate) == 2 * SECOND
    admitted(gate, SOUND, 11 * SECOND)
    gate.interrupt()
    gate.interrupt()
    assert closed(gate) == 2 * SECOND
