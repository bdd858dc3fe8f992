"""What a tool may know of the session that it runs in, and do to it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import TypeVar

from realtime_cli.core.view import SessionView

_T = TypeVar("_T")
# A thread that asks for the view while the session ends is answered by nobody.
_PATIENCE_S = 5.0
# A tool may report as often as it likes; the session hears of it 20 times a second.
_REPORT_EVERY_S = 0.05


class Context:
    """The session, as one call of a tool sees it.

    A parameter of this type is no argument for the model: the call gets it from here. Every method may be
    used from any thread.
    """

    def __init__(
        self,
        call_id: str,
        *,
        look: Callable[[], SessionView],
        report: Callable[[str], None] | None = None,
    ) -> None:
        self.call_id = call_id
        self.wants_end = False
        self.is_cancelled = False
        self._look = look
        self._report = report
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._latest: str | None = None
        self._is_resting = False

    @property
    def view(self) -> SessionView:
        """The session as it is now: items, calls, tokens, times."""
        return self._in_loop(self._look)

    def progress(self, text: str) -> None:
        """Tells how far the call is; the last text is shown beside it."""
        self._latest = str(text)
        if self._is_mine():
            self._tell()
            return
        with suppress(RuntimeError):  # the loop has closed: nobody looks any more
            self._loop.call_soon_threadsafe(self._tell)

    def end_session(self) -> None:
        """Ends the session, as soon as this call has its output."""
        self.wants_end = True

    def finish(self, *, is_cancelled: bool) -> None:
        """Ends the reports; from now on `is_cancelled` tells a tool that still runs to stop."""
        self.is_cancelled = is_cancelled
        self._report = None

    def _is_mine(self) -> bool:
        return threading.get_ident() == self._thread

    def _in_loop(self, ask: Callable[[], _T]) -> _T:
        if self._is_mine():
            return ask()
        answer: Future[_T] = Future()
        self._loop.call_soon_threadsafe(lambda: answer.set_result(ask()))
        return answer.result(_PATIENCE_S)

    def _tell(self) -> None:
        if self._is_resting or self._latest is None or self._report is None:
            return
        text, self._latest = self._latest, None
        self._is_resting = True
        self._loop.call_later(_REPORT_EVERY_S, self._rested)
        self._report(text)

    def _rested(self) -> None:
        self._is_resting = False
        self._tell()
