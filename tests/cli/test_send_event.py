"""`realtime send-event`, against a server that keeps what it is sent, and the embedded one."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection

from tests.cli.program import Json, Program, Result, ended, side_by_side, words_of
from tests.cli.servers import GREETING, acting, event, peer, saying
from tests.support.serving import serving

HELLO = [
    {
        "type": "conversation.item.create",
        "item": {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hello"}]},
    },
    {"type": "response.create", "response": {"output_modalities": ["text"]}},
]
BETA_FIELD = {"type": "session.update", "session": {"type": "realtime", "voice": "marin"}}


def _answer(done: Result) -> str:
    (text,) = done.of_type("response.output_text.done")
    return str(text["text"])


async def test_events_come_in_every_shape(realtime: Program) -> None:
    first, second = (json.dumps(each) for each in HELLO)
    files = {
        "array": [realtime.file("a.json", json.dumps(HELLO, indent=2))],
        "lines": [realtime.file("a.jsonl", f"{first}\n{second}\n")],
        "files": [realtime.file("1.json", first), realtime.file("2.json", second)],
        "stdin": ["-"],
    }
    stdin = f"{first}\r\n\r\n{second}"
    results = await side_by_side(realtime("send-event", *each, stdin=stdin) for each in files.values())
    for shape, done in zip(files, results, strict=True):
        assert done.status == 0, shape
        assert _answer(done).startswith("Hello!")
        assert done.objects[0]["type"] == "session.created"
        assert "sending 2 events to embedded server" in done.err


async def test_a_pipe_gets_the_frames_as_they_came(realtime: Program) -> None:
    odd = '{"type": "x.y",  "n": 1.50, "u": "\\u00e4ä\\ud83d\\ude00", "dup": 1, "dup": 2}'
    frames = [GREETING, odd, '{"type":"x.z",\r\n "a": {}}', "[1]", "no json", b"\x00\xff"]
    async with peer(greeting=frames) as server:
        file = realtime.file("e.json", {"type": "input_audio_buffer.clear"})
        done = await realtime("send-event", file, "--url", server.url, "--wait-for", "none")
    assert done.stdout.split(b"\n")[:-1] == [
        GREETING.encode(),
        odd.encode(),
        b'{"type":"x.z",   "a": {}}',
        b'{"text": "[1]"}',
        b'{"text": "no json"}',
        b'{"base64": "AP8="}',
    ]


async def test_the_encoding_of_a_terminal_does_not_matter_to_a_pipe(realtime: Program) -> None:
    async with peer(greeting=['{"type":"session.created","text":"ä€😀"}']) as server:
        file = realtime.file("e.json", {"type": "input_audio_buffer.clear"})
        ascii_only = {"PYTHONIOENCODING": "ascii"}
        done = await realtime("send-event", file, "--url", server.url, "--wait-for", "none", env=ascii_only)
    assert done.out == '{"type":"session.created","text":"ä€😀"}\n'


async def test_events_are_sent_as_they_are_written_with_an_id_of_ours(realtime: Program) -> None:
    file = realtime.file(
        "e.jsonl", '{"type":  "response.cancel"}\n{"type": "response.cancel", "event_id": "mine"}'
    )
    async with peer() as server:
        await realtime("send-event", file, "--url", server.url, "--wait-for", "none")
    assert server.received == [
        '{"event_id": "event_cli_1", "type":  "response.cancel"}',
        '{"type": "response.cancel", "event_id": "mine"}',
    ]


async def test_set_changes_what_is_sent(realtime: Program) -> None:
    file = realtime.file("hello.json", HELLO)
    changes = ["--set", "[0].item.content[0].text=thank you", "--set", "response.metadata.x=y"]
    changes += ["--wait-for", "response.done"]
    async with peer(saying("Yes.")) as server:
        done = await realtime("send-event", file, *changes, "--url", server.url)
    assert done.status == 0
    assert server.events[0]["item"]["content"][0]["text"] == "thank you"
    assert server.events[1]["response"] == {"output_modalities": ["text"], "metadata": {"x": "y"}}


NONSENSE: list[tuple[object, list[str], int, str]] = [
    ([*HELLO, BETA_FIELD], [], 3, "e.json, event 3: session.voice: "),
    ({"type": "response.crate"}, [], 3, "response.create"),
    ({"type": "input_audio_buffer.commit"}, [], 3, "nothing was added"),
    (["text"], [], 3, "e.json, event 1: an event must be a JSON object"),
    ([], [], 3, "there is no event to send in e.json"),
    ("{", [], 3, "e.json is not JSON: "),
    (HELLO, ["--set", "nowhere=1"], 2, "--set nowhere: no event has the field nowhere"),
    (HELLO, ["--log", "1.json"], 3, "1.json has something in it already"),
]


async def test_a_type_that_nobody_knows_is_a_warning_and_may_come_all_the_same(realtime: Program) -> None:
    file = realtime.file("e.json", {"type": "input_audio_buffer.clear"})
    async with peer(greeting=[GREETING, event("response.donne")]) as server:
        done = await realtime("send-event", file, "--url", server.url, "--wait-for", "response.donne")
    assert (done.status, len(done.lines)) == (0, 2)
    warning, sending = done.err.splitlines()
    assert warning.endswith("no such event from a server; did you mean response.done?")
    assert sending.startswith("sending 1 event")


async def test_a_script_is_no_other_brain(realtime: Program) -> None:
    file = realtime.file("hello.json", HELLO)
    done = await realtime("send-event", file, "--brain", "rules", "--script", "s.yaml")
    assert (done.status, done.out) == (2, "")
    assert done.complaint == "--brain and --script contradict each other"


async def test_nonsense_is_named_and_nothing_is_sent(realtime: Program) -> None:
    async with peer() as server:
        results = await side_by_side(
            realtime(
                "send-event", realtime.file(f"{number}.json", content).name, *options, "--url", server.url
            )
            for number, (content, options, _, _) in enumerate(NONSENSE)
        )
    for number, (done, (_, _, status, words)) in enumerate(zip(results, NONSENSE, strict=True)):
        assert (done.status, done.out) == (status, ""), number
        assert words.replace("e.json", f"{number}.json") in done.err
    assert server.received == []


async def test_every_finding_is_told_at_once(realtime: Program) -> None:
    file = realtime.file("e.json", [BETA_FIELD, BETA_FIELD])
    done = await realtime("send-event", file)
    assert done.err.count("session.voice: ") == 2
    assert done.err.endswith("  nothing was sent; --force sends anyway\n")


async def test_force_sends_anything_byte_for_byte(realtime: Program) -> None:
    contents = ['{"type": "session.update",  "session": {"voice": 1.50}}', "not even { JSON", "[\n", "\ttab"]
    files = [realtime.file(f"{number}.json", content + "\n") for number, content in enumerate(contents)]
    async with peer() as server:
        done = await realtime("send-event", "--force", *files, "--wait-for", "none", "--url", server.url)
    assert done.status == 0
    assert server.received == [content.strip("\n") for content in contents]


async def test_an_error_is_printed_and_explained_and_has_a_status(realtime: Program) -> None:
    file = realtime.file("e.json", {"type": "conversation.item.delete", "item_id": "nobody"})
    done = await realtime("send-event", file)
    assert done.status == 7
    (error,) = done.of_type("error")
    assert error["error"]["event_id"] == "event_cli_1"
    (words,) = [line for line in done.err.splitlines() if line.startswith("error: ")]
    assert "nobody" in words
    assert "(answers conversation.item.delete" in words


async def test_an_answer_that_fails_is_explained(realtime: Program) -> None:
    async with serving() as server:
        file = realtime.file("hello.json", HELLO)
        fail = ["--set", "[0].item.content[0].text=fail"]
        done = await realtime("send-event", file, *fail, "--url", server.url)
    assert done.of_type("response.done")[0]["response"]["status"] == "failed"
    assert "Too fast." in done.err


async def test_waiting_ends_with_the_event_that_was_waited_for(realtime: Program) -> None:
    late = event("response.output_text.delta", delta="for ever", response_id="r", item_id="i")
    async with peer(lambda _: [event("response.created", response={"id": "r"}), late]) as server:
        file = realtime.file("e.json", {"type": "response.create"})
        done = await realtime(
            "send-event", file, "--url", server.url, "--wait-for", "response.output_text.delta"
        )
    assert done.status == 0
    assert done.objects[-1]["delta"] == "for ever"


async def test_what_is_in_flight_behind_the_event_that_was_waited_for_is_not_printed(
    realtime: Program,
) -> None:
    created = event("response.created", response={"id": "r"})
    late = [event("response.output_text.delta", delta="x", response_id="r", item_id="i")] * 50
    refused = event("error", error={"type": "invalid_request_error", "message": "too late"})
    async with peer(lambda _: [created, *late, refused]) as server:
        file = realtime.file("e.json", {"type": "response.create"})
        done = await realtime("send-event", file, "--url", server.url, "--wait-for", "response.created")
    assert done.status == 0
    assert [each["type"] for each in done.objects] == ["session.created", "response.created"]
    assert "too late" not in done.err


async def test_an_event_that_came_before_everything_was_sent_ends_the_wait_at_once(
    realtime: Program,
) -> None:
    async with peer(saying("Yes.")) as server:
        file = realtime.file("e.json", [{"type": "response.cancel"}] * 3)
        done = await realtime("send-event", file, "--url", server.url, "--wait-for", "session.created")
    assert (done.status, len(server.events)) == (0, 3)


async def test_waiting_for_nothing_ends_as_soon_as_all_is_sent(realtime: Program) -> None:
    async with peer(greeting=[GREETING]) as server:
        file = realtime.file("e.json", {"type": "response.create"})
        done = await realtime("send-event", file, "--url", server.url, "--wait-for", "none")
    assert done.status == 0
    assert [sent["type"] for sent in server.events] == ["response.create"]


@pytest.mark.parametrize(
    ("wait_for", "words"),
    [
        ("done", "the end of the answer did not come within 0.3 s"),
        ("response.done", "response.done did not come within 0.3 s"),
    ],
)
async def test_waiting_in_vain_has_a_status(realtime: Program, wait_for: str, words: str) -> None:
    async with peer(lambda _: [event("response.created", response={"id": "r"})]) as server:
        file = realtime.file("e.json", {"type": "response.create"})
        wait = ["--wait-for", wait_for, "--timeout", "0.3"]
        done = await realtime("send-event", file, "--url", server.url, *wait)
    assert done.status == 8
    assert done.complaint == words


async def test_what_was_refused_is_not_waited_for(realtime: Program) -> None:
    file = realtime.file("e.json", BETA_FIELD)
    done = await realtime("send-event", "--force", file, "--wait-for", "session.updated", "--timeout", "600")
    assert done.status == 7


async def test_a_server_that_closes_has_a_status(realtime: Program) -> None:
    async def talk(socket: ServerConnection) -> None:
        await socket.send(GREETING)
        await socket.recv()
        await socket.close(1011, "out of memory")

    async with acting(talk) as url:
        file = realtime.file("e.json", {"type": "response.create"})
        done = await realtime("send-event", file, "--url", url)
    assert done.status == 6
    assert "out of memory" in done.complaint


async def test_a_server_that_closes_when_all_is_done_is_no_failure(realtime: Program) -> None:
    reply = saying("Bye.")

    async def talk(socket: ServerConnection) -> None:
        await socket.send(GREETING)
        for frame in reply(str(await socket.recv())):
            await socket.send(frame)

    async with acting(talk) as url:
        file = realtime.file("e.json", {"type": "response.create"})
        done = await realtime("send-event", file, "--url", url)
    assert done.status == 0


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_the_waiting_and_completes_the_log(
    realtime: Program, number: signal.Signals
) -> None:
    file = realtime.file("e.json", {"type": "response.create"})
    async with peer(lambda _: [event("response.created", response={"id": "r"})]) as server:
        options = ["--url", server.url, "--log", "log.jsonl", "--timeout", "600"]
        async with realtime.running("send-event", file, *options) as process:
            await words_of(process, until=b"response.created")
            process.send_signal(number)
            done = await ended(process)
    assert done.status == 130
    assert "response.created" in _kinds(realtime.home / "log.jsonl")


async def test_a_key_that_is_refused_has_a_status(realtime: Program) -> None:
    async with serving(token="the-right-one") as server:
        file = realtime.file("e.json", {"type": "response.create"})
        done = await realtime("send-event", file, "--url", server.url)
    assert done.status == 5


async def test_a_recorded_session_is_sent_again_in_turns(realtime: Program) -> None:
    await realtime("chat", "--voice", "marin", "--log", "first.jsonl", stdin="hello\nthank you\n")
    done = await realtime("send-event", "first.jsonl", "--log", "second.jsonl")
    assert done.status == 0
    kinds = _kinds(realtime.home / "second.jsonl")
    assert kinds.count("response.done") == 2
    first_done = kinds.index("response.done")
    assert kinds[:first_done].count("response.create") == 1
    assert _sent(realtime.home / "first.jsonl") == _sent(realtime.home / "second.jsonl")
    spoken = done.of_type("response.output_audio_transcript.done")
    assert spoken[0]["transcript"].startswith("Hello!")


async def test_a_damaged_log_is_sent_up_to_the_damage(realtime: Program) -> None:
    await realtime("chat", "--log", "log.jsonl", stdin="hello\n")
    log = realtime.home / "log.jsonl"
    log.write_bytes(log.read_bytes()[:-9])
    done = await realtime("send-event", log)
    assert done.status == 0
    assert "warning: " in done.err
    assert "is cut off; the rest is lost" in done.err


async def test_a_beta_server_is_sent_beta_events(realtime: Program) -> None:
    update = {"type": "session.update", "session": {"modalities": ["text"], "voice": "alloy"}}
    file = realtime.file("e.json", [update, HELLO[0], {"type": "response.create"}])
    beta = ["--dialect", "beta", "--header", "OpenAI-Beta: realtime=v1"]
    async with serving() as server:
        done = await realtime("send-event", file, *beta, "--url", server.url)
    assert done.status == 0, done.err
    assert done.of_type("response.text.done")[0]["text"] == "You said: hello"


def _entries(log: Path) -> list[Json]:
    return [json.loads(line) for line in log.read_text().splitlines()[1:]]


def _kinds(log: Path) -> list[str]:
    return [entry["event"]["type"] for entry in _entries(log)]


def _sent(log: Path) -> list[Json]:
    return [entry["event"] for entry in _entries(log) if entry["dir"] == "out"]
