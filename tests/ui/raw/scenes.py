from __future__ import annotations

import base64
import io
import json
import math
import unicodedata
from array import array
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.text import Text

from realtime_cli.runtime.ports import Direction
from realtime_cli.ui.live.raw import EventRing, RawView
from realtime_cli.ui.theme import make_paper

SESSIONS = sorted((Path(__file__).parents[2] / "sessions" / "foreign").rglob("*.jsonl"))
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
HOSTILE = f"a\x1b[2J\x1b]0;title\x07\x9b31m\x00\x7f{BIDI}\ud800\r\n\u2028\u2029\x85z"


def console(*, encoding: str = "utf-8") -> Console:
    return make_paper(io.TextIOWrapper(io.BytesIO(), encoding=encoding))


def seen(ring: EventRing, *events: dict[str, object], direction: Direction = "in") -> None:
    """Tells the ring of events, a tenth of a second after each other."""
    for event in events:
        ring.saw(direction, json.dumps(event), now_s=ring.last / 10, is_object=True)


def recorded(path: Path) -> Iterator[tuple[Direction, str]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if entry["dir"] in {"in", "out"}:
            yield entry["dir"], json.dumps(entry["event"])


def ring_of(path: Path) -> EventRing:
    ring = EventRing()
    for at, (direction, raw) in enumerate(recorded(path)):
        ring.saw(direction, raw, now_s=at / 10, is_object=True)
    return ring


def view_of(ring: EventRing, *, encoding: str = "utf-8") -> RawView:
    return RawView(ring, console(encoding=encoding))


def lines(view: RawView, *, width: int = 120, height: int = 30) -> list[str]:
    return [row.plain for row in view.rows(width=width, height=height)]


def body(view: RawView, *, width: int = 120, height: int = 30) -> list[str]:
    """What stands between header and footer, without the empty rows."""
    return [line.rstrip() for line in lines(view, width=width, height=height)[1:-1] if line.strip()]


def words(view: RawView, *, height: int = 30) -> list[str]:
    """What rows of 120 cells say behind the columns that every row has."""
    return [line[66:] for line in body(view, height=height)]


def numbers(view: RawView) -> list[int]:
    """The events that the list shows."""
    return [int(line[1:].split()[0]) for line in body(view, height=200)]


def assert_fits(rows: list[Text], *, width: int, height: int) -> None:
    assert len(rows) == height
    for row in rows:
        assert row.cell_len == width, row.plain
        assert all(is_safe(char) for char in row.plain), row.plain


def is_safe(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Zl", "Zp", "Cs"} and char not in BIDI


def tone(ms: int, *, amplitude: int = 16000, rate_hz: int = 24000) -> str:
    """A sine of 440 Hz in PCM, as base64."""
    samples = (
        round(amplitude * math.sin(2 * math.pi * 440 * n / rate_hz)) for n in range(ms * rate_hz // 1000)
    )
    return base64.b64encode(array("h", samples).tobytes()).decode()
