"""A responder to play with: the client's events go in as JSON, the server's come out as JSON."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from typing import Any, assert_never

from realtime_cli.core.answers import AnswerPart, Prompt, Say
from realtime_cli.core.responder import (
    AnswerFinished,
    AnswerPartReady,
    Close,
    Responder,
    ResponderConfig,
    ResponderEffect,
    ResponderInput,
    Send,
    StartAnswer,
    StartTranscription,
    StopAnswer,
    StopTranscription,
    TranscriptFailed,
    TranscriptFinished,
)
from realtime_cli.core.responding.voice_activity import FRAME_MS
from realtime_cli.protocol.codec import decode_client, encode
from realtime_cli.protocol.encoding import PCM_24K, Encoding

NOW_S = 1_800_000_000.0
Json = dict[str, Any]


class ScriptedActivity:
    """Takes every frame that is not silence for speech."""

    def __init__(self, encoding: Encoding, threshold: float) -> None:
        self.threshold = threshold
        self._size = round(FRAME_MS * encoding.bytes_per_ms)
        self._silence = encoding.silence(self._size)
        self._rest = b""

    def hear(self, audio: bytes) -> Sequence[bool]:
        stream = self._rest + audio
        whole = len(stream) - len(stream) % self._size
        self._rest = stream[whole:]
        return [stream[at : at + self._size] != self._silence for at in range(0, whole, self._size)]


def silence(ms: float, encoding: Encoding = PCM_24K) -> bytes:
    """So much silence."""
    return encoding.silence(round(ms * encoding.bytes_per_ms))


def voice(ms: float, encoding: Encoding = PCM_24K) -> bytes:
    """So much of what `ScriptedActivity` takes for speech."""
    return b"\x11" * round(ms * encoding.bytes_per_ms)


def base64_of(audio: bytes) -> str:
    """Audio as it travels."""
    return base64.b64encode(audio).decode()


class Play:
    """One connection, already greeted. Everything that was sent stays in `sent`; `now_s` is the clock.

    What is stopped must be under way, as a shell would insist.
    """

    def __init__(self, **config: Any) -> None:
        self.responder = Responder(ResponderConfig(**{"seed": "t", **config}))
        self.now_s = NOW_S
        self.sent: list[Json] = []
        self.asked: list[StartAnswer] = []
        self.stopped: list[str] = []
        self.heard: list[StartTranscription] = []
        self.unheard: list[str] = []
        self.under_way: set[str] = set()
        self.closed: Close | None = None
        self.greeting = self._note(self.responder.connected(NOW_S))[0]

    def say(self, type_: str, **fields: Any) -> list[Json]:
        """The client sends an event; what the server sends back."""
        return self.send_frame(json.dumps({"type": type_, **fields}))

    def send_frame(self, frame: str | bytes) -> list[Json]:
        """The client sends a frame; what the server sends back."""
        return self.receive(decode_client(frame))

    def receive(self, happened: ResponderInput, *, now_s: float | None = None) -> list[Json]:
        """Anything happens; what the server sends back."""
        if isinstance(happened, AnswerFinished):
            self.under_way.discard(happened.response_id)
        elif isinstance(happened, TranscriptFinished | TranscriptFailed):
            self.under_way.discard(happened.item_id)
        return self._note(self.responder.receive(happened, self.now_s if now_s is None else now_s))

    def append(self, audio: bytes) -> list[Json]:
        """The client sends audio; what the server sends back."""
        return self.say("input_audio_buffer.append", audio=base64_of(audio))

    def detect(self, **turn_detection: Any) -> list[Json]:
        """A `session.update` of how turns are found."""
        return self.update(audio={"input": {"turn_detection": turn_detection or None}})

    def transcribe(self, **transcription: Any) -> list[Json]:
        """A `session.update` that wants the user's words."""
        return self.update(audio={"input": {"transcription": {"model": "whisper-1", **transcription}}})

    def update(self, **session: Any) -> list[Json]:
        """A `session.update` of a conversation."""
        return self.say("session.update", session={"type": "realtime", **session})

    def add(self, text: str, **fields: Any) -> str:
        """Puts a user's message into the conversation, and tells its id."""
        item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
        added = self.say("conversation.item.create", item={**item, **fields})[0]
        return str(added["item"]["id"])

    def ask(self, **response: Any) -> str:
        """A `response.create`; the id of the response that begins."""
        created = self.say("response.create", response=response)[0]
        assert created["type"] == "response.created", created
        return str(created["response"]["id"])

    def answer(self, response_id: str, *parts: AnswerPart) -> list[Json]:
        """The brain says all that it has to say."""
        sent = [event for part in parts for event in self.receive(AnswerPartReady(response_id, part))]
        return sent + self.receive(AnswerFinished(response_id))

    def exchange(self, text: str = "Hello there!", **response: Any) -> Json:
        """A whole answer; the response as `response.done` shows it."""
        events = self.answer(self.ask(**response), Say(text))
        return next(event["response"] for event in events if event["type"] == "response.done")

    @property
    def prompt(self) -> Prompt:
        """What the brain was asked last."""
        return self.asked[-1].prompt

    def _note(self, effects: Iterable[ResponderEffect]) -> list[Json]:
        sent: list[Json] = []
        for effect in effects:
            match effect:
                case Send():
                    sent.append(json.loads(encode(effect.event) or ""))
                case StartAnswer():
                    self.asked.append(effect)
                    self._begin(effect.response_id)
                case StopAnswer():
                    self.stopped.append(effect.response_id)
                    self.under_way.remove(effect.response_id)
                case StartTranscription():
                    self.heard.append(effect)
                    self._begin(effect.item_id)
                case StopTranscription():
                    self.unheard.append(effect.item_id)
                    self.under_way.remove(effect.item_id)
                case Close():
                    self.closed = effect
                case _:
                    assert_never(effect)
        self.sent += sent
        return sent

    def _begin(self, work_id: str) -> None:
        assert work_id not in self.under_way
        self.under_way.add(work_id)


def types(events: Iterable[Json]) -> list[str]:
    """The events' types, in order."""
    return [event["type"] for event in events]


def only_error(events: list[Json]) -> Json:
    """The error that is the whole reply."""
    assert types(events) == ["error"]
    error: Json = events[0]["error"]
    assert error["type"] == "invalid_request_error"
    assert error["message"]
    return error
