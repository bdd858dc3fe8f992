"""Which synthesiser there is: what was named, else a URL, the system's own voice, espeak-ng."""

from __future__ import annotations

import shutil
import sys
from collections.abc import AsyncIterator
from importlib.util import find_spec

from realtime_cli.errors import UsageError

from .config import VoiceConfig
from .port import Synthesiser

# ruff: noqa: PLC0415 (each engine is loaded when it is chosen)


def find_synthesiser(config: VoiceConfig) -> Synthesiser | None:
    """What speaks. Raises `UsageError` where what was named cannot be had."""
    found = _find(config)
    return OneVoice(found, config.tts_voice) if found and config.tts_voice else found


class OneVoice:
    """A synthesiser that speaks with one voice, whatever is asked for."""

    def __init__(self, synthesiser: Synthesiser, voice: str) -> None:
        self._synthesiser = synthesiser
        self._voice = voice
        self.name = f"{synthesiser.name} (voice {voice})"

    def speak(self, text: str, *, voice: str, speed: float) -> AsyncIterator[bytes]:  # noqa: ARG002
        """Streams the sound."""
        return self._synthesiser.speak(text, voice=self._voice, speed=speed)

    async def close(self) -> None:
        """Closes the synthesiser."""
        await self._synthesiser.close()


def _find(config: VoiceConfig) -> Synthesiser | None:
    match config.synthesiser:
        case "none":
            return None
        case "url":
            return _url(config)
        case "espeak":
            hint = "install your system's package, or in a copy of the repository: pip install '.[local]'"
            return _required(_espeak(), "espeak-ng", hint=hint)
        case "say":
            return _required(_say(), "say", hint="it is a part of macOS")
        case "sapi":
            return _required(_sapi(), "SAPI", hint="it is a part of Windows")
        case _:
            return _url(config) if config.tts_url else _say() or _sapi() or _espeak()


def _required(found: Synthesiser | None, name: str, *, hint: str) -> Synthesiser:
    if found is None:
        raise UsageError(f"{name} is not on this machine", hint=hint)
    return found


def _url(config: VoiceConfig) -> Synthesiser:
    if not config.tts_url:
        hint = "give one with --tts-url or REALTIME_TTS_URL, such as http://localhost:8000"
        raise UsageError("synthesis by URL has no URL", hint=hint)
    from .url_synthesiser import UrlSynthesiser

    return UrlSynthesiser(config.tts_url, model=config.tts_model, key=config.tts_key)


def _espeak() -> Synthesiser | None:
    """The library before the command: it is several times as fast."""
    if find_spec("espeakng_loader"):
        from .espeak_library import EspeakLibrary

        return EspeakLibrary()
    command = shutil.which("espeak-ng") or shutil.which("espeak")
    if command is None:
        return None
    from .espeak_command import EspeakCommand

    return EspeakCommand(command)


def _say() -> Synthesiser | None:
    command = shutil.which("say") if sys.platform == "darwin" else None
    if command is None:
        return None
    from .mac_say import MacSay

    return MacSay(command)


def _sapi() -> Synthesiser | None:
    command = shutil.which("powershell") if sys.platform == "win32" else None
    if command is None:
        return None
    from .sapi import Sapi

    return Sapi(command)
