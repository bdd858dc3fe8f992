"""The client's audio on its way to becoming an item. Only its length is kept: nobody listens yet."""

from __future__ import annotations

from realtime_cli.protocol.audio import AudioFormat

from .refusal import InvalidRequestError

_MIN_COMMIT_MS = 100
_PCM_BYTES_PER_MS = 48
_G711_BYTES_PER_MS = 8


class InputBuffer:
    """Counts the audio that came since the last commit or clear."""

    def __init__(self) -> None:
        self._ms = 0.0

    def append(self, audio: str, format_: AudioFormat) -> None:
        """Adds base64 audio."""
        self._ms += audio_ms(audio, format_)

    def commit(self) -> float:
        """Empties the buffer, and gives back how many milliseconds it held: 100 at least."""
        if self._ms < _MIN_COMMIT_MS:
            raise InvalidRequestError(
                "Error committing input audio buffer: buffer too small. Expected at least "
                f"{_MIN_COMMIT_MS}ms of audio, but buffer only has {self._ms:.2f}ms of audio.",
                code="input_audio_buffer_commit_empty",
            )
        committed_ms = self._ms
        self.clear()
        return committed_ms

    def clear(self) -> None:
        """Throws the audio away."""
        self._ms = 0.0


def audio_ms(audio: str, format_: AudioFormat) -> float:
    """Milliseconds of valid base64 audio."""
    size_bytes = len(audio) // 4 * 3 - audio[-2:].count("=")
    return size_bytes / (_PCM_BYTES_PER_MS if format_.type == "audio/pcm" else _G711_BYTES_PER_MS)
