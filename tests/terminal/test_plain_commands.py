"""Commands on a terminal too simple for the live screen, as a person sees them."""

from __future__ import annotations

from pathlib import Path

from tests.cli.program import Program
from tests.cli.servers import peer, saying
from tests.cli.sounds import wav
from tests.support.serving import serving
from tests.support.speech import need, spoken
from tests.terminal.screen import ENTER, Terminal, terminal
from tests.terminal.test_chat import chat

TOOL = 'def get_weather(city: str) -> str:\n    """Tells how warm it is."""\n    return f"{city}: 16"\n'


async def _run(screen: Terminal, line: str) -> list[str]:
    """Types a line at the prompt, and gives what stands between it and the next prompt."""
    await screen.until(lambda: screen.lines[-1] == "›")
    before = len(screen.lines)
    screen.type(f"{line}{ENTER}")
    await screen.until(lambda: len(screen.lines) > before and screen.lines[-1] == "›")
    return screen.lines[before:-1]


async def test_commands_are_no_turns(realtime: Program) -> None:
    async with peer(saying("Yes.")) as server, chat(realtime, "--url", server.url) as screen:
        help_ = await _run(screen, "?")
        assert help_[0].startswith("Talking       /mute ")
        assert "Keys" not in help_
        assert (await _run(screen, "/usage"))[0].startswith("nothing")
        assert await _run(screen, "/nope") == [
            "error: there is no command /nope (/help lists them; // begins a turn with /)"
        ]
        assert (await _run(screen, "/clear"))[0].startswith("error: this terminal cannot be cleared")
        screen.type(f"/quit{ENTER}")
        assert await screen.ends() == 0
        assert screen.cursor_column == 0
        assert screen.lines[screen.lines.index("› /quit") + 1].startswith("0 turns · ")
    assert len(server.received) == 1  # what the session begins with


async def test_a_line_stands_once_and_two_slashes_begin_a_turn(realtime: Program) -> None:
    async with serving() as server, terminal(realtime, "chat", "--url", server.url, TERM="dumb") as screen:
        await _run(screen, "//x is a path")
        assert [line for line in screen.lines if "is a path" in line] == [
            "› //x is a path",
            "● You said: /x is a path",
        ]
        assert (await _run(screen, "/items"))[0].endswith("/x is a path")


async def test_what_the_server_answers_to_a_command_is_told(realtime: Program) -> None:
    async with serving() as server, chat(realtime, "--url", server.url) as screen:
        await _run(screen, "hello")
        screen.type(f"/retrieve 1{ENTER}")
        await screen.until(lambda: "content[0].text  hello" in screen.lines)
        await _run(screen, "")
        screen.type(f"/delete 1{ENTER}")
        await screen.until(lambda: any(line.startswith("deleted msg_") for line in screen.lines))


async def test_a_sound_is_heard_in_a_written_conversation_too(realtime: Program) -> None:
    need("pocketsphinx")
    question = realtime.file("question.wav", wav(spoken("What can you do?")))
    async with chat(realtime) as screen:
        await screen.until(lambda: screen.lines[-1] == "›")
        screen.type(f"/say {question.name}{ENTER}")
        await screen.shows("I answer a few questions about myself")


async def test_events_are_printed_and_one_of_them_whole(realtime: Program) -> None:
    async with serving() as server, chat(realtime, "--url", server.url, columns=120) as screen:
        shown = await _run(screen, "/events session.*")
        number = next(line.split()[0] for line in shown if "← session.created" in line)
        whole = await _run(screen, f"/inspect {number}")
        assert 'type: "session.created"' in whole
        assert (await _run(screen, "/inspect 999"))[0].startswith("error: there is no event #999")


async def test_a_call_is_asked_about_with_all_of_its_arguments(realtime: Program, tmp_path: Path) -> None:
    realtime.file("weather.py", TOOL)
    city = "Lisbon " * 100 + "END"
    options = ("--tools", "weather.py", "--approve", "ask")
    async with chat(realtime, *options) as screen:
        await screen.until(lambda: screen.lines[-1] == "›")
        screen.type(f'get_weather for "{city}"{ENTER}')
        await screen.until(lambda: screen.lines[-1] == "›" and "/approve or /deny" in screen.text)
        assert 'END"}) waits for approval: /approve or /deny' in screen.text
        screen.type(f"/approve{ENTER}")
        await screen.shows("get_weather: done in")
