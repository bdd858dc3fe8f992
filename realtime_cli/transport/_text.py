"""Makes a stranger's text fit for a one-line message."""

from __future__ import annotations

import json
import re

from realtime_cli.protocol.jsontypes import as_object, at

_LIMIT = 300
_TITLE = re.compile(r"<title[^>]*>\s*(.*?)\s*</title>", re.IGNORECASE | re.DOTALL)


def visible(text: str) -> str:
    """The text with every control, format and other unprintable character as an escape such as `\\x1b`."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii") for letter in text
    )


def excerpt(text: str) -> str:
    """The text made visible and cut at 300 characters."""
    text = visible(text.strip())
    return text if len(text) <= _LIMIT else text[: _LIMIT - 1] + "…"


def body_text(body: bytes | bytearray) -> str:
    """What an HTTP answer says: the message of a JSON error, the title of a page, or the first line."""
    text = body.decode("utf-8", "replace").strip()
    try:
        message = _json_message(json.loads(text))
    except (ValueError, RecursionError):
        message = ""
    if message:
        return message
    if text.startswith("<"):
        title = _TITLE.search(text)
        return title[1] if title else ""
    return text.partition("\n")[0]


def _json_message(value: object) -> str:
    """Servers put it under `error.message` (OpenAI), `error`, `message` or `detail` (FastAPI)."""
    if isinstance(value, str):
        return value
    if as_object(value) is None:
        return ""
    parts = (_json_message(at(value, name)) for name in ("error", "message", "detail"))
    return next(filter(None, parts), "")
