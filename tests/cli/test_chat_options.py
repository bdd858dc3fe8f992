"""The options of `realtime chat`, as the server gets to see them."""

from __future__ import annotations

from pathlib import Path

from tests.cli.program import Program, side_by_side
from tests.cli.servers import Peer, event, peer, saying
from tests.support.serving import serving

WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather of a place.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


async def _update(realtime: Program, *options: str | Path, env: dict[str, str] | None = None) -> object:
    """The session that the program asks for."""
    async with peer(saying("Yes.")) as server:
        done = await realtime("chat", "--url", server.url, *options, env=env, stdin="hello\n")
    assert done.status == 0, done.err
    sent = server.events[0]
    assert sent["type"] == "session.update"
    return sent["session"]


async def test_where_nobody_can_hear_it_no_speech_is_asked_for(realtime: Program) -> None:
    assert await _update(realtime) == {"type": "realtime", "output_modalities": ["text"]}


async def test_options_become_the_session(realtime: Program) -> None:
    session = await _update(realtime, "--text", "--voice", "marin", "--instructions", "Be brief.")
    assert session == {
        "type": "realtime",
        "instructions": "Be brief.",
        "output_modalities": ["text"],
        "audio": {"output": {"voice": "marin"}},
    }


async def test_instructions_come_from_a_file_too(realtime: Program) -> None:
    file = realtime.file("how.txt", "Sei höflich.\nImmer.\n")
    assert await _update(realtime, "--instructions-file", file) == {
        "type": "realtime",
        "instructions": "Sei höflich.\nImmer.\n",
        "output_modalities": ["text"],
    }


async def test_a_session_file_is_merged_over_the_flags(realtime: Program) -> None:
    file = realtime.file("session.json", {"audio": {"output": {"speed": 1.25}}, "from_the_future": 1})
    session = await _update(realtime, "--voice", "marin", "--session", file)
    assert session == {
        "type": "realtime",
        "audio": {"output": {"voice": "marin", "speed": 1.25}},
        "from_the_future": 1,
    }


async def test_the_environment_and_dotenv_set_what_flags_do_not(realtime: Program) -> None:
    realtime.file(".env", "REALTIME_VOICE=cedar\nREALTIME_INSTRUCTIONS=From the file.\n")
    session = await _update(realtime, "--text", env={"REALTIME_INSTRUCTIONS": "From the environment."})
    assert session == {
        "type": "realtime",
        "instructions": "From the environment.",
        "output_modalities": ["text"],
        "audio": {"output": {"voice": "cedar"}},
    }


async def test_text_answers_are_text_and_others_speech(realtime: Program) -> None:
    await side_by_side(
        [
            realtime("chat", "--text", "--log", "text.jsonl", stdin="hello\n"),
            realtime("chat", "--voice", "alloy", "--log", "speech.jsonl", stdin="hello\n"),
        ]
    )
    assert "response.output_text.done" in (realtime.home / "text.jsonl").read_text()
    assert "response.output_audio_transcript.done" in (realtime.home / "speech.jsonl").read_text()


async def test_a_function_call_is_in_the_turn(realtime: Program) -> None:
    file = realtime.file("session.json", {"tools": [WEATHER]})
    done = await realtime("chat", "--session", file, "--json", stdin="call get_weather for city Paris\n")
    (call,) = done.of_type("turn")[0]["calls"]
    assert call["name"] == "get_weather"
    assert "Paris" in call["arguments"]
    assert call["output"] is None


async def test_a_script_answers(realtime: Program) -> None:
    script = realtime.file("script.yaml", 'turns:\n  - when: ping\n    say: "pong"\n')
    done = await realtime("chat", "--script", script, stdin="ping\n")
    assert (done.status, done.out) == (0, "pong\n")


async def test_a_beta_server_is_understood_and_spoken_to(realtime: Program) -> None:
    async with serving() as server:
        url = f"{server.url}?model=gpt-4o-realtime-preview"
        beta = "--header=OpenAI-Beta: realtime=v1"
        done = await realtime(
            "chat", "--dialect", "beta", beta, "--url", url, "--text", "--json", stdin="hi\n"
        )
    assert done.status == 0
    assert done.of_type("turn")[0]["assistant"] == "You said: hi"
    log = realtime.log().read_text()
    assert '"response.text.delta"' in log
    assert '"modalities"' in log
    assert "output_modalities" not in log.split("\n", 1)[1]


async def test_a_servers_other_settings_are_no_error(realtime: Program) -> None:
    """A server may take another voice than was asked for; the conversation goes on."""
    updated = event("session.updated", session={"type": "realtime", "audio": {"output": {"voice": "alloy"}}})
    async with peer(saying("Yes.", updated)) as server:
        done = await realtime("chat", "--url", server.url, "--voice", "marin", stdin="hello\n")
    assert done.status == 0
    assert "alloy" in done.err


NONSENSE = [
    (["--url", "http//x"], 2, "http//x"),
    (["--provider", "openai"], 2, "OPENAI_API_KEY is not set"),
    (["--dialect", "gamma"], 2, "must be auto, ga or beta"),
    (["--brain", "script"], 2, "has no script"),
    (["--url", "ws://localhost:9", "--script", "s.yaml"], 2, "--script is for the embedded server"),
    (["--no-log", "--log", "x.jsonl"], 2, "both asked for"),
    (["--script", "missing.yaml"], 3, "missing.yaml"),
    (["--brain", "rules", "--script", "s.yaml"], 2, "--brain and --script contradict each other"),
    (["--brain", "rules", "--brain-url", "http://x"], 2, "--brain and --brain-url contradict each other"),
    (["--brain-url", "http://x", "--script", "s.yaml"], 2, "--brain-url and --script contradict each other"),
    (["--brain-model", "x"], 2, 'the brain "chat" has no URL'),
    (["--url", "ws://localhost:9", "--tts-url", "http://x"], 2, "--tts-url is for the embedded server"),
    (["--text", "--output", "x.wav"], 2, "--text and --output contradict each other"),
    (["--text", "--record", "x.wav"], 2, "--text and --record contradict each other"),
    (["--output", "full.wav"], 3, "full.wav has something in it already"),
    (["--output", "x.wav", "--record", "./x.wav"], 2, "--record and --output both name x.wav"),
    (["--output", "link.wav", "--record", "empty.wav"], 2, "--record and --output both name link.wav"),
    (["--log", "x.wav", "--record", "sub/../x.wav"], 2, "--log and --record both name sub/../x.wav"),
    (["--pace", "max"], 2, "--pace max is for files, and there is none"),
    (["--stt", "pocketsphinx", "--stt-url", "http://x"], 2, "--stt-url and --stt pocketsphinx contradict"),
    (["--stt", "pocketsphinx", "--stt-model", "x"], 2, "--stt-model and --stt pocketsphinx contradict"),
    (["--stt", "none", "--stt-model", "x"], 2, "--stt-model and --stt none contradict each other"),
    (["--stt", "whisper", "--stt-url", "http://x"], 2, "--stt-url and --stt whisper contradict each other"),
    (["--tts", "espeak", "--tts-url", "http://x"], 2, "--tts-url and --tts espeak contradict each other"),
    (["--tts", "none", "--tts-model", "x"], 2, "--tts-model and --tts none contradict each other"),
    (["--tts-model", "x"], 2, "--tts-model is for a server that speaks, and none is named"),
    (["--instructions", "x", "--instructions-file", "x"], 2, "--instructions and --instructions-file contra"),
    (["--ptt", "--text"], 2, "--ptt and --text contradict each other"),
    (["--instructions-file", "missing.txt"], 3, "cannot read missing.txt: No such file or directory"),
    (["--session", "broken.json"], 3, "broken.json:1:"),
]


async def test_nonsense_is_one_clear_line_and_its_own_status(realtime: Program) -> None:
    realtime.file("broken.json", "{")
    realtime.file("full.wav", b"precious")
    (realtime.home / "sub").mkdir()
    (realtime.home / "link.wav").symlink_to(realtime.file("empty.wav", b""))
    results = await side_by_side(realtime("chat", *arguments) for arguments, _, _ in NONSENSE)
    for (arguments, status, words), done in zip(NONSENSE, results, strict=True):
        assert (done.status, done.out) == (status, ""), arguments
        assert words in done.complaint
    assert (realtime.home / "full.wav").read_bytes() == b"precious"
    assert not list(realtime.home.rglob("*.jsonl"))


async def test_a_script_on_the_command_line_wins_over_a_brain_of_the_environment(realtime: Program) -> None:
    script = realtime.file("s.yaml", 'turns:\n  - otherwise: true\n    say: "As written."\n')
    done = await realtime("chat", "--script", script, stdin="hello\n", env={"REALTIME_BRAIN": "rules"})
    assert (done.status, done.out) == (0, "As written.\n")


async def test_the_address_of_a_brain_chooses_it(realtime: Program) -> None:
    done = await realtime("chat", "--brain-url", "http://127.0.0.1:9", stdin="hello\n")
    assert (done.status, done.out) == (7, "")
    assert "127.0.0.1:9" in done.err


KEY = "sk-proj-0123456789abcdefABCDEF"


def _everything(realtime: Program) -> str:
    return "".join(path.read_text() for path in realtime.home.rglob("*.jsonl"))


async def _with_key(realtime: Program, server: Peer, *options: str, env: dict[str, str]) -> str:
    done = await realtime("chat", "--url", server.url, *options, stdin=f"my key is {KEY}\n", env=env)
    return done.out + done.err + _everything(realtime)


async def test_a_key_is_sent_and_shown_nowhere(realtime: Program) -> None:
    """Not even where the user types it, and the server repeats it."""
    refusal = event("error", error={"type": "x", "message": f"Incorrect API key: {KEY}"})
    async with peer(saying(f"You said {KEY}", refusal)) as server:
        seen = await _with_key(realtime, server, "--key-env", "MY_KEY", env={"MY_KEY": KEY})
    assert KEY not in seen
    assert "Incorrect API key: [redacted]" in seen
    assert any(KEY in frame for frame in server.received)


async def test_a_key_without_a_known_shape_stays_secret_too(realtime: Program) -> None:
    key = "correct horse battery staple"
    refusal = event("error", error={"type": "x", "message": f"Incorrect API key: {key}"})
    async with peer(saying(f"You said {key}", refusal)) as server:
        command = ["--key-command", f"echo '{key}'"]
        done = await realtime("chat", "--url", server.url, *command, "--json", stdin="hello\n")
    assert key not in done.out + done.err + _everything(realtime)
