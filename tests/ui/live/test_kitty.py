from __future__ import annotations

from realtime_cli.ui.live.kitty import KeyReleases

ASK, PUSH, POP = "\x1b[?u", "\x1b[>2u", "\x1b[<u"


def test_a_terminal_that_does_not_answer_gets_nothing_but_the_question() -> None:
    releases = KeyReleases()
    assert releases.want() == ASK
    assert releases.want() == ""
    assert releases.forget() == ""


def test_one_that_knows_the_protocol_reports_once_it_says_so() -> None:
    releases = KeyReleases()
    releases.want()
    assert releases.told(0) == PUSH + ASK
    assert not releases.are_reported
    assert releases.told(2) == ""
    assert releases.are_reported


def test_one_that_does_not_take_the_flag_is_not_believed() -> None:
    releases = KeyReleases()
    releases.want()
    releases.told(0)
    releases.told(0)
    assert not releases.are_reported


def test_what_was_pushed_is_popped_once() -> None:
    releases = KeyReleases()
    releases.want()
    releases.told(0)
    releases.told(2)
    assert releases.forget() == POP
    assert not releases.are_reported
    assert releases.forget() == ""
    assert releases.told(2) == ""
    assert releases.want() == ASK
