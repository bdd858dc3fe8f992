"""The flags of sound, as the session that the server is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from realtime_cli.cli.session_config import session_config
from realtime_cli.errors import UsageError
from realtime_cli.settings import load_settings
from tests.cli.program import Program, side_by_side
from tests.cli.servers import peer, saying
from tests.cli.sounds import events_in, kinds_in, tone, wav

Json = dict[str, Any]
Config = Callable[..., Json]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """The session that flags (and the environment) ask for; with a microphone and a speaker, unless told."""

    def asked(
        *, environ: dict[str, str] | None = None, provider: str = "", hears: bool = True, **flags: Any
    ) -> Json:
        speaks = flags.pop("speaks", True)
        config_path = tmp_path / "config.toml"
        settings = load_settings(flags, environ=environ or {}, cwd=tmp_path, config_path=config_path)
        return session_config(settings, provider=provider, hears=hears, speaks=speaks)

    return asked


def _input(**wanted: object) -> Json:
    return {"type": "realtime", "audio": {"input": wanted}}


def _output(**wanted: object) -> Json:
    return {"type": "realtime", "audio": {"output": wanted}}


SERVER, SEMANTIC = {"type": "server_vad"}, {"type": "semantic_vad"}
PCM = {"type": "audio/pcm", "rate": 24000}
ULAW, ALAW = {"type": "audio/pcmu"}, {"type": "audio/pcma"}
SESSIONS: list[tuple[Json, Json]] = [
    ({}, {}),
    ({"vad": "server"}, _input(turn_detection=SERVER)),
    ({"vad": "semantic"}, _input(turn_detection=SEMANTIC)),
    ({"vad": "none"}, _input(turn_detection=None)),
    ({"ptt": True}, _input(turn_detection=None)),
    ({"ptt": True, "vad": "none"}, _input(turn_detection=None)),
    ({"vad_threshold": 0.7}, _input(turn_detection={**SERVER, "threshold": 0.7})),
    ({"vad_threshold": 0.0}, _input(turn_detection={**SERVER, "threshold": 0.0})),
    ({"prefix_ms": 0}, _input(turn_detection={**SERVER, "prefix_padding_ms": 0})),
    ({"silence_ms": 200}, _input(turn_detection={**SERVER, "silence_duration_ms": 200})),
    ({"idle_timeout_ms": 6000}, _input(turn_detection={**SERVER, "idle_timeout_ms": 6000})),
    ({"eagerness": "low"}, _input(turn_detection={**SEMANTIC, "eagerness": "low"})),
    ({"vad": "semantic", "eagerness": "auto"}, _input(turn_detection={**SEMANTIC, "eagerness": "auto"})),
    ({"noise_reduction": "near_field"}, _input(noise_reduction={"type": "near_field"})),
    ({"transcribe": "whisper-1"}, _input(transcription={"model": "whisper-1"})),
    ({"transcribe": "m", "language": "de"}, _input(transcription={"model": "m", "language": "de"})),
    ({"transcribe": "none"}, _input(transcription=None)),
    ({"speed": 1.2}, _output(speed=1.2)),
    ({"voice": "cedar", "speed": 0.25}, _output(voice="cedar", speed=0.25)),
    (
        {"audio_format": "pcm"},
        {"type": "realtime", "audio": {"input": {"format": PCM}, "output": {"format": PCM}}},
    ),
    (
        {"audio_format": "pcmu"},
        {"type": "realtime", "audio": {"input": {"format": ULAW}, "output": {"format": ULAW}}},
    ),
    (
        {"audio_format": "pcma"},
        {"type": "realtime", "audio": {"input": {"format": ALAW}, "output": {"format": ALAW}}},
    ),
]


@pytest.mark.parametrize(("flags", "session"), SESSIONS, ids=[",".join(flags) for flags, _ in SESSIONS])
def test_a_flag_asks_for_what_it_says_and_nothing_else(config: Config, flags: Json, session: Json) -> None:
    assert config(**flags) == session


TRANSCRIBERS = [
    ("openai", True, "gpt-4o-mini-transcribe"),
    ("local", True, "embedded"),
    ("openai", False, None),
    ("local", False, None),
    ("azure", True, None),
    ("custom", True, None),
]


@pytest.mark.parametrize(("provider", "hears", "model"), TRANSCRIBERS)
def test_a_transcript_is_wanted_where_somebody_speaks_and_the_model_is_sure_to_be_there(
    config: Config, provider: str, hears: bool, model: str | None
) -> None:
    expected = _input(transcription={"model": model}) if model else {}
    assert config(provider=provider, hears=hears) == expected
    in_german = config(provider=provider, hears=hears, environ={"REALTIME_LANGUAGE": "de"})
    assert in_german == (_input(transcription={"model": model, "language": "de"}) if model else {})


def test_a_transcript_can_be_declined_or_chosen(config: Config) -> None:
    assert config(provider="openai", transcribe="none") == _input(transcription=None)
    assert config(provider="local", transcribe="m") == _input(transcription={"model": "m"})


def test_without_a_speaker_answers_are_text(config: Config) -> None:
    text = {"type": "realtime", "output_modalities": ["text"]}
    assert config(speaks=False) == config(text=True) == text
    assert config() == {}


CONTRADICTIONS = [
    (
        {"vad": "server", "eagerness": "low"},
        "--eagerness is a setting of --vad semantic, not of --vad server",
    ),
    (
        {"vad": "semantic", "silence_ms": 1},
        "--silence-ms is a setting of --vad server, not of --vad semantic",
    ),
    (
        {"vad": "none", "vad_threshold": 0.5},
        "--vad-threshold is a setting of --vad server, not of --vad none",
    ),
    ({"ptt": True, "prefix_ms": 1}, "--prefix-ms is a setting of --vad server, not of --ptt"),
    ({"eagerness": "low", "idle_timeout_ms": 6000}, "--idle-timeout-ms is a setting of --vad server"),
    ({"ptt": True, "vad": "semantic"}, "--vad semantic and push-to-talk (--ptt) both find the turns"),
    ({"language": "de", "transcribe": "none"}, "--language is for the words of your speech"),
    ({"language": "de"}, "--language is for the words of your speech"),
]


@pytest.mark.parametrize(("flags", "words"), CONTRADICTIONS, ids=[",".join(f) for f, _ in CONTRADICTIONS])
def test_flags_that_contradict_each_other_are_refused(config: Config, flags: Json, words: str) -> None:
    with pytest.raises(UsageError) as refused:
        config(**flags)
    assert str(refused.value).startswith(words)
    assert refused.value.hint


OUTWEIGHED: list[tuple[dict[str, str], Json, object]] = [
    ({"REALTIME_EAGERNESS": "low"}, {"vad": "server"}, SERVER),
    ({"REALTIME_SILENCE_MS": "300"}, {"eagerness": "low"}, {**SEMANTIC, "eagerness": "low"}),
    ({"REALTIME_EAGERNESS": "low"}, {"silence_ms": 300}, {**SERVER, "silence_duration_ms": 300}),
    ({"REALTIME_SILENCE_MS": "300"}, {"vad": "none"}, None),
    ({"REALTIME_VAD": "semantic"}, {"ptt": True}, None),
    ({"REALTIME_PTT": "1", "REALTIME_VAD": "server"}, {}, None),
]


@pytest.mark.parametrize(("environ", "flags", "detection"), OUTWEIGHED)
def test_a_flag_outweighs_what_was_set_for_another_day(
    config: Config, environ: dict[str, str], flags: Json, detection: object
) -> None:
    assert config(environ=environ, **flags) == _input(turn_detection=detection)


def test_a_flag_against_push_to_talk_that_was_set_names_where(config: Config) -> None:
    with pytest.raises(UsageError, match=r"--vad server and push-to-talk \(REALTIME_PTT\)"):
        config(environ={"REALTIME_PTT": "1"}, vad="server")


def test_the_users_own_session_is_merged_over_all_flags(config: Config) -> None:
    own = {"audio": {"input": {"turn_detection": {"create_response": False}, "transcription": None}}}
    session = config(provider="openai", silence_ms=300, session=own)
    assert session["audio"]["input"] == {
        "turn_detection": {**SERVER, "silence_duration_ms": 300, "create_response": False},
        "transcription": None,
    }


def _turns(**detection: object) -> Json:
    return {"audio": {"input": {"turn_detection": detection}}}


OVERRULED: list[tuple[Json, Json, str]] = [
    (
        {"vad": "semantic"},
        _turns(**SERVER),
        "--vad and --session contradict each other: audio.input.turn_det",
    ),
    ({"vad": "none"}, _turns(create_response=False), "--vad and --session contradict each other"),
    ({"ptt": True}, _turns(**SERVER), "--ptt and --session contradict each other"),
    (
        {"silence_ms": 300},
        _turns(**SERVER, silence_duration_ms=500),
        "--silence-ms and --session contradict each other: audio.input.turn_detection.silence_duration_ms",
    ),
    (
        {"silence_ms": 300},
        _turns(**SEMANTIC),
        "--silence-ms is a setting of --vad server, not of the semantic_vad in --session",
    ),
    (
        {"eagerness": "low"},
        {"audio": {"input": {"turn_detection": None}}},
        "--eagerness and --session contra",
    ),
    ({"voice": "cedar"}, {"audio": {"output": {"voice": "marin"}}}, "--voice and --session contradict"),
    ({"speed": 1.2}, {"audio": {"output": {"speed": 1}}}, "--speed and --session contradict each other"),
    ({"instructions": "a"}, {"instructions": "b"}, "--instructions and --session contradict each other"),
    ({"text": True}, {"output_modalities": ["audio"]}, "--text and --session contradict each other"),
    ({"audio_format": "pcm"}, {"audio": {"input": {"format": ULAW}}}, "--audio-format and --session contra"),
    (
        {"noise_reduction": "far_field"},
        {"audio": {"input": {"noise_reduction": None}}},
        "--noise-reduction and",
    ),
    (
        {"transcribe": "none"},
        {"audio": {"input": {"transcription": {"model": "m"}}}},
        "--transcribe and --se",
    ),
    ({"transcribe": "m"}, {"audio": {"input": {"transcription": None}}}, "--transcribe and --session contra"),
    (
        {"language": "de"},
        {"audio": {"input": {"transcription": {"language": "fr"}}}},
        "--language and --sess",
    ),
]


@pytest.mark.parametrize(("flags", "own", "words"), OVERRULED)
def test_a_flag_that_the_users_own_session_takes_back_is_refused(
    config: Config, flags: Json, own: Json, words: str
) -> None:
    with pytest.raises(UsageError) as refused:
        config(provider="openai", session=own, **flags)
    assert str(refused.value).startswith(words)
    assert refused.value.hint == "leave out one"


AGREED: list[tuple[Json, Json, Json]] = [
    ({"vad": "server"}, _turns(**SERVER, threshold=0.4), {**SERVER, "threshold": 0.4}),
    ({"silence_ms": 300}, _turns(**SERVER), {**SERVER, "silence_duration_ms": 300}),
    ({"silence_ms": 300}, _turns(**SERVER, silence_duration_ms=300), {**SERVER, "silence_duration_ms": 300}),
    (
        {"silence_ms": 300},
        _turns(type="azure_semantic_vad"),
        {"type": "azure_semantic_vad", "silence_duration_ms": 300},
    ),
]


@pytest.mark.parametrize(("flags", "own", "detection"), AGREED)
def test_a_flag_that_fits_the_users_own_session_is_part_of_it(
    config: Config, flags: Json, own: Json, detection: Json
) -> None:
    assert config(session=own, **flags) == _input(turn_detection=detection)


NOT_OF_TODAY: list[tuple[dict[str, str], Json, Json]] = [
    ({"REALTIME_SILENCE_MS": "300"}, SEMANTIC, SEMANTIC),
    ({"REALTIME_VAD": "semantic", "REALTIME_EAGERNESS": "low"}, SERVER, SERVER),
    ({"REALTIME_PTT": "1"}, SERVER, SERVER),
    ({"REALTIME_SILENCE_MS": "300"}, SERVER, {**SERVER, "silence_duration_ms": 300}),
]


@pytest.mark.parametrize(("environ", "own", "detection"), NOT_OF_TODAY)
def test_what_was_set_for_another_day_gives_way_to_the_users_own_session(
    config: Config, environ: dict[str, str], own: Json, detection: Json
) -> None:
    assert config(environ=environ, session=_turns(**own)) == _input(turn_detection=detection)


def test_the_language_is_for_the_model_in_the_users_own_session(config: Config) -> None:
    own = {"audio": {"input": {"transcription": {"model": "m"}}}}
    assert config(session=own, language="de") == _input(transcription={"model": "m", "language": "de"})


async def test_the_server_gets_it_and_the_log_keeps_it(realtime: Program) -> None:
    file = realtime.file("question.wav", wav(tone(200)))
    hears = ("--silence-ms", "300", "--noise-reduction", "far_field", "--transcribe", "m", "--language", "de")
    async with peer(saying("Yes.")) as server:
        options = (*hears, "--speed", "1.5", "--audio-format", "pcmu", "--output", "a.wav")
        done = await realtime("chat", "--url", server.url, *options, stdin="hello\n")
    assert done.status == 0, done.err
    assert server.events[0]["session"] == {
        "type": "realtime",
        "audio": {
            "input": {
                "format": ULAW,
                "noise_reduction": {"type": "far_field"},
                "transcription": {"model": "m", "language": "de"},
                "turn_detection": {**SERVER, "silence_duration_ms": 300},
            },
            "output": {"format": ULAW, "speed": 1.5},
        },
    }
    sent = [each["event"] for each in events_in(realtime.log()) if each["dir"] == "out"]
    assert sent[0] == server.events[0]
    assert file.exists()


async def test_push_to_talk_of_another_day_gives_way_to_the_turns_in_a_session(realtime: Program) -> None:
    file = realtime.file("session.json", _turns(**SERVER))
    async with peer(saying("Yes.")) as server:
        chat = ("chat", "--url", server.url, "--output")
        env = {"REALTIME_PTT": "1"}
        await realtime(*chat, "a.wav", "--log", "own.jsonl", "--session", file, env=env, stdin="hello\n")
        await realtime(*chat, "b.wav", "--log", "ptt.jsonl", env=env, stdin="hello\n")
    assert "local listening.mode" in kinds_in(realtime.home / "ptt.jsonl")
    assert "local listening.mode" not in kinds_in(realtime.home / "own.jsonl")


async def test_speech_is_asked_for_in_a_pipe_by_what_is_about_speech_alone(realtime: Program) -> None:
    file = realtime.file("question.wav", wav(tone(200)))
    text, spoken = {"output_modalities": ["text"]}, dict[str, Any]()
    ways: list[tuple[tuple[str | Path, ...], Json, str]] = [
        (("--voice", "alloy"), spoken, ""),
        (("--speed", "1.2"), spoken, ""),
        (("--audio-format", "pcmu"), text, ""),
        (("--voice", "alloy", "--text"), text, ""),
        (("--voice", "alloy", "--input", file, "--vad", "none"), spoken, "nobody hears the answers"),
        (("--audio-format", "pcmu", "--input", file, "--vad", "none"), text, "answers are text"),
    ]
    async with peer(saying("Yes.")) as server:
        results = await side_by_side(
            realtime("chat", "--url", server.url, "--log", f"{number}.jsonl", *options, stdin="hello\n")
            for number, (options, _, _) in enumerate(ways)
        )
    for number, (options, asked, words) in enumerate(ways):
        session = _update(realtime.home / f"{number}.jsonl")
        assert {name: session[name] for name in session if name == "output_modalities"} == asked, options
        assert f"no speaker: {words}" in results[number].err or not words


async def test_who_wants_no_transcript_is_not_advised_to_ask_for_one(realtime: Program) -> None:
    file = realtime.file("question.wav", wav(tone(200)))
    async with peer(saying("Yes.")) as server:
        chat = ("chat", "--url", server.url, "--input", file, "--vad", "none")
        silent, declined = await side_by_side(
            realtime(*chat, *more) for more in ((), ("--transcribe", "none"))
        )
    assert "--transcribe MODEL asks the server to" in silent.err
    assert "--transcribe" not in declined.err


async def test_defaults_depend_on_what_hears_and_what_sounds(realtime: Program) -> None:
    file = realtime.file("question.wav", wav(tone(200)))
    chat = ("chat", "--pace", "max", "--timeout", "60")
    ways: list[tuple[tuple[str | Path, ...], Json]] = [
        (
            ("--input", file, "--vad", "none"),
            {"input": {"transcription": {"model": "embedded"}, "turn_detection": None}},
        ),
        (("--output", "a.wav"), {}),
    ]
    results = await side_by_side(
        realtime(*chat, "--log", f"{number}.jsonl", *options, stdin="hello\n")
        for number, (options, _) in enumerate(ways)
    )
    assert [done.status for done in results] == [0, 0]
    heard = [_update(realtime.home / f"{number}.jsonl") for number in range(len(ways))]
    assert heard[0] == {"type": "realtime", "output_modalities": ["text"], "audio": ways[0][1]}
    assert heard[1] == {}


def _update(log: Path) -> Json:
    sent = [each["event"] for each in events_in(log) if each["dir"] == "out"]
    return next((event["session"] for event in sent if event["type"] == "session.update"), {})
