"""A file or a pipe as the microphone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import inf

from realtime_cli.core.inputs import AudioNotice, MicrophoneBlock, MicrophoneEnded
from realtime_cli.errors import RealtimeError
from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.runtime.ports import Post
from realtime_cli.samples.conversion import Converter, Quality
from realtime_cli.samples.level import dbfs

from .beat import Beat
from .file_source import AudioSource, OpenSource, Piece, ReadAhead

# Less than this is no part of anybody's speech.
_MISSED_S = 0.05
# More than this was promised by a writer that did not know.
_UNKNOWN_S = 3600.0
_STALL_S = 2.0
# At full pace the file waits while this much is on its way to the server: seconds, on most networks.
_MAX_QUEUED_BYTES = 1 << 19
_POLL_S = 0.01
# Whoever speaks is louder.
_QUIET_DBFS = -60.0


class FileMicrophone:
    """Gives a source's audio in blocks: in real time, or (`queued_bytes`) as fast as the connection takes it.

    After its end comes `MicrophoneEnded`, and then, if wanted, silence without end, always in real time. From
    a pipe nothing comes while nothing is in it.
    """

    def __init__(
        self,
        source: AudioSource,
        *,
        block_ms: float,
        repeat_silence: bool,
        queued_bytes: Callable[[], int] | None,
    ) -> None:
        self.source = source
        self._block_ms = block_ms
        self._repeat_silence = repeat_silence
        self._queued_bytes = queued_bytes
        self._is_regular = False
        self._open_source: OpenSource | None = None
        self._wanted = asyncio.Event()
        self._encoding = PCM_24K
        self._converter: Converter | None = None
        self._pending = bytearray()
        self._last_block = b""
        self._has_sounded = False

    async def open(self) -> None:
        """Raises `BadInput` where the source is none; what a pipe is shows later."""
        self._is_regular = self.source.is_regular
        if self._is_regular:
            self._open_source = await asyncio.to_thread(self.source.open)

    def listen(self, encoding: Encoding) -> None:
        """Lets blocks come, in this encoding."""
        if encoding != self._encoding:
            self._change_to(encoding)
        self._wanted.set()

    @property
    def level_dbfs(self) -> float:
        """How loud the last block was."""
        if not self._last_block:
            return -inf
        pcm = Encoding(rate_hz=self._encoding.rate_hz)
        return dbfs(Converter(self._encoding, pcm).convert(self._last_block))

    async def run(self, post: Post) -> None:
        """Posts blocks from the first `listen` on."""
        await self._wanted.wait()
        beat, ahead = Beat(), ReadAhead(self._opened, name=self.source.name)
        try:
            await self._play_source(ahead, beat, post)
        finally:
            ahead.close()
            self._last_block = b""
        post(MicrophoneEnded())
        while self._repeat_silence:
            await beat.wait()
            self._post_block(self._encoding.silence(self._block_bytes), beat, post)

    def close(self) -> None:
        """Lets go of a source that nobody listened to."""
        if self._open_source is not None and not self._wanted.is_set():
            self._open_source.file.close()

    def _opened(self) -> OpenSource:
        return self._open_source or self.source.open()

    async def _play_source(self, ahead: ReadAhead, beat: Beat, post: Post) -> None:
        is_complete = False
        while not is_complete or self._pending:
            if len(self._pending) < self._block_bytes and not is_complete:
                piece = await self._next_piece(ahead, beat, post)
                is_complete = piece is None
                self._convert(piece)
                continue
            await (beat.wait() if self._queued_bytes is None else self._room_to_send(self._queued_bytes))
            block = bytes(self._pending[: self._block_bytes])
            del self._pending[: len(block)]
            self._post_block(block, beat, post)
        if _MISSED_S < ahead.missing_s < _UNKNOWN_S:
            post(self._cut_off(ahead.missing_s))
        if self._last_block and not self._has_sounded:
            post(self._silent())
        beat.not_before_now()

    async def _next_piece(self, ahead: ReadAhead, beat: Beat, post: Post) -> Piece | None:
        try:
            return await self._patiently(ahead, beat, post)
        except RealtimeError as error:
            post(AudioNotice("error", str(error), error.hint, "microphone"))
            return None

    async def _patiently(self, ahead: ReadAhead, beat: Beat, post: Post) -> Piece | None:
        if self._is_regular or not ahead.is_empty:
            return await ahead.next()
        waiting = asyncio.get_running_loop().call_later(_STALL_S, post, self._stalled())
        try:
            return await ahead.next()
        finally:
            waiting.cancel()
            beat.not_before_now()

    def _cut_off(self, missing_s: float) -> AudioNotice:
        text = f"{self.source.name} is cut off: {missing_s:.1f} s of its audio are not there"
        return AudioNotice("warning", text, "was it copied to its end?", "microphone")

    def _silent(self) -> AudioNotice:
        text = f"{self.source.name} holds silence only: nothing in it is louder than {_QUIET_DBFS:.0f} dBFS"
        return AudioNotice("warning", text, "is it the right file?", "microphone")

    def _stalled(self) -> AudioNotice:
        text = f"nothing comes from {self.source.name}"
        return AudioNotice("warning", text, "the microphone waits for it", "microphone")

    @staticmethod
    async def _room_to_send(queued_bytes: Callable[[], int]) -> None:
        await asyncio.sleep(0)  # the block before is on its way to the socket after this
        while queued_bytes() > _MAX_QUEUED_BYTES:  # noqa: ASYNC110 (a socket tells nobody that it goes on)
            await asyncio.sleep(_POLL_S)

    def _post_block(self, block: bytes, beat: Beat, post: Post) -> None:
        self._last_block = block
        self._has_sounded = self._has_sounded or self.level_dbfs > _QUIET_DBFS
        beat.add(self._encoding.ms(len(block)))
        post(MicrophoneBlock(block))

    @property
    def _block_bytes(self) -> int:
        samples = max(1, round(self._block_ms * self._encoding.rate_hz / 1000))
        return samples * self._encoding.sample_bytes

    def _convert(self, piece: Piece | None) -> None:
        if piece is None:
            self._flush()
            return
        if self._converter is None:
            # A file is read ahead: that its converter is late costs nothing.
            quality: Quality = "high" if self._is_regular else "live"
            self._converter = Converter(piece.encoding, self._encoding, quality=quality)
        self._pending += self._converter.convert(piece.audio)

    def _flush(self) -> None:
        if self._converter is not None:
            self._pending += self._converter.convert(b"", is_last=True)
            self._converter = None

    def _change_to(self, encoding: Encoding) -> None:
        self._flush()
        pending = Converter(self._encoding, encoding).convert(bytes(self._pending), is_last=True)
        self._encoding, self._pending = encoding, bytearray(pending)
