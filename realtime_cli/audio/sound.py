"""The sound of a session in a file, and in the loudspeaker: both voices, or one of them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from contextlib import closing
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from realtime_cli.errors import BadInput
from realtime_cli.samples.wav import WavWriter

from .config import RATE_HZ
from .file_target import unwritable
from .timeline import SoundBlock

if TYPE_CHECKING:
    from numpy.typing import NDArray

Voices: TypeAlias = Literal["user", "assistant", "both"]


class SoundFile:
    """A WAV file of a session: the user left and the assistant right, or one of them in mono.

    It is valid at any time. Raises `BadInput` where the file cannot be made or has something in it, and
    `OSError` where it cannot be written any further.
    """

    def __init__(self, path: Path, *, voices: Voices = "both") -> None:
        self._voices: Voices = voices
        self._path = path
        self._is_new = not path.exists()
        file = _open_empty(path)
        try:
            self._writer = WavWriter(file, rate_hz=RATE_HZ, channels=2 if voices == "both" else 1)
        except OSError as error:
            file.close()
            raise unwritable(str(path), error) from error

    def write(self, block: SoundBlock) -> None:
        """Adds a block."""
        both = self._voices == "both"
        self._writer.write(stereo(block) if both else mono(block, self._voices))

    def close(self) -> None:
        """Closes the file."""
        self._writer.close()

    def discard(self) -> None:
        """Removes the closed file, unless there was one before. Raises `OSError`."""
        if self._is_new:
            self._path.unlink(missing_ok=True)


def save_sound(blocks: Iterable[SoundBlock], path: Path, *, voices: Voices = "both") -> None:
    """Writes the blocks to a new WAV file; raises `BadInput` where that cannot be."""
    try:
        with closing(SoundFile(path, voices=voices)) as file:
            for block in blocks:
                file.write(block)
    except OSError as error:
        raise unwritable(str(path), error) from error


def stereo(block: SoundBlock) -> bytes:
    """The user's samples and the assistant's in turn."""
    samples = array("h", bytes(len(block.user) * 2))
    samples[0::2] = array("h", block.user)
    samples[1::2] = array("h", block.assistant)
    return samples.tobytes()


def mono(block: SoundBlock, voices: Voices) -> bytes:
    """One voice, or the sum of both."""
    if voices == "both" and any(block.user) and any(block.assistant):
        return _sum(block.user, block.assistant)
    is_user = voices == "user" or (voices == "both" and any(block.user))
    return block.user if is_user else block.assistant


def _sum(first: bytes, second: bytes) -> bytes:
    import numpy as np  # noqa: PLC0415 (most seconds of a conversation have one voice)

    total: NDArray[np.int32] = np.frombuffer(first, "<i2").astype(np.int32) + np.frombuffer(second, "<i2")
    return total.clip(-32768, 32767).astype(np.int16).tobytes()


def _open_empty(path: Path) -> FileIO:
    try:
        if path.is_file() and path.stat().st_size:
            raise BadInput(
                f"{path} has something in it already", hint="name another file, or delete this one"
            )
        return FileIO(path, "w")
    except (OSError, ValueError) as error:
        raise unwritable(str(path), error) from error
