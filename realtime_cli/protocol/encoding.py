"""How audio travels: 16-bit PCM at some rate, or one of the two forms of G.711. Always mono."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeGuard, cast, get_args

if TYPE_CHECKING:  # the audio child needs encodings, and goes without pydantic
    from .audio import AudioFormat

EncodingType: TypeAlias = Literal["audio/pcm", "audio/pcmu", "audio/pcma"]
_G711_RATE_HZ = 8000
_PCM_RATE_HZ = 24000
# Rates of real devices and telephones. Any other number is a mistake, and may cost gigabytes to convert from.
_PCM_RATES_HZ = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 96000)
# The byte for a sample of 0 (ITU-T G.711).
_SILENCE: dict[EncodingType, bytes] = {"audio/pcm": b"\0\0", "audio/pcmu": b"\xff", "audio/pcma": b"\xd5"}


@dataclass(frozen=True, slots=True)
class Encoding:
    """An audio encoding: `audio/pcm` is 16-bit little-endian; `audio/pcmu` and `audio/pcma` are 8 kHz."""

    type: EncodingType = "audio/pcm"
    rate_hz: int = _PCM_RATE_HZ

    @property
    def sample_bytes(self) -> int:
        """Bytes of one sample."""
        return len(_SILENCE[self.type])

    @property
    def bytes_per_ms(self) -> float:
        """Bytes of a millisecond; not whole at rates such as 44.1 kHz."""
        return self.rate_hz * self.sample_bytes / 1000

    def ms(self, size_bytes: int) -> float:
        """How long so many bytes last."""
        return size_bytes / self.bytes_per_ms

    def silence(self, size_bytes: int) -> bytes:
        """So many bytes of silence."""
        sample = _SILENCE[self.type]
        return sample * (size_bytes // len(sample))


PCM_24K = Encoding()


def encoding_of(format_: AudioFormat | None) -> Encoding:
    """The encoding that a session's `format` means; what is missing or unknown is PCM at 24 kHz."""
    return PCM_24K if format_ is None else encoding_named(format_.type, format_.rate)


def encoding_named(type_: object, rate: object) -> Encoding:
    """The encoding of that `type` and `rate`, whatever they are; the same defaults."""
    if type_ not in get_args(EncodingType):
        return PCM_24K
    kind = cast("EncodingType", type_)
    if kind != "audio/pcm":
        return Encoding(kind, _G711_RATE_HZ)
    return Encoding(kind, rate) if is_pcm_rate(rate) else PCM_24K


def is_pcm_rate(rate: object) -> TypeGuard[int]:
    """Whether PCM may have so many samples a second."""
    return isinstance(rate, int) and rate in _PCM_RATES_HZ
