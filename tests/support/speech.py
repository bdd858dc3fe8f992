"""Speech for tests: synthetic, by espeak-ng, but speech to detectors and recognisers."""

from __future__ import annotations

import os
import shutil
import subprocess
from array import array
from functools import cache
from importlib.util import find_spec
from io import BytesIO

import pytest

from realtime_cli.core.responding.voice_activity import FRAME_MS
from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.samples.conversion import Converter
from realtime_cli.samples.wav import WavReader
from realtime_cli.server.voice.activity import voice_activity
from tests.support.patience import PATIENCE_S

ULAW = Encoding("audio/pcmu", 8000)
ALAW = Encoding("audio/pcma", 8000)


def need(*names: str) -> None:
    """Skips the test where a program or a package is missing, which in CI none is."""
    missing = [name for name in names if not shutil.which(name) and not _has_package(name)]
    if missing and "CI" in os.environ:
        pytest.fail(f"missing: {', '.join(missing)}")
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")


def _has_package(name: str) -> bool:
    return find_spec(name.replace("-", "_")) is not None


def spoken(text: str, *, voice: str = "en-us", encoding: Encoding = PCM_24K) -> bytes:
    """The text as speech; begins and ends with little silence."""
    need("espeak-ng")
    rate_hz, pcm = _speech(text, voice)
    converter = Converter(Encoding("audio/pcm", rate_hz), encoding)
    return converter.convert(pcm, is_last=True)


def silence(ms: float, encoding: Encoding = PCM_24K) -> bytes:
    """So many milliseconds of silence."""
    return encoding.silence(round(encoding.bytes_per_ms * ms))


def sounding_ms(pcm: bytes) -> float:
    """Where in 24 kHz PCM the last sound ends: speech fades, and a synthesiser adds a pause."""
    samples = array("h", pcm)
    last = max(index for index, sample in enumerate(samples) if abs(sample) > 500)
    return PCM_24K.ms(2 * last)


def speech_share(audio: bytes, encoding: Encoding = PCM_24K) -> float:
    """How much of the audio is speech, as WebRTC's detector hears it: 0 to 1."""
    frames = voice_activity(encoding, 0.5).hear(audio)
    return sum(frames) / len(frames) if frames else 0.0


def blocks(audio: bytes, encoding: Encoding = PCM_24K) -> list[bytes]:
    """The audio in blocks of 20 ms, as clients send it."""
    size = round(encoding.bytes_per_ms * FRAME_MS)
    return [audio[at : at + size] for at in range(0, len(audio), size)]


@cache
def _speech(text: str, voice: str) -> tuple[int, bytes]:
    command = ["espeak-ng", "-v", voice, "--stdin", "--stdout"]
    wav = subprocess.run(
        command, input=text.encode(), capture_output=True, check=True, timeout=PATIENCE_S
    ).stdout
    reader = WavReader(BytesIO(wav), name="espeak-ng")
    return reader.encoding.rate_hz, b"".join(iter(lambda: reader.read(1 << 16), b""))
