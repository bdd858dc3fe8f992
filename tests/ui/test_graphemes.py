from __future__ import annotations

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import iter_graphemes

from realtime_cli.ui.graphemes import edge

CHARACTERS = [
    "a", " ", "\n", "1", "é", "e\u0301", "n\u0303\u0323", "漢", "नि", "한", "\u1112\u1161\u11ab", "→",
    "👍", "👍🏽", "❤️", "👩‍🚀", "👩🏽‍🚀", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🙂‍↔️", "🇩🇪", "🇫🇷", "🏴󠁧󠁢󠁷󠁬󠁳󠁿", "1️⃣",
]  # fmt: skip


@pytest.mark.parametrize("char", CHARACTERS)
def test_unicode_takes_each_for_one(char: str) -> None:
    assert list(iter_graphemes(char)) == [char]


@given(st.lists(st.sampled_from(CHARACTERS)))
def test_every_place_leads_to_where_a_character_ends(chars: list[str]) -> None:
    text, ends = "".join(chars), [0, *accumulate(map(len, chars))]
    for at in range(len(text) + 1):
        assert edge(text, at, ahead=True) == min(end for end in ends if end >= at)
        assert edge(text, at, ahead=False) == max(end for end in ends if end <= at)


@given(st.text(), st.integers(0, 20), st.booleans())
def test_whatever_is_typed_there_is_an_edge(text: str, at: int, ahead: bool) -> None:
    at = min(at, len(text))
    found = edge(text, at, ahead=ahead)
    assert at <= found <= len(text) if ahead else 0 <= found <= at
    assert edge(text, found, ahead=not ahead) == found
