"""Synthesis by the library that `espeakng-loader` carries (the extra `local`; GPL): some 2 ms a sentence."""

from __future__ import annotations

import asyncio
import ctypes
import importlib
from collections.abc import AsyncGenerator
from functools import cache
from threading import Lock
from typing import Protocol, cast

from realtime_cli.protocol.encoding import PCM_24K, Encoding

from .audio import pcm_at
from .espeak import DEFAULT_VOICE, Manner, manner, speakable
from .port import SpeechFailed

# speak_lib.h
_SYNCHRONOUS = 2
_DO_NOT_EXIT = 0x8000
_UTF8, _END_PAUSE = 1, 0x1000
_RATE, _PITCH, _WORD_GAP = 1, 3, 7
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


class _Loader(Protocol):
    def get_library_path(self) -> str: ...
    def get_data_path(self) -> str: ...


class EspeakLibrary:
    """espeak-ng within the program."""

    name = "espeak-ng (espeakng-loader)"

    async def speak(self, text: str, *, voice: str, speed: float) -> AsyncGenerator[bytes, None]:
        """Gives the sound in one piece."""
        if pcm := await asyncio.to_thread(_spoken, speakable(text), manner(voice, speed)):
            yield pcm

    async def close(self) -> None:
        """Holds nothing that others could not need."""


class _Espeak:
    """The library, of which a process has one; it does one thing at a time."""

    def __init__(self) -> None:
        loader = cast("_Loader", importlib.import_module("espeakng_loader"))
        self._library = ctypes.CDLL(loader.get_library_path())
        self._declare()
        data = loader.get_data_path().encode()
        rate_hz = self._library.espeak_Initialize(_SYNCHRONOUS, 0, data, _DO_NOT_EXIT)
        if rate_hz <= 0:
            raise SpeechFailed("espeak-ng did not start")
        self.encoding = Encoding(rate_hz=rate_hz)
        self._pieces: list[bytes] = []
        # ctypes keeps no reference of its own.
        self._callback = _Callback(self._take)
        self._library.espeak_SetSynthCallback(self._callback)

    def speak(self, text: str, how: Manner) -> bytes:
        """16-bit PCM at the library's own rate."""
        if self._library.espeak_SetVoiceByName(how.voice.encode()):
            self._library.espeak_SetVoiceByName(DEFAULT_VOICE.encode())
        self._library.espeak_SetParameter(_RATE, how.words_per_minute, 0)
        self._library.espeak_SetParameter(_PITCH, how.pitch, 0)
        self._library.espeak_SetParameter(_WORD_GAP, how.word_gap, 0)
        self._pieces.clear()
        data = text.encode() + b"\0"
        if self._library.espeak_Synth(data, len(data), 0, 1, 0, _UTF8 | _END_PAUSE, None, None):
            raise SpeechFailed("espeak-ng failed")
        return b"".join(self._pieces)

    def _declare(self) -> None:
        library = self._library
        library.espeak_SetVoiceByName.argtypes = [ctypes.c_char_p]
        library.espeak_Synth.argtypes = [
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.c_uint,
            ctypes.c_int,
            ctypes.c_uint,
            ctypes.c_uint,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ]

    def _take(self, samples: int | None, count: int, _: int | None) -> int:
        if samples and count:
            self._pieces.append(ctypes.string_at(samples, 2 * count))
        return 0


_one_at_a_time = Lock()


@cache
def _espeak() -> _Espeak:
    try:
        return _Espeak()
    except (ImportError, OSError) as problem:
        raise SpeechFailed(f"espeak-ng cannot be loaded: {problem}") from None


def _spoken(text: str, how: Manner) -> bytes:
    with _one_at_a_time:
        espeak = _espeak()
        pcm = espeak.speak(text, how)
    return pcm_at(PCM_24K.rate_hz, pcm, espeak.encoding)
