from __future__ import annotations

import io
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from realtime_cli.ui.flow import Flow
from realtime_cli.ui.theme import make_console
from realtime_cli.visible import visible

WORDS = st.text(st.sampled_from("abcABC019.,;!?é"), min_size=1, max_size=8)
TEXTS = st.lists(
    st.text(
        st.characters()
        | st.sampled_from(
            "     \t\n\n\r日本語のテキスト。、「」（）ｱｲ한국어👍🏽👩\u200d🚀🇩🇪❤\ufe0f"
            "e\u0301ก\u0e33\u200b\xa0\u3000\x1b\x9b"
        )
    )
    | WORDS
    | st.sampled_from(["\r\n", " ", "   ", "-" * 50, "。。", "「「"])
).map("".join)


def flowed(*chunks: str, width: int | None, indent: int = 0) -> str:
    """What a flow prints, behind a sign that fills the indent."""
    file = io.StringIO()
    flow = Flow(make_console(file, width=width), width=width, indent=indent)
    for chunk in chunks:
        flow.write(chunk)
    flow.finish()
    assert file.getvalue().endswith("\n")
    return "#" * indent + file.getvalue()[:-1]


def in_chunks(text: str, cuts: list[int]) -> list[str]:
    at = sorted({cut % (len(text) + 1) for cut in cuts})
    return [text[start:end] for start, end in zip([0, *at], [*at, len(text)], strict=True)]


@settings(max_examples=400, deadline=None)
@given(TEXTS, st.integers(1, 100) | st.integers(1, 6), st.integers(0, 4))
@example("日" * 3, 1, 0)
@example("a" * 30, 5, 4)
def test_no_line_is_wider_than_the_width_unless_it_is_one_character(
    text: str, width: int, indent: int
) -> None:
    lines = flowed(text, width=width, indent=indent).split("\n")
    assert lines[0].startswith("#" * indent)
    for number, line in enumerate(lines):
        shown = line[indent:] if number == 0 else line.lstrip(" ")
        room = width if number else max(width, indent)
        assert cell_len(line) <= room or is_one_character(shown)


def is_one_character(text: str) -> bool:
    """Whether a person sees one character, perhaps with marks, a skin tone, or others joined to it."""
    alone = re.sub("(?s)\u200d.?|[\U0001f3fb-\U0001f3ff]", "", text)
    return sum(cell_len(char) > 0 for char in alone) <= 1


@settings(max_examples=400, deadline=None)
@given(
    TEXTS,
    st.integers(1, 60) | st.integers(1, 6),
    st.integers(0, 3),
    st.lists(st.integers(0, 500), max_size=8),
)
@example("a" + " " * 20 + "b", 5, 0, [1, 21])
@example("a\rb", 5, 0, [2])
def test_it_does_not_matter_how_the_text_is_cut(text: str, width: int, indent: int, cuts: list[int]) -> None:
    chunks = in_chunks(text, cuts)
    assert "".join(chunks) == text
    assert flowed(*chunks, width=width, indent=indent) == flowed(text, width=width, indent=indent)
    assert flowed(*chunks, width=None) == flowed(text, width=None)


@settings(deadline=None)
@given(TEXTS, st.integers(1, 60))
def test_no_character_is_lost_or_moved(text: str, width: int) -> None:
    def without_spaces(each: str) -> str:
        return re.sub(r"[ \t\n\u1680\u2000-\u2006\u2008-\u200a\u205f\u3000]", "", each)

    assert without_spaces(flowed(text, width=width)) == without_spaces(visible(text))


@settings(deadline=None)
@given(st.lists(st.lists(WORDS, max_size=30), min_size=1, max_size=5), st.integers(8, 60), st.integers(0, 3))
def test_words_stay_whole_and_lines_are_as_full_as_they_can_be(
    paragraphs: list[list[str]], width: int, indent: int
) -> None:
    width += indent
    out = flowed("\n".join(map(" ".join, paragraphs)), width=width, indent=indent)[indent:]
    assert [line.split() for line in out.split("\n")] == [
        line for words in paragraphs for line in greedily(words, width - indent)
    ]


def greedily(words: list[str], width: int) -> list[list[str]]:
    lines: list[list[str]] = [[]]
    for word in words:
        if len(" ".join([*lines[-1], word])) > width:
            lines.append([])
        lines[-1].append(word)
    return lines


@settings(deadline=None)
@given(TEXTS)
def test_a_pipe_gets_the_text_as_it_is(text: str) -> None:
    assert flowed(text, width=None) == visible(text)


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("aaaa bb", 7, "aaaa bb"),
        ("aaaa bbb", 7, "aaaa\nbbb"),
        ("aaaaaaaa   ab c", 10, "aaaaaaaa\nab c"),  # spaces that do not fit glue no words together
        ("aaaa  \nb ", 7, "aaaa\nb"),
        ("a\n\n\nb", 7, "a\n\n\nb"),
        ("\n a", 7, "\n a"),
        ("a b", 1, "a\nb"),
        ("see https://example.org/a/b ok", 10, "see\nhttps://ex\nample.org/\na/b ok"),
        ("a\tb\tc", 9, "a   b   c"),
        ("a\tb\tc", 8, "a   b\nc"),
        ("def f():\n    pass\n\treturn", 12, "def f():\n    pass\n    return"),
        ("          deep", 6, "deep"),
        ("100\xa0km away", 7, "100\xa0km\naway"),
        ("今日はとても良い天気ですね。", 8, "今日はと\nても良い\n天気です\nね。"),
        ("天気ですね。", 10, "天気です\nね。"),  # punctuation does not begin a line
        ("これは「例」", 8, "これは\n「例」"),  # a bracket does not end one
        ("Python言語 ok", 8, "Python言\n語 ok"),
        ("한국어 문장", 7, "한국어\n문장"),
        ("ab Python。", 10, "ab\nPython。"),
        ("a 日本", 10, "a 日本"),
        ("\x1b[2Jboo\x07", 40, "␛[2Jboo␇"),
        ("a\rb\r\nc\r", 40, "a␍b\nc␍"),
        ("", 10, ""),
        ("日本", 1, "日\n本"),
    ],
)
def test_layout(text: str, width: int, shown: str) -> None:
    assert flowed(text, width=width) == shown


@pytest.mark.parametrize("character", ["👩\u200d🚀", "❤\ufe0f", "👍🏽", "e\u0301\u0323", "กิ่", "कि", "日"])
@pytest.mark.parametrize("width", range(1, 8))
def test_a_character_that_is_made_of_several_is_never_split(character: str, width: int) -> None:
    for text in (character * 7, f"x{character * 7}"):
        lines = flowed(text, width=width).split("\n")
        assert "".join(lines) == text
        assert {line.removeprefix("x").replace(character, "") for line in lines} == {""}


def test_lines_are_indented_but_empty_ones_and_very_narrow_ones_are_not() -> None:
    assert flowed("aa bb\n\ncc", width=5, indent=2) == "##aa\n  bb\n\n  cc"
    assert flowed("aa b", width=3, indent=2) == "##\naa\nb"
    assert flowed("abc", width=2, indent=2) == "##\nab\nc"


def test_words_come_out_as_soon_as_they_are_whole() -> None:
    file = io.StringIO()
    flow = Flow(make_console(file, width=10), width=10)
    shown = []
    for chunk in ["Hel", "lo", " ", "wor", "ld\n", "日", "本", "語", "x" * 9, "y" * 9]:
        flow.write(chunk)
        shown.append(file.getvalue())
    assert shown == [
        "",
        "",
        "Hello",
        "Hello",
        "Hello\nworld\n",
        "Hello\nworld\n",
        "Hello\nworld\n日",
        "Hello\nworld\n日本",
        "Hello\nworld\n日本語",
        "Hello\nworld\n日本語\nxxxxxxxxxy",  # too long for a line: no need to wait for its end
    ]


def test_a_pipe_waits_for_nothing_but_the_other_half_of_a_line_end() -> None:
    file = io.StringIO()
    flow = Flow(make_console(file), width=None)
    shown = []
    for chunk in ["Hel", "lo\r", "\nthere\t", " "]:
        flow.write(chunk)
        shown.append(file.getvalue())
    assert shown == ["Hel", "Hello", "Hello\nthere\t", "Hello\nthere\t "]


def test_the_words_have_the_style_of_the_flow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    file = io.StringIO()
    flow = Flow(make_console(file), width=20, style="error")
    flow.write("oh no ")
    assert file.getvalue() == "\x1b[1;31moh no\x1b[0m"
