"""The two forms of an answer's words, written and spoken: they differ in events and in content."""

from __future__ import annotations

from typing import Protocol, TypedDict

from realtime_cli.protocol import server_events as server
from realtime_cli.protocol.base import Event
from realtime_cli.protocol.items import AudioPart, ContentPart, OutputAudio, OutputText, TextPart


class Place(TypedDict):
    """Where in which response an event of an answer belongs."""

    response_id: str
    item_id: str
    output_index: int


class PartPlace(Place):
    """The same, for a content part."""

    content_index: int


class Form(Protocol):
    """How an answer's words travel."""

    def part(self, words: str) -> ContentPart:
        """The part in `response.content_part.*`."""
        ...

    def content(self, words: str) -> ContentPart:
        """The part in the item."""
        ...

    def delta(self, place: PartPlace, words: str) -> Event:
        """More words."""
        ...

    def done(self, place: PartPlace, words: str) -> list[Event]:
        """All of the words."""
        ...


class Written:
    """Text."""

    def part(self, words: str) -> ContentPart:
        """A text part."""
        return TextPart(text=words)

    def content(self, words: str) -> ContentPart:
        """A text part, as items name it."""
        return OutputText(text=words)

    def delta(self, place: PartPlace, words: str) -> Event:
        """More text."""
        return server.ResponseOutputTextDelta(**place, delta=words)

    def done(self, place: PartPlace, words: str) -> list[Event]:
        """The text."""
        return [server.ResponseOutputTextDone(**place, text=words)]


class Spoken:
    """Speech and its transcript. Without a synthesiser there is no more than the transcript."""

    def part(self, words: str) -> ContentPart:
        """An audio part."""
        return AudioPart(transcript=words)

    def content(self, words: str) -> ContentPart:
        """An audio part, as items name it."""
        return OutputAudio(transcript=words)

    def delta(self, place: PartPlace, words: str) -> Event:
        """More of the transcript."""
        return server.ResponseOutputAudioTranscriptDelta(**place, delta=words)

    def done(self, place: PartPlace, words: str) -> list[Event]:
        """The end of the audio, and the transcript."""
        return [
            server.ResponseOutputAudioDone(**place),
            server.ResponseOutputAudioTranscriptDone(**place, transcript=words),
        ]
