"""The raw view as it is drawn, picture by picture."""

from __future__ import annotations

import pyte

from tests.cli.program import Program
from tests.support.serving import serving
from tests.terminal.emulator import Emulator
from tests.terminal.live import live

CTRL_E = "\x05"
# Where prompt_toolkit has drawn a picture, it shows the cursor again.
_PICTURE_END = b"\x1b[?25h"


def first_rows(raw: bytes, *, columns: int) -> list[str]:
    """The first row of each picture."""
    emulator, rows = Emulator(columns, 60), list[str]()
    stream = pyte.ByteStream(emulator)
    for picture in raw.split(_PICTURE_END)[:-1]:
        stream.feed(emulator.understood(picture + _PICTURE_END))
        rows.append(emulator.display[0].rstrip())
    return rows


async def test_a_typed_key_is_seen_in_its_line_and_nowhere_else(realtime: Program) -> None:
    async with serving() as server, live(realtime, server.url) as here:
        here.screen.type(CTRL_E)
        await here.screen.shows("inspect esc back")
        begin, header = len(here.screen.raw), here.screen.lines[0][:6]
        here.screen.type("/")
        await here.screen.shows("filter: _")
        for typed in ("*", "*z", "*zy"):
            here.screen.type(typed[-1])
            await here.screen.shows(f"filter: {typed}_")
        here.screen.type("\r")
        await here.screen.until(lambda: "filter:" not in here.screen.lines[-1])
        raw = here.screen.raw
    before = len(first_rows(raw[:begin], columns=80))
    assert {row[:6] for row in first_rows(raw, columns=80)[before:]} == {header}
