"""What happens while a connection is open, and how it ends."""

from __future__ import annotations

import asyncio
import logging
import ssl
import struct
import time

import pytest
from websockets.asyncio.server import ServerConnection, serve

from realtime_cli.core.inputs import ConnectionLost, ConnectionOpened
from realtime_cli.errors import ConnectFailed
from realtime_cli.runtime.ports import Inbound, Transport
from realtime_cli.transport import _opening, websocket
from tests.support.patience import PATIENCE_S
from tests.transport.peers import (
    Reader,
    Writer,
    accept,
    forever,
    posted_by,
    raw_server,
    transport_to,
    until,
    websocket_server,
)

CLOSE_1001 = b"\x88\x04" + struct.pack("!H", 1001) + b"go"


async def drain(server: ServerConnection) -> None:
    async for _ in server:
        pass


def own_tasks() -> set[str]:
    return {task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("websocket ")}


async def test_posts_opened_then_every_frame_in_order_then_lost() -> None:
    async def handler(server: ServerConnection) -> None:
        await server.send("one")
        await server.send(b"\x00two")
        for number in range(100):
            await server.send(str(number))

    async with websocket_server(handler) as place:
        posts = await posted_by(transport_to(f"ws://{place}/v1/realtime"))

    frames = ["one", b"\x00two", *map(str, range(100))]
    assert posts == [ConnectionOpened(), *frames, ConnectionLost(1000, "", by_us=False)]


async def test_sends_headers_agent_and_subprotocols_and_offers_no_compression() -> None:
    requests = []

    async def handler(server: ServerConnection) -> None:
        assert server.request is not None
        requests.append((server.request.path, server.request.headers, server.subprotocol))

    async with websocket_server(handler, subprotocols=["realtime"]) as place:
        transport = transport_to(
            f"ws://{place}/v1/realtime?model=x",
            headers={"Authorization": "Bearer sk-secret"},
            subprotocols=("realtime", "openai-insecure-api-key.ek_1"),
        )
        await posted_by(transport)

    [(path, headers, subprotocol)] = requests
    assert path == "/v1/realtime?model=x"
    assert subprotocol == "realtime"
    assert headers["Authorization"] == "Bearer sk-secret"
    assert headers["User-Agent"] == "realtime-cli/0.1.0"
    assert headers["Sec-WebSocket-Protocol"] == "realtime, openai-insecure-api-key.ek_1"
    assert "Sec-WebSocket-Extensions" not in headers


async def test_frames_of_20_mb_pass_in_both_directions() -> None:
    big = "x" * 20_000_000

    async def echo(server: ServerConnection) -> None:
        await server.send(await server.recv())

    async with websocket_server(echo) as place:
        transport = transport_to(f"ws://{place}")
        transport.send(big)
        assert transport.queued_bytes == len(big)
        posts = await posted_by(transport)

    assert posts == [ConnectionOpened(), big, ConnectionLost(1000)]
    assert transport.queued_bytes == 0


async def test_what_is_queued_before_opening_arrives_in_order_and_before_the_close() -> None:
    frames = [f"{number} é" for number in range(2_000)]
    received: list[str | bytes] = []

    async def keep(server: ServerConnection) -> None:
        received.extend([frame async for frame in server])

    async with websocket_server(keep) as place:
        transport = transport_to(f"ws://{place}")
        for frame in frames:
            transport.send(frame)
        assert transport.queued_bytes == sum(len(frame.encode()) for frame in frames)
        transport.close()
        transport.send("too late")
        transport.close()
        posts = await posted_by(transport)

    assert received == frames
    assert posts == [ConnectionOpened(), ConnectionLost(1000, "", by_us=True)]


async def test_close_sends_what_is_queued_while_open() -> None:
    received: list[str | bytes] = []
    posts: list[Inbound] = []

    async def keep(server: ServerConnection) -> None:
        received.extend([frame async for frame in server])

    async with websocket_server(keep) as place:
        transport: Transport = transport_to(f"ws://{place}")
        run = asyncio.create_task(transport.run(posts.append))
        await until(lambda: posts)
        for number in range(50):
            transport.send("x" * 100_000 + str(number))
        transport.close()
        await run

    assert [str(frame)[100_000:] for frame in received] == [str(number) for number in range(50)]
    assert posts == [ConnectionOpened(), ConnectionLost(1000, "", by_us=True)]


async def test_a_lone_surrogate_goes_out_as_its_json_escape() -> None:
    received: list[str | bytes] = []

    async def keep(server: ServerConnection) -> None:
        received.append(await server.recv())

    async with websocket_server(keep) as place:
        transport = transport_to(f"ws://{place}")
        transport.send('{"text": "\ud83d"}')
        await posted_by(transport)

    assert received == ['{"text": "\\ud83d"}']


@pytest.mark.parametrize(
    ("code", "reason"), [(1000, ""), (1001, "session expired"), (4000, "go"), (1011, "oh")]
)
async def test_the_servers_close_is_reported_with_code_and_reason(code: int, reason: str) -> None:
    async def handler(server: ServerConnection) -> None:
        await server.send("last words")
        await server.close(code, reason)

    async with websocket_server(handler) as place:
        posts = await posted_by(transport_to(f"ws://{place}"))

    assert posts == [ConnectionOpened(), "last words", ConnectionLost(code, reason, by_us=False)]


async def test_a_secret_in_the_close_reason_is_taken_out() -> None:
    async def handler(server: ServerConnection) -> None:
        await server.close(3000, "bad key sk-secret")

    async with websocket_server(handler) as place:
        posts = await posted_by(transport_to(f"ws://{place}"))

    assert posts[-1] == ConnectionLost(3000, "bad key [redacted]")


async def test_an_abort_has_no_code() -> None:
    async def handler(reader: Reader, writer: Writer) -> None:
        await accept(reader, writer)

    async with raw_server(handler) as place:
        posts = await posted_by(transport_to(f"ws://{place}"))

    assert posts == [ConnectionOpened(), ConnectionLost(None, "", by_us=False)]


async def test_text_that_is_not_utf8_ends_the_connection_with_1007() -> None:
    async def handler(reader: Reader, writer: Writer) -> None:
        await accept(reader, writer)
        writer.write(b"\x81\x02\xff\xfe")
        await reader.read(1)

    async with raw_server(handler) as place:
        posts = await posted_by(transport_to(f"ws://{place}"))

    assert isinstance(lost := posts[-1], ConnectionLost)
    assert (lost.code, lost.by_us) == (1007, False)


async def test_a_server_that_ignores_our_close_is_dropped_within_two_seconds() -> None:
    async def handler(reader: Reader, writer: Writer) -> None:
        await accept(reader, writer)
        await forever()

    async with raw_server(handler) as place:
        transport = transport_to(f"ws://{place}")
        transport.close()
        start = time.monotonic()
        posts = await posted_by(transport)

    assert 1.9 < time.monotonic() - start < 9
    assert posts == [ConnectionOpened(), ConnectionLost(1000, "", by_us=True)]


async def test_a_server_that_closes_but_does_not_hang_up_is_dropped_within_two_seconds() -> None:
    async def handler(reader: Reader, writer: Writer) -> None:
        await accept(reader, writer)
        writer.write(CLOSE_1001)
        await forever()

    async with raw_server(handler) as place:
        start = time.monotonic()
        posts = await posted_by(transport_to(f"ws://{place}"))

    assert 1.9 < time.monotonic() - start < 9
    assert posts == [ConnectionOpened(), ConnectionLost(1001, "go", by_us=False)]


async def test_a_server_that_stops_reading_does_not_hold_us_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "_STALL_LIMIT_S", 0.2)

    async def handler(reader: Reader, writer: Writer) -> None:
        await accept(reader, writer)
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await forever()

    async with raw_server(handler) as place:
        transport = transport_to(f"ws://{place}")
        transport.send("x" * 50_000_000)
        transport.close()
        posts = await posted_by(transport)

    assert posts == [ConnectionOpened(), ConnectionLost(None, "", by_us=True)]


async def test_a_slow_server_gets_all_that_is_queued(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "_STALL_LIMIT_S", 1.5)
    expected_bytes = 30_000_000 + 14 + 8  # with the frame's head, and the close frame
    received_bytes = 0

    async def handler(reader: Reader, writer: Writer) -> None:
        nonlocal received_bytes
        await accept(reader, writer)
        while received_bytes < expected_bytes:
            received_bytes += len(await reader.read(1_000_000))
            await asyncio.sleep(0.01)

    async with raw_server(handler) as place:
        transport = transport_to(f"ws://{place}")
        transport.send("x" * 30_000_000)
        transport.close()
        posts = await posted_by(transport)

    assert received_bytes == expected_bytes
    assert posts == [ConnectionOpened(), ConnectionLost(1000, "", by_us=True)]


async def test_a_server_that_answers_no_ping_is_given_up_quietly(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(_opening, "_PING_INTERVAL_S", 0.05)

    async def handler(reader: Reader, writer: Writer) -> None:
        await accept(reader, writer)
        ping, close = await reader.readexactly(10), await reader.readexactly(1)
        assert (ping[0], close[0]) == (0x89, 0x88)

    with caplog.at_level(logging.DEBUG, logger="websockets"):
        async with raw_server(handler) as place:
            posts = await posted_by(transport_to(f"ws://{place}", ping_timeout_s=0.05))

    assert posts == [ConnectionOpened(), ConnectionLost(1011, "keepalive ping timeout", by_us=False)]
    assert not caplog.records


async def test_cancellation_closes_in_order_and_leaves_no_task() -> None:
    codes: list[int | None] = []
    posts: list[Inbound] = []

    async def handler(server: ServerConnection) -> None:
        await drain(server)
        codes.append(server.close_code)

    async with websocket_server(handler) as place:
        transport = transport_to(f"ws://{place}")
        run = asyncio.create_task(transport.run(posts.append))
        await until(lambda: own_tasks() == {"websocket writer", "websocket watcher"})
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        assert not own_tasks()
        await until(lambda: codes)

    assert codes == [1000]
    assert posts == [ConnectionOpened(), ConnectionLost(1000, "", by_us=True)]


async def test_cancellation_drops_a_stalled_server_within_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_opening, "CLOSE_LIMIT_S", PATIENCE_S)
    posts: list[Inbound] = []
    before = asyncio.all_tasks()

    async def handler(reader: Reader, writer: Writer) -> None:
        await accept(reader, writer)
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await forever()

    async with raw_server(handler) as place:
        transport = transport_to(f"ws://{place}")
        transport.send("x" * 20_000_000)
        run = asyncio.create_task(transport.run(posts.append))
        await until(own_tasks)
        run.cancel()
        start = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await run

    assert time.monotonic() - start < PATIENCE_S / 2
    assert posts == [ConnectionOpened(), ConnectionLost(1000, "", by_us=True)]
    await until(lambda: asyncio.all_tasks() == before)


async def test_a_second_cancellation_does_not_wait_for_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "_CANCEL_LIMIT_S", PATIENCE_S)
    monkeypatch.setattr(_opening, "CLOSE_LIMIT_S", PATIENCE_S)
    posts: list[Inbound] = []

    async def handler(reader: Reader, writer: Writer) -> None:
        await accept(reader, writer)
        await forever()

    async with raw_server(handler) as place:
        run = asyncio.create_task(transport_to(f"ws://{place}").run(posts.append))
        await until(own_tasks)
        start = time.monotonic()
        run.cancel()
        await until(lambda: not own_tasks())
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run

    assert time.monotonic() - start < PATIENCE_S / 2
    assert [type(post) for post in posts] == [ConnectionOpened, ConnectionLost]


async def test_cancellation_while_connecting_posts_nothing() -> None:
    posts: list[Inbound] = []
    arrived = asyncio.Event()

    async def handler(reader: Reader, writer: Writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        arrived.set()
        await forever()

    async with raw_server(handler) as place:
        run = asyncio.create_task(transport_to(f"ws://{place}").run(posts.append))
        await asyncio.wait_for(arrived.wait(), PATIENCE_S)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run

    assert posts == []


async def test_tls_without_verification_works(tls: ssl.SSLContext) -> None:
    async def echo(server: ServerConnection) -> None:
        await server.send(await server.recv())

    async with websocket_server(echo, ssl=tls) as place:
        transport = transport_to(f"wss://{place}/v1/realtime", verify_tls=False)
        transport.send("hello")
        posts = await posted_by(transport)

    assert posts == [ConnectionOpened(), "hello", ConnectionLost(1000)]


async def test_tls_keeps_to_the_limits_as_well(tls: ssl.SSLContext) -> None:
    async def handler(reader: Reader, writer: Writer) -> None:
        await accept(reader, writer)
        await forever()

    async with raw_server(handler, tls=tls) as place:
        transport = transport_to(f"wss://{place}", verify_tls=False)
        transport.close()
        start = time.monotonic()
        posts = await posted_by(transport)

    assert time.monotonic() - start < 9
    assert posts == [ConnectionOpened(), ConnectionLost(1000, "", by_us=True)]


async def test_nothing_is_posted_without_a_connection() -> None:
    posts: list[Inbound] = []
    transport = transport_to("ws://127.0.0.1:9")
    with pytest.raises(ConnectFailed):
        await transport.run(posts.append)
    assert posts == []


async def test_it_runs_again_for_another_connection() -> None:
    received: list[list[str]] = []

    async def handler(server: ServerConnection) -> None:
        received.append([str(await server.recv())])
        if len(received) == 1:
            server.transport.abort()
        else:
            received[-1] += [str(frame) async for frame in server]

    async with websocket_server(handler) as place:
        transport = transport_to(f"ws://{place}")
        transport.send("one")
        assert await posted_by(transport) == [ConnectionOpened(), ConnectionLost(None)]
        running = asyncio.create_task(posted_by(transport))
        await until(lambda: len(own_tasks()) == 2)
        transport.send("two")
        transport.close()
        assert await running == [ConnectionOpened(), ConnectionLost(1000, by_us=True)]
    assert received == [["one"], ["two"]]


async def test_what_is_sent_before_the_loss_is_noticed_is_not_for_the_next_connection() -> None:
    received: list[list[str]] = []

    async def handler(server: ServerConnection) -> None:
        received.append([])
        if len(received) == 1:
            server.transport.abort()
        received[-1] += [str(frame) async for frame in server]

    async with websocket_server(handler) as place:
        transport = transport_to(f"ws://{place}")
        await posted_by(transport)
        transport.send("too late")
        assert transport.queued_bytes == 0
        running = asyncio.create_task(posted_by(transport))
        await until(lambda: len(own_tasks()) == 2)
        transport.send("in time")
        transport.close()
        await running
    assert received == [[], ["in time"]]


async def test_a_try_that_fails_is_followed_by_one_that_does_not() -> None:
    async def handler(server: ServerConnection) -> None:
        await server.recv()

    async with websocket_server(handler) as place:
        transport = transport_to(f"ws://{place}")
        transport.send("one")
        await posted_by(transport)
    with pytest.raises(ConnectFailed):
        await transport.run(lambda _: None)
    with pytest.raises(ConnectFailed):
        await transport.run(lambda _: None)
    host, _, port = place.partition(":")
    async with serve(handler, host, int(port)):
        running = asyncio.create_task(posted_by(transport))
        await until(lambda: len(own_tasks()) == 2)
        transport.send("two")
        assert await running == [ConnectionOpened(), ConnectionLost(1000)]
