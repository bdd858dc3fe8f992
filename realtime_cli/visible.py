"""Text from servers and files, made safe for a terminal: control characters show up instead of acting."""

from __future__ import annotations

import re

# Controls (C0, C1, DEL), separators of lines and paragraphs, marks that reorder text, and lone surrogates.
_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def visible(text: str) -> str:
    """The text with every control character but newline and tab written out (ESC becomes ``␛``)."""
    text = text.replace("\r\n", "\n")
    return _CONTROLS.sub(_written_out, text) if _CONTROLS.search(text) else text


def one_line(text: str, *, limit: int = 300) -> str:
    """The text on one line of at most `limit` characters, safe for a terminal."""
    text = " ".join(visible(text).split())
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def escaped(json_text: str) -> str:
    """What `json.dumps` wrote, safe for a terminal: the same value, its control characters as escapes."""
    return _CONTROLS.sub(_as_escape, json_text)


def _as_escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"


def _written_out(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else _as_escape(match)
