from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from realtime_cli.ui.live.rows import laid_out, shaded, word_end

WORDS = st.text(st.sampled_from("ab cdé日本🙂\t\n  .,"), max_size=80)


@settings(deadline=None)
@given(WORDS, st.integers(4, 30))
def test_rows_fit_and_together_take_all_words(words: str, width: int) -> None:
    rows = laid_out(words, width=width, indent=2)
    assert all(cell_len(row.text) <= width - 2 for row in rows)
    assert sum(row.size for row in rows) == len(words) + 1
    assert "".join("".join(row.text for row in rows).split()) == "".join(words.split())


@settings(deadline=None)
@given(WORDS, st.integers(4, 30), st.data())
def test_words_go_on_in_the_next_row_after_any_of_them(words: str, width: int, data: st.DataObject) -> None:
    rows = laid_out(words, width=width, indent=2)
    count = data.draw(st.integers(0, len(rows) - 1))
    rest = laid_out(words[sum(row.size for row in rows[:count]) :], width=width, indent=2)
    assert [row.text for row in rest] == [row.text for row in rows[count:]]


def test_what_is_behind_the_bright_part_has_its_own_style() -> None:
    first, second, third = shaded(
        laid_out("one two three four", width=9, indent=2), 6, style="bold", rest="dim"
    )
    assert [(span.start, span.end, span.style) for span in first.spans] == [(0, 6, "bold"), (6, 7, "dim")]
    assert second.markup == "[dim]three[/dim]"
    assert third.markup == "[dim]four[/dim]"


def test_a_share_of_words_ends_with_a_word() -> None:
    words = "one two three"
    assert [word_end(words, share) for share in (-1, 0, 0.1, 0.3, 0.35, 0.4, 1, 2)] == [
        0,
        0,
        3,
        3,
        4,
        7,
        13,
        13,
    ]
