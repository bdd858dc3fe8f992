"""The head of a WAV file: its chunks up to the audio."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Protocol

from realtime_cli.errors import BadInput

_EXTENSIBLE = 0xFFFE
_CODECS = {
    0x0002: "MS ADPCM",
    0x0011: "IMA ADPCM",
    0x0031: "GSM 6.10",
    0x0050: "MPEG",
    0x0055: "MP3",
    0x00FF: "AAC",
    0x1610: "AAC",
}
# What follows the format tag in the GUID of an extensible format.
_GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")
# What a writer leaves where it cannot know the size.
_OPEN_SIZES = (0, 0xFFFFFFFF)
_RATES_HZ = range(1_000, 768_001)
_MAX_FORMAT_BYTES = 1024
_PIECE_BYTES = 1 << 16


class Source(Protocol):
    """Where bytes come from: a file, a pipe."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; fewer where no more are there yet, none at the end only."""
        ...


@dataclass(frozen=True, slots=True)
class WavFormat:
    """How samples are stored: `kind` is i(nteger), u(nsigned), f(loat), or one of the two forms of G.711."""

    kind: str
    sample_bytes: int
    channels: int
    rate_hz: int

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of every channel."""
        return self.sample_bytes * self.channels


class RiffReader:
    """Reads a WAV file up to its audio; `head` is what was read of the file before.

    Afterwards `format` is known, and `audio_bytes`: None where the audio goes on to the end of the file.
    """

    def __init__(self, source: Source, *, name: str, head: bytes = b"") -> None:
        self._source = source
        self._name = name
        self._head = head
        self._passed = 0
        self._riff_end = self._begin()
        self.format, self.audio_bytes = self._find_audio()

    def _begin(self) -> int:
        head = self._exactly(12)
        if not head:
            raise BadInput(f"{self._name} is empty", hint="a WAV file has a header, and audio behind it")
        if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
            raise BadInput(
                f"{self._name} is not a WAV file (it begins with {head[:8].decode('latin-1')!a})",
                hint="convert it to WAV first, as with: ffmpeg -i FILE question.wav",
            )
        return 8 + int.from_bytes(head[4:8], "little")

    def _find_audio(self) -> tuple[WavFormat, int | None]:
        format_: WavFormat | None = None
        while (name := self._exactly(8))[:4] != b"data":
            if len(name) < 8:
                raise _no_audio(self._name)
            size = int.from_bytes(name[4:], "little")
            if name[:4] == b"fmt ":
                format_ = self._format(size)
            else:
                self._skip(size + size % 2)
        if format_ is None:
            raise self._damaged("it has no format before its audio")
        return format_, self._audio_bytes(int.from_bytes(name[4:], "little"))

    def _audio_bytes(self, size: int) -> int | None:
        if size not in _OPEN_SIZES:
            return size
        # A writer that knew how long the whole file is meant what it says: there is no audio.
        is_empty = not size and self._passed < self._riff_end and self._riff_end - 8 not in _OPEN_SIZES
        return 0 if is_empty else None

    def _format(self, size: int) -> WavFormat:
        if not 16 <= size <= _MAX_FORMAT_BYTES:
            raise self._damaged(f"its format takes {size:,} bytes")
        body = self._exactly(size + size % 2)
        if len(body) < size:
            raise self._damaged("it is cut off")
        tag, channels, rate_hz, _, frame_bytes, bits = struct.unpack("<HHIIHH", body[:16])
        if tag == _EXTENSIBLE and body[26:40] == _GUID_TAIL:
            tag = int.from_bytes(body[24:26], "little")
        if not channels or rate_hz not in _RATES_HZ or frame_bytes % channels:
            raise self._damaged(f"{channels} channels, {rate_hz:,} Hz, {frame_bytes} bytes a frame")
        sample_bytes = frame_bytes // channels
        return WavFormat(self._kind(tag, sample_bytes, bits), sample_bytes, channels, rate_hz)

    def _kind(self, tag: int, sample_bytes: int, bits: int) -> str:
        match tag, sample_bytes:
            case (0x0001, 1):
                return "u"
            case (0x0001, 2 | 3 | 4):
                return "i"
            case (0x0003, 4 | 8):
                return "f"
            case (0x0006, 1):
                return "alaw"
            case (0x0007, 1):
                return "ulaw"
            case _:
                codec = f" ({_CODECS[tag]})" if tag in _CODECS else ""
                raise BadInput(
                    f"{self._name} has a kind of audio that is not read here:"
                    f" format tag 0x{tag:04x}{codec}, {bits} bits",
                    hint="convert it to 16-bit PCM, as with: ffmpeg -i FILE -c:a pcm_s16le question.wav",
                )

    def _damaged(self, what: str) -> BadInput:
        return BadInput(f"{self._name} is a damaged WAV file: {what}", hint="write it again")

    def _skip(self, size: int) -> None:
        while size > 0 and (piece := self._exactly(min(size, _PIECE_BYTES))):
            size -= len(piece)

    def _exactly(self, size: int) -> bytes:
        """So many bytes; fewer at the end of the file."""
        data, self._head = self._head[:size], self._head[size:]
        while len(data) < size and (more := self._source.read(size - len(data))):
            data += more
        self._passed += len(data)
        return data


def _no_audio(name: str) -> BadInput:
    return BadInput(f"{name} has no audio", hint="name a WAV file with something in it")
