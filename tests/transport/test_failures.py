"""Every way not to get a connection, against real sockets, and what we say then."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
import sys

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from realtime_cli.errors import ConnectFailed, ExitStatus, Unauthorized
from realtime_cli.transport import _failures
from realtime_cli.transport._address import parse_address
from realtime_cli.transport._attempt import Attempt
from realtime_cli.transport._failures import explain
from tests.transport.peers import (
    Reader,
    Writer,
    answering,
    forever,
    http,
    posted_by,
    raw_server,
    transport_to,
    websocket_server,
)


async def failure_of(url: str, **options: object) -> ConnectFailed:
    """What a run raises; whatever it is, its words are one line each and hold no secret."""
    with pytest.raises(ConnectFailed) as caught:
        await posted_by(transport_to(url, **options))
    for words in (str(caught.value), caught.value.hint):
        assert words
        assert words.isprintable()
        assert "sk-secret" not in words
    return caught.value


async def failure_with(reply: bytes, **options: object) -> tuple[str, ConnectFailed]:
    async with raw_server(answering(reply)) as place:
        return place, await failure_of(f"ws://{place}/v1/realtime", **options)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_refused(host: str) -> None:
    origin = f"ws://{host}:{free_port()}"
    error = await failure_of(f"{origin}/v1/realtime")
    assert str(error) == f"nobody listens at {origin} (connection refused)"
    assert "realtime serve" in error.hint
    assert error.status is ExitStatus.CONNECT_FAILED


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            OSError("Multiple exceptions: [Errno 111] Connect call failed ('::1', 9, 0, 0), [Errno 111] x"),
            "nobody listens at ws://localhost:9 (connection refused)",
        ),
        (
            OSError("Multiple exceptions: [WinError 1225] refused, [Errno 10061] Connect call failed"),
            "nobody listens at ws://localhost:9 (connection refused)",
        ),
        (
            OSError("Multiple exceptions: [Errno 101] no way, [Errno 111] x"),
            "cannot connect to ws://localhost:9 (Multiple exceptions: [Errno 101] no way, [Errno 111] x)",
        ),
        (
            OSError(101, "Network is unreachable"),
            "cannot connect to ws://localhost:9 (Network is unreachable)",
        ),
    ],
)
def test_failures_that_need_another_machine(
    error: OSError, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_failures, "_REFUSED", frozenset({111, 1225, 10061}))
    address = parse_address("ws://localhost:9/v1/realtime", str)
    attempt = Attempt(address=address, proxy=None, has_key=False, timeout_s=1, redact=str)
    assert str(explain(error, attempt)) == message


async def test_unknown_host() -> None:
    error = await failure_of("wss://no-such-host.invalid/v1/realtime")
    assert str(error).startswith("wss://no-such-host.invalid cannot be found (")


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".example"])
async def test_a_host_that_dns_cannot_know(host: str) -> None:
    error = await failure_of(f"ws://{host}/v1/realtime")
    assert "not a name that DNS knows" in str(error)


async def test_no_answer_in_time() -> None:
    async with raw_server(forever) as place:
        error = await failure_of(f"ws://{place}/v1/realtime", connect_timeout_s=0.2)
    assert str(error) == f"no answer from ws://{place} within 0.2 s"


async def test_self_signed_certificate(tls: ssl.SSLContext) -> None:
    async with websocket_server(forever, ssl=tls) as place:
        error = await failure_of(f"wss://{place}/v1/realtime")
    assert str(error).startswith(f"the certificate of wss://{place} is not trusted: self")
    assert "--insecure" in error.hint


async def test_tls_to_a_websocket_server_without_tls() -> None:
    async with websocket_server(forever) as place:
        error = await failure_of(f"wss://{place}/v1/realtime")
    assert place in str(error)
    assert "write ws://" in error.hint


async def test_tls_to_a_service_that_talks_first() -> None:
    async def greet(reader: Reader, writer: Writer) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        await reader.read()

    async with raw_server(greet) as place:
        error = await failure_of(f"wss://{place}/v1/realtime")
    assert str(error).startswith(f"wss://{place} does not speak TLS (")
    assert "write ws://" in error.hint


async def test_plain_text_to_a_tls_server(tls: ssl.SSLContext) -> None:
    async with websocket_server(forever, ssl=tls) as place:
        error = await failure_of(f"ws://{place}/v1/realtime")
    assert place in str(error)
    assert "write wss://" in error.hint


async def test_a_tls_alert_is_recognised() -> None:
    place, error = await failure_with(b"\x15\x03\x01\x00\x02\x02\x46")
    assert str(error) == f"ws://{place} speaks TLS, and ws:// does not"


@pytest.mark.parametrize(
    ("status", "said"), [("401 Unauthorized", "HTTP 401 Unauthorized"), ("403 No", "HTTP 403 No")]
)
async def test_a_key_that_is_refused(status: str, said: str) -> None:
    body = json.dumps(
        {"error": {"message": "Incorrect API key provided: sk-secret", "code": "invalid_api_key"}}
    )
    place, error = await failure_with(http(status, body), headers={"Authorization": "Bearer sk-secret"})
    assert isinstance(error, Unauthorized)
    assert error.status is ExitStatus.UNAUTHORIZED
    seen = f"HTTP {status}: Incorrect API key provided: [redacted]"
    assert str(error) == f"ws://{place}/v1/realtime refused the key ({seen})"
    assert "--key-env" in error.hint


async def test_a_key_that_is_missing() -> None:
    place, error = await failure_with(http("401 Unauthorized"))
    assert isinstance(error, Unauthorized)
    assert str(error) == f"ws://{place}/v1/realtime wants a key (HTTP 401 Unauthorized)"
    assert "OPENAI_API_KEY" in error.hint


@pytest.mark.parametrize(
    "options",
    [
        {"headers": {"api-key": "sk-secret"}},
        {"subprotocols": ("realtime", "openai-insecure-api-key.sk-secret")},
    ],
)
async def test_other_ways_to_give_a_key_count(options: dict[str, object]) -> None:
    _, error = await failure_with(http("401 Unauthorized"), **options)
    assert "refused the key" in str(error)


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        ("404 Not Found", "address"),
        ("400 Bad Request", "model"),
        ("429 Too Many Requests", "wait"),
        ("500 Internal Server Error", "try again"),
        ("503 Service Unavailable", "try again"),
        ("200 OK", "address"),
        ("302 Found", "address"),
    ],
)
async def test_other_http_answers(status: str, hint: str) -> None:
    place, error = await failure_with(http(status, '{"detail": "because"}'))
    assert not isinstance(error, Unauthorized)
    assert str(error) == f"ws://{place}/v1/realtime answered HTTP {status}: because"
    assert hint in error.hint


@pytest.mark.parametrize(("status", "seen"), [("404 ", "HTTP 404 Not Found"), ("599 ", "HTTP 599")])
async def test_an_answer_without_a_phrase(status: str, seen: str) -> None:
    place, error = await failure_with(http(status))
    assert str(error) == f"ws://{place}/v1/realtime answered {seen}"


async def test_a_websocket_server_that_declines() -> None:
    def decline(server: ServerConnection, request: Request) -> Response:
        return server.respond(404, "No such session\nand more\n")

    async with websocket_server(forever, process_request=decline) as place:
        error = await failure_of(f"ws://{place}/v1")
    assert str(error) == f"ws://{place}/v1 answered HTTP 404 Not Found: No such session"
    assert "/realtime" in error.hint


async def test_a_body_cannot_reach_the_terminal_as_control_characters() -> None:
    _, error = await failure_with(http("400 Bad\tRequest", "\x1b[2Jevil\x07 \u202etext"))
    assert "␛[2Jevil␇ \\u202etext" in str(error)


async def test_a_long_body_is_cut() -> None:
    _, error = await failure_with(http("400 Bad Request", "x" * 5_000))
    assert str(error).count("x") == 299


@pytest.mark.parametrize(
    "reply", [b"HTTP/1.0 404 Not Found\r\n\r\nnope", b"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nx"]
)
async def test_old_or_broken_http_still_tells_its_status(reply: bytes) -> None:
    place, error = await failure_with(reply)
    assert str(error) == f"ws://{place}/v1/realtime answered HTTP 404 Not Found"


@pytest.mark.parametrize(
    "location",
    [
        "wss://evil.example/v1/realtime",
        "https://evil.example/",
        "//evil.example/",
        "ws://127.0.0.1:9/elsewhere",
        "mailto:evil",
        "ws://[evil",
        "/same#fragment",
    ],
)
async def test_a_redirect_to_somewhere_else_is_refused(location: str) -> None:
    place, error = await failure_with(http("307 Temporary Redirect", "", f"Location: {location}"))
    assert str(error) == (
        f"ws://{place}/v1/realtime redirects to {location}, and we do not follow to another server"
    )


async def test_two_redirects_at_once_are_refused() -> None:
    _, error = await failure_with(http("302 Found", "", "Location:", "Location: /two"))
    assert "redirects to nowhere" in str(error)


async def test_a_redirect_within_the_server_is_followed() -> None:
    paths: list[str] = []

    def move(server: ServerConnection, request: Request) -> Response | None:
        paths.append(request.path)
        if request.path == "/new":
            return None
        response = server.respond(302, "")
        response.headers["Location"] = "/new"
        return response

    async def close(server: ServerConnection) -> None:
        await server.close()

    async with websocket_server(close, process_request=move) as place:
        await posted_by(transport_to(f"ws://{place}/old"))
    assert paths == ["/old", "/new"]


async def test_redirects_in_a_circle_end() -> None:
    _, error = await failure_with(http("302 Found", "", "Location: /v1/realtime"))
    assert "more than 10 redirects" in str(error)


@pytest.mark.parametrize(
    ("banner", "seen"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", "SSH-2.0-OpenSSH_9.6"),
        (b"\x00\x01garbage\xff without an end", "␀␁garbage� without an end"),
        (b"sk-secret", "[redacted]"),
        (b"x" * 100_000, "x" * 299 + "…"),
    ],
)
async def test_not_http_at_all(banner: bytes, seen: str) -> None:
    place, error = await failure_with(banner)
    assert str(error).startswith(f'ws://{place} does not speak HTTP; it says "{seen[:290]}')
    assert "host and port" in error.hint


async def test_an_empty_answer() -> None:
    place, error = await failure_with(b"")
    assert str(error) == f"ws://{place} closed the connection without an answer"
    assert "wss://" in error.hint


async def test_a_reset_instead_of_an_answer() -> None:
    async def reset(reader: Reader, writer: Writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    async with raw_server(reset) as place:
        error = await failure_of(f"ws://{place}/v1/realtime")
    assert str(error) == f"ws://{place} closed the connection without an answer"


async def test_a_handshake_that_is_not_quite_right() -> None:
    upgrade = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: \x80sk-secret")
    reply = "\r\n".join(("HTTP/1.1 101 Switching Protocols", *upgrade, "", "")).encode("latin-1")
    _, error = await failure_with(reply)
    assert "not as a WebSocket server does" in str(error)
    assert "Sec-WebSocket-Accept" in str(error)


@pytest.mark.parametrize(
    ("headers", "seen"),
    [
        ({"Authorization": "Bearer sk-secret\n"}, "the header Authorization holds a character"),
        ({"Authorization": "Bearer “sk-secret”"}, "(U+201C)"),
        ({"X\r\nY": "1"}, "a header cannot be named 'X\\r\\nY'"),
        ({"": "1"}, "a header cannot be named ''"),
    ],
)
async def test_headers_that_http_cannot_carry(headers: dict[str, str], seen: str) -> None:
    error = await failure_of("ws://127.0.0.1:9", headers=headers)
    assert seen in str(error)


async def test_subprotocols_that_http_cannot_carry() -> None:
    error = await failure_of("ws://127.0.0.1:9", subprotocols=("realtime", "sk-secret\n"))
    assert "subprotocol" in str(error)


async def test_a_server_that_picks_a_subprotocol_nobody_offered() -> None:
    async def handler(reader: Reader, writer: Writer) -> None:
        await answering(http("101 Switching Protocols", "", "Upgrade: websocket", "Connection: Upgrade"))(
            reader, writer
        )

    async with raw_server(handler) as place:
        error = await failure_of(f"ws://{place}/v1/realtime")
    assert "missing Sec-WebSocket-Accept header" in str(error)


async def test_failures_leave_nothing_behind() -> None:
    before = asyncio.all_tasks()
    await failure_with(http("500 Oh"))
    assert asyncio.all_tasks() <= before | {asyncio.current_task()}
