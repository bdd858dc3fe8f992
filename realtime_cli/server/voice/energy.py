"""Voice activity by loudness alone, for machines that have nothing better."""

from __future__ import annotations

import numpy as np

# Nothing under this is speech, in dBFS; a room is seldom quieter, and the floor must begin somewhere.
_QUIETEST_DBFS = -55.0
# How fast the floor follows: down at once, up slowly, so that a long sentence is not taken for noise.
_RISE_DB = 0.05


class Energy:
    """One stream's detector: speech is what stands well above the quietest that was heard lately."""

    def __init__(self, threshold: float) -> None:
        self._margin_db = 4 + 12 * threshold
        self._floor_dbfs = _QUIETEST_DBFS

    def is_speech(self, frame: bytes, rate_hz: int) -> bool:  # noqa: ARG002 (loudness has no rate)
        """Whether the PCM is loud enough."""
        samples = np.frombuffer(frame, "<i2").astype(np.float32)
        power = float(np.dot(samples, samples)) / len(samples) / 32768**2
        level_dbfs = max(10 * float(np.log10(power + 1e-12)), _QUIETEST_DBFS)
        self._floor_dbfs = min(level_dbfs, self._floor_dbfs + _RISE_DB)
        return level_dbfs > self._floor_dbfs + self._margin_db
