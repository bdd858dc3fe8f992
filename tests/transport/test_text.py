"""What a stranger's answer says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.transport._text import body_text


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
