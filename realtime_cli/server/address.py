"""Addresses of the HTTP servers that the embedded server asks: brains, recognisers, synthesisers. Pure."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from realtime_cli.errors import UsageError

_VERSION = re.compile(r"/v\d")
_LOOPBACK = re.compile(r"localhost|127(?:\.\d+){3}|::1")


@dataclass(frozen=True, slots=True)
class Address:
    """A server with an OpenAI-like API; `shown` is its address without secrets."""

    base: SplitResult
    shown: str
    secure: bool
    loopback: bool

    def at(self, path: str) -> str:
        """The URL of a path of the API."""
        return self.base._replace(path=self.base.path + path).geturl()


def address(url: str, *, ending: str, what: str, example: str) -> Address:
    """The server of a URL, with or without `/v1` and the `ending`; `UsageError` if it is none."""
    parts = _parts(url.strip(), what=what, example=example)
    path = parts.path.rstrip("/").removesuffix(ending)
    if not parts.path.rstrip("/").endswith(ending) and not _VERSION.search(path):
        path += "/v1"
    base = parts._replace(path=path, fragment="")
    return Address(
        base=base,
        shown=base._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl(),
        secure=parts.scheme == "https",
        loopback=_LOOPBACK.fullmatch(parts.hostname or "") is not None,
    )


def _parts(url: str, *, what: str, example: str) -> SplitResult:
    with suppress(ValueError):
        parts = urlsplit(url)
        has_port = parts.port != 0 and not parts.netloc.endswith(":")
        if parts.scheme in {"http", "https"} and parts.hostname and has_port:
            return parts
    # Of a URL only what is no secret is repeated.
    seen = re.split(r"[?#]", url)[0].rpartition("@")[2]
    hint = f"Did you mean http://{seen}?" if seen and "//" not in url else f"Give one like {example}."
    raise UsageError(f'the {what} URL needs http:// or https:// and a host, but is "{seen}"', hint=hint)
