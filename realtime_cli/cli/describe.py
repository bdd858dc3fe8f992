"""`realtime describe`."""

from __future__ import annotations

from typing import Annotated

import typer

from realtime_cli.errors import ExitStatus

from . import options


def describe(
    name: Annotated[
        str | None,
        typer.Argument(metavar="TYPE", help="An event's type, or an object: session, item, response..."),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Show an event with its fields, limits and an example.

    Without a type it lists every event.

      realtime describe session.update
    """
    from .report import run  # noqa: PLC0415

    def show() -> ExitStatus:
        from .encyclopedia import run_describe  # noqa: PLC0415

        return run_describe(name, as_json=as_json)

    run(show)
