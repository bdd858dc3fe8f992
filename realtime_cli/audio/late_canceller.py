"""The echo canceller, loaded beside the devices: they do not wait for that."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

from .device_events import Trouble
from .in_step import EchoCanceller

_HINT = "the microphone is silent while the answer plays; with a headset use --echo off"


class LateCanceller:
    """WebRTC's echo canceller from when it is loaded on. Implements `in_step.EchoCanceller`.

    Until then, or where it cannot be loaded, it cleans nothing.
    """

    def __init__(self) -> None:
        self._canceller: EchoCanceller | None = None

    def load(self, tell: Callable[[Trouble], object]) -> None:
        """Loads it in a thread, which calls `tell` where that fails."""
        Thread(target=self._load, args=(tell,), name="echo canceller", daemon=True).start()

    def process(self, microphone: bytes, played: bytes) -> bytes | None:
        """The microphone's 10 ms without the echo; None before it is loaded."""
        return self._canceller.process(microphone, played) if self._canceller else None

    def reset(self) -> None:
        """Forgets what was learned."""
        if self._canceller:
            self._canceller.reset()

    def _load(self, tell: Callable[[Trouble], object]) -> None:
        from .echo import Canceller  # noqa: PLC0415 -- most sessions go without

        try:
            self._canceller = Canceller()
        except (
            Exception
        ) as error:  # what a foreign library raises where it does not fit the machine nobody knows
            tell(Trouble("error", f"echo cancelling does not work: {error}", _HINT))
