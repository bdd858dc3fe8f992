"""What a stranger's answer says, in its own words."""

from __future__ import annotations

import json
import re

from realtime_cli.protocol.jsontypes import as_object, at

_TITLE = re.compile(r"<title[^>]*>\s*(.*?)\s*</title>", re.IGNORECASE | re.DOTALL)


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
