from __future__ import annotations

from dataclasses import replace

from realtime_cli.core.inputs import (
    CancelRequested,
    ListeningMode,
    LocalInput,
    MuteRequested,
    QuitRequested,
    TalkEnded,
    TalkStarted,
)
from realtime_cli.core.session import Session
from realtime_cli.core.view import AudioView, SessionView
from realtime_cli.ui.live.controls import Controls

VIEW = replace(Session().view(), connection="open")
OPEN = replace(VIEW, audio=AudioView(microphone="mic", speaker="spk"))
PUSH_TO_TALK = replace(VIEW, audio=AudioView(microphone="mic", is_push_to_talk=True))


class Desk:
    """Controls with a clock that stands still, and what they posted."""

    def __init__(self, view: SessionView = OPEN) -> None:
        self.now_s = 100.0
        self.posted: list[LocalInput] = []
        self.controls = Controls(self.posted.append, lambda: self.now_s)
        self.controls.saw(view)


def test_ctrl_c_stops_an_answer() -> None:
    desk = Desk(replace(OPEN, is_busy=True))
    assert desk.controls.interrupt()
    assert desk.posted == [CancelRequested()]


def test_ctrl_c_stops_speech_that_is_still_heard() -> None:
    desk = Desk(replace(OPEN, audio=AudioView(speaker="spk", is_playing=True)))
    assert desk.controls.interrupt()
    assert desk.posted == [CancelRequested()]


def test_ctrl_c_twice_leaves_whatever_happens() -> None:
    desk = Desk()
    assert not desk.controls.interrupt()
    desk.now_s += 1.9
    assert desk.controls.interrupt()
    assert desk.posted == [QuitRequested()]


def test_ctrl_c_again_but_later_does_not_leave() -> None:
    desk = Desk()
    desk.controls.interrupt()
    desk.now_s += 2.0
    assert not desk.controls.interrupt()
    assert desk.posted == []


def test_ctrl_c_leaves_where_there_is_no_connection_yet() -> None:
    desk = Desk(Session().view())
    assert desk.controls.interrupt()
    assert desk.posted == [QuitRequested()]


def test_esc_never_leaves() -> None:
    desk = Desk()
    assert not desk.controls.cancel()
    assert not desk.controls.cancel()
    assert desk.posted == []


def test_mute_goes_on_and_off_though_the_view_is_late() -> None:
    desk = Desk()
    desk.controls.mute()
    desk.controls.saw(OPEN)
    desk.controls.mute()
    assert desk.posted == [MuteRequested(True), MuteRequested(False)]


def test_without_a_microphone_there_is_nothing_to_mute_and_nothing_to_talk_to() -> None:
    desk = Desk(replace(VIEW, audio=AudioView(speaker="spk", is_push_to_talk=True)))
    desk.controls.mute()
    desk.controls.change_mode()
    assert desk.posted == []
    assert not desk.controls.space_talks


def test_the_mode_keeps_half_duplex() -> None:
    desk = Desk(replace(VIEW, audio=AudioView(microphone="mic", is_half_duplex=True)))
    desk.controls.change_mode()
    assert desk.posted == [ListeningMode(push_to_talk=True, half_duplex=True)]
    assert desk.controls.space_talks


def test_space_begins_to_talk_and_the_next_one_ends_it() -> None:
    desk = Desk(PUSH_TO_TALK)
    desk.controls.space(is_held=False)
    desk.now_s += 1.0
    desk.controls.space(is_held=False)
    assert desk.posted == [TalkStarted(), TalkEnded()]


def test_a_space_bar_that_repeats_does_not_toggle_all_the_time() -> None:
    desk = Desk(PUSH_TO_TALK)
    for _ in range(30):
        desk.controls.space(is_held=False)
        desk.now_s += 0.03
    assert desk.posted == [TalkStarted()]


def test_a_held_space_bar_talks_until_it_comes_up() -> None:
    desk = Desk(PUSH_TO_TALK)
    for _ in range(3):
        desk.controls.space(is_held=True)
        desk.now_s += 0.5
    assert desk.posted == [TalkStarted()]
    desk.controls.release()
    desk.controls.release()
    assert desk.posted == [TalkStarted(), TalkEnded()]


def test_changing_the_mode_ends_the_talk() -> None:
    desk = Desk(PUSH_TO_TALK)
    desk.controls.space(is_held=True)
    desk.controls.change_mode()
    assert desk.posted == [TalkStarted(), TalkEnded(), ListeningMode(push_to_talk=False)]


def test_a_view_from_before_the_key_went_down_does_not_let_it_up() -> None:
    desk = Desk(PUSH_TO_TALK)
    desk.controls.space(is_held=True)
    desk.controls.saw(replace(PUSH_TO_TALK, audio=replace(PUSH_TO_TALK.audio, is_playing=True)))
    desk.controls.release()
    assert desk.posted == [TalkStarted(), TalkEnded()]


def test_a_view_from_before_the_key_came_up_does_not_press_it() -> None:
    desk = Desk(PUSH_TO_TALK)
    talking = replace(PUSH_TO_TALK, audio=replace(PUSH_TO_TALK.audio, is_talking=True))
    desk.controls.space(is_held=True)
    desk.controls.saw(talking)
    desk.controls.release()
    desk.controls.saw(replace(talking, audio=replace(talking.audio, is_playing=True)))
    desk.controls.space(is_held=True)
    assert desk.posted == [TalkStarted(), TalkEnded(), TalkStarted()]


def test_what_the_session_says_of_itself_counts() -> None:
    desk = Desk(PUSH_TO_TALK)
    desk.controls.space(is_held=True)
    desk.controls.saw(replace(PUSH_TO_TALK, audio=replace(PUSH_TO_TALK.audio, is_talking=True)))
    desk.controls.saw(OPEN)
    assert not desk.controls.is_talking
    assert not desk.controls.space_talks


def test_esc_gives_up_what_is_being_said() -> None:
    desk = Desk(PUSH_TO_TALK)
    desk.controls.space(is_held=False)
    assert desk.controls.cancel()
    desk.controls.release()
    assert desk.posted == [TalkStarted(), CancelRequested()]
    assert not desk.controls.cancel()


def test_nobody_talks_into_a_muted_microphone() -> None:
    desk = Desk(PUSH_TO_TALK)
    desk.controls.mute()
    desk.controls.space(is_held=True)
    assert desk.posted == [MuteRequested(on=True)]


def test_nobody_talks_while_there_is_no_connection() -> None:
    desk = Desk(PUSH_TO_TALK)
    desk.controls.space(is_held=False)
    desk.controls.saw(replace(PUSH_TO_TALK, connection="reconnecting"))
    assert not desk.controls.is_talking
    desk.now_s += 1.0
    desk.controls.space(is_held=False)
    desk.controls.saw(PUSH_TO_TALK)
    desk.now_s += 1.0
    desk.controls.space(is_held=False)
    assert desk.posted == [TalkStarted(), TalkStarted()]


def test_ctrl_c_leaves_a_lost_connection_as_any_other() -> None:
    desk = Desk(replace(OPEN, connection="reconnecting", is_busy=True))
    assert desk.controls.interrupt()
    assert desk.posted == [CancelRequested()]
    desk.controls.saw(replace(OPEN, connection="reconnecting"))
    assert not desk.controls.interrupt(is_typing=True)
    assert desk.controls.interrupt()
    assert desk.posted == [CancelRequested(), QuitRequested()]
