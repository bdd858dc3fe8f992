"""Secrets of tools: which values are some, and how a command is shown without them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import parse_qsl, urlsplit

from realtime_cli.redaction import REDACTED, Redactor

_SECRET_NAME = re.compile(r"key|token|secret|pass|auth|cred|cookie|jwt|sig", re.IGNORECASE)


def secret_values(named: Mapping[str, str]) -> Iterator[str]:
    """The values that are named like secrets; of `Bearer abc` the last word as well."""
    for name, value in named.items():
        if _SECRET_NAME.search(name):
            yield value
            yield value.rpartition(" ")[2]


def secrets_of_url(url: str) -> Iterator[str]:
    """The password and the secret parameters of an address."""
    parts = urlsplit(url)
    if parts.password:
        yield parts.password
    yield from secret_values(dict(parse_qsl(parts.query)))


def public_command(words: Sequence[str]) -> str:
    """A command without what is behind `--token` and its like."""
    shown: list[str] = []
    hides_next = False
    for word in words:
        name, equals, _ = word.partition("=")
        is_flag = word.startswith("-") and _SECRET_NAME.search(name) is not None
        if hides_next:
            shown.append(REDACTED)
        elif equals and _SECRET_NAME.search(name):
            shown.append(f"{name}={REDACTED}")
        else:
            shown.append(shlex.quote(word))
        hides_next = is_flag and not equals
    return Redactor().text(" ".join(shown))
