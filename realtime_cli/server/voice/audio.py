"""Whole recordings on their way in and out of the engines. Slow enough for a thread of its own."""

from __future__ import annotations

from io import BytesIO

from realtime_cli.errors import BadInput
from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.samples.conversion import Converter
from realtime_cli.samples.wav import WavReader

from .port import SpeechFailed

_PIECE_FRAMES = 1 << 16


def pcm_at(rate_hz: int, audio: bytes, encoding: Encoding) -> bytes:
    """The audio as 16-bit PCM at a rate."""
    converter = Converter(encoding, Encoding("audio/pcm", rate_hz), quality="high")
    return converter.convert(audio, is_last=True)


def speech_of(wav: bytes, *, what: str) -> bytes:
    """What is in a WAV file, as 16-bit PCM at 24 kHz; nothing where it is an empty one.

    Raises `SpeechFailed` where it is no WAV file.
    """
    if not wav:
        return b""
    try:
        reader = WavReader(BytesIO(wav), name="what it wrote")
    except BadInput as problem:
        if problem.args[0].endswith("has no audio"):
            return b""
        raise SpeechFailed(f"{what}: {problem}") from None
    pcm = b"".join(iter(lambda: reader.read(_PIECE_FRAMES), b""))
    return pcm_at(PCM_24K.rate_hz, pcm, reader.encoding)
