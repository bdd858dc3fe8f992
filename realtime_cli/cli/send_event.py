"""`realtime send-event`."""

from __future__ import annotations

from typing import Annotated

import typer

from realtime_cli.errors import ExitStatus

from . import options


def send_event(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE", help="An event, a JSON array, JSONL, or a recorded log; - is stdin."),
    ],
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="PATH=VALUE",
            help="Set a field; VALUE is JSON, else text. [1].PATH picks the second event.",
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Send what the checks refuse, exactly as written.")
    ] = False,
    wait_for: Annotated[
        str,
        typer.Option(
            "--wait-for",
            metavar="TYPE|done|none",
            help="Leave when this event comes, when all is answered, or at once.",
        ),
    ] = "done",
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", help="Give up waiting after this long.", min=0)
    ] = 30.0,
    as_json: options.AsJson = False,
    url: options.Url = None,
    provider: options.ProviderName = None,
    model: options.Model = None,
    log: options.LogFile = None,
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
    """Send hand-written events, and see what comes back.

    That is trees on a terminal, and in a pipe the server's frames as they came, one a line.

    Each event is checked first; what is wrong is named with its path, and nothing is sent. An `error` from
    the server is shown beside the event that caused it, and makes the exit status 7.

      realtime send-event hello.json --set item.content[0].text="Good morning"
    """
    flags = options.flags_of(locals())

    from .report import run  # noqa: PLC0415

    def send() -> ExitStatus:
        from .dispatch import Plan, run_send  # noqa: PLC0415

        plan = Plan(
            files=tuple(files),
            assignments=tuple(assignments or ()),
            force=force,
            wait_for=wait_for,
            timeout_s=timeout,
            as_json=as_json,
        )
        return run_send(flags, plan, script=script)

    run(send)
