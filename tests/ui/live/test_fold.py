from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.text import Text

from realtime_cli.ui.live.fold import Part, folded

GROUPS = (("mode", "state"), ("cost",))


def line(*parts: Part, width: int) -> str:
    return folded(parts, GROUPS, width=width, dot=" · ").plain


def part(place: str, words: str, room: int = 0) -> Part:
    return Part(place, Text(words), room)


PARTS = (part("state", "ready"), part("cost", "$1"), part("mode", "text"), part("cost", "$1 of $2"))


def test_the_most_important_parts_have_their_room_first() -> None:
    assert line(*PARTS, width=6) == "ready"
    assert line(*PARTS, width=10) == "ready  $1"
    assert line(*PARTS, width=17) == "text · ready  $1"
    assert line(*PARTS, width=80) == "text · ready  $1 of $2"


def test_nothing_comes_in_the_place_of_what_does_not_fit() -> None:
    assert line(part("state", "ready"), part("mode", "m" * 40), part("cost", "$1"), width=30) == "ready"
    assert line(part("state", "ready"), width=5) == ""


def test_what_changes_keeps_the_place_of_what_stands_behind_it() -> None:
    short, long = (
        line(part("state", word, 8), part("cost", "$1"), width=40) for word in ("ready", "thinking")
    )
    assert (short, long) == ("ready     $1", "thinking  $1")
    assert line(part("state", "ready", 8), width=40) == "ready"


words = st.text(st.sampled_from("ab漢字é"), min_size=1, max_size=12)
parts = st.lists(st.builds(part, st.sampled_from(["mode", "state", "cost"]), words, st.integers(0, 9)))


@settings(deadline=None)
@given(parts, st.integers(1, 60))
def test_it_stays_below_the_width(given_parts: list[Part], width: int) -> None:
    shown = folded(given_parts, GROUPS, width=width, dot=" · ")
    assert shown.cell_len < width
