"""The README's pictures, drawn by the program itself: `python -m tests.pictures` writes them again.

A session that is the same every time goes through the real core and the real screen. What they give is kept
as SVG in `tests/pictures/`, and as text in the README's blocks behind `<!-- picture: NAME -->`.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO, TextIOWrapper
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from realtime_cli.core.session import Session
from realtime_cli.core.terms import Terms
from realtime_cli.core.view import SessionView
from realtime_cli.log import LogEntry
from realtime_cli.log.format import LogHeader, entry_line, header_line
from realtime_cli.log.index import find_landmarks
from realtime_cli.log.reader import open_log
from realtime_cli.providers.prices import load_prices
from realtime_cli.runtime.deck import Deck
from realtime_cli.runtime.landmarks import Landmarks, Place
from realtime_cli.runtime.memory import MemoryScreen
from realtime_cli.runtime.pace import Pace
from realtime_cli.runtime.playback import Playback, Source
from realtime_cli.ui.live.raw import RawView
from realtime_cli.ui.live.replay_bar import bar_line
from realtime_cli.ui.live.replay_status import replay_status
from realtime_cli.ui.live.status import Status, status_line
from realtime_cli.ui.live.story import Story
from realtime_cli.ui.theme import THEMES
from realtime_cli.ui.turns import sign
from realtime_cli.ui.waterfall import latency_rows
from tests.support.scene import Scene, played
from tests.support.virtual_time import in_virtual_time

FOLDER = Path(__file__).parent / "pictures"
README = Path(__file__).parents[1] / "README.md"
_BLOCK = re.compile(r"(<!-- picture: (\w+) -->\n```text\n)(.*?)(^```$)", re.DOTALL | re.MULTILINE)
_WIDTH, _TEXT_WIDTH, _RAW_HEIGHT = 100, 88, 25
_LAST_WORD_S = 30.0
# How wide most terminals' fonts are for their height: the fonts of `_FORMAT`.
_FONT_ASPECT_RATIO = 0.602
_COLOURS = TerminalTheme(
    (22, 25, 31),
    (208, 214, 224),
    [
        *((60, 66, 78), (240, 113, 120), (133, 200, 125), (229, 192, 104)),
        *((97, 158, 239), (198, 140, 240), (86, 196, 210), (208, 214, 224)),
    ],
    [
        *((110, 118, 132), (255, 135, 142), (152, 220, 142), (245, 210, 125)),
        *((125, 180, 255), (215, 165, 255), (110, 215, 228), (255, 255, 255)),
    ],
)
_FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", "Liberation Mono", monospace;
  font-size: {char_height}px;
  line-height: {line_height}px;
  white-space: pre;
}}
.{unique_id}-title {{ font: 16px system-ui, "Helvetica Neue", Arial, sans-serif; opacity: 0.7; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def paper(width: int) -> Console:
    """A console that is a terminal of that width, whatever the environment says."""
    return Console(
        file=TextIOWrapper(BytesIO(), encoding="utf-8"),
        theme=THEMES["dark"],
        width=width,
        color_system="standard",
        force_terminal=True,
        legacy_windows=False,
        record=True,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},
    )


def turn(console: Console) -> list[Text]:
    """A spoken turn with a tool call, one that interrupts it, and the answer as it is heard."""
    scene = played(console, width=console.width)
    return [*scene.rows, *_below(console, scene)]


def raw(console: Console) -> list[Text]:
    """What went over the wire while the user interrupted."""
    scene = played(console, width=console.width)
    view = RawView(scene.ring, console)
    view.filter("-playback.progress")
    cut = next(event.number for event in scene.ring.after(0) if "item.truncate" in str(event.raw))
    view.rows(width=console.width, height=_RAW_HEIGHT)
    view.inspect(cut)
    view.press("escape")
    return view.rows(width=console.width, height=_RAW_HEIGHT)


def latency(console: Console) -> list[Text]:
    """Where the time of the last turn went."""
    scene = played(console, width=console.width)
    scene.until(_LAST_WORD_S)
    asked = sign(console, "user") + Text("/latency", "user")
    return [asked, *latency_rows(console, scene.view, console.width), *_below(console, scene)]


def replay(console: Console) -> list[Text]:
    """The recording of it, paused."""
    view, deck = in_virtual_time(_replayed(played(console, width=console.width), at_s=6.5))
    told = Story(console).tell(view, width=console.width, now_s=deck.place.t_s)
    rows = [*told.above, *(row for group in told.live for row in group.rows)]
    bar = bar_line(console, deck, width=console.width)
    return [*rows, bar, replay_status(console, view, deck, server="openai", width=console.width)]


PICTURES: Mapping[str, tuple[str, Callable[[Console], list[Text]]]] = {
    "turn": ("realtime chat --tools weather.py", turn),
    "raw": ("the raw view: Ctrl-E", raw),
    "latency": ("where the time of a turn goes", latency),
}
BLOCKS: Mapping[str, Callable[[Console], list[Text]]] = {"replay": replay}


def svg(name: str) -> str:
    """The picture of that name."""
    title, rows = PICTURES[name]
    console = paper(_WIDTH)
    _print(console, rows(console))
    written = console.export_svg(
        title=title,
        theme=_COLOURS,
        code_format=_FORMAT,
        font_aspect_ratio=_FONT_ASPECT_RATIO,
        unique_id=name,
    )
    return "\n".join(line.strip() for line in written.splitlines() if line.strip()) + "\n"


def block(name: str) -> str:
    """The text of that name."""
    return "".join(f"{row.plain.rstrip()}\n" for row in BLOCKS[name](paper(_TEXT_WIDTH)))


def with_blocks(readme: str) -> str:
    """The README with its blocks as they are drawn now."""
    return _BLOCK.sub(lambda found: found[1] + block(found[2]) + found[4], readme)


def names_of_blocks(readme: str) -> list[str]:
    """The blocks that the README has."""
    return [found[2] for found in _BLOCK.finditer(readme)]


def _below(console: Console, scene: Scene) -> list[Text]:
    """The line in which one types, and the status line."""
    status = Status("openai", scene.meters, now_s=scene.now_s, log="recording")
    typing = sign(console, "user") + Text(" ", "selected")
    return [typing, status_line(console, scene.view, status, width=console.width)]


async def _replayed(scene: Scene, *, at_s: float) -> tuple[SessionView, Deck]:
    """The session as it was at that time, by its log, and the deck that plays it."""
    events = scene.ring.after(0)
    entries = [LogEntry(event.number, event.at_s, event.direction, event.raw) for event in events]
    landmarks = _landmarks(entries)
    terms = Terms(prices=load_prices(None))
    source = Source(
        entries=lambda: entries, make_session=lambda: Session(terms=terms, has_tools=True), has_inputs=True
    )
    playback = Playback(source, pace=Pace(is_paused=True), clock=lambda: 0.0)
    deck = Deck(playback, end_s=landmarks.end_s, has_speaker=True)
    deck.know(landmarks)
    playback.seek(Place(at_s))
    arrived: asyncio.Future[SessionView] = asyncio.get_running_loop().create_future()
    playing = asyncio.create_task(playback.run(MemoryScreen(), on_jump=arrived.set_result))
    view = await arrived
    playing.cancel()
    return view, deck


def _landmarks(entries: Sequence[LogEntry]) -> Landmarks:
    """What a replay finds in a log with these entries."""
    header = LogHeader(program="realtime", url="", provider="openai", dialect="ga", started="")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log.jsonl")
        lines = [entry_line(entry, is_object=True) for entry in entries]
        path.write_bytes(header_line(header).encode() + b"".join(lines))
        return find_landmarks(open_log(path))


def _print(console: Console, rows: Sequence[Text]) -> None:
    for row in rows:
        console.print(row, soft_wrap=True)


def main() -> None:
    """Writes all pictures, and the README's blocks."""
    FOLDER.mkdir(exist_ok=True)
    for name in PICTURES:
        (FOLDER / f"{name}.svg").write_text(svg(name), encoding="utf-8", newline="\n")
    README.write_text(with_blocks(README.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
