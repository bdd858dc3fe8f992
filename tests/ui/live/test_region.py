from __future__ import annotations

from rich.text import Text

from realtime_cli.ui.live.region import Group, fitted


def group(name: str, size: int, *, focus: int = 0, is_main: bool = False, is_asked: bool = False) -> Group:
    return Group([Text(f"{name}{number}") for number in range(size)], focus, is_main, is_asked)


def shown(*groups: Group, room: int) -> list[str]:
    return [row.plain for row in fitted(groups, room=room)]


def test_nothing_is_nothing() -> None:
    assert shown(room=8) == []


def test_what_fits_is_shown() -> None:
    assert shown(group("u", 1), group("a", 3, is_main=True), room=8) == ["u0", "a0", "a1", "a2"]


def test_the_answer_gives_way_and_others_are_seen_by_their_end() -> None:
    rows = shown(group("u", 4), group("a", 9, is_main=True), group("n", 1), room=6)
    assert rows == ["u2", "u3", "a0", "a1", "a2", "n0"]


def test_of_an_answer_the_rows_around_its_focus_are_shown() -> None:
    assert shown(group("a", 20, focus=10, is_main=True), room=5) == ["a8", "a9", "a10", "a11", "a12"]
    assert shown(group("a", 20, focus=19, is_main=True), room=5) == ["a15", "a16", "a17", "a18", "a19"]


def test_what_the_user_is_asked_has_its_room_first() -> None:
    asked, answer = group("q", 5, is_asked=True), group("a", 9, is_main=True)
    assert shown(group("u", 3), asked, answer, room=8) == ["q0", "q1", "q2", "q3", "q4", "a7", "a8"]
    assert shown(group("u", 3), asked, answer, room=5) == ["q0", "q1", "q2", "q3", "q4"]


def test_of_the_next_question_all_is_shown_or_only_that_there_is_one() -> None:
    asked, next_one = group("q", 3, is_asked=True), group("n", 3, is_asked=True)
    assert shown(asked, next_one, room=6) == ["q0", "q1", "q2", "n0", "n1", "n2"]
    assert shown(asked, next_one, room=5) == ["q0", "q1", "q2", "n0"]


def test_there_are_never_more_rows_than_room() -> None:
    many = [group(str(number), 2) for number in range(9)]
    assert len(shown(*many, room=4)) == 4
    assert len(shown(*many, group("q", 9, is_asked=True), room=4)) == 4
