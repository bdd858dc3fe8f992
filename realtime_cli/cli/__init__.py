"""The command line: one command a file. What a command needs is imported when it runs."""

from __future__ import annotations

from typing import Annotated

import typer

from .chat import ChatCommand, chat
from .describe import describe
from .devices import devices
from .help import FittedCommand, FittedGroup
from .replay import replay
from .send_event import send_event
from .serve import serve
from .tools import tools

# Plain help: Rich alone would double the time that `realtime --help` takes.
app = typer.Typer(
    name="realtime",
    cls=FittedGroup,
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("chat", cls=ChatCommand)(chat)
app.command("send-event", cls=FittedCommand)(send_event)
app.command("replay", cls=FittedCommand)(replay)
app.command("devices", cls=FittedCommand)(devices)
app.command("describe", cls=FittedCommand)(describe)
app.command("serve", cls=FittedCommand)(serve)
app.add_typer(tools, name="tools")


def _version(wanted: bool) -> None:
    if wanted:
        from realtime_cli._version import __version__  # noqa: PLC0415

        typer.echo(f"realtime {__version__}")
        raise typer.Exit


@app.callback()
def _realtime(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Talk to the OpenAI Realtime API, and to every server that speaks its protocol.

    `realtime chat` works at once: without a key it talks to a server inside the program.
    """


__all__ = ["app"]
