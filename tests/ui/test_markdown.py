from __future__ import annotations

import io
import time
from collections.abc import Iterable, Sequence
from itertools import takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from realtime_cli.ui.blocks import Look
from realtime_cli.ui.markdown import Place, Placed, lay_out, look_of
from realtime_cli.ui.theme import THEMES, make_console

LOOK = Look()
FRAGMENTS = [
    "word ",
    "other words, and ",
    "**bold** ",
    "*it* ",
    "`code` ",
    "**",
    "*",
    "_",
    "`",
    "~~",
    "[a link](https://x.y/z_(q)) ",
    "[half](http",
    "https://a.b/c_d ",
    "\\*",
    "&amp;",
    "日本語、",
    "👩‍👩‍👧",
    "e\u0301",
    "שלום ",
    "\n",
    "\n\n",
    "\n- ",
    "\n  - ",
    "\n1. ",
    "\n# ",
    "\n> ",
    "\n```python\n",
    "\n```\n",
    "\n    indented",
    "\n| a | b |\n|---|--:|\n| 1 | 2 |\n",
    "\n|",
    "|",
    "\n---\n",
    "   ",
    "\t",
    "x" * 30,
    "!",
    "<",
    "&",
]
TEXTS = st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join)


def rows_of(text: str, *, width: int = 60, look: Look = LOOK) -> list[Text]:
    """All rows of a whole answer."""
    rows = lay_out(text, Place(), look, width=width, indent=2, is_over=True, goes_on=False).rows
    return [row.text for row in rows]


def plain(text: str, *, width: int = 60) -> list[str]:
    return [row.plain for row in rows_of(text, width=width)]


def told(text: str, cuts: Iterable[int], widths: Sequence[int]) -> list[Text]:
    """The rows that are told one after the other while the answer grows, each piece at another width."""
    place, rows = Place(), list[Text]()
    ends = [*sorted({min(cut, len(text)) for cut in cuts}), len(text)]
    for index, end in enumerate(ends):
        is_over = index == len(ends) - 1
        width = widths[index % len(widths)]
        laid = lay_out(
            text[:end], place, LOOK, width=width, indent=2, is_over=is_over, goes_on=bool(rows)
        ).rows
        for row in laid:
            if row.after is None:
                break
            place = row.after
            rows.append(row.text)
        assert not is_over or all(row.after for row in laid)
    return rows


def styled(text: str, style: str, *, width: int = 60) -> str:
    rows = rows_of(text, width=width)
    return " ".join(
        row.plain[span.start : span.end] for row in rows for span in row.spans if span.style == style
    )


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


@settings(deadline=None, max_examples=300)
@given(TEXTS, st.lists(st.integers(1, 400), max_size=30), st.integers(10, 90))
def test_rows_do_not_depend_on_how_the_answer_comes(text: str, cuts: list[int], width: int) -> None:
    whole = rows_of(text, width=width)
    assert [row.plain for row in told(text, cuts, [width])] == [row.plain for row in whole]


@settings(deadline=None, max_examples=200)
@given(
    TEXTS, st.lists(st.integers(1, 400), max_size=30), st.lists(st.integers(10, 90), min_size=1, max_size=5)
)
def test_every_word_is_told_exactly_once_whatever_the_widths(
    text: str, cuts: list[int], widths: list[int]
) -> None:
    text = text.replace("|", "")  # a narrow table repeats its heads
    shown = "".join(row.plain for row in told(text, cuts, widths))
    assert letters(shown) == letters("".join(plain(text, width=300)))


@settings(deadline=None, max_examples=200)
@given(TEXTS, st.lists(st.integers(1, 400), max_size=30), st.integers(10, 90))
def test_what_is_told_and_what_is_live_are_the_answer_so_far(text: str, cuts: list[int], width: int) -> None:
    place, above = Place(), list[str]()
    for end in sorted({min(cut, len(text)) for cut in cuts}):
        laid = lay_out(
            text[:end], place, LOOK, width=width, indent=2, is_over=False, goes_on=bool(above)
        ).rows
        whole = lay_out(text[:end], Place(), LOOK, width=width, indent=2, is_over=False, goes_on=False).rows
        assert above + [row.text.plain for row in laid] == [row.text.plain for row in whole]
        settled = list(takewhile(lambda row: row.after is not None, laid))
        above += [row.text.plain for row in settled]
        place = next((row.after for row in reversed(settled) if row.after), place)


@settings(deadline=None, max_examples=200)
@given(TEXTS, st.integers(10, 300))
def test_no_row_is_too_wide(text: str, width: int) -> None:
    assert all(cell_len(row.plain) <= width - 2 for row in rows_of(text, width=width))


@given(TEXTS)
def test_every_style_has_a_place_in_the_themes(text: str) -> None:
    names = {str(part.style) for row in rows_of(text) for part in (row, *row.spans)}
    assert names - {"", "none"} <= THEMES["light"].styles.keys()


@given(TEXTS)
def test_the_sign_before_a_row_colours_nothing_else(text: str) -> None:
    assert {row.style for row in rows_of(text)} <= {"", "rule"}
    assert styled("- item", "key") == "• "


def test_marks_become_styles() -> None:
    text = "a **bold *both* more** _it_ `co**de**` ~~gone~~ snake_case 2 * 3 \\*no\\* &lt;b&gt;"
    assert plain(text, width=90) == ["a bold both more it co**de** gone snake_case 2 * 3 *no* <b>"]
    assert styled(text, "strong", width=90) == "bold both more"
    assert styled(text, "emphasis", width=90) == "both it"
    assert styled(text, "code", width=90) == "co**de**"
    assert styled(text, "struck", width=90) == "gone"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[docs](https://a.b/c_(d))", "docs (https://a.b/c_(d))"),
        ("[https://a.b](https://a.b)", "https://a.b"),
        ('[docs](<https://a.b> "title")', "docs (https://a.b)"),
        ("![a cat](https://a.b/c.png)", "a cat (https://a.b/c.png)"),
        ("see <https://a.b/c_d_e>.", "see https://a.b/c_d_e."),
        ("(https://a.b/c_d_e).", "(https://a.b/c_d_e)."),
        ("a[0] and [note]", "a[0] and [note]"),
    ],
)
def test_a_link_shows_its_address_once(text: str, shown: str) -> None:
    assert plain(text) == [shown]
    assert "_" not in styled(text, "emphasis")


@pytest.mark.parametrize(
    "text",
    ["**never closed", "*", "**", "`open", "2 * 3 * 4", "_a", "a_b_c", "****", "[x](y", "~a~", "\\", "<b>"],
)
def test_marks_without_a_partner_are_words(text: str) -> None:
    assert plain(f"so {text}") == [f"so {text}"]


def test_lists_nest_and_go_on() -> None:
    text = "- one\n  - two\n    1. three\n    more\n- [x] done\n- [ ] open\n\n  still open\nafter"
    assert plain(text) == [
        "• one",
        "  • two",
        "    1. three",
        "    more",
        "☑ done",
        "☐ open",
        "",
        "  still open",
        "after",
    ]


def test_a_long_item_hangs_below_its_words() -> None:
    assert plain("10. one two three", width=14) == ["10. one two", "    three"]


def test_quotes_have_a_bar_before_each_row() -> None:
    assert plain("> one two three\n>> deep\nplain", width=12) == ["│ one two", "│ three", "│ │ deep", "plain"]


def test_code_stays_as_it_is() -> None:
    text = "```python\nif x:  # why\n\n    y('a')\n```\nafter `b`"
    assert plain(text) == ["  if x:  # why", "", "      y('a')", "after b"]
    assert (styled(text, "code.comment"), styled(text, "code.string")) == ("# why", "'a'")


@pytest.mark.parametrize(
    "text", ["```\na\n~~~\nb\n```\nc", "````\na\n```\nb\n````\nc", "- x\n  ```\n  a\n  b\n  ```\nc"]
)
def test_code_ends_with_its_own_fence(text: str) -> None:
    rows = rows_of(text)
    assert rows[-1].plain == "c"
    assert not rows[-1].spans
    assert any(span.style == "code" for row in rows[:-1] for span in row.spans)


def test_long_code_breaks_anywhere_and_loses_nothing() -> None:
    assert plain("```\nabcdefghij klmnop\n```", width=14) == ["  abcdefghij", "   klmnop"]


def test_headings_and_rules() -> None:
    assert plain("# One #\ntext\n***\n- - -\n## Two") == ["One", "text", "───", "───", "Two"]
    assert styled("# One #\n## Two", "heading") == "One Two"


def test_free_lines_are_one_and_none_at_the_ends() -> None:
    assert plain("\n\na\n\n\n \nb\n\n") == ["a", "", "b"]


TABLE = "| Name | Size |\n|:--|--:|\n| one | 1 |\n| `a\\|b` | 22 |\nafter"


def test_a_table_has_columns() -> None:
    assert plain(TABLE) == ["Name  Size", "────  ────", "one      1", "a|b     22", "after"]


def test_a_wide_table_wraps_in_its_cells() -> None:
    text = "| Name | What it is |\n|---|---|\n| one | a long description of it |\n"
    assert plain(text, width=24) == [
        "Name  What it is",
        "────  ────────────────",
        "one   a long",
        "      description of",
        "      it",
    ]


def test_a_table_without_room_is_a_list_of_its_cells() -> None:
    text = "| Name | Size | Kind |\n|---|---|---|\n| one | 1 | big |\n| two | | |\nafter"
    assert plain(text, width=14) == ["Name: one", "Size: 1", "Kind: big", "", "Name: two", "", "after"]


def test_a_table_grows_below_its_first_rows() -> None:
    text = "|a|b|\n|-|-|\n" + "".join(f"|row {number}|x|\n" for number in range(50))
    rows = lay_out(text, Place(), LOOK, width=60, indent=2, is_over=False, goes_on=False).rows
    assert [row.text.plain for row in rows[:3]] == ["a       b", "──────  ─", "row 0   x"]
    assert all(row.after for row in rows)
    assert told(text, range(0, 700, 7), [60])[-1].plain == "row 49  x"


def test_a_table_waits_for_its_widest_row() -> None:
    rows = lay_out("|a|\n|-|\n|b|\n", Place(), LOOK, width=60, indent=2, is_over=False, goes_on=False).rows
    assert not any(row.after for row in rows)


def test_bars_alone_are_no_table() -> None:
    assert plain("| not | a table\nnext") == ["| not | a table", "next"]


def test_without_styles_code_keeps_its_marks_and_ascii_has_simple_signs() -> None:
    ascii_only = make_console(io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    rows = rows_of("- `ls`\n> q\n\n---", look=look_of(ascii_only))
    assert [row.plain for row in rows] == ["- `ls`", "| q", "", "---"]


def test_controls_are_written_out() -> None:
    text = "a\x1b[2J **\x9b** `\x07`\n```\n\x1b]0;x\n```\n|\x1b|\n|-|\n"
    assert all(char.isprintable() for row in plain(text) for char in row)


def test_right_to_left_words_keep_their_order() -> None:
    assert plain("אחת שתיים שלוש", width=12) == ["אחת שתיים", "שלוש"]


def test_no_character_is_torn() -> None:
    family, flag, wave = "👩‍👩‍👧‍👦", "🇫🇷", "👋🏽"
    rows = plain((family + flag + wave) * 6, width=12)
    assert all(row.count("👩") % 2 == 0 and row.count("🇫") == row.count("🇷") for row in rows)
    assert not [row for row in rows if row[0] in "\u200d🏽🇷"]


HOSTILE = {
    "stars": "*" * 100_000,
    "openers": "*a " * 30_000,
    "crossing": "_a *b " * 15_000 + "b* a_ " * 15_000,
    "ticks": "".join("`" * (size % 300 + 1) + " " for size in range(600)),
    "brackets": "[" * 100_000,
    "half links": "[a](x" * 20_000,
    "quotes": ">" * 100_000,
    "bars": "|" * 100_000,
    "delimiters": "|a|\n|" + "-|" * 50_000,
    "nesting": "\n".join(" " * (2 * depth) + "- a" for depth in range(300)),
    "dashes": "- " * 50_000 + "x",
    "newlines": "\n" * 100_000,
    "marks": "e" + "\u0301" * 100_000,
    "escapes": "\x1b" * 100_000,
    "word": "x" * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_answers_cost_time_in_proportion(name: str) -> None:
    began = time.perf_counter()
    lay_out(HOSTILE[name], Place(), LOOK, width=80, indent=2, is_over=False, goes_on=False)
    assert time.perf_counter() - began < 30  # what is quadratic takes minutes


def test_a_long_answer_costs_no_more_than_what_is_not_told() -> None:
    text = "Some *words* and `code` that go on.\n\n" * 5000
    place = next(row.after for row in reversed(told_rows(text)) if row.after)
    times = []
    for _ in range(10):
        began = time.perf_counter()
        rows = lay_out(text + "more", place, LOOK, width=80, indent=2, is_over=False, goes_on=True).rows
        times.append(time.perf_counter() - began)
        assert [row.text.plain for row in rows] == ["", "more"]
    assert min(times) < 0.05


def told_rows(text: str) -> list[Placed]:
    return lay_out(text, Place(), LOOK, width=80, indent=2, is_over=False, goes_on=False).rows
