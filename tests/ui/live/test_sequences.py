from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prompt_toolkit.input.ansi_escape_sequences import ANSI_SEQUENCES

from realtime_cli.ui.live.sequences import FlagsTold, KeyFilter, SpaceReleased, Token

ESC = "\x1b"
PASTE, END = f"{ESC}[200~", f"{ESC}[201~"


def filtered(*pieces: str) -> list[Token]:
    """The tokens of text that comes in these pieces, neighbouring text joined."""
    keys = KeyFilter(ANSI_SEQUENCES)
    return joined([token for piece in pieces for token in keys.feed(piece)])


def joined(tokens: list[Token]) -> list[Token]:
    out: list[Token] = []
    for token in tokens:
        last = out[-1] if out else None
        if isinstance(token, str) and isinstance(last, str):
            out[-1] = last + token
        else:
            out.append(token)
    return out


@pytest.mark.parametrize(
    "keys", ["abc", "žluťoučký 日本 🙂", "\r", "\x03", f"{ESC}[A", f"{ESC}OP", f"{ESC}[1;5C"]
)
def test_keys_pass(keys: str) -> None:
    assert filtered(keys) == [keys]
    assert joined(KeyFilter(ANSI_SEQUENCES).feed(keys)) == [keys]


@pytest.mark.parametrize(
    "sequence",
    [
        f"{ESC}[?62;22c",  # device attributes
        f"{ESC}[?1u{ESC}[24;80R".removeprefix(f"{ESC}[?1u"),  # a cursor position that nobody asked for
        f"{ESC}[<35;10;10M",  # a mouse
        f"{ESC}]11;rgb:0000/0000/0000{ESC}\\",
        f"{ESC}]0;title\x07",
        f"{ESC}P>|XTerm(370){ESC}\\",
        f"{ESC}_Gi=1;OK{ESC}\\",
        f"{ESC}[57441;2u",  # a Shift key by itself
        f"{ESC}[97;1:3u",
        f"{ESC}[1;1:3A",
        f"{ESC}[99;5:2u",  # Ctrl-C held down
        "\x9b",
        "\udc80",
    ],
)
def test_what_is_no_key_is_dropped_wherever_it_is_split(sequence: str) -> None:
    for at in range(len(sequence)):
        assert filtered("a" + sequence[:at], sequence[at:] + "b") == ["ab"]


@pytest.mark.parametrize(
    ("sequence", "meaning"),
    [
        (f"{ESC}[32;1:3u", SpaceReleased()),
        (f"{ESC}[32;2:3u", SpaceReleased()),
        (f"{ESC}[32;129:3u", SpaceReleased()),  # with the lock of the numbers on
        (f"{ESC}[?0u", FlagsTold(0)),
        (f"{ESC}[?31u", FlagsTold(31)),
        (f"{ESC}[32;1:2u", " "),
        (f"{ESC}[32u", " "),
        (f"{ESC}[97;1:2u", "a"),
        (f"{ESC}[97;129:2u", "a"),
        (f"{ESC}[1;193:2A", f"{ESC}[A"),
        (f"{ESC}[228::39;1:1u", "ä"),
        (f"{ESC}[119;5:2u", "\x17"),
        (f"{ESC}[98;3:2u", f"{ESC}b"),
        (f"{ESC}[13;1:2u", "\r"),
        (f"{ESC}[1;1:2A", f"{ESC}[A"),
        (f"{ESC}[1;5:2C", f"{ESC}[1;5C"),
        (f"{ESC}[3;1:2~", f"{ESC}[3~"),
    ],
)
def test_the_kitty_protocol_is_understood_wherever_it_is_split(sequence: str, meaning: Token) -> None:
    for at in range(len(sequence)):
        assert filtered(sequence[:at], sequence[at:]) == [meaning]


def test_a_press_and_its_release_keep_their_order() -> None:
    assert filtered(f"x {ESC}[32;1:3uy") == ["x ", SpaceReleased(), "y"]


def test_esc_alone_is_a_key_once_nothing_follows() -> None:
    keys = KeyFilter(ANSI_SEQUENCES)
    assert keys.feed(ESC) == []
    assert keys.flush() == [ESC]
    assert keys.flush() == []


@pytest.mark.parametrize("begun", [f"{ESC}[", f"{ESC}[1;", f"{ESC}[?3"])
def test_a_sequence_that_stalls_never_becomes_text(begun: str) -> None:
    keys = KeyFilter(ANSI_SEQUENCES)
    assert keys.feed(begun) == []
    assert keys.flush() == []
    assert joined(keys.feed("1;1z" + "typed")) == ["typed"]


def test_a_string_that_never_ends_does_not_swallow_what_is_typed() -> None:
    keys = KeyFilter(ANSI_SEQUENCES)
    keys.feed(f"{ESC}]11;rgb:")
    assert keys.flush() == []
    assert keys.feed("typed") == ["typed"]


def test_a_paste_passes_as_it_is_wherever_it_is_split() -> None:
    text = f"{PASTE}two\r\nlines, {ESC}[99;5u and {ESC}]x\x07{END}"
    for at in range(len(text)):
        assert filtered(text[:at], text[at:] + f"{ESC}[?62c!") == [text + "!"]


@settings(deadline=None)
@given(st.lists(st.text(max_size=20)))
def test_no_input_at_all_is_an_error(pieces: list[str]) -> None:
    filtered(*pieces)


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1), st.data())
def test_plain_text_is_never_changed(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    assert filtered(text[:at], text[at:]) == [text]
