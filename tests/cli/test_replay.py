"""`realtime replay` in a pipe."""

from __future__ import annotations

import gzip
import json
import signal
import sys
from pathlib import Path

import pytest

from tests.cli.program import Program, ended, side_by_side, words_of
from tests.cli.recordings import HEADER, conversation, log, turn
from tests.cli.servers import answer, event
from tests.support.serving import serving

FOREIGN = Path(__file__).parents[1] / "sessions/foreign"
STRANGERS = {
    "openai/test_openai_ws__test_tool_call_round.jsonl": "⚙ get_",
    "openai/beta_text_2025-08.jsonl": "● ",
    "azure_openai/test_azure_ws__test_audio_in_server_vad_transcribes.jsonl": "› ",
}
COUNTING = conversation(("one", "1"), ("two", "2"), ("three", "3"), every_s=1000)


async def test_the_last_conversation_is_shown_again(realtime: Program) -> None:
    live = await realtime("chat", stdin="hello\nthank you\n")
    again = await realtime("replay", "last", "--speed", "max")
    assert again.status == 0
    typed, answers = again.lines[::2], again.lines[1::2]
    assert typed == ["› hello", "› thank you"]
    assert [line.removeprefix("● ") for line in answers] == live.lines
    assert again.err.startswith(f"replay of {realtime.log()} (local, 20")
    assert again.err.splitlines()[-1].startswith("2 turns · ")


async def test_json_is_what_the_live_session_printed(realtime: Program) -> None:
    async with serving() as server:
        talk = "hello\nfail\ncall f {}\n"
        live = await realtime("chat", "--json", "--text", "--url", server.url, stdin=talk)
    again = await realtime("replay", "last", "--speed", "max", "--json")
    assert len(live.objects) > 4
    assert again.objects[:-1] == live.objects[:-1]
    assert again.objects[-1]["tokens"] == live.objects[-1]["tokens"]


async def test_a_log_is_named_by_its_path(realtime: Program) -> None:
    file = realtime.file("mine.jsonl", COUNTING)
    done = await realtime("replay", file, "--speed", "max")
    assert (done.status, done.out) == (0, "› one\n● 1\n› two\n● 2\n› three\n● 3\n")


async def test_an_idle_limit_cuts_pauses(realtime: Program) -> None:
    """Fifty minutes in no time."""
    file = realtime.file("mine.jsonl", COUNTING)
    done = await realtime("replay", file, "--idle-limit", "0.01")
    assert (done.status, done.out) == (0, "› one\n● 1\n› two\n● 2\n› three\n● 3\n")


async def test_speed_is_a_factor(realtime: Program) -> None:
    file = realtime.file("mine.jsonl", COUNTING)
    done = await realtime("replay", file, "--speed", "1e5")
    assert (done.status, done.out) == (0, "› one\n● 1\n› two\n● 2\n› three\n● 3\n")


PARTS = [
    (["--from", "2000"], "› two\n● 2\n› three\n● 3\n"),
    (["--to", "2001"], "› one\n● 1\n› two\n● 2\n"),
    (["--from", "1500", "--to", "2500"], "› two\n● 2\n"),
    (["--from", "25:00", "--to", "0:41:40.5"], "› two\n● 2\n"),
]


async def test_a_part_is_shown(realtime: Program) -> None:
    file = realtime.file("mine.jsonl", COUNTING)
    results = await side_by_side(realtime("replay", file, "--speed", "max", *bounds) for bounds, _ in PARTS)
    for (bounds, shown), done in zip(PARTS, results, strict=True):
        assert (done.status, done.out) == (0, shown), bounds


TRANSCRIBING = event(
    "session.updated", session={"type": "realtime", "audio": {"input": {"transcription": {"model": "m"}}}}
)


def _spoken(number: int) -> list[str]:
    """Somebody has spoken, and is answered before anybody knows the words."""
    committed = event("input_audio_buffer.committed", item_id=f"u{number}")
    return [committed, *answer(f"answer {number}", response_id=f"resp_{number}")]


def _understood(number: int) -> str:
    return event(
        "conversation.item.input_audio_transcription.completed",
        item_id=f"u{number}",
        content_index=0,
        transcript=f"question {number}",
    )


async def test_turns_come_in_their_order_whenever_their_words_came(realtime: Program) -> None:
    steps = [[TRANSCRIBING], _spoken(1), _spoken(2), [_understood(2)], [_understood(1)], _spoken(3)]
    entries = [(0.2 * number, "in", frame) for number, frames in enumerate(steps) for frame in frames]
    file = realtime.file("mine.jsonl", log(entries))
    done = await realtime("replay", file)
    assert (done.status, done.lines) == (
        0,
        [
            *("› question 1", "● answer 1", "› question 2", "● answer 2"),
            *("› (spoken; not transcribed)", "● answer 3"),
        ],
    )


async def test_events_are_a_line_each_with_time_and_direction(realtime: Program) -> None:
    file = realtime.file("mine.jsonl", COUNTING)
    done = await realtime("replay", file, "--speed", "max", "--events", "--from", "1000.01", "--to", "1001")
    assert done.lines[0].split()[:3] == ["1000.050", "←", "conversation.item.added"]
    assert [line.split()[2] for line in done.lines[-2:]] == ["response.output_item.done", "response.done"]


async def test_events_as_json_are_the_lines_of_the_log(realtime: Program) -> None:
    await realtime("chat", stdin="hello\n")
    done = await realtime("replay", "last", "--speed", "max", "--events", "--json")
    _, entries = realtime.log().read_bytes().split(b"\n", 1)
    assert done.stdout == entries


async def test_recordings_of_other_programs_play(realtime: Program) -> None:
    results = await side_by_side(realtime("replay", FOREIGN / name, "--speed", "max") for name in STRANGERS)
    for (name, shown), done in zip(STRANGERS.items(), results, strict=True):
        assert done.status == 0, name
        assert "(recorded by another program)" in done.err
        assert shown in done.out


async def test_a_log_that_is_cut_off_plays_up_to_there(realtime: Program) -> None:
    text = COUNTING[: COUNTING.index('"text": "2"') + 20]
    file = realtime.file("cut.jsonl", text)
    done = await realtime("replay", file, "--speed", "max")
    assert done.status == 3
    assert done.out.startswith("› one\n● 1\n› two\n")
    line, begin = text.count("\n") + 1, text.rindex("\n") + 1
    assert f"warning: line {line} (byte {begin:,}) is cut off; the rest is lost\n" in done.err


async def test_a_log_that_is_damaged_plays_up_to_there(realtime: Program) -> None:
    header, *lines = COUNTING.splitlines()
    text = "\n".join([header, *lines[:10], "\x00\x00 a torn page", *lines[10:]])
    file = realtime.file("torn.jsonl", text)
    done = await realtime("replay", file, "--speed", "max")
    assert (done.status, done.out) == (3, "› one\n● 1\n")
    assert "warning: line 12 (byte " in done.err


async def test_damage_after_the_wanted_part_does_not_matter(realtime: Program) -> None:
    file = realtime.file("cut.jsonl", COUNTING[:-30])
    done = await realtime("replay", file, "--speed", "max", "--to", "1500")
    assert (done.status, done.out) == (0, "› one\n● 1\n")


NO_LOGS: list[tuple[str, str | bytes, str]] = [
    ("future.jsonl", json.dumps({**HEADER, "realtime_log": 99}) + "\n", "was written by a newer realtime"),
    ("novel.txt", "It was a dark and stormy night.\n", "is not a recorded session"),
    ("log.jsonl.gz", gzip.compress(COUNTING.encode()), "is compressed"),
]


async def test_what_is_no_log_is_said_to_be_none(realtime: Program) -> None:
    files = [realtime.file(name, content) for name, content, _ in NO_LOGS]
    results = await side_by_side(realtime("replay", file) for file in files)
    for file, done, (_, _, words) in zip(files, results, NO_LOGS, strict=True):
        assert (done.status, done.out) == (3, ""), file
        assert done.complaint.startswith(f"{file} ")
        assert words in done.complaint


NONSENSE = [
    (["last"], 3, "there is no log in "),
    (["missing.jsonl"], 3, "there is no log missing.jsonl"),
    (["."], 3, ". is a folder, not a log"),
    (["log.jsonl", "--speed", "nan"], 2, "--speed 'nan' is no speed"),
    (["log.jsonl", "--from", "2", "--to", "1"], 2, "--to 1 lies before --from 2"),
    (["log.jsonl", "--from", "50:01"], 2, "--from 3001 lies past the end: the recording lasts 50 min 00 s"),
    (["log.jsonl", "--from", "50:01", "--wav", "x.wav"], 2, "--from 3001 lies past the end"),
    (["log.jsonl", "--wav", "x.wav", "--json"], 2, "--wav and --json contradict each other"),
    (["log.jsonl", "--wav", "x.wav", "--speed", "2"], 2, "--wav and --speed contradict each other"),
    (["log.jsonl", "--wav", "x.wav", "--idle-limit", "0"], 2, "--wav and --idle-limit contradict each other"),
    (["log.jsonl", "--wav", "x.wav", "--output-device", "x"], 2, "--wav and --output-device contradict"),
    (["foreign.jsonl", "--from", "9999"], 2, "--from 9999 lies past the end"),
    (["log.jsonl", "--from", "0:60"], 2, "--from '0:60' is no time"),
    (["log.jsonl", "--to", "1:5:00"], 2, "--to '1:5:00' is no time"),
    (["log.jsonl", "--to", "1:75:00"], 2, "--to '1:75:00' is no time"),
    (["log.jsonl", "--to", "nan"], 2, "--to 'nan' is no time"),
]


async def test_nonsense_is_one_clear_line(realtime: Program) -> None:
    realtime.file("log.jsonl", COUNTING)
    realtime.file("foreign.jsonl", (FOREIGN / next(iter(STRANGERS))).read_bytes())
    results = await side_by_side(realtime("replay", *arguments) for arguments, _, _ in NONSENSE)
    for (arguments, status, words), done in zip(NONSENSE, results, strict=True):
        assert (done.status, done.out) == (status, ""), arguments
        assert words in done.complaint
    assert not (realtime.home / "x.wav").exists()


async def test_a_log_cannot_steer_a_terminal(realtime: Program) -> None:
    file = realtime.file("evil.jsonl", log(turn(1, "x\x1b[2J", "\x1b]0;title\x07", at_s=0)))
    options = ([], ["--events"], ["--json"])
    for done in await side_by_side(realtime("replay", file, "--speed", "max", *each) for each in options):
        assert done.stdout
        assert b"\x1b" not in done.stdout + done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_it(realtime: Program, number: signal.Signals) -> None:
    file = realtime.file("log.jsonl", log(turn(1, "one", "1", at_s=0) + turn(2, "two", "2", at_s=1000)))
    async with realtime.running("replay", file) as process:
        await words_of(process, until="● 1\n".encode())
        process.send_signal(number)
        done = await ended(process)
    assert done.status == 130
    assert done.err.splitlines()[-1].startswith("1 turn · ")


async def test_a_reader_that_leaves_early_ends_it_quietly(realtime: Program) -> None:
    realtime.file("log.jsonl", COUNTING)
    command = f"{' '.join(realtime.command)} replay log.jsonl --speed max --events | head -1"
    done = realtime.run_now("-c", command, command=["sh"])
    assert len(done.lines) == 1
    assert "realtime:" not in done.err
