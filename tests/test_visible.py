from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_cli.visible import escaped, one_line, visible

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
ANYTHING = st.text(st.characters() | st.sampled_from("\x00\x1b\x7f\x9b\r\n\t\u2028\u2029\ud800\udfff" + BIDI))


def is_safe(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Zl", "Zp", "Cs"} and char not in BIDI


@settings(deadline=None)
@given(ANYTHING)
def test_nothing_that_acts_on_a_terminal_is_left(text: str) -> None:
    assert all(is_safe(char) or char in "\n\t" for char in visible(text))
    visible(text).encode()


@settings(deadline=None)
@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]) | st.sampled_from("\n\t")))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "␛[31mred"),
        ("a\x00b\x07", "a␀b␇"),
        ("\x7f", "␡"),
        ("\x9b31m", "\\u009b31m"),
        ("one\r\ntwo\rthree\n", "one\ntwo␍three\n"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("half \ud83d", "half \\ud83d"),
        ("日本 👩‍🚀 é", "日本 👩‍🚀 é"),
    ],
)
def test_controls_are_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@settings(deadline=None)
@given(ANYTHING, st.integers(1, 40))
def test_one_line_is_one_short_safe_line(text: str, limit: int) -> None:
    line = one_line(text, limit=limit)
    assert len(line) <= limit
    assert all(is_safe(char) for char in line)
    assert line == line.strip()


def test_one_line_says_that_it_left_something_out() -> None:
    assert one_line("  a\n b\t c ") == "a b c"
    assert one_line("abcdef", limit=6) == "abcdef"
    assert one_line("abcdefg", limit=6) == "abcde…"
    assert len(one_line("word " * 1000)) == 300


@settings(deadline=None)
@given(st.lists(ANYTHING) | st.dictionaries(ANYTHING, ANYTHING))
def test_escaped_json_is_safe_to_print_and_keeps_its_value(value: object) -> None:
    text = escaped(json.dumps(value, ensure_ascii=False))
    assert all(is_safe(char) for char in text)
    assert json.loads(text) == value
