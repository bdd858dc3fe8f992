"""`realtime devices`."""

from __future__ import annotations

from typing import Annotated

import typer

from realtime_cli.errors import ExitStatus

from . import options


def devices(
    remember: Annotated[
        bool, typer.Option("--set", help="Use --input-device and --output-device from now on.")
    ] = False,
    test: Annotated[
        bool, typer.Option("--test", help="Record three seconds, show how loud they are, play them back.")
    ] = False,
    loopback: Annotated[
        bool,
        typer.Option(
            "--loopback", help="Play chirps: how late, and how loud, does the microphone hear them?"
        ),
    ] = False,
    input_device: options.InputDevice = None,
    output_device: options.OutputDevice = None,
    block_ms: options.BlockMs = None,
    latency: options.Latency = None,
    as_json: options.AsJson = False,
) -> None:
    """List the sound devices, choose them, try them.

    realtime devices --set --input-device headset --output-device speakers
    """
    flags = options.flags_of(locals())

    from .report import run  # noqa: PLC0415

    def look() -> ExitStatus:
        from .contradictions import refuse_together  # noqa: PLC0415
        from .sound_check import run_devices  # noqa: PLC0415

        for flag, given in (("--set", remember), ("--test", test)):
            refuse_together((flag, given or None), ("--loopback", loopback or None))
        others = {
            "--test": test or None,
            "--json": as_json or None,
            "--block-ms": block_ms,
            "--latency": latency,
        }
        for flag, value in others.items():
            refuse_together(("--set", remember or None), (flag, value))
        return run_devices(flags, remembers=remember, tests=test, loops=loopback, as_json=as_json)

    run(look)
