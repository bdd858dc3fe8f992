"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from realtime_cli.settings.model import FLAG_NAMES

# Where the flag's name in Python is not the setting's.
_SETTINGS = {"header": "headers", "connect_timeout": "timeout_s"}
# `--approve` says more than the setting.
_PLAIN_FLAGS = FLAG_NAMES - {"approve"}

Url = Annotated[
    str | None,
    typer.Option("--url", metavar="URL", help="Server to connect to (ws://, wss://, or HOST:PORT)."),
]
ProviderName = Annotated[
    str | None,
    typer.Option("--provider", metavar="NAME", help="openai, azure, xai, ..., or local (built in)."),
]
Model = Annotated[str | None, typer.Option("--model", metavar="NAME", help="Model (for Azure: deployment).")]
Dialect = Annotated[
    str | None, typer.Option("--dialect", metavar="NAME", help="ga, beta, or auto (default: learn it).")
]
KeyEnv = Annotated[
    str | None, typer.Option("--key-env", metavar="VAR", help="Environment variable that holds the API key.")
]
KeyCommand = Annotated[
    str | None, typer.Option("--key-command", metavar="CMD", help="Command that prints the API key.")
]
Header = Annotated[
    list[str] | None,
    typer.Option("--header", metavar="'NAME: VALUE'", help="Extra header, not secret. Repeatable."),
]
Insecure = Annotated[
    bool | None, typer.Option("--insecure", help="Accept any TLS certificate, and keys over plain ws://.")
]
ConnectTimeout = Annotated[
    float | None,
    typer.Option("--connect-timeout", metavar="SECONDS", help="Give up connecting after this long."),
]
LogFile = Annotated[Path | None, typer.Option("--log", metavar="FILE", help="Record the session here.")]
Brain = Annotated[
    str | None,
    typer.Option("--brain", metavar="NAME", help="What answers: rules, chat, or script (see --script)."),
]
Script = Annotated[
    Path | None,
    typer.Option("--script", metavar="FILE", help="Answers from a YAML or JSON file (brain: script)."),
]
BrainUrl = Annotated[
    str | None, typer.Option("--brain-url", metavar="URL", help="Chat completions server (brain: chat).")
]
BrainModel = Annotated[
    str | None, typer.Option("--brain-model", metavar="NAME", help="Its model; default: the first it has.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]

InputDevice = Annotated[
    str | None,
    typer.Option("--input-device", metavar="NAME", help="Microphone: number, part of its name, or none."),
]
OutputDevice = Annotated[
    str | None,
    typer.Option("--output-device", metavar="NAME", help="Speaker: number, part of its name, or none."),
]
BlockMs = Annotated[
    float | None, typer.Option("--block-ms", metavar="MS", help="Length of an audio block (default 20).")
]
Latency = Annotated[
    str | None,
    typer.Option("--latency", metavar="low|high|SECONDS", help="Latency that the devices are asked for."),
]
Echo = Annotated[
    str | None,
    typer.Option(
        "--echo",
        metavar="POLICY",
        help="Against hearing itself: auto, aec, system, half-duplex or off (default auto).",
    ),
]
SttKind = Annotated[
    str | None,
    typer.Option("--stt", metavar="NAME", help="Its ears: auto, pocketsphinx, whisper, url or none."),
]
SttUrl = Annotated[
    str | None, typer.Option("--stt-url", metavar="URL", help="OpenAI-compatible /v1/audio/transcriptions.")
]
SttModel = Annotated[
    str | None, typer.Option("--stt-model", metavar="NAME", help="Model of --stt url or whisper.")
]
TtsKind = Annotated[
    str | None,
    typer.Option("--tts", metavar="NAME", help="Its voice: auto, espeak, say, sapi, url or none."),
]
TtsUrl = Annotated[
    str | None, typer.Option("--tts-url", metavar="URL", help="OpenAI-compatible /v1/audio/speech.")
]
TtsModel = Annotated[str | None, typer.Option("--tts-model", metavar="NAME", help="Model of --tts url.")]
AudioPace = Annotated[
    str | None,
    typer.Option(
        "--audio-pace", metavar="N|max", help="Speech is sent N times as fast as it sounds (default 3)."
    ),
]
AudioDeltaMs = Annotated[
    float | None,
    typer.Option(
        "--audio-delta-ms",
        metavar="MS",
        min=10,
        max=5000,
        help="Speech is sent in pieces of this length (default 100).",
    ),
]
Tools = Annotated[
    list[str] | None,
    typer.Option(
        "--tools",
        metavar="SPEC",
        help="weather.py, package.module, cmd:COMMAND, mcp:COMMAND, mcp:URL, mcp.json, answers.yaml, ask. "
        "Repeatable.",
    ),
]
ToolEnv = Annotated[
    list[str] | None,
    typer.Option(
        "--tool-env", metavar="NAME", help="Variable that commands and MCP servers get. Repeatable."
    ),
]
ToolTimeout = Annotated[
    float | None,
    typer.Option(
        "--tool-timeout", metavar="SECONDS", min=0.01, help="A call fails after this long (default 60)."
    ),
]
Approve = Annotated[
    list[str] | None,
    typer.Option(
        "--approve", metavar="POLICY", help="always, never or ask; for one tool NAME=POLICY. Repeatable."
    ),
]
ApprovalTimeout = Annotated[
    float | None,
    typer.Option(
        "--approval-timeout",
        metavar="SECONDS",
        min=0.01,
        help="A call that nobody approves is denied after this long (default 120).",
    ),
]
Reconnect = Annotated[
    bool | None,
    typer.Option(
        "--reconnect/--no-reconnect",
        help="Go on in a new session where the connection is lost (default: at a terminal).",
    ),
]
Theme = Annotated[
    str | None, typer.Option("--theme", metavar="NAME", help="Colours: auto, dark, light or none.")
]
Calm = Annotated[
    bool | None, typer.Option("--calm", help="No animation, words instead of signs: for screen readers.")
]


def flags_of(given: Mapping[str, object]) -> dict[str, object]:
    """The settings among what a command was given, by their names."""
    named = {_SETTINGS.get(name, name): value for name, value in given.items()}
    return {name: value for name, value in named.items() if name in _PLAIN_FLAGS}
