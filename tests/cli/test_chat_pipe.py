"""`realtime chat` in a pipe: what goes in, what comes out."""

from __future__ import annotations

from tests.cli.program import Program, ended, words_of
from tests.cli.servers import event, peer, saying
from tests.support.serving import serving


async def test_each_line_is_a_turn_and_stdout_is_the_answers(realtime: Program) -> None:
    done = await realtime("chat", stdin="hello\nthank you\n")
    assert done.status == 0
    assert len(done.lines) == 2
    assert done.lines[0].startswith("Hello!")


async def test_stderr_says_which_server_and_why_and_ends_with_a_summary(realtime: Program) -> None:
    done = await realtime("chat", stdin="hello\n")
    first, *_, last = done.err.splitlines()
    assert first.startswith("realtime ")
    assert first.endswith(" · embedded server (no OPENAI_API_KEY, no --url)")
    assert last.startswith("1 turn · ")
    assert last.endswith(f" · log {realtime.log()}")


async def test_json_is_an_object_for_each_turn_and_a_summary(realtime: Program) -> None:
    done = await realtime("chat", "--json", stdin="hello\nthank you\n")
    assert [turn["user"] for turn in done.of_type("turn")] == ["hello", "thank you"]
    assert [turn["status"] for turn in done.of_type("turn")] == ["completed", "completed"]
    assert all(turn["usage"]["output"] > 0 for turn in done.of_type("turn"))
    assert all(turn["latency_ms"]["done"] >= 0 for turn in done.of_type("turn"))
    assert done.objects[-1]["type"] == "summary"
    assert done.objects[-1]["turns"] == 2
    assert done.objects[-1]["log"] == str(realtime.log())


async def test_every_kind_of_line_is_a_turn_and_blank_ones_are_none(realtime: Program) -> None:
    typed = b"unix\nwindows\r\n\n  \t\r\nbad \xff\xfe bytes\n\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\nno end"
    async with serving() as server:
        done = await realtime("chat", "--url", server.url, stdin=typed)
    assert done.status == 0
    assert done.lines == [
        "You said: unix",
        "You said: windows",
        "You said: bad \ufffd\ufffd bytes",
        "You said: ä€😀",
        "You said: no end",
    ]


async def test_empty_stdin_is_a_session_without_turns(realtime: Program) -> None:
    done = await realtime("chat")
    assert (done.status, done.out) == (0, "")
    assert "0 turns" in done.err


async def test_a_closed_stdin_is_empty(realtime: Program) -> None:
    command = f'"{realtime.home}/run" chat <&-'
    realtime.file("run", f'#!/bin/sh\nexec {" ".join(realtime.command)} "$@"\n').chmod(0o755)
    done = realtime.run_now("-c", command, command=["sh"])
    assert done.status == 0
    assert "0 turns" in done.err


async def test_a_line_of_a_megabyte_arrives_whole(realtime: Program) -> None:
    line = "0123456789abcde " * 65536
    async with peer(saying("Long.")) as server:
        done = await realtime("chat", "--no-log", "--url", server.url, stdin=f"{line}\n")
    assert (done.status, done.out) == (0, "Long.\n")
    assert server.events[1]["item"]["content"][0]["text"] == line


async def test_each_line_waits_for_the_answer_to_the_line_before(realtime: Program) -> None:
    async with peer(saying("Yes.")) as server:
        await realtime("chat", "--url", server.url, stdin="one\ntwo\n")
    kinds = [sent["type"] for sent in server.events[1:]]
    assert kinds == ["conversation.item.create", "response.create"] * 2


async def test_a_reader_that_leaves_early_ends_the_program_quietly(realtime: Program) -> None:
    async with serving() as server, realtime.running("chat", "--url", server.url) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"one\n")
        await words_of(process, until=b"\n")
        process._transport.get_pipe_transport(1).close()
        process.stdin.write(b"two\n" * 50)
        done = await ended(process)
    assert done.status == 0
    assert "realtime:" not in done.err


async def test_a_reader_that_leaves_before_anything_is_said_ends_json_quietly(realtime: Program) -> None:
    done = realtime.run_now(
        "-c", f"echo hi | {' '.join(realtime.command)} chat --json | true", command=["sh"]
    )
    assert done.status == 0
    assert "realtime:" not in done.err


async def test_output_that_cannot_be_written_is_one_clear_line(realtime: Program) -> None:
    done = realtime.run_now("-c", f"echo hi | {' '.join(realtime.command)} chat > /dev/full", command=["sh"])
    assert done.status == 1
    assert "realtime: the output: No space left on device\n" in done.err


async def test_control_characters_of_a_server_reach_no_terminal(realtime: Program) -> None:
    evil = "\x1b]0;title\x07\x1b[2Jred"
    async with peer(saying(evil)) as server:
        plain = await realtime("chat", "--url", server.url, stdin="x\n")
        as_json = await realtime("chat", "--json", "--url", server.url, stdin="x\n")
    assert plain.out == "␛]0;title␇␛[2Jred\n"
    assert b"\x1b" not in as_json.stdout
    assert as_json.objects[0]["assistant"] == evil


async def test_unknown_events_are_counted(realtime: Program) -> None:
    strange = [event("response.from.the.future", note=1), event("x"), "[1]", "no json", b"\x00\x01"]
    async with peer(saying("Yes.", *strange)) as server:
        done = await realtime("chat", "--json", "--url", server.url, stdin="hello\n")
    assert done.status == 0
    assert done.of_type("turn")[0]["assistant"] == "Yes."
    assert done.objects[-1]["events"]["unknown"] == 2
    assert done.objects[-1]["events"]["malformed"] == 3
    assert "2 unknown events" in done.err


async def test_a_frame_of_20_mb_is_a_frame_like_any_other(realtime: Program) -> None:
    huge = event(
        "response.output_audio.delta", response_id="resp_1", item_id="item_resp_1", delta="A" * 20_000_000
    )
    async with peer(saying("Still here.", huge)) as server:
        done = await realtime("chat", "--json", "--url", server.url, stdin="hello\n")
    assert done.status == 0
    assert done.of_type("turn")[0]["assistant"] == "Still here."
    assert done.objects[-1]["events"]["audio_in_bytes"] == 15_000_000
    assert realtime.log().stat().st_size > 20_000_000
