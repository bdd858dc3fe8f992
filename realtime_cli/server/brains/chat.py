"""The brain that asks a language model, on any server with chat completions (Ollama, llama.cpp, vLLM)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import replace

import httpx2

from realtime_cli.redaction import Redactor
from realtime_cli.server.brains.chat_request import body, endpoint
from realtime_cli.server.brains.chat_stream import ChatStream, error_text
from realtime_cli.server.brains.port import AnswerPart, Fail, Prompt
from realtime_cli.server.brains.schema import as_object, as_sequence
from realtime_cli.server.http_client import beginning, check_url, http_client, json_or_text, sendable

_TIMEOUT = httpx2.Timeout(120, connect=10)
_DRAIN_S = 0.5


class ChatBrain:
    """Streams the answers of one model; without a model's name, of the first that the server lists.

    Raises `UsageError` for a URL or a key that no request can carry.
    """

    name = "chat"

    def __init__(self, url: str, model: str | None = None, api_key: str | None = None) -> None:
        self._endpoint = endpoint(url)
        check_url(self._endpoint.chat, shown=self._endpoint.shown, what="chat")
        self._model = model
        self._api_key = sendable(api_key, what="chat")
        self._redactor = Redactor([self._api_key])
        self._client = http_client(
            self._api_key,
            secure=self._endpoint.secure,
            loopback=self._endpoint.loopback,
            timeout=_TIMEOUT,
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
            listed = as_sequence(as_object(json_or_text(await beginning(response))).get("data"))
        names = [name for model in listed if isinstance(name := as_object(model).get("id"), str) and name]
        if not names:
            return self._fail("lists no models: name one with --brain-model")
        self._model = names[0]
        return names[0]

    async def _refusal(self, response: httpx2.Response) -> Fail:
        """What an answer other than 200 means, with the server's own words."""
        value = json_or_text(await beginning(response))
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
