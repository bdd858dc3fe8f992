"""`realtime tools list|schema|call`."""

from __future__ import annotations

from typing import Annotated

import typer

from realtime_cli.errors import ExitStatus

from . import options
from .help import FittedCommand, FittedGroup

tools = typer.Typer(cls=FittedGroup, no_args_is_help=True, rich_markup_mode=None)


@tools.callback()
def _tools() -> None:
    """List, show and call tools, without a session.

    realtime tools call get_weather '{"city": "Paris"}' --tools realtime_cli.examples.weather
    """


@tools.command("list", cls=FittedCommand)
def list_tools(
    specs: options.Tools = None,
    tool_env: options.ToolEnv = None,
    approve: options.Approve = None,
    as_json: options.AsJson = False,
) -> None:
    """List the tools: name, whether a call needs approval, description, where it is from.

    realtime tools list --tools weather.py --tools "mcp:npx -y @modelcontextprotocol/server-everything"
    """
    from .report import run  # noqa: PLC0415

    def show() -> ExitStatus:
        from .tool_list import run_list  # noqa: PLC0415

        return run_list(specs or (), tool_env or (), approve or (), as_json=as_json)

    run(show)


@tools.command("schema", cls=FittedCommand)
def schema(
    specs: options.Tools = None, tool_env: options.ToolEnv = None, as_json: options.AsJson = False
) -> None:
    """Print the `tools` of `session.update`, as JSON.

    realtime tools schema --tools weather.py

    With --json it stands on one line.
    """
    from .report import run  # noqa: PLC0415

    def show() -> ExitStatus:
        from .tool_list import run_schema  # noqa: PLC0415

        return run_schema(specs or (), tool_env or (), on_one_line=as_json)

    run(show)


@tools.command("call", cls=FittedCommand)
def call(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The tool.")],
    arguments: Annotated[
        str, typer.Argument(metavar="ARGUMENTS", help="A JSON object, or - to read one from stdin.")
    ] = "{}",
    specs: options.Tools = None,
    tool_env: options.ToolEnv = None,
    tool_timeout: options.ToolTimeout = None,
    as_json: options.AsJson = False,
) -> None:
    """Call one tool, as a session would. What it gives back goes to stdout, what it prints to stderr.

      realtime tools call get_weather '{"city": "Paris"}' --tools weather.py

      echo '{"city": "Paris"}' | realtime tools call get_weather - --tools "cmd:./weather.sh"

    It is not asked for approval: you ask for the call yourself.
    """
    from .report import run  # noqa: PLC0415

    def make_the_call() -> ExitStatus:
        from .tool_call import run_call  # noqa: PLC0415

        return run_call(name, arguments, specs or (), tool_env or (), timeout_s=tool_timeout, as_json=as_json)

    run(make_the_call)
