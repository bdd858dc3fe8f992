"""`realtime chat`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar

import typer

from realtime_cli.errors import ExitStatus

from . import options
from .sections import Sectioned


class ChatCommand(Sectioned):
    """The help of `realtime chat`."""

    headings: ClassVar = {
        "url": "Where to",
        "voice": "What it is asked to be",
        "ptt": "How it hears",
        "speed": "How it speaks",
        "tools": "What the model may call",
        "max_cost": "What it may take",
        "theme": "How it looks",
        "input_device": "Devices",
        "input_file": "Files in their place",
        "log": "What is kept and printed",
        "brain": "The embedded server (provider local)",
        "dialect": "The connection",
        "help": "Help",
    }
    examples = (
        "realtime chat --model gpt-realtime-2.1 --voice marin",
        "realtime chat --tools weather.py --approve ask --max-cost 0.50",
        "realtime chat --url ws://localhost:8000/v1/realtime --text",
        "realtime chat --input question.wav --repeat-silence --output answer.wav",
        "printf 'hello\\nwhat can you do?\\n' | realtime chat --json",
    )


def chat(
    url: options.Url = None,
    provider: options.ProviderName = None,
    model: options.Model = None,
    voice: Annotated[
        str | None,
        typer.Option("--voice", metavar="NAME", help="Voice of the answers, such as alloy or marin."),
    ] = None,
    instructions: Annotated[
        str | None, typer.Option("--instructions", metavar="TEXT", help="How the model should behave.")
    ] = None,
    instructions_file: Annotated[
        Path | None, typer.Option("--instructions-file", metavar="FILE", help="The same, from a file.")
    ] = None,
    text: Annotated[
        bool | None, typer.Option("--text", help="No sound: typed turns, written answers.")
    ] = None,
    session: Annotated[
        Path | None,
        typer.Option("--session", metavar="FILE", help="Session JSON that is merged in as it is."),
    ] = None,
    ptt: Annotated[
        bool | None, typer.Option("--ptt", help="Push-to-talk: the space bar starts and ends a turn.")
    ] = None,
    vad: Annotated[
        str | None,
        typer.Option("--vad", metavar="KIND", help="How turns are found: server, semantic or none."),
    ] = None,
    vad_threshold: Annotated[
        float | None, typer.Option("--vad-threshold", metavar="0..1", help="Server VAD: activation level.")
    ] = None,
    prefix_ms: Annotated[
        int | None, typer.Option("--prefix-ms", metavar="MS", help="Server VAD: kept from before speech.")
    ] = None,
    silence_ms: Annotated[
        int | None, typer.Option("--silence-ms", metavar="MS", help="Server VAD: silence that ends a turn.")
    ] = None,
    idle_timeout_ms: Annotated[
        int | None,
        typer.Option("--idle-timeout-ms", metavar="MS", help="Server VAD: goes on when nobody speaks."),
    ] = None,
    eagerness: Annotated[
        str | None,
        typer.Option("--eagerness", metavar="LEVEL", help="Semantic VAD: low, medium, high or auto."),
    ] = None,
    noise_reduction: Annotated[
        str | None,
        typer.Option("--noise-reduction", metavar="KIND", help="near_field (headset) or far_field (room)."),
    ] = None,
    transcribe: Annotated[
        str | None,
        typer.Option("--transcribe", metavar="MODEL", help="Who writes down what you say; none: nobody."),
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar="CODE", help="The language that you speak: en, de.")
    ] = None,
    speed: Annotated[
        float | None, typer.Option("--speed", metavar="N", help="Speed of the speech, 0.25 to 1.5.")
    ] = None,
    audio_format: Annotated[
        str | None,
        typer.Option("--audio-format", metavar="NAME", help="pcm (24 kHz), or G.711: pcmu, pcma."),
    ] = None,
    tools: options.Tools = None,
    tool_env: options.ToolEnv = None,
    tool_timeout: options.ToolTimeout = None,
    approve: options.Approve = None,
    approval_timeout: options.ApprovalTimeout = None,
    mcp_server: Annotated[
        list[str] | None,
        typer.Option(
            "--mcp-server",
            metavar="LABEL=URL",
            help="MCP server that the other side calls; its token: REALTIME_MCP_TOKEN_LABEL. Repeatable.",
        ),
    ] = None,
    max_cost: Annotated[
        float | None, typer.Option("--max-cost", metavar="USD", help="End the session at this cost.")
    ] = None,
    max_minutes: Annotated[
        float | None, typer.Option("--max-minutes", metavar="N", help="End the session after this time.")
    ] = None,
    prices: Annotated[
        Path | None,
        typer.Option("--prices", metavar="FILE", help="TOML file with prices of your own, over ours (USD)."),
    ] = None,
    theme: options.Theme = None,
    calm: options.Calm = None,
    input_device: options.InputDevice = None,
    output_device: options.OutputDevice = None,
    block_ms: options.BlockMs = None,
    latency: options.Latency = None,
    echo: options.Echo = None,
    input_file: Annotated[
        str | None,
        typer.Option("--input", metavar="FILE|-", help="A WAV file, or stdin, is the microphone."),
    ] = None,
    output_file: Annotated[
        str | None, typer.Option("--output", metavar="FILE|-", help="A WAV file, or stdout, is the speaker.")
    ] = None,
    raw: Annotated[
        int | None,
        typer.Option("--raw", metavar="HZ", help="The files are bare 16-bit mono PCM at this rate."),
    ] = None,
    pace: Annotated[
        str,
        typer.Option("--pace", metavar="real|max", help="Files pass in real time, or as fast as can be."),
    ] = "real",
    repeat_silence: Annotated[
        bool, typer.Option("--repeat-silence", help="After --input comes silence, so that its turn ends.")
    ] = False,
    record: Annotated[
        Path | None,
        typer.Option("--record", metavar="FILE", help="Both voices as a WAV file: you left, it right."),
    ] = None,
    log: options.LogFile = None,
    no_log: Annotated[bool | None, typer.Option("--no-log", help="Do not record the session.")] = None,
    as_json: options.AsJson = False,
    timeout: Annotated[
        float,
        typer.Option("--timeout", metavar="SECONDS", help="In a pipe: longest wait for an answer.", min=0),
    ] = 120.0,
    brain: options.Brain = None,
    script: options.Script = None,
    brain_url: options.BrainUrl = None,
    brain_model: options.BrainModel = None,
    stt: options.SttKind = None,
    stt_url: options.SttUrl = None,
    stt_model: options.SttModel = None,
    tts: options.TtsKind = None,
    tts_url: options.TtsUrl = None,
    tts_model: options.TtsModel = None,
    audio_pace: options.AudioPace = None,
    audio_delta_ms: options.AudioDeltaMs = None,
    dialect: options.Dialect = None,
    key_env: options.KeyEnv = None,
    key_command: options.KeyCommand = None,
    header: options.Header = None,
    insecure: options.Insecure = None,
    connect_timeout: options.ConnectTimeout = None,
    reconnect: options.Reconnect = None,
) -> None:
    """Have a conversation: talk, or type; both interrupt an answer.

    Connects to --url or --provider, else to OpenAI where OPENAI_API_KEY is set, else to a server inside the
    program, which needs no key and no network, and which hears and speaks as well.

    On a terminal ? lists all keys and commands: Esc stops an answer, Ctrl-E shows the raw events, Ctrl-D
    leaves. In a pipe each line of stdin is a turn, stdout is the answers, and the program ends with its
    input.

    Most options can be environment variables, or stand in .env or config.toml: --max-cost is
    REALTIME_MAX_COST.
    """
    flags = options.flags_of(locals())

    from .report import run  # noqa: PLC0415

    def converse_with_files() -> ExitStatus:
        from realtime_cli.settings import read_instructions_file, read_session_file  # noqa: PLC0415

        from .contradictions import refuse_together  # noqa: PLC0415
        from .converse import How, run_chat  # noqa: PLC0415
        from .sound import Files  # noqa: PLC0415
        from .workbench import Wanted  # noqa: PLC0415

        refuse_together(("--instructions", instructions), ("--instructions-file", instructions_file))
        refuse_together(("--ptt", ptt or None), ("--text", text or None))
        for flag, file in (("--output", output_file), ("--record", record)):
            refuse_together(("--text", text or None), (flag, file))
        if instructions_file is not None:
            flags["instructions"] = read_instructions_file(instructions_file)
        if session is not None:
            flags["session"] = read_session_file(session)
        files = Files(
            microphone=input_file,
            speaker=output_file,
            raw_rate_hz=raw,
            pace=pace,
            repeats_silence=repeat_silence,
            recording=record,
        )
        wanted = Wanted(
            specs=tuple(tools or ()),
            passed=tuple(tool_env or ()),
            approve=tuple(approve or ()),
            timeout_s=tool_timeout,
            mcp_servers=tuple(mcp_server or ()),
            approval_s=approval_timeout,
        )
        how = How(
            script=script,
            as_json=as_json,
            timeout_s=timeout,
            files=files,
            audio_pace=audio_pace,
            audio_delta_ms=audio_delta_ms,
            tools=wanted,
        )
        return run_chat(flags, how)

    run(converse_with_files)
