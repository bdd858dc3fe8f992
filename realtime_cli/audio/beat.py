"""Real time by a monotonic clock: the loop's own."""

from __future__ import annotations

import asyncio

# What a busy machine delayed is caught up with; what a longer stop (Ctrl-Z) delayed is not.
_CATCH_UP_S = 1.0


class Beat:
    """Moments that lie as far apart as it was told, however late somebody came to one of them."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._due_s = self._loop.time()

    async def wait(self) -> None:
        """Returns when the next moment has come; others get their turn in any case."""
        late_s = self._loop.time() - self._due_s
        if late_s > _CATCH_UP_S:
            self._due_s += late_s
        await asyncio.sleep(max(0.0, -late_s))

    def add(self, ms: float) -> None:
        """Puts the next moment so much later."""
        self._due_s += ms / 1000

    def not_before_now(self) -> None:
        """Forgets a delay: what was late came from somewhere that is late itself."""
        self._due_s = max(self._due_s, self._loop.time())
