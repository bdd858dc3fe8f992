"""Which recogniser there is: what was named, else a URL, a whisper model, pocketsphinx."""

from __future__ import annotations

from importlib.util import find_spec

from realtime_cli.errors import UsageError

from .config import VoiceConfig
from .port import Recogniser

# ruff: noqa: PLC0415 (each engine is loaded when it is chosen)


def find_recogniser(config: VoiceConfig) -> Recogniser | None:
    """What listens. Raises `UsageError` where what was named cannot be had."""
    match config.recogniser:
        case "none":
            return None
        case "url":
            return _url(config)
        case "whisper":
            return _whisper(config)
        case "pocketsphinx":
            return _required_sphinx()
        case _:
            return _any(config)


def _any(config: VoiceConfig) -> Recogniser | None:
    if config.stt_url:
        return _url(config)
    return _whisper(config) if config.whisper_model else _sphinx()


def _url(config: VoiceConfig) -> Recogniser:
    if not config.stt_url:
        hint = "give one with --stt-url or REALTIME_STT_URL, such as http://localhost:8000"
        raise UsageError("recognition by URL has no URL", hint=hint)
    from .url_recogniser import UrlRecogniser

    return UrlRecogniser(config.stt_url, model=config.stt_model, key=config.stt_key)


def _whisper(config: VoiceConfig) -> Recogniser:
    if not config.whisper_model:
        hint = "name one such as small.en, or a folder that has one"
        raise UsageError("recognition by whisper has no model", hint=hint)
    if find_spec("faster_whisper") is None:
        hint = "in a copy of the repository: pip install '.[whisper]'"
        raise UsageError("recognition by whisper needs the extra 'whisper'", hint=hint)
    from .whisper import Whisper

    return Whisper(config.whisper_model)


def _required_sphinx() -> Recogniser:
    found = _sphinx()
    if found is None:
        hint = "in a copy of the repository: pip install '.[local]'"
        raise UsageError("pocketsphinx needs the extra 'local'", hint=hint)
    return found


def _sphinx() -> Recogniser | None:
    if find_spec("pocketsphinx") is None:
        return None
    from .sphinx import Sphinx

    return Sphinx()
