"""From one encoding to another, as a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from realtime_cli.protocol.encoding import Encoding, EncodingType

if TYPE_CHECKING:
    from .resampling import Resampler

# ruff: noqa: PLC0415 (what computes needs numpy, 0.1 s to import: most sessions have nothing to convert)

Quality: TypeAlias = Literal["live", "high"]


class Converter:
    """A stream of audio on its way from `source` to `target`.

    Where the rate changes, `live` holds back 5 to 15 ms of the stream, and up to 30 where one rate is 8 kHz.
    `high` is for what is not heard as it is converted: 20 to 75 ms late, and exactly where it was.
    """

    def __init__(self, source: Encoding, target: Encoding, *, quality: Quality = "live") -> None:
        self._source = source
        self._target = target
        self._half_sample = b""
        self._resampler = None if source.rate_hz == target.rate_hz else _resampler(source, target, quality)

    def convert(self, audio: bytes, *, is_last: bool = False) -> bytes:
        """What is certain by now, in whole samples.

        Half a sample waits for its other half. `is_last` brings the rest; what comes then is another stream.
        """
        audio = self._whole(audio)
        if is_last:
            self._half_sample = b""
        if self._source == self._target:
            return audio
        pcm = _decoded(audio, self._source.type)
        return _encoded(self._resampled(pcm, is_last=is_last), self._target.type)

    def _whole(self, audio: bytes) -> bytes:
        if self._half_sample:
            audio, self._half_sample = self._half_sample + audio, b""
        if len(audio) % self._source.sample_bytes:
            audio, self._half_sample = audio[:-1], audio[-1:]
        return audio

    def _resampled(self, pcm: bytes, *, is_last: bool) -> bytes:
        if self._resampler is None:
            return pcm
        import numpy as np

        samples = self._resampler.feed(np.frombuffer(pcm, "<i2").astype(np.float64))
        if is_last:
            samples = np.concatenate((samples, self._resampler.finish()))
        return np.rint(samples).clip(-32768, 32767).astype(np.int16).tobytes()


def _resampler(source: Encoding, target: Encoding, quality: Quality) -> Resampler:
    from .resampling import Polyphase, Soxr

    try:
        return Soxr(source.rate_hz, target.rate_hz, is_live=quality == "live")
    except ImportError:
        return Polyphase(source.rate_hz, target.rate_hz)


def _decoded(audio: bytes, kind: EncodingType) -> bytes:
    if kind == "audio/pcm":
        return audio
    from .g711 import alaw_to_pcm, ulaw_to_pcm

    return ulaw_to_pcm(audio) if kind == "audio/pcmu" else alaw_to_pcm(audio)


def _encoded(pcm: bytes, kind: EncodingType) -> bytes:
    if kind == "audio/pcm":
        return pcm
    from .g711 import pcm_to_alaw, pcm_to_ulaw

    return pcm_to_ulaw(pcm) if kind == "audio/pcmu" else pcm_to_alaw(pcm)
