"""The machinery of a live screen: rows above for good, a region below them, and now and then a whole page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol, TextIO

from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.key_binding import ConditionalKeyBindings, KeyBindings, merge_key_bindings
from prompt_toolkit.layout import (
    ConditionalContainer,
    Dimension,
    FormattedTextControl,
    HSplit,
    Layout,
    Window,
)
from prompt_toolkit.output import ColorDepth
from rich.text import Text

from realtime_cli.ui.theme import ThemeName, make_paper

from .app import InlineApp
from .terminal import keyboard, output

# Shortest time between two pictures, and between two of a page, whose keys do not wait.
_FRAME_S, _PAGE_S = 1 / 12, 1 / 4
# Where one picture could not print all: so long for everything else, keys and sound, before the next one.
_BREATH_S = 0.005
_DEPTHS: Mapping[str | None, ColorDepth] = {
    None: ColorDepth.DEPTH_1_BIT,
    "standard": ColorDepth.DEPTH_4_BIT,
    "256": ColorDepth.DEPTH_8_BIT,
    "truecolor": ColorDepth.DEPTH_24_BIT,
}


@dataclass(frozen=True, slots=True)
class Picture:
    """What is printed now for good, and the rows of the region: above the input line, and below it.

    `has_more` where another picture has more to print.
    """

    above: Sequence[Text] = ()
    live: Sequence[Text] = ()
    below: Sequence[Text] = ()
    has_more: bool = False


class Page(Protocol):
    """Something that takes the whole terminal for a while."""

    def rows(self, *, width: int, height: int) -> list[Text]:
        """At most `height` rows."""
        ...


class Artist(Protocol):
    """Whoever knows what is to be seen."""

    def picture(self, *, width: int, height: int) -> Picture:
        """The region as it is now; what is `above` is not asked for again."""
        ...

    def look(self) -> float | None:
        """Looks at what nobody tells of, and touches the board if it changed; seconds to the next look."""
        ...

    def let_go(self) -> str:
        """What to write before somebody else gets the terminal."""
        ...

    def take_hold(self) -> str:
        """What to write once the terminal is ours again."""
        ...


@dataclass(slots=True)
class _Shown:
    live: str = ""
    below: str = ""
    page: str = field(default="", repr=False)


class Board:
    """Draws an artist's pictures at most 12 times a second, and owns the keyboard while `run` runs.

    `typing` is the window of the input line. While there is a `page`, it has the terminal's other screen, and
    `page_keys` count instead of `keys`; nothing is printed until it is gone.
    """

    def __init__(
        self,
        stdin: TextIO,
        stdout: TextIO,
        artist: Artist,
        *,
        keys: KeyBindings,
        page_keys: KeyBindings | None = None,
        typing: Window | None = None,
        theme: ThemeName = "auto",
    ) -> None:
        self.console = make_paper(stdout, theme=theme)
        self._stdout = stdout
        self._artist = artist
        self._stale = asyncio.Event()
        self._shown = _Shown()
        self._page: Page | None = None
        self._turned = asyncio.Event()
        self._has_more = False
        self._typing = typing
        self._page_window = Window(FormattedTextControl(lambda: ANSI(self._shown.page), focusable=True))
        has_page = Condition(lambda: self._page is not None)
        bindings = merge_key_bindings(
            [
                ConditionalKeyBindings(keys, ~has_page),
                ConditionalKeyBindings(page_keys or KeyBindings(), has_page),
            ]
        )
        self._app = InlineApp(
            self._layout(has_page),
            keys=bindings,
            keyboard=keyboard(stdin),
            output=output(stdout),
            color_depth=_DEPTHS[self.console.color_system],
            on_resize=self._refresh,
            before_stop=artist.let_go,
            after_stop=artist.take_hold,
        )

    @property
    def width(self) -> int:
        """Columns of the terminal."""
        return self._app.output.get_size().columns

    @property
    def height(self) -> int:
        """Rows of the terminal."""
        return self._app.output.get_size().rows

    @property
    def page(self) -> Page | None:
        """What has the whole terminal now."""
        return self._page

    def turn_to(self, page: Page | None) -> None:
        """Gives the whole terminal to a page, or back to the conversation."""
        if page is self._page:
            return
        self._page = page
        self._turned.set()
        self._app.take_whole_screen(whole=page is not None)
        self._app.layout.focus(self._typing if page is None and self._typing else self._page_window)
        self.draw()

    def touch(self) -> None:
        """Something changed: draws it as soon as it is time for a picture."""
        self._stale.set()

    def draw(self) -> None:
        """Draws what changed, now, or right after the key; while the window is being resized, afterwards."""
        if self._app.is_in_a_key:
            asyncio.get_running_loop().call_soon(self._draw)
        else:
            self._draw()

    def print(self, rows: Sequence[Text]) -> None:
        """Prints rows above the region, for good; after `run` just prints them."""
        if not rows:
            return
        if self._app.is_running:
            self._app.print_above(self._lines(rows))
            return
        with suppress(OSError):  # the terminal has gone
            self._stdout.write(self._lines(rows))
            self._stdout.flush()

    def clear(self) -> None:
        """Empties the screen; what has scrolled away stays."""
        if self._app.is_running:
            self._app.clear()
            self._app.draw()

    def write(self, text: str) -> None:
        """Writes to the terminal as it is."""
        self._app.write(text)

    async def run(self) -> None:
        """Draws until `exit`, or until the terminal has gone; it is as before in every case."""
        self._stale.set()
        async with asyncio.TaskGroup() as tasks:
            drawing = tasks.create_task(self._keep_drawing(), name="screen")
            with suppress(EOFError):
                await self._app.run_to_the_end()
            drawing.cancel()

    def exit(self) -> None:
        """Ends `run`."""
        if self._app.is_running and not self._app.is_done:
            self._page = None
            self._app.take_whole_screen(whole=False)
            self._app.exit()

    def stop_process(self) -> None:
        """Goes to the background, until the user brings us back."""
        self._app.create_background_task(self._app.stop_process())

    def _draw(self) -> None:
        if not self._app.is_running or self._app.is_resizing:
            return
        before = (self._shown.live, self._shown.below, self._shown.page)
        above = self._refresh()
        if above:
            self._app.print_above(above)
        elif before != (self._shown.live, self._shown.below, self._shown.page):
            self._app.draw()

    async def _keep_drawing(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._artist.look()):
                    await self._stale.wait()
            self._artist.look()
            if self._stale.is_set():
                self._stale.clear()
                self.draw()
                await self._rest()

    async def _rest(self) -> None:
        """Until it is time for the next picture."""
        if self._page is None:
            await asyncio.sleep(_BREATH_S if self._has_more else _FRAME_S)
            return
        self._turned.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(_PAGE_S):
                await self._turned.wait()

    def _refresh(self) -> str:
        """Makes the rows anew, and gives what to print above them."""
        width, height = self.width, self.height
        if self._page is not None:
            self._shown.page = self._ansi(self._page.rows(width=width, height=height))
            return ""
        picture = self._artist.picture(width=width, height=height)
        self._has_more = picture.has_more
        if self._has_more:
            self.touch()
        self._shown.live, self._shown.below = self._ansi(picture.live), self._ansi(picture.below)
        return self._lines(picture.above)

    def _layout(self, has_page: Condition) -> Layout:
        typing = [self._typing] if self._typing else []
        parts = [_rows(lambda: self._shown.live), *typing, _rows(lambda: self._shown.below)]
        region = ConditionalContainer(HSplit(parts), ~has_page)
        whole = ConditionalContainer(self._page_window, has_page)
        return Layout(HSplit([region, whole]), focused_element=self._typing or self._page_window)

    def _lines(self, rows: Sequence[Text]) -> str:
        return self._ansi(rows) + "\n" if rows else ""

    def sign(self, row: Text) -> ANSI:
        """A row as a part of the input line."""
        return ANSI(self._ansi([row]))

    def _ansi(self, rows: Iterable[Text]) -> str:
        """The rows with their styles written out, as the terminal understands them."""
        with self.console.capture() as written:
            for row in rows:
                self.console.print(row, soft_wrap=True)
        return written.get().removesuffix("\n")


def _rows(text: Callable[[], str]) -> Window:
    return Window(
        FormattedTextControl(lambda: ANSI(text())),
        height=lambda: Dimension(min=0, preferred=_count(text()), max=_count(text())),
        dont_extend_height=True,
    )


def _count(text: str) -> int:
    return text.count("\n") + 1 if text else 0
