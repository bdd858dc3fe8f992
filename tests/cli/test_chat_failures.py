"""What `realtime chat` makes of servers that fail it: one clear line, and a status of its own."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

from websockets.asyncio.server import ServerConnection

from tests.cli.program import Program, Result, side_by_side
from tests.cli.servers import GREETING, acting, answer, asked, event, has_arrived, peer, saying
from tests.support.serving import serving
from tests.transport.peers import Reader, Writer, accept, answering, forever, http, raw_server

PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<h1>It works!</h1>"


async def _chat(realtime: Program, url: str, *options: str | Path) -> Result:
    return await realtime("chat", "--url", url, *options, stdin="hello\n")


async def test_nobody_listens(realtime: Program) -> None:
    done = await _chat(realtime, "ws://127.0.0.1:9")
    assert (done.status, done.out) == (4, "")
    assert done.complaint == "nobody listens at ws://127.0.0.1:9 (connection refused)"


async def test_nobody_has_this_name(realtime: Program) -> None:
    done = await _chat(realtime, "ws://nobody.invalid")
    assert (done.status, done.out) == (4, "")
    assert "nobody.invalid" in done.complaint


ANSWERS = [
    (http("401 Unauthorized", '{"error": {"message": "Incorrect API key"}}'), 5, "Incorrect API key"),
    (http("403 Forbidden"), 5, "403"),
    (http("404 Not Found"), 4, "404"),
    (PAGE, 4, "200"),
    (b"\x16\x03\x01\x00\xff" * 20 + b"\r\n\r\n", 4, "HTTP"),
    (b"", 4, "closed the connection without an answer"),
]


async def test_a_server_that_is_none(realtime: Program) -> None:
    async with AsyncExitStack() as stack:
        hosts = [await stack.enter_async_context(raw_server(answering(reply))) for reply, _, _ in ANSWERS]
        results = await side_by_side(_chat(realtime, f"ws://{host}") for host in hosts)
    for (reply, status, words), done in zip(ANSWERS, results, strict=True):
        assert (done.status, done.out) == (status, ""), reply
        assert words in done.complaint


async def test_a_server_that_wants_another_key(realtime: Program) -> None:
    async with serving(token="the-right-one") as server:
        done = await realtime("chat", "--url", server.url, "--key-env", "KEY", env={"KEY": "the-wrong-one"})
    assert (done.status, done.out) == (5, "")
    assert "the-wrong-one" not in done.err


async def test_a_server_without_tls(realtime: Program) -> None:
    async with serving() as server:
        done = await _chat(realtime, server.url.replace("ws://", "wss://"))
    assert (done.status, done.out) == (4, "")
    assert "write ws://" in done.err


async def test_a_server_that_never_answers(realtime: Program) -> None:
    async with raw_server(forever) as host:
        done = await _chat(realtime, f"ws://{host}", "--connect-timeout", "0.2")
    assert (done.status, done.out) == (4, "")
    assert done.complaint.endswith("within 0.2 s")


async def _begins_to_answer(socket: ServerConnection) -> None:
    await socket.send(GREETING)
    await asked(socket)
    for frame in answer("Once upon a time")[:3]:
        await socket.send(frame)
    await has_arrived(socket)


async def test_a_server_that_closes_in_mid_answer(realtime: Program) -> None:
    async def talk(socket: ServerConnection) -> None:
        await _begins_to_answer(socket)
        await socket.close(1011, "out of memory")

    async with acting(talk) as url:
        done = await _chat(realtime, url)
    assert done.status == 6
    assert done.out == "Once upon a time\n"
    assert "out of memory" in done.err
    assert str(realtime.log()) in done.err


async def test_a_line_that_breaks_in_mid_answer(realtime: Program) -> None:
    async def talk(socket: ServerConnection) -> None:
        await _begins_to_answer(socket)
        socket.transport.abort()

    async with acting(talk) as url:
        done = await _chat(realtime, url, "--json")
    assert done.status == 6
    assert done.of_type("turn")[0]["assistant"] == "Once upon a time"
    assert done.of_type("turn")[0]["status"] != "completed"


async def test_a_server_that_breaks_the_rules_of_websockets(realtime: Program) -> None:
    async def babble(reader: Reader, writer: Writer) -> None:
        await accept(reader, writer)
        writer.write(b"\xff\xff\xff\xff garbage")
        await writer.drain()
        await reader.read(1)

    async with raw_server(babble) as host:
        done = await _chat(realtime, f"ws://{host}")
    assert (done.status, done.out) == (6, "")


async def test_a_server_that_takes_the_key_back_after_the_handshake(realtime: Program) -> None:
    async def talk(socket: ServerConnection) -> None:
        await socket.send(event("error", error={"type": "x", "code": "invalid_api_key", "message": "No."}))
        await socket.close(3000, "invalid_request_error.invalid_api_key")

    file = realtime.file("e.json", {"type": "response.create"})
    async with acting(talk) as url:
        talked = await _chat(realtime, url)
        sent = await realtime("send-event", file, "--url", url)
    for done in (talked, sent):
        assert done.status == 5
        (error,) = [line for line in done.err.splitlines() if line.startswith("error: ")]
        assert error.startswith("error: No. — check the key: ")
    assert talked.out == ""


async def test_a_server_that_only_closes_on_a_key_is_told_too(realtime: Program) -> None:
    async def talk(socket: ServerConnection) -> None:
        await socket.close(3000, "go away")

    async with acting(talk) as url:
        done = await _chat(realtime, url)
    assert (done.status, done.out) == (5, "")
    assert "error: refused: not authorized (close code 3000): go away\n" in done.err


async def test_an_error_event_is_told_with_its_cause_and_the_rest_goes_on(realtime: Program) -> None:
    refusal = event(
        "error", error={"type": "invalid_request_error", "message": "Not like this.", "param": "a.b"}
    )
    async with peer(saying("Yes.", refusal)) as server:
        done = await _chat(realtime, server.url)
    assert (done.status, done.out) == (7, "Yes.\n")
    assert "error: Not like this. (a.b)" in done.err
    assert "(answers " in done.err


async def test_an_answer_that_fails_is_an_error(realtime: Program) -> None:
    async with serving() as server:
        done = await _chat(realtime, server.url, "--json")
        failed = await realtime("chat", "--url", server.url, "--json", stdin="fail\nhello\n")
    assert done.status == 0
    assert failed.status == 7
    assert [turn["status"] for turn in failed.of_type("turn")] == ["failed", "completed"]
    assert failed.of_type("turn")[0]["why"] == "Too fast."
    assert failed.of_type("notice")[0]["code"] == "rate_limit_exceeded"


async def test_an_answer_that_never_comes_is_not_waited_for_without_end(realtime: Program) -> None:
    async with peer() as silent:
        done = await realtime("chat", "--url", silent.url, "--timeout", "0.3", stdin="hello\nstill there?\n")
    assert (done.status, done.out) == (8, "")
    assert "no answer came within 0.3 s" in done.err
    said = [each["item"]["content"][0]["text"] for each in silent.events if "item" in each]
    assert said == ["hello"]


async def test_what_was_said_is_known_although_the_server_confirms_no_items(realtime: Program) -> None:
    async with peer(saying("Hi.")) as server:
        done = await realtime("chat", "--url", server.url, "--json", stdin="hello\n")
    assert '"user": "hello", "assistant": "Hi."' in done.out


async def test_a_log_folder_that_cannot_be_written_does_not_stop_the_conversation(
    realtime: Program, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    folder = {"REALTIME_LOG_FOLDER": str(tmp_path / "file" / "logs")}
    done = await realtime("chat", stdin="hello\n", env=folder)
    assert done.status == 0
    assert done.out
    assert "no log: " in done.err
