"""`realtime serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from realtime_cli.errors import ExitStatus

from . import options


def serve(
    host: Annotated[str, typer.Option("--host", metavar="HOST", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="PORT", help="Port; 0 takes any free one.", min=0, max=65535)
    ] = 8765,
    token: Annotated[
        bool,
        typer.Option(
            "--token", help="Ask clients for a key: the one in REALTIME_TOKEN, else a new one, printed."
        ),
    ] = False,
    tls: Annotated[bool, typer.Option("--tls", help="Serve wss:// with a self-signed certificate.")] = False,
    tls_cert: Annotated[
        Path | None, typer.Option("--tls-cert", metavar="FILE", help="Certificate (PEM) instead.")
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option("--tls-key", metavar="FILE", help="Its private key (PEM).")
    ] = None,
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
    pace: Annotated[
        str,
        typer.Option(
            "--pace",
            metavar="N|speech|max",
            help="Words a second in written answers, or as fast as possible.",
        ),
    ] = "18",
    audio_pace: options.AudioPace = None,
    audio_delta_ms: options.AudioDeltaMs = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Do not tell who connects.")] = False,
) -> None:
    """Run a Realtime server for your own clients. It needs no key, no network and no model.

    Point any client at the address that it prints; every path that ends in /realtime works. The answers come
    from a brain: `rules` (plain and predictable), `script` (a file of your own lines, --script), or `chat`
    (any chat completions server: Ollama, llama.cpp, vLLM; --brain-url).

    It finds turns in what it hears, recognises speech, and speaks: with what the machine has, which it says,
    or with what --stt and --tts name.
    """
    flags = options.flags_of(locals())

    from .report import run  # noqa: PLC0415

    def listen() -> ExitStatus:
        from .listen import Listening, run_serve  # noqa: PLC0415

        how = Listening(
            host=host,
            port=port,
            wants_token=token,
            pace=pace,
            audio_pace=audio_pace,
            audio_delta_ms=audio_delta_ms,
            quiet=quiet,
            tls=tls,
            tls_cert=tls_cert,
            tls_key=tls_key,
        )
        return run_serve(how, flags, script=script)

    run(listen)
