"""What PulseAudio, or PipeWire in its place, tells about itself through `pactl`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

_PACTL_LIMIT_S: Final = 2.0
_CANCELLER = re.compile(r"echo[-_.]?cancel", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SoundServer:
    """The ends of its echo canceller, if it runs one, and what the sound comes out of."""

    sources: tuple[str, ...] = ()
    sinks: tuple[str, ...] = ()
    output: str = ""


def sound_server() -> SoundServer:
    """Asks PulseAudio or PipeWire; empty where there is none, or no `pactl`."""
    if sys.platform != "linux" or not shutil.which("pactl"):
        return SoundServer()
    return SoundServer(
        sources=_cancellers(_pactl("list", "short", "sources")),
        sinks=_cancellers(_pactl("list", "short", "sinks")),
        output=_active_output(_pactl("list", "sinks"), _pactl("get-default-sink").strip()),
    )


def _cancellers(listing: str) -> tuple[str, ...]:
    """Names of `pactl list short`: number, name, driver, ...; the driver tells where the name does not."""
    rows = [line.split("\t") for line in listing.splitlines() if _CANCELLER.search(line)]
    return tuple(row[1] for row in rows if len(row) > 1 and not row[1].endswith(".monitor"))


def _active_output(listing: str, sink: str) -> str:
    """What the sink plays through, such as `analog-output-headphones`; else its description."""
    found = re.search(rf"^\s*Name: {re.escape(sink)}\n(.*?)(?=^Sink #|\Z)", listing, re.MULTILINE | re.DOTALL)
    lines = found[1].splitlines() if found else []
    values = dict(line.strip().split(": ", 1) for line in lines if ": " in line)
    return values.get("Active Port") or values.get("Description", "")


def _pactl(*arguments: str) -> str:
    with suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(  # noqa: S603 -- our own words
            ["pactl", *arguments],  # noqa: S607 -- wherever the system has it
            capture_output=True,
            text=True,
            check=True,
            timeout=_PACTL_LIMIT_S,
            env={**os.environ, "LC_ALL": "C"},
        )
        return done.stdout
    return ""
