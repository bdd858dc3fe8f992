from __future__ import annotations

import asyncio
import json
import socket
from contextlib import aclosing

import httpx2
import pytest

from realtime_cli.errors import UsageError
from realtime_cli.server.brains.chat import ChatBrain
from realtime_cli.server.brains.port import AnswerPart, Call, Fail, Prompt, Say, Turn
from tests.server.brains.chat_server import DONE, Reply, call_delta, chat_server, delta
from tests.support.patience import PATIENCE_S

KEY = "sk-secret-0123456789"


def asking(text: str = "hello") -> Prompt:
    return Prompt("", (Turn("user", text),), ())


async def answer(brain: ChatBrain, prompt: Prompt) -> list[AnswerPart]:
    return [part async for part in brain.answer(prompt)]


async def ask(*replies: Reply, model: str | None = "m", api_key: str | None = None) -> list[AnswerPart]:
    async with chat_server(*replies) as server:
        brain = ChatBrain(server.url, model, api_key)
        try:
            return await answer(brain, asking())
        finally:
            await brain.close()


def only_fail(parts: list[AnswerPart]) -> Fail:
    assert len(parts) == 1
    assert isinstance(parts[0], Fail)
    return parts[0]


def spoken(parts: list[AnswerPart]) -> str:
    return "".join(part.text for part in parts if isinstance(part, Say))


async def test_text_streams_as_it_comes() -> None:
    parts = await ask(Reply((delta("Hel"), delta("lo"), delta(finish="stop"), DONE)))
    assert parts == [Say("Hel"), Say("lo")]


async def test_first_word_is_heard_before_the_answer_ends() -> None:
    async with chat_server(Reply((delta("Hel"),), ending="held")) as server:
        brain = ChatBrain(server.url, "m")
        async with asyncio.timeout(PATIENCE_S), aclosing(brain.answer(asking())) as parts:
            assert await anext(parts) == Say("Hel")
        await brain.close()


async def test_request_carries_model_conversation_tools_and_limit() -> None:
    tool = {"type": "function", "name": "get_time", "description": "d", "parameters": {"type": "object"}}
    async with chat_server(Reply((delta("x", finish="stop"), DONE))) as server:
        brain = ChatBrain(server.url, "llama", KEY)
        await answer(brain, Prompt("Be kind.", (Turn("user", "hi"),), (tool,), max_output_tokens=7))
        await brain.close()
    [request] = server.requests
    assert (request.method, request.path) == ("POST", "/v1/chat/completions")
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.json == {
        "model": "llama",
        "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "tools": [
            {
                "type": "function",
                "function": {"name": "get_time", "description": "d", "parameters": {"type": "object"}},
            }
        ],
        "tool_choice": "auto",
        "max_tokens": 7,
    }


async def test_without_a_key_none_is_sent() -> None:
    async with chat_server(Reply((delta("x", finish="stop"), DONE))) as server:
        brain = ChatBrain(server.url, "m")
        await answer(brain, asking())
        await brain.close()
    assert "authorization" not in server.requests[0].headers


async def test_schema_with_nan_reaches_the_server() -> None:
    tool = {"name": "f", "parameters": {"minimum": float("nan")}}
    async with chat_server(Reply((delta("x", finish="stop"), DONE))) as server:
        brain = ChatBrain(server.url, "m")
        parts = await answer(brain, Prompt("", (Turn("user", "hi"),), (tool,)))
        await brain.close()
    assert parts == [Say("x")]


@pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/", "/v1/chat/completions"])
async def test_url_may_end_anywhere(ending: str) -> None:
    async with chat_server(Reply((delta("x", finish="stop"), DONE))) as server:
        brain = ChatBrain(server.url + ending, "m")
        parts = await answer(brain, asking())
        await brain.close()
    assert parts == [Say("x")]
    assert server.requests[0].path == "/v1/chat/completions"


async def test_without_a_model_the_first_listed_one_answers_and_is_asked_for_once() -> None:
    listed = Reply((b'{"data": [{"id": "qwen"}, {"id": "llama"}]}',), content_type="application/json")
    said = Reply((delta("x", finish="stop"), DONE))
    async with chat_server(listed, said, said) as server:
        brain = ChatBrain(server.url)
        await answer(brain, asking())
        await answer(brain, asking())
        await brain.close()
    assert [request.path for request in server.requests] == [
        "/v1/models",
        "/v1/chat/completions",
        "/v1/chat/completions",
    ]
    assert [request.json["model"] for request in server.requests[1:]] == ["qwen", "qwen"]


@pytest.mark.parametrize("body", [b'{"data": []}', b"[]", b"nonsense", b'{"data": [{"id": 5}, 7]}'])
async def test_a_server_without_models_fails_with_advice(body: bytes) -> None:
    failure = only_fail(await ask(Reply((body,), content_type="application/json"), model=None))
    assert "--brain-model" in failure.message


async def test_refused_list_of_models_fails() -> None:
    failure = only_fail(await ask(Reply((b"no",), status=401), model=None))
    assert (failure.code, "401" in failure.message) == ("invalid_api_key", True)


async def test_connection_serves_several_answers() -> None:
    said = Reply((delta("x", finish="stop"), DONE, b": bye\n\n"))
    async with chat_server(said, said, said) as server:
        brain = ChatBrain(server.url, "m")
        for _ in range(3):
            await answer(brain, asking())
        await brain.close()
    assert server.connections == 1


async def test_server_that_never_ends_after_done_does_not_hold_the_answer() -> None:
    async with asyncio.timeout(PATIENCE_S):
        parts = await ask(Reply((delta("x", finish="stop"), DONE), ending="held"))
    assert parts == [Say("x")]


async def test_calls_are_assembled_by_index_and_yielded_whole() -> None:
    parts = await ask(
        Reply(
            (
                delta("Let me look."),
                call_delta(0, name="get_weather", call_id="a", arguments='{"city"'),
                call_delta(1, name="get_time", call_id="b"),
                call_delta(0, arguments=': "Paris"}'),
                call_delta(1, arguments="{}"),
                delta(finish="tool_calls"),
                DONE,
            )
        )
    )
    assert parts == [
        Say("Let me look."),
        Call("get_weather", '{"city": "Paris"}'),
        Call("get_time", "{}"),
    ]


async def test_characters_split_between_chunks_arrive_whole() -> None:
    text = "Grüße 🎉 你好"
    stream = delta(text, finish="stop") + DONE
    parts = await ask(Reply(tuple(bytes([byte]) for byte in stream)))
    assert spoken(parts) == text


async def test_crlf_comments_and_other_fields_are_understood() -> None:
    stream = (b": keep-alive\n\n" + b"event: message\nid: 1\n" + delta("x", finish="stop") + DONE).replace(
        b"\n", b"\r\n"
    )
    assert await ask(Reply((stream,))) == [Say("x")]


@pytest.mark.parametrize("tail", [b"", b": bye\n", b"data: [DONE]"])
async def test_missing_done_is_no_failure_once_the_answer_is_finished(tail: bytes) -> None:
    assert await ask(Reply((delta("x", finish="stop"), tail) if tail else (delta("x", finish="stop"),))) == [
        Say("x")
    ]


async def test_line_that_is_no_field_is_ignored() -> None:
    assert await ask(Reply((b"garbage\n", delta("x", finish="stop"), DONE))) == [Say("x")]


async def test_data_that_is_no_json_fails() -> None:
    parts = await ask(Reply((delta("x"), b"data: {oops\n\n", delta("y"), DONE)))
    assert parts[0] == Say("x")
    assert isinstance(parts[1], Fail)
    assert "not JSON: {oops" in parts[1].message
    assert len(parts) == 2


async def test_error_inside_the_stream_fails() -> None:
    event = b"data: " + json.dumps({"error": {"message": "out of memory"}}).encode() + b"\n\n"
    parts = await ask(Reply((delta("x"), event)))
    assert parts[1] == Fail("server_error", "The chat server failed: out of memory")


async def test_stream_that_is_cut_fails_after_what_was_said() -> None:
    parts = await ask(Reply((delta("x"), b'data: {"cho'), ending="cut"))
    assert parts[0] == Say("x")
    assert isinstance(parts[1], Fail)
    assert parts[1].code == "server_error"
    assert "broke off" in parts[1].message


async def test_stream_that_ends_too_early_fails() -> None:
    parts = await ask(Reply((delta("x"), b'data: {"cho')))
    assert parts[0] == Say("x")
    assert isinstance(parts[1], Fail)
    assert "cut its answer off" in parts[1].message


async def test_web_page_in_place_of_a_stream_fails() -> None:
    failure = only_fail(await ask(Reply((b"<html>Hello</html>",), content_type="text/html")))
    assert "is the URL right?" in failure.message


async def test_endless_event_is_given_up() -> None:
    chunks = (b"data: ", *[b"x" * 1024 * 1024] * 5)
    failure = only_fail(await ask(Reply(chunks, ending="held")))
    assert "4 MB" in failure.message


@pytest.mark.parametrize(
    ("status", "body", "code", "words"),
    [
        (401, b'{"error": {"message": "wrong key"}}', "invalid_api_key", "wrong key. Does it want a key?"),
        (404, b'{"error": {"message": "model m not found"}}', "model_not_found", "model m not found"),
        (429, b'{"error": "slow down"}', "rate_limit_exceeded", "slow down"),
        (429, b'{"error": {"message": "You exceeded your quota"}}', "insufficient_quota", "quota"),
        (402, b"{}", "insufficient_quota", "402"),
        (400, b'{"detail": "bad tools"}', "invalid_request_error", "bad tools"),
        (500, b'{"error": {"code": 7}}', "server_error", '{"code": 7}'),
        (502, b"<html>Bad gateway</html>", "server_error", "502: Status"),
        (503, b"", "server_error", "503: Status"),
        (500, b"x" * 2_000_000, "server_error", "xxx…"),
    ],
)
async def test_refusals_become_failures(status: int, body: bytes, code: str, words: str) -> None:
    chunks = (body,) if body else ()
    failure = only_fail(await ask(Reply(chunks, status=status, content_type="application/json")))
    assert failure.code == code
    assert words in failure.message
    assert not failure.incomplete
    assert len(failure.message) < 400


async def test_redirection_is_shown_and_not_followed() -> None:
    failure = only_fail(await ask(Reply((), status=308, headers={"Location": "https://example.com/v1"})))
    assert "moved to https://example.com/v1" in failure.message


async def test_key_never_stands_in_a_message() -> None:
    echoed = json.dumps({"error": {"message": f"wrong key: {KEY}"}}).encode()
    refused = only_fail(await ask(Reply((echoed,), status=401), api_key=KEY))
    streamed = only_fail(await ask(Reply((b"data: " + echoed + b"\n\n",)), api_key=KEY))
    assert "Is the key right?" in refused.message
    assert KEY not in refused.message
    assert KEY not in streamed.message


async def test_refused_connection_fails_and_names_the_address() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    brain = ChatBrain(f"http://user:{KEY}@127.0.0.1:{port}", "m")
    failure = only_fail(await answer(brain, asking()))
    await brain.close()
    assert failure.code == "server_error"
    assert f"http://127.0.0.1:{port}/v1 cannot be reached" in failure.message
    assert "is it running?" in failure.message
    assert KEY not in failure.message


@pytest.mark.parametrize(
    ("reason", "code"), [("length", "max_output_tokens"), ("content_filter", "content_filter")]
)
async def test_answer_that_is_stopped_is_incomplete(reason: str, code: str) -> None:
    parts = await ask(Reply((delta("x"), call_delta(0, name="f", arguments="{"), delta(finish=reason), DONE)))
    assert parts[0] == Say("x")
    assert isinstance(parts[1], Fail)
    assert (parts[1].code, parts[1].incomplete, len(parts)) == (code, True, 2)


async def test_silent_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime_cli.server.brains.chat._TIMEOUT", httpx2.Timeout(0.05))
    async with chat_server(Reply((), ending="held")) as server:
        brain = ChatBrain(server.url, "m")
        failure = only_fail(await answer(brain, asking()))
        await brain.close()
    assert "did not answer in time (ReadTimeout)" in failure.message


async def test_cancelled_answer_closes_the_stream() -> None:
    heard = asyncio.Event()

    async def listen(brain: ChatBrain) -> None:
        async for _ in brain.answer(asking()):
            heard.set()

    async with chat_server(Reply((delta("x"),), ending="held")) as server, asyncio.timeout(PATIENCE_S):
        brain = ChatBrain(server.url, "m")
        listening = asyncio.create_task(listen(brain))
        await heard.wait()
        listening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listening
        await server.client_gone.wait()
        await brain.close()


async def test_closed_answer_closes_the_stream() -> None:
    async with chat_server(Reply((delta("x"),), ending="held")) as server, asyncio.timeout(PATIENCE_S):
        brain = ChatBrain(server.url, "m")
        async with aclosing(brain.answer(asking())) as parts:
            await anext(parts)
        await server.client_gone.wait()
        await brain.close()


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel"])
def test_key_that_no_header_can_carry_is_refused(key: str) -> None:
    with pytest.raises(UsageError, match="key has characters") as refusal:
        ChatBrain("http://localhost", "m", key)
    assert key not in str(refusal.value)


@pytest.mark.parametrize("host", ["\u2603\u0301.example", "xn--\udfff"])
def test_host_that_is_none_is_refused_at_once(host: str) -> None:
    with pytest.raises(UsageError, match="chat URL"):
        ChatBrain(f"http://{host}", "m")


async def test_https_is_verified() -> None:
    brain = ChatBrain("https://localhost:1", "m")
    failure = only_fail(await answer(brain, asking()))
    await brain.close()
    assert "https://localhost:1/v1 cannot be reached" in failure.message
