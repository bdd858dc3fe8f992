"""Keeps secrets out of logs, screens and errors: known values, well-known shapes, and fields that hold keys."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

REDACTED = "[redacted]"

# OpenAI keys and ephemeral keys, and bearer headers; base64 has neither "-" nor "_", so audio never matches.
_SHAPES = re.compile(r"\b(sk|ek|eph|xai)[-_][A-Za-z0-9_-]{8,}|\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}")
_SHAPE_MARKS = ("sk-", "sk_", "ek_", "ek-", "eph_", "eph-", "xai-", "xai_", "Bearer ", "Basic ")
_FIELDS = frozenset({"authorization", "api_key", "api-key", "client_secret", "headers", "access_token", "x-api-key"})
_FIELD_MARK = re.compile(r'"(?:authorization|api[_-]key|client_secret|headers|access_token|x-api-key)"\s*:', re.IGNORECASE)


class Redactor:
    """Replaces every secret that it knows of, or recognises by its shape, by ``[redacted]``."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # A value of under six characters is no key, and would tear holes into ordinary text.
        self._secrets = tuple(sorted((s for s in set(secrets) if len(s) >= 6), key=len, reverse=True))

    def text(self, text: str) -> str:
        """The text without secrets; the same object where there were none."""
        for secret in self._secrets:
            if secret in text:
                text = text.replace(secret, REDACTED)
        if any(mark in text for mark in _SHAPE_MARKS):
            text = _SHAPES.sub(REDACTED, text)
        return text

    def frame(self, text: str) -> str:
        """A wire frame without secrets: also by field name (``authorization``, ``client_secret``, ``headers``, ...)."""
        if _FIELD_MARK.search(text):
            text = self._by_field(text)
        return self.text(text)

    def _by_field(self, text: str) -> str:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return text
        return json.dumps(_without_secret_fields(value), ensure_ascii=False)


def _without_secret_fields(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _blank(item) if key.lower() in _FIELDS else _without_secret_fields(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_secret_fields(item) for item in value]
    return value


def _blank(value: Any) -> Any:
    """Keeps the shape (so that a reader still parses the frame), blanks every string in it."""
    if isinstance(value, str):
        return REDACTED
    if isinstance(value, dict):
        return {key: _blank(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_blank(item) for item in value]
    return value
