"""The brain that asks a language model, on any server with chat completions (Ollama, llama.cpp, vLLM)."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import cache

import httpx2

from realtime_cli.errors import UsageError
from realtime_cli.redaction import Redactor
from realtime_cli.server.brains.chat_request import Endpoint, body, endpoint
from realtime_cli.server.brains.chat_stream import ChatStream, error_text
from realtime_cli.server.brains.port import AnswerPart, Fail, Prompt
from realtime_cli.server.brains.schema import as_object, as_sequence

_TIMEOUT = httpx2.Timeout(120, connect=10)
_DRAIN_S = 0.5
_BODY_LIMIT_BYTES = 1024 * 1024


class ChatBrain:
    """Streams the answers of one model; without a model's name, of the first that the server lists.

    Raises `UsageError` for a URL or a key that no request can carry.
    """

    name = "chat"

    def __init__(self, url: str, model: str | None = None, api_key: str | None = None) -> None:
        self._endpoint = endpoint(url)
        _check(self._endpoint)
        self._model = model
        self._api_key = _sendable(api_key)
        self._redactor = Redactor([self._api_key])
        self._client = httpx2.AsyncClient(
            headers={"Authorization": f"Bearer {self._api_key}"} if self._api_key else {},
            timeout=_TIMEOUT,
            verify=_tls() if self._endpoint.secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            # A proxy of the environment is for the network, not for this machine.
            trust_env=not self._endpoint.loopback,
        )

    async def answer(self, prompt: Prompt) -> AsyncGenerator[AnswerPart, None]:
        """Streams the parts of one answer; closing or cancelling it closes the HTTP stream."""
        try:
            model = self._model or await self._first_model()
            if isinstance(model, Fail):
                yield model
                return
            async with aclosing(self._stream(prompt, model)) as parts:
                async for part in parts:
                    yield self._without_key(part) if isinstance(part, Fail) else part
        except httpx2.TimeoutException as problem:
            yield self._fail(
                f"did not answer in time ({type(problem).__name__}): is it busy loading the model?"
            )
        except httpx2.ConnectError as problem:
            yield self._fail(f"cannot be reached ({problem}): is it running?")
        except httpx2.HTTPError as problem:
            yield self._fail(f"broke off ({str(problem) or type(problem).__name__})")

    async def close(self) -> None:
        """Closes the connections to the server."""
        await self._client.aclose()

    async def _stream(self, prompt: Prompt, model: str) -> AsyncGenerator[AnswerPart, None]:
        # The client's own `json=` raises at a NaN, which a tool's schema may bring.
        content = json.dumps(body(prompt, model))
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream"}
        sending = self._client.stream("POST", self._endpoint.chat, content=content, headers=headers)
        async with sending as response:
            if not response.is_success:
                yield await self._refusal(response)
                return
            stream = ChatStream()
            received = response.aiter_bytes()
            async for data in received:
                for part in stream.feed(data):
                    yield part
                if stream.failed:
                    return
                if stream.over:
                    await _drain(received)
                    return
            for part in stream.end():
                yield part

    async def _first_model(self) -> str | Fail:
        async with self._client.stream("GET", self._endpoint.models) as response:
            if not response.is_success:
                return await self._refusal(response)
            listed = as_sequence(as_object(_value(await _beginning(response))).get("data"))
        names = [name for model in listed if isinstance(name := as_object(model).get("id"), str) and name]
        if not names:
            return self._fail("lists no models: name one with --brain-model")
        self._model = names[0]
        return names[0]

    async def _refusal(self, response: httpx2.Response) -> Fail:
        """What an answer other than 200 means, with the server's own words."""
        value = _value(await _beginning(response))
        is_page = isinstance(value, str) and value.startswith("<")
        told = error_text(value) if value and not is_page else response.reason_phrase
        code, advice = _meaning(response.status_code, told, keyed=bool(self._api_key))
        moved = response.headers.get("location")
        where = f" (moved to {moved})" if moved else ""
        return self._fail(f"answered {response.status_code}{where}: {told}{advice}", code=code)

    def _fail(self, problem: str, *, code: str = "server_error") -> Fail:
        return self._without_key(Fail(code, f"The chat server at {self._endpoint.shown} {problem}"))

    def _without_key(self, failure: Fail) -> Fail:
        return replace(failure, message=self._redactor.text(failure.message))


def _meaning(status: int, told: str, *, keyed: bool) -> tuple[str, str]:
    """The API's code for an HTTP status, and what to do about it."""
    match status:
        case 401 | 403:
            return "invalid_api_key", ". Is the key right?" if keyed else ". Does it want a key?"
        case 404:
            return "model_not_found", ". Are the URL and the model's name right?"
        case 402:
            return "insufficient_quota", ""
        case 429:
            return ("insufficient_quota" if "quota" in told.lower() else "rate_limit_exceeded"), ""
        case _:
            return ("invalid_request_error" if 400 <= status < 500 else "server_error"), ""


async def _drain(received: AsyncIterator[bytes]) -> None:
    """Reads the end of a finished answer, so that the connection can serve the next one."""
    with suppress(TimeoutError, httpx2.HTTPError):
        async with asyncio.timeout(_DRAIN_S):
            async for _ in received:
                pass


async def _beginning(response: httpx2.Response) -> bytes:
    """The body, as far as it is of any use."""
    read = bytearray()
    async for data in response.aiter_bytes():
        read += data
        if len(read) > _BODY_LIMIT_BYTES:
            break
    return bytes(read)


def _value(text: bytes) -> object:
    """The JSON of a body, or its text where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text.decode("utf-8", "replace").strip()


def _check(found: Endpoint) -> None:
    try:
        httpx2.URL(found.chat)
    except httpx2.InvalidURL:
        hint = "Check its host name."
        raise UsageError(f"no request can be sent to the chat URL {found.shown}", hint=hint) from None


def _sendable(api_key: str | None) -> str:
    key = (api_key or "").strip()
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise UsageError(
            "the chat server's key has characters that no header can carry", hint="Copy it again."
        )
    return key


@cache
def _tls() -> ssl.SSLContext:
    # Loading the certificates takes some 50 ms: once, not on each connection.
    return httpx2.create_ssl_context()
