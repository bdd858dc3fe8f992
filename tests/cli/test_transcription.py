"""`realtime chat` in a transcription session: what is said is written down, and nobody answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from realtime_cli.cli.transcribing import transcribes, transcribing
from realtime_cli.providers import Endpoint
from realtime_cli.settings import Settings
from tests.cli.program import Program, side_by_side
from tests.cli.servers import event, peer
from tests.cli.sounds import tone, wav
from tests.support.serving import serving
from tests.support.speech import need, silence, spoken

SESSION = {"type": "transcription", "audio": {"input": {"transcription": {"model": "embedded"}}}}
TOLD = event("session.created", session=SESSION)
SCRIPT = 'turns:\n  - when: [good morning, good night]\n    say: "Nobody hears that."\n'


def _two_turns(realtime: Program) -> tuple[str | Path, ...]:
    need("espeak-ng", "pocketsphinx")
    pcm = silence(100) + spoken("good morning") + silence(1000) + spoken("good night")
    script, file = realtime.file("script.yaml", SCRIPT), realtime.file("two.wav", wav(pcm))
    return ("chat", "--script", script, "--input", file, "--pace", "max")


async def test_what_is_said_in_a_file_is_printed_a_line_for_each_turn(realtime: Program) -> None:
    session, chat = realtime.file("session.json", SESSION), _two_turns(realtime)
    lines, objects, one = await side_by_side(
        realtime(*chat, "--session", session, *more, stdin="not read\n")
        for more in (("--repeat-silence",), ("--repeat-silence", "--json"), ("--vad", "none"))
    )
    assert (lines.status, lines.lines) == (0, ["good morning", "good night"]), lines.err
    told = objects.of_type("transcript")
    assert [each["text"] for each in told] == ["good morning", "good night"]
    assert len({each["item_id"] for each in told}) == 2
    assert not objects.of_type("turn")
    assert one.status == 0
    assert len(one.lines) == 1
    for done in (lines, objects, one):
        assert "error" not in done.err
        assert "no speaker" not in done.err


def _writing_down(frame: str) -> list[str]:
    """Answers as a server does that was connected to for transcripts, the words last of all."""
    match json.loads(frame):
        case {"type": "session.update", "session": session}:
            return [event("session.updated", session=session)]
        case {"type": "input_audio_buffer.commit"}:
            name = "conversation.item.input_audio_transcription"
            words = {"item_id": "item_1", "content_index": 0}
            return [
                event("input_audio_buffer.committed", item_id="item_1"),
                event(f"{name}.delta", delta="Bonjour ", **words),
                event(f"{name}.completed", transcript="Bonjour\ntout le monde.\n", **words),
            ]
        case _:
            return []


async def test_an_address_that_asks_for_transcripts_is_told_nothing_of_answers(realtime: Program) -> None:
    file = realtime.file("question.wav", wav(tone(300)))
    async with peer(_writing_down, greeting=[TOLD]) as server:
        url = f"{server.url}?intent=transcription"
        said = ("--vad", "none", "--transcribe", "m", "--audio-format", "pcmu")
        done = await realtime("chat", "--url", url, "--input", file, *said, "--record", "both.wav")
    assert (done.status, done.lines) == (0, ["Bonjour tout le monde."]), done.err
    assert server.events[0]["session"] == {
        "type": "transcription",
        "audio": {
            "input": {
                "format": {"type": "audio/pcmu"},
                "transcription": {"model": "m"},
                "turn_detection": None,
            }
        },
    }
    assert "response.create" not in {each["type"] for each in server.events}


async def test_words_that_do_not_come_are_waited_for_no_longer_than_was_said(realtime: Program) -> None:
    def forgetting(frame: str) -> list[str]:
        return [each for each in _writing_down(frame) if "transcription.completed" not in each]

    file = realtime.file("question.wav", wav(tone(300)))
    async with peer(forgetting, greeting=[TOLD]) as server:
        url = f"{server.url}?intent=transcription"
        said = ("--vad", "none", "--transcribe", "m", "--timeout", "0.5")
        done = await realtime("chat", "--url", url, "--input", file, *said)
    assert (done.status, done.lines) == (8, ["Bonjour"])
    assert done.complaint == "no transcript came within 0.5 s"


OF_ANSWERS = [
    (["--output", "a.wav"], "--output is for answers"),
    (["--voice", "marin"], "--voice is for answers"),
    (["--speed", "1.2"], "--speed is for answers"),
    (["--instructions", "x"], "--instructions is for answers"),
    (["--tools", "ask"], "--tools is for answers"),
    (["--mcp-server", "a=https://b"], "--mcp-server is for answers"),
]


async def test_what_is_for_answers_is_refused(realtime: Program) -> None:
    session, file = realtime.file("session.json", SESSION), realtime.file("question.wav", wav(tone(300)))
    chat = ("chat", "--session", session, "--input", file)
    *results, unheard = await side_by_side(
        [*(realtime(*chat, *flags) for flags, _ in OF_ANSWERS), realtime(*chat[:-2], stdin="hello\n")]
    )
    for (_, words), done in zip(OF_ANSWERS, results, strict=True):
        assert (done.status, done.out) == (2, "")
        assert done.complaint == f"{words}, and in a transcription session there are none"
    assert (unheard.status, unheard.out) == (2, "")
    assert unheard.complaint.endswith("and here is nothing to hear")


async def test_a_voice_that_was_set_for_conversations_is_left_out(realtime: Program) -> None:
    session, file = realtime.file("session.json", SESSION), realtime.file("question.wav", wav(tone(300)))
    async with serving() as server:
        chat = ("chat", "--url", server.url, "--session", session, "--input", file, "--vad", "none")
        done = await realtime(*chat, env={"REALTIME_VOICE": "marin", "REALTIME_INSTRUCTIONS": "x"})
    assert "error" not in done.err
    assert done.status == 0


ADDRESSES = [
    (Settings(), "wss://a/v1/realtime?model=m", "openai", "wss://a/v1/realtime?intent=transcription"),
    (Settings(), "wss://a/x?model=m", "custom", "wss://a/x?model=m&intent=transcription"),
    (
        Settings(model="m", origins={"model": "--model"}),
        "wss://a/x?model=m",
        "openai",
        "wss://a/x?model=m&intent=transcription",
    ),
    (Settings(), "wss://a/x?intent=transcription", "custom", "wss://a/x?intent=transcription"),
    (Settings(), "", "local", ""),
]


@pytest.mark.parametrize(("settings", "url", "provider", "expected"), ADDRESSES)
def test_the_address_says_that_it_is_a_transcription_session(
    settings: Settings, url: str, provider: str, expected: str
) -> None:
    here = Endpoint(url=url, shown_url=url, provider=provider, model=None, dialect="auto", reason="")
    there = transcribing(here, settings)
    assert (there.url, there.shown_url) == (expected, expected)


def test_the_users_own_session_outweighs_the_address() -> None:
    here = Endpoint(
        url="ws://a/x?intent=transcription", provider="custom", model=None, dialect="auto", reason=""
    )
    assert transcribes(Settings(), here)
    assert not transcribes(Settings(session={"type": "realtime"}), here)
