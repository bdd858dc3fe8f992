"""The words of the user's audio: asked for once, kept for the brain, shown to clients that want them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from realtime_cli.protocol import server_events as server
from realtime_cli.protocol.base import Event
from realtime_cli.protocol.items import InputAudio, Message
from realtime_cli.protocol.session import ErrorDetail, TranscriptionUsage

from .configuration import Configuration
from .history import History, Item
from .kept_audio import PartKey, Sound
from .messages import (
    ResponderEffect,
    Send,
    StartTranscription,
    StopTranscription,
    TranscriptFailed,
    TranscriptFinished,
    TranscriptPiece,
)

TranscriptMessage: TypeAlias = TranscriptPiece | TranscriptFinished | TranscriptFailed


@dataclass(frozen=True, slots=True)
class _Pending:
    """A part whose words are on their way, and whether the client is told them."""

    key: PartKey
    length_ms: float
    is_shown: bool


class Transcribing:
    """Asks the recogniser, and passes on what it says."""

    def __init__(self, history: History, configuration: Configuration) -> None:
        self._history = history
        self._configuration = configuration
        self._pending: dict[str, _Pending] = {}

    def ask_where_wanted(self, item: Item) -> list[ResponderEffect]:
        """Asks for the words of the item's audio, where the session transcribes."""
        return self.ask(unheard(item)) if self._configuration.transcription else []

    def ask(self, keys: Iterable[PartKey]) -> list[ResponderEffect]:
        """Asks for the words that are neither known nor on their way. Audio that is gone has none."""
        effects: list[ResponderEffect] = []
        for key in keys:
            if key in self._history.words or self.lacks((key,)):
                continue
            if sound := self._history.audio.get(key):
                effects.append(self._begin(key, sound))
            else:
                self._history.words[key] = ""
        return effects

    def lacks(self, keys: Collection[PartKey]) -> bool:
        """Whether any of these words are still on their way."""
        return any(pending.key in keys for pending in self._pending.values())

    def draft(self, handle: str, sound: Sound) -> ResponderEffect:
        """Asks for the words so far of an item that does not exist yet."""
        return self._start(handle, sound, is_final=False)

    def know(self, item_id: str, words: str) -> list[ResponderEffect]:
        """Takes the words of an item's first part from somewhere else."""
        key = (item_id, 0)
        return self._finished(self._awaited(key, self._history.audio.get(key)), words)

    def take(self, message: TranscriptMessage) -> list[ResponderEffect]:
        """Passes on what the recogniser says; nothing happens to words that nobody waits for."""
        pending = self._pending.get(message.item_id)
        if pending is None:
            return []
        match message:
            case TranscriptPiece():
                return _shown(pending, _delta(pending.key, message.text))
            case TranscriptFinished():
                del self._pending[message.item_id]
                return self._finished(pending, message.text)
            case TranscriptFailed():
                del self._pending[message.item_id]
                self._history.words[pending.key] = ""
                return _shown(pending, _failed(pending.key, message))
            case _:
                assert_never(message)

    def forget(self, item_id: str) -> list[ResponderEffect]:
        """The item is gone, and nobody waits for its words any more."""
        handles = [handle for handle, pending in self._pending.items() if pending.key[0] == item_id]
        for handle in handles:
            del self._pending[handle]
        return [StopTranscription(handle) for handle in handles]

    def stop_all(self) -> list[ResponderEffect]:
        """Stops the recogniser altogether."""
        handles = list(self._pending)
        self._pending.clear()
        return [StopTranscription(handle) for handle in handles]

    def _begin(self, key: PartKey, sound: Sound) -> ResponderEffect:
        item_id, content_index = key
        handle = f"{item_id}.{content_index}" if content_index else item_id
        # Clients choose ids too.
        while handle in self._pending:
            handle += "'"
        self._pending[handle] = self._awaited(key, sound)
        return self._start(handle, sound, is_final=True)

    def _awaited(self, key: PartKey, sound: Sound | None) -> _Pending:
        # Clients know nothing of an item that only one answer sees.
        is_shown = self._configuration.transcription is not None and key[0] in self._history
        return _Pending(key, sound.length_ms if sound else 0.0, is_shown)

    def _start(self, handle: str, sound: Sound, *, is_final: bool) -> StartTranscription:
        wanted = self._configuration.transcription
        return StartTranscription(
            handle,
            bytes(sound.audio),
            sound.encoding,
            language=(wanted and wanted.language) or "",
            prompt=(wanted and wanted.prompt) or "",
            is_final=is_final,
        )

    def _finished(self, pending: _Pending, words: str) -> list[ResponderEffect]:
        self._history.words[pending.key] = words
        if pending.is_shown:
            self._history.transcribe(pending.key, words)
        return _shown(pending, _completed(pending, words))


def unheard(item: Item) -> list[PartKey]:
    """The parts of the item that are audio without words."""
    if not isinstance(item, Message) or item.id is None:
        return []
    return [
        (item.id, index)
        for index, part in enumerate(item.content or ())
        if isinstance(part, InputAudio) and part.transcript is None
    ]


def _shown(pending: _Pending, event: Event) -> list[ResponderEffect]:
    return [Send(event)] if pending.is_shown else []


def _delta(key: PartKey, words: str) -> Event:
    item_id, content_index = key
    delta = server.ConversationItemInputAudioTranscriptionDelta
    return delta(item_id=item_id, content_index=content_index, delta=words)


def _completed(pending: _Pending, words: str) -> Event:
    item_id, content_index = pending.key
    # Whole seconds, begun ones included (recorded, July 2026).
    usage = TranscriptionUsage(type="duration", seconds=math.ceil(pending.length_ms / 1000))
    completed = server.ConversationItemInputAudioTranscriptionCompleted
    return completed(item_id=item_id, content_index=content_index, transcript=words, usage=usage)


def _failed(key: PartKey, failure: TranscriptFailed) -> Event:
    item_id, content_index = key
    error = ErrorDetail(type="transcription_error", code=failure.code, message=failure.message, param=None)
    failed = server.ConversationItemInputAudioTranscriptionFailed
    return failed(item_id=item_id, content_index=content_index, error=error)
