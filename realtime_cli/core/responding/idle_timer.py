"""The silence after an answer, and when it has lasted too long."""

from __future__ import annotations


class IdleTimer:
    """Runs from the estimated end of an answer's playback. Times are Unix seconds."""

    def __init__(self) -> None:
        self._quiet_from_s: float | None = None
        self._start_ms: float | None = None

    def start(self, quiet_from_s: float) -> None:
        """An answer is done; the last of it sounds then."""
        self._quiet_from_s = quiet_from_s
        self._start_ms = None

    def stop(self) -> None:
        """Somebody has begun to speak."""
        self._quiet_from_s = None

    def postpone(self, now_s: float) -> None:
        """Whoever is waiting begins anew."""
        if self._quiet_from_s is not None:
            self.start(max(now_s, self._quiet_from_s))

    def deadline_s(self, timeout_ms: float) -> float | None:
        """When `expired` wants to be asked next: at the end of the playback, then at the end of the wait."""
        if self._quiet_from_s is None:
            return None
        return self._quiet_from_s + (0 if self._start_ms is None else timeout_ms / 1000)

    def expired(self, now_s: float, *, timeout_ms: float, sent_ms: float) -> float | None:
        """Where on the timeline of sent audio the silence began, once it has lasted so long."""
        if self._quiet_from_s is None or now_s < self._quiet_from_s:
            return None
        if self._start_ms is None:
            self._start_ms = sent_ms
        if now_s < self._quiet_from_s + timeout_ms / 1000:
            return None
        self.stop()
        return self._start_ms
