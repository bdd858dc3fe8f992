"""The keyboard and the output of a terminal, as prompt_toolkit wants them."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import TextIO

from prompt_toolkit.input import Input
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import Output

# Keys that no keyboard has stand for what a terminal tells by itself.
SPACE_RELEASED, FLAGS_TOLD = Keys.F23, Keys.F24

if sys.platform == "win32":
    from prompt_toolkit.input import create_input
    from prompt_toolkit.output import create_output

    def keyboard(stdin: TextIO) -> Input:
        """The console's keys."""
        return create_input(stdin)

    def output(stdout: TextIO) -> Output:
        """The console's screen buffer."""
        return create_output(stdout)

    @contextmanager
    def in_one_piece(_: Output) -> Generator[None]:
        """Lets everything out as it comes."""
        yield

    def is_late(_: Output) -> bool:
        """Whether the size has changed since the piece was begun: it is out by then."""
        return False

    def drop(_: Output) -> None:
        """Forgets the piece."""

else:
    import os
    from contextlib import suppress

    from prompt_toolkit.data_structures import Size
    from prompt_toolkit.input.ansi_escape_sequences import ANSI_SEQUENCES
    from prompt_toolkit.input.vt100 import Vt100Input
    from prompt_toolkit.key_binding import KeyPress
    from prompt_toolkit.output.vt100 import Vt100_Output

    from .sequences import FlagsTold, KeyFilter, SpaceReleased, Token

    _OURS = {SPACE_RELEASED, FLAGS_TOLD}
    _KNOWN = frozenset(sequence for sequence, key in ANSI_SEQUENCES.items() if key not in _OURS)
    _USUAL = Size(rows=24, columns=80)

    class _Keyboard(Vt100Input):
        """Keys, from which everything is filtered that the parser would take for typed text."""

        def __init__(self, stdin: TextIO) -> None:
            super().__init__(stdin)
            self._filter = KeyFilter(_KNOWN)

        def read_keys(self) -> list[KeyPress]:
            """What was pressed."""
            return self._pressed(self._filter.feed(self.stdin_reader.read()))

        def flush_keys(self) -> list[KeyPress]:
            """What waited for more that did not come: Esc, mostly."""
            return self._pressed(self._filter.flush()) + super().flush_keys()

        def _pressed(self, tokens: list[Token]) -> list[KeyPress]:
            for token in tokens:
                match token:
                    case str():
                        self.vt100_parser.feed(token)
                    case SpaceReleased():
                        self._buffer.append(KeyPress(SPACE_RELEASED, ""))
                    case FlagsTold(flags):
                        self._buffer.append(KeyPress(FLAGS_TOLD, str(flags)))
            pressed, self._buffer = self._buffer, []
            return pressed

    class _Terminal(Vt100_Output):
        """An output that can wait until all is there. Where the terminal has gone, nothing happens."""

        _held_for: Size | None = None

        @property
        def is_held(self) -> bool:
            """Whether more is to come."""
            return self._held_for is not None

        def hold(self) -> None:
            """Has a size that does not change, and waits."""
            self._held_for = self.get_size()

        def let_go(self) -> None:
            """Writes what waited."""
            self._held_for = None
            self.flush()

        def drop(self) -> None:
            """Forgets what waits."""
            self._buffer.clear()

        @property
        def is_late(self) -> bool:
            """Whether the terminal has another size by now."""
            return self._held_for not in {None, super().get_size()}

        def get_size(self) -> Size:
            """Of what is held, the size with which it was begun."""
            return self._held_for or super().get_size()

        def flush(self) -> None:
            """Writes, unless more is to come."""
            if not self.is_held:
                with suppress(OSError):  # the hang-up is told elsewhere
                    super().flush()

        def erase_down(self) -> None:
            """Clears row by row: tmux takes an erased screen for one to be kept in its history."""
            below = "\x1b[B\x1b[2K" * (self.get_size().rows - 1)
            self.write_raw(f"\x1b7\x1b[K{below}\x1b8")

    def keyboard(stdin: TextIO) -> Input:
        """The terminal's keys."""
        return _Keyboard(stdin)

    def output(stdout: TextIO) -> Output:
        """The terminal, never asked where its cursor stands: some would never answer."""

        def size() -> Size:
            try:
                columns, rows = os.get_terminal_size(stdout.fileno())
            except (OSError, ValueError):  # it has gone, or is closed
                return _USUAL
            return Size(rows=rows or _USUAL.rows, columns=columns or _USUAL.columns)

        return _Terminal(stdout, size, term=os.environ.get("TERM"), enable_cpr=False)

    @contextmanager
    def in_one_piece(to: Output) -> Generator[None]:
        """Lets everything out together, at the end: nobody sees the screen half drawn."""
        if not isinstance(to, _Terminal) or to.is_held:
            yield
            return
        to.hold()
        try:
            yield
        finally:
            to.let_go()

    def is_late(to: Output) -> bool:
        """Whether the size has changed since the piece was begun."""
        return isinstance(to, _Terminal) and to.is_late

    def drop(to: Output) -> None:
        """Forgets the piece."""
        if isinstance(to, _Terminal):
            to.drop()
