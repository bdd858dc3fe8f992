"""A stranger's text in our messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.transport._text import body_text, excerpt, visible


@given(st.text(alphabet=st.characters()))
def test_visible_text_is_printable_and_leaves_the_printable_alone(text: str) -> None:
    assert visible(text).isprintable()
    assert not text.isprintable() or visible(text) == text


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\x1b[31m", "a\\x1b[31m"),
        ("\x9bJ", "\\x9bJ"),
        ("a\nb", "a\\nb"),
        ("\u202e", "\\u202e"),
        ("é 日本", "é 日本"),
    ],
)
def test_control_characters_become_escapes(text: str, seen: str) -> None:
    assert visible(text) == seen


@given(st.text())
def test_an_excerpt_is_never_longer_than_300(text: str) -> None:
    assert len(excerpt(text)) <= 300


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"error": {"message": "no", "type": "x"}}', "no"),
        (b'{"error": "no"}', "no"),
        (b'{"message": "no"}', "no"),
        (b'{"detail": "no"}', "no"),
        (b'"no"', "no"),
        (b'{"detail": [{"msg": "no"}]}', '{"detail": [{"msg": "no"}]}'),
        (b'{"error": null}', '{"error": null}'),
        (b"\n no \nmore", "no "),
        (b"<html><head><TITLE>\n404 no </title>", "404 no"),
        (b"<html>no title", ""),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"[" * 100_000, "[" * 100_000),
        (b"", ""),
    ],
)
def test_finds_what_a_body_says(body: bytes, text: str) -> None:
    assert body_text(body) == text


@given(st.binary())
def test_any_body_is_read(body: bytes) -> None:
    assert isinstance(body_text(body), str)
