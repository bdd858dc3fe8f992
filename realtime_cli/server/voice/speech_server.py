"""An OpenAI-compatible server that recognises or synthesises speech, and what can go wrong with it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

import httpx2

from realtime_cli.redaction import Redactor
from realtime_cli.server.address import address
from realtime_cli.server.brains.chat_stream import error_text
from realtime_cli.server.http_client import beginning, check_url, http_client, json_or_text, sendable

from .port import SpeechFailed

_TIMEOUT = httpx2.Timeout(60, connect=5)
_EXAMPLE = "http://localhost:8000"


def is_page(beginning: bytes) -> bool:
    """Whether a body begins as a web page does."""
    return beginning.lstrip()[:9].lower().startswith((b"<!doctype", b"<html"))


class SpeechServer:
    """One path of one server. Raises `UsageError` for a URL or a key that no request can carry.

    A client belongs to the event loop that it began in, so it is made with the first request.
    """

    def __init__(self, url: str, path: str, *, key: str | None) -> None:
        self._address = address(url, ending=path, what="speech", example=_EXAMPLE)
        self._url = self._address.at(path)
        check_url(self._url, shown=self._address.shown, what="speech")
        self._key = sendable(key, what="speech")
        self._redactor = Redactor([self._key])
        self._client: httpx2.AsyncClient | None = None

    @property
    def shown(self) -> str:
        """The address without secrets."""
        return self._address.shown

    @asynccontextmanager
    async def post(
        self,
        *,
        json: Mapping[str, object] | None = None,
        data: Mapping[str, str] | None = None,
        wav: bytes | None = None,
    ) -> AsyncGenerator[httpx2.Response]:
        """The answer to a request, as it begins. Raises `SpeechFailed`, in the block as well."""
        files = {"file": ("speech.wav", wav, "audio/wav")} if wav is not None else None
        try:
            async with self._opened().stream(
                "POST", self._url, json=json, data=data, files=files
            ) as response:
                if not response.is_success:
                    raise await self._refusal(response)
                yield response
        except httpx2.TimeoutException as problem:
            raise self.failure(f"did not answer in time ({type(problem).__name__})") from None
        except httpx2.ConnectError as problem:
            raise self.failure(f"cannot be reached ({problem}): is it running?") from None
        except httpx2.HTTPError as problem:
            raise self.failure(f"broke off ({str(problem) or type(problem).__name__})") from None

    def failure(self, what: str) -> SpeechFailed:
        """The exception for what the server did."""
        return SpeechFailed(self._redactor.text(f"the speech server at {self.shown} {what}"))

    def page(self, *, wanted: str) -> SpeechFailed:
        """The exception for a web page where something else was asked for."""
        return self.failure(f"answered a page, though {wanted} was asked for. Is the URL right?")

    async def close(self) -> None:
        """Closes the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def _opened(self) -> httpx2.AsyncClient:
        if self._client is None:
            at = self._address
            self._client = http_client(self._key, secure=at.secure, loopback=at.loopback, timeout=_TIMEOUT)
        return self._client

    async def _refusal(self, response: httpx2.Response) -> SpeechFailed:
        value = json_or_text(await beginning(response))
        is_page = isinstance(value, str) and value.startswith("<")
        told = error_text(value) if value and not is_page else response.reason_phrase
        return self.failure(f"answered {response.status_code}: {told}{self._advice(response.status_code)}")

    def _advice(self, status: int) -> str:
        match status:
            case 401 | 403:
                return ". Is the key right?" if self._key else ". Does it want a key?"
            case 404:
                return ". Are the URL and the model's name right?"
            case _:
                return ""
