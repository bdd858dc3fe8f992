"""What tools give back, as text for the model."""

from __future__ import annotations

import json

import mcp_types
import pytest

from realtime_cli.tools import ToolFailed
from realtime_cli.tools.mcp_result import text_of
from realtime_cli.tools.results import as_error, as_text, cut, words_of


def test_only_what_is_too_long_is_cut_and_between_characters() -> None:
    assert cut("ä" * 10, 20) == "ä" * 10
    assert cut("ä" * 11, 21) == f"{'ä' * 10}\n[cut: these are the first 21 of 22 bytes]"
    assert cut("\ud800" * 8, 20).endswith("of 24 bytes]")


def test_an_endless_structure_is_a_failure() -> None:
    endless: list[object] = []
    endless.append(endless)
    for value in (endless, b"\xff", object()):
        with pytest.raises(ToolFailed, match="cannot be written as JSON"):
            as_text(value)


def test_errors_are_short_json() -> None:
    assert json.loads(as_error("x" * 9000)) == {"error": "x" * 2000}


def test_an_exception_that_cannot_say_what_it_is_has_a_name_at_least() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise ValueError

    assert words_of(Mute()) == "Mute"
    assert words_of(KeyError("a")) == "KeyError: 'a'"


def test_an_mcp_result_is_its_texts_and_a_line_for_what_is_none() -> None:
    content = [
        {"type": "text", "text": "two"},
        {"type": "image", "data": "AAAA", "mimeType": "image/png"},
        {"type": "audio", "data": "AAAA", "mimeType": "audio/wav"},
        {"type": "resource_link", "name": "file", "uri": "file:///x"},
        {"type": "resource", "resource": {"uri": "file:///y", "text": "words"}},
        {"type": "resource", "resource": {"uri": "file:///z", "blob": "AAAA"}},
    ]
    result = mcp_types.CallToolResult.model_validate({"content": content})
    assert text_of(result).splitlines() == [
        "two",
        "[image image/png, 3 bytes]",
        "[audio audio/wav, 3 bytes]",
        "[file: file:///x]",
        "words",
        "[file:///z]",
    ]
    structured = {"content": [], "structuredContent": {"a": [1]}}
    assert text_of(mcp_types.CallToolResult.model_validate(structured)) == '{"a":[1]}'
    assert text_of(mcp_types.CallToolResult.model_validate({"content": []})) == ""
