"""A Realtime server as a function: it hears speech in everything that is not silence, and speaks."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import Any

from realtime_cli.core.differences import merged
from tests.support.echo_server import frame, parsed
from tests.support.voice import pcm


class SpeakingServer:
    """Answers each frame of a client at once, faster than anybody could listen; for `MemoryTransport`.

    Sound that comes after silence is the begin of speech, silence after sound its end; each turn is answered
    with `answer_ms` of audio. `session` is what it says that it is, after every `session.update`.
    """

    def __init__(self, *, answer_ms: int = 1000, leaves_open: bool = False) -> None:
        self._answer_ms = answer_ms
        self._leaves_open = leaves_open
        self._session: dict[str, Any] = {
            "type": "realtime",
            "audio": {"input": {"turn_detection": {"type": "server_vad"}}},
        }
        self._hears_speech = False
        self._answers = 0
        self._open = ""
        self.heard = b""
        self.greeting = frame("session.created", session=self._session)

    def __call__(self, text: str) -> Iterator[str]:
        """The frames that answer a frame."""
        event = parsed(text)
        match event.get("type"):
            case "session.update":
                self._session = merged(self._session, event["session"])
                yield frame("session.updated", session=self._session)
            case "input_audio_buffer.append":
                yield from self._hear(b64decode(event["audio"]))
            case "input_audio_buffer.commit":
                yield frame("input_audio_buffer.committed", item_id=f"user_{self._answers}")
            case "input_audio_buffer.clear":
                yield frame("input_audio_buffer.cleared")
            case "conversation.item.create":
                yield frame("conversation.item.added", item=event["item"])
            case "conversation.item.truncate":
                yield frame(
                    "conversation.item.truncated",
                    **{k: event[k] for k in ("item_id", "content_index", "audio_end_ms")},
                )
            case "response.create":
                yield from self._answer()
            case "response.cancel":
                yield from self._cancel("client_cancelled")

    def _hear(self, audio: bytes) -> Iterator[str]:
        self.heard += audio
        if self._session["audio"]["input"]["turn_detection"] is None:
            return
        was_speech, self._hears_speech = self._hears_speech, any(audio)
        if self._hears_speech and not was_speech:
            yield frame("input_audio_buffer.speech_started", item_id=f"user_{self._answers}")
            yield from self._cancel("turn_detected")
        if was_speech and not self._hears_speech:
            yield frame("input_audio_buffer.speech_stopped", item_id=f"user_{self._answers}")
            yield frame("input_audio_buffer.committed", item_id=f"user_{self._answers}")
            yield from self._answer()

    def _answer(self) -> Iterator[str]:
        self._answers += 1
        self._open = f"resp_{self._answers}"
        yield frame("response.created", response={"id": self._open, "conversation_id": "conv_1"})
        place = {"response_id": self._open, "item_id": f"answer_{self._answers}", "content_index": 0}
        for _ in range(self._answer_ms // 100):
            yield frame("response.output_audio.delta", **place, delta=b64encode(pcm(100)).decode())
        if not self._leaves_open:
            yield frame("response.output_audio.done", **place)
            yield from self._end("completed")

    def _cancel(self, reason: str) -> Iterator[str]:
        if self._open:
            yield from self._end("cancelled", status_details={"reason": reason})

    def _end(self, status: str, **fields: object) -> Iterator[str]:
        response_id, self._open = self._open, ""
        yield frame(
            "response.done",
            response={"id": response_id, "conversation_id": "conv_1", "status": status, **fields},
        )
