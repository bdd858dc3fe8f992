"""The `realtime` command."""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command line and exits with an `ExitStatus`."""
    try:
        from realtime_cli.cli import app  # noqa: PLC0415  (importing this module must cost nothing)

        app(prog_name="realtime")
    except KeyboardInterrupt:  # before any command was there to deal with it
        sys.exit(130)
    except OSError as error:  # the help or the version could not be written
        sys.stderr.write(f"realtime: cannot write the output: {error.strerror}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
