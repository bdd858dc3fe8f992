"""The client's audio on its way to becoming an item."""

from __future__ import annotations

from realtime_cli.protocol.encoding import Encoding

from .refusal import InvalidRequestError

_MIN_COMMIT_MS = 100
# Whoever never commits gets the last ten minutes.
MOST_KEPT_MS = 600_000.0


class InputBuffer:
    """Holds the audio since the last commit or clear, and knows where it lies among all that was sent.

    The timeline counts whole samples, in milliseconds since the session began; it never goes back.
    """

    def __init__(self, encoding: Encoding) -> None:
        self.encoding = encoding
        self._audio: bytearray = bytearray()
        self._half_sample = b""
        self._before_ms = 0.0
        self._sent_bytes = 0

    @property
    def end_ms(self) -> float:
        """Where on the timeline the sent audio ends."""
        return self._before_ms + self.encoding.ms(self._sent_bytes)

    @property
    def start_ms(self) -> float:
        """Where on the timeline the kept audio begins."""
        return self._before_ms + self.encoding.ms(self._sent_bytes - len(self._audio))

    def append(self, audio: bytes) -> bytes:
        """Adds audio, and gives back the whole samples that came of it; half a sample waits for the rest."""
        stream = self._half_sample + audio
        whole_bytes = len(stream) - len(stream) % self.encoding.sample_bytes
        samples, self._half_sample = stream[:whole_bytes], stream[whole_bytes:]
        self._audio += samples
        self._sent_bytes += whole_bytes
        self.forget_before(self.end_ms - MOST_KEPT_MS)
        return samples

    def commit(self) -> bytes:
        """Empties the buffer, and gives back what it held. Raises `InvalidRequestError` under 100 ms."""
        kept_ms = self.end_ms - self.start_ms
        if kept_ms < _MIN_COMMIT_MS:
            raise InvalidRequestError(
                "Error committing input audio buffer: buffer too small. Expected at least "
                f"{_MIN_COMMIT_MS}ms of audio, but buffer only has {kept_ms:.2f}ms of audio.",
                code="input_audio_buffer_commit_empty",
            )
        self._half_sample = b""
        return self.take(self.end_ms)

    def take(self, until_ms: float) -> bytes:
        """Takes out the audio up to a point on the timeline."""
        audio = self.peek(until_ms)
        del self._audio[: len(audio)]
        return audio

    def peek(self, until_ms: float) -> bytes:
        """The audio up to a point on the timeline."""
        return bytes(self._audio[: self._offset(until_ms)])

    def forget_before(self, ms: float) -> None:
        """Throws away the audio before a point on the timeline."""
        del self._audio[: self._offset(ms)]

    def clear(self) -> None:
        """Throws the audio away."""
        self._audio.clear()
        self._half_sample = b""

    def change(self, encoding: Encoding) -> None:
        """What comes from now on is encoded differently; what is here cannot stay."""
        self._before_ms, self._sent_bytes = self.end_ms, 0
        self.encoding = encoding
        self.clear()

    def _offset(self, ms: float) -> int:
        samples = round((ms - self.start_ms) * self.encoding.rate_hz / 1000)
        return min(max(0, samples * self.encoding.sample_bytes), len(self._audio))
