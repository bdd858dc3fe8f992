"""`realtime replay`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from realtime_cli.errors import ExitStatus

from . import options


def replay(
    log: Annotated[str, typer.Argument(metavar="LOG", help="A recorded session, or `last`: the newest one.")],
    speed: Annotated[
        str | None,
        typer.Option(
            "--speed", metavar="N|max", help="2 is twice as fast (default 1); max does not wait at all."
        ),
    ] = None,
    idle_limit: Annotated[
        float | None, typer.Option("--idle-limit", metavar="SECONDS", help="Shorten pauses to this.", min=0)
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="Begin here: 90, 1:30 or 0:01:30.")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="Stop at this session time.")
    ] = None,
    events: Annotated[
        bool, typer.Option("--events", help="Show raw events with time and direction.")
    ] = False,
    mute: Annotated[bool, typer.Option("--mute", help="No sound.")] = False,
    audio: Annotated[
        str, typer.Option("--audio", metavar="WHO", help="Who is to be heard: user, assistant or both.")
    ] = "both",
    wav: Annotated[
        Path | None,
        typer.Option("--wav", metavar="FILE", help="Write the sound instead: you left, the model right."),
    ] = None,
    output_device: options.OutputDevice = None,
    as_json: options.AsJson = False,
) -> None:
    """See and hear a recorded session again.

    It plays at the speed at which it happened, or as fast as you say. On a terminal, at its own speed, it
    sounds as it was heard.

    On a terminal: space pauses, `.` and `,` step, the arrows go from turn to turn, [ and ] from marker to
    marker (interruptions, errors, what was marked with /mark), + and - change the speed, e shows the raw
    events, ? lists all keys, q leaves. A damaged log plays up to the damage.
    """
    from .report import run  # noqa: PLC0415

    def play() -> ExitStatus:
        from .contradictions import refuse_together  # noqa: PLC0415
        from .rerun import Wish, moment_s, run_replay  # noqa: PLC0415

        silent = {"--events": events or None, "--json": as_json or None, "--mute": mute or None}
        paced = {"--speed": speed, "--idle-limit": idle_limit, "--output-device": output_device}
        for flag, given in {**silent, **paced}.items():
            refuse_together(("--wav", wav), (flag, given))
        wish = Wish(
            speed="1" if speed is None else speed,
            idle_limit_s=idle_limit,
            start_s=moment_s(start, "--from"),
            end_s=moment_s(end, "--to"),
            raw_events=events,
            as_json=as_json,
            is_mute=mute,
            voices=audio,
            wav=wav,
        )
        return run_replay(log, {"output_device": output_device}, wish)

    run(play)
