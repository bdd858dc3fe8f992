"""Proxies that the environment names, against real sockets."""

from __future__ import annotations

import asyncio
import importlib.util
import ssl

import pytest
from websockets.asyncio.server import ServerConnection

from realtime_cli.core.inputs import ConnectionLost, ConnectionOpened
from realtime_cli.errors import ConnectFailed
from tests.transport.peers import (
    Reader,
    Writer,
    answering,
    forever,
    posted_by,
    raw_server,
    transport_to,
    websocket_server,
)

URL = "ws://realtime.example/v1/realtime"


async def echo(server: ServerConnection) -> None:
    await server.send(await server.recv())


class Tunnel:
    """An HTTP proxy that connects everybody to one place, and keeps what it was asked."""

    def __init__(self, place: str) -> None:
        self.host, self.port = place.split(":")
        self.request = ""

    async def __call__(self, reader: Reader, writer: Writer) -> None:
        self.request = (await reader.readuntil(b"\r\n\r\n")).decode()
        far_reader, far_writer = await asyncio.open_connection(self.host, int(self.port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            async with asyncio.TaskGroup() as pipes:
                pipes.create_task(pipe(reader, far_writer))
                pipes.create_task(pipe(far_reader, writer))
        finally:
            far_writer.transport.abort()


async def pipe(reader: Reader, writer: Writer) -> None:
    while chunk := await reader.read(65_536):
        writer.write(chunk)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


async def failure() -> ConnectFailed:
    with pytest.raises(ConnectFailed) as caught:
        await posted_by(transport_to(URL))
    assert "p4ss" not in str(caught.value) + caught.value.hint
    assert "NO_PROXY" in caught.value.hint
    return caught.value


@pytest.mark.parametrize("scheme", ["ws", "wss"])
async def test_talks_through_a_proxy(
    scheme: str, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with websocket_server(echo, ssl=tls if scheme == "wss" else None) as place:
        tunnel = Tunnel(place)
        async with raw_server(tunnel) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", f"http://user:p4ss@{proxy}")
            transport = transport_to(f"{scheme}://realtime.example:8443/v1/realtime", verify_tls=False)
            transport.send("hello")
            posts = await posted_by(transport)

    assert posts == [ConnectionOpened(), "hello", ConnectionLost(1000)]
    assert tunnel.request.startswith("CONNECT realtime.example:8443 HTTP/1.1\r\n")
    assert "Proxy-Authorization: Basic dXNlcjpwNHNz" in tunnel.request


async def test_nobody_at_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:p4ss@127.0.0.1:9")
    assert str(await failure()) == "nobody listens at the proxy http://127.0.0.1:9 (connection refused)"


async def test_a_proxy_that_wants_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    reply = b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"
    async with raw_server(answering(reply)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:p4ss@{proxy}")
        error = await failure()
    said = "does not let us through to ws://realtime.example (HTTP 407 Proxy Authentication Required)"
    assert str(error) == f"the proxy http://{proxy} {said}"


@pytest.mark.parametrize("reply", [b"SSH-2.0-OpenSSH_9.6\r\n", b""])
async def test_a_proxy_that_is_none(
    reply: bytes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with raw_server(answering(reply)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy}")
        error = await failure()
    assert str(error) == f"the proxy http://{proxy} does not answer as a proxy does"
    await asyncio.sleep(0)
    assert not caplog.records


async def test_a_proxy_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with raw_server(forever) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy}")
        with pytest.raises(ConnectFailed) as caught:
            await posted_by(transport_to(URL, connect_timeout_s=0.2))
    seen = f"no answer from ws://realtime.example through the proxy http://{proxy} within 0.2 s"
    assert str(caught.value) == seen


@pytest.mark.parametrize("proxy", ["gopher://127.0.0.1:9", "http://p4ss@h", "http://h/p4ss"])
async def test_a_proxy_address_that_is_wrong(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    assert "cannot be used" in str(await failure())


async def test_a_proxy_address_without_its_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:p4ss")
    assert str(await failure()) == "the proxy's address has no number for its port"


@pytest.mark.skipif(importlib.util.find_spec("python_socks") is not None, reason="python-socks is installed")
async def test_a_socks_proxy_needs_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://user:p4ss@127.0.0.1:9")
    error = await failure()
    assert str(error).startswith("the proxy socks5://127.0.0.1:9 needs the Python package python-socks")
