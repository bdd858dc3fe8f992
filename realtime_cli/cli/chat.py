"""`realtime chat`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from realtime_cli.errors import ExitStatus

from . import options


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
        bool | None, typer.Option("--text", help="Ask for text answers instead of speech.")
    ] = None,
    session: Annotated[
        Path | None,
        typer.Option("--session", metavar="FILE", help="Session JSON that is merged in as it is."),
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
    dialect: options.Dialect = None,
    key_env: options.KeyEnv = None,
    key_command: options.KeyCommand = None,
    header: options.Header = None,
    insecure: options.Insecure = None,
    connect_timeout: options.ConnectTimeout = None,
) -> None:
    """Have a conversation. Typed lines are turns; Ctrl-C stops an answer, twice leaves.

    Connects to --url or --provider, else to OpenAI where OPENAI_API_KEY is set, else to a server inside the
    program, which needs no key and no network.

    In a pipe each line of stdin is a turn, stdout is the answers, and the program ends with its input:

      printf 'hello\\nwhat can you do?\\n' | realtime chat
    """
    from .report import run  # noqa: PLC0415

    flags: dict[str, object] = {
        "url": url,
        "provider": provider,
        "model": model,
        "voice": voice,
        "instructions": instructions,
        "text": text,
        "log": log,
        "no_log": no_log,
        "brain": brain,
        "brain_url": brain_url,
        "brain_model": brain_model,
        "dialect": dialect,
        "key_env": key_env,
        "key_command": key_command,
        "headers": header,
        "insecure": insecure,
        "timeout_s": connect_timeout,
    }

    def converse_with_files() -> ExitStatus:
        from realtime_cli.settings import read_instructions_file, read_session_file  # noqa: PLC0415

        from .converse import run_chat  # noqa: PLC0415

        if instructions_file is not None:
            flags["instructions"] = read_instructions_file(instructions_file)
        if session is not None:
            flags["session"] = read_session_file(session)
        return run_chat(flags, script=script, as_json=as_json, timeout_s=timeout)

    run(converse_with_files)
