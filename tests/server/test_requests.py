"""Paths, keys and subprotocols: what a client says before its first event."""

from __future__ import annotations

import asyncio
import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from realtime_cli.server.websocket import RunningServer
from tests.support.obedient_brain import ObedientBrain
from tests.support.patience import PATIENCE_S
from tests.support.serving import Client, dialled, serving

TOKEN = "s3cret-töken"


def base(server: RunningServer) -> str:
    return server.url.removesuffix("/v1/realtime")


async def get(server: RunningServer, path: str) -> tuple[int, str, str]:
    """Status, content type and body of a plain HTTP request."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    async with asyncio.timeout(PATIENCE_S):
        head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
    writer.close()
    status_line, *headers = head.split("\r\n")
    kinds = [line.partition(": ")[2] for line in headers if line.lower().startswith("content-type")]
    assert len(kinds) == 1
    return int(status_line.split()[1]), kinds[0], body


@pytest.mark.parametrize(
    "path",
    ["/realtime", "/v1/realtime", "/v1/realtime/", "/openai/v1/realtime?model=x", "/voice-live/realtime"],
)
async def test_every_path_that_ends_in_realtime_is_ours(path: str) -> None:
    async with serving() as server, connect(base(server) + path, proxy=None) as socket:
        assert (await Client(socket).event())["type"] == "session.created"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", "/v1/realtime"),
        ("/v1/chat/completions", "/v1/realtime"),
        ("/v1/realtime/translations?model=m", "Translation sessions are not offered"),
        ("/unrealtime", "/v1/realtime"),
    ],
)
async def test_other_paths_say_what_to_dial(path: str, words: str) -> None:
    async with serving() as server:
        with pytest.raises(InvalidStatus) as refused:
            await connect(base(server) + path, proxy=None)
    response = refused.value.response
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/json"
    assert words in json.loads(response.body or b"")["error"]["message"]


@pytest.mark.parametrize("path", ["/", "/health"])
async def test_browsers_are_told_what_this_is(path: str) -> None:
    async with serving() as server:
        status, kind, body = await get(server, path)
    assert (status, kind) == (200, "text/plain; charset=utf-8")
    assert "Realtime server" in body
    assert body.count("\n") == 1


async def test_plain_http_elsewhere_is_answered_in_json() -> None:
    async with serving() as server:
        assert (await get(server, "/v1/realtime"))[0] == 426
        status, kind, body = await get(server, "/v1/models")
    assert (status, kind) == (404, "application/json")
    assert "WebSocket" in json.loads(body)["error"]["message"]


async def test_subprotocols_are_optional_and_realtime_is_chosen() -> None:
    async with serving() as server:
        async with dialled(server) as client:
            assert client.socket.subprotocol is None
        offered = [Subprotocol("realtime"), Subprotocol("openai-insecure-api-key.abc")]
        async with dialled(server, subprotocols=offered) as client:
            assert client.socket.subprotocol == "realtime"
        async with dialled(server, subprotocols=[Subprotocol("other")]) as client:
            assert client.socket.subprotocol is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer s3cret"},
        {"Authorization": "bearer s3cret"},
        {"api-key": "s3cret"},
        {"Sec-WebSocket-Protocol": "realtime, openai-insecure-api-key.s3cret"},
    ],
)
async def test_the_token_opens_the_door(headers: dict[str, str]) -> None:
    async with (
        serving(token="s3cret") as server,
        connect(
            server.url, proxy=None, additional_headers=_headers(headers), **_subprotocols(headers)
        ) as socket,
    ):
        assert (await Client(socket).event())["type"] == "session.created"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic s3cret"},
        {"Authorization": "s3cret"},
        {"api-key": ""},
        {"api-key": "s3cret2"},
        {"Sec-WebSocket-Protocol": "realtime, openai-insecure-api-key.s3cre"},
    ],
)
async def test_without_the_token_the_door_opens_and_closes_again(headers: dict[str, str]) -> None:
    notes: list[str] = []
    async with (
        serving(token="s3cret", on_event=notes.append) as server,
        connect(
            server.url, proxy=None, additional_headers=_headers(headers), **_subprotocols(headers)
        ) as socket,
    ):
        client = Client(socket)
        event = await client.event()
        assert (event["type"], event["error"]["code"]) == ("error", "invalid_api_key")
        with pytest.raises(ConnectionClosed):
            await client.event()
        assert (socket.close_code, socket.close_reason) == (3000, "invalid_request_error.invalid_api_key")
    assert notes[0] == "client 1: refused: no key, or the wrong one"
    assert "s3cre" not in "".join(notes)


async def test_no_brain_is_made_for_a_stranger() -> None:
    made: list[ObedientBrain] = []

    def make() -> ObedientBrain:
        made.append(ObedientBrain())
        return made[-1]

    async with serving(token="s3cret", brain=make) as server:
        async with connect(server.url, proxy=None) as socket:
            await Client(socket).event()
        assert made == []


async def test_a_token_may_hold_any_character() -> None:
    async with serving(token=TOKEN) as server, connect(server.url, proxy=None, **api_key("s3cret")) as socket:
        assert (await Client(socket).event())["error"]["code"] == "invalid_api_key"


def api_key(key: str) -> dict[str, dict[str, str]]:
    return {"additional_headers": {"api-key": key}}


def _headers(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != "Sec-WebSocket-Protocol"}


def _subprotocols(headers: dict[str, str]) -> dict[str, list[Subprotocol]]:
    offer = headers.get("Sec-WebSocket-Protocol")
    return {"subprotocols": [Subprotocol(name) for name in offer.split(", ")]} if offer else {}
