"""The `realtime` command."""

from __future__ import annotations


def main() -> None:
    """Runs the command line and exits with an `ExitStatus`."""
    from realtime_cli.cli import app  # noqa: PLC0415  (importing this module must cost nothing)

    app(prog_name="realtime")


if __name__ == "__main__":
    main()
