"""A spoken session from plain words: who hears, who speaks, and how much of it."""

from __future__ import annotations

import json
from base64 import b64encode

from realtime_cli.core.effects import FinishAudio, PlayAudio, SendEvent
from realtime_cli.core.inputs import AudioReady, ListeningMode, PlaybackProgress, PlaybackStopped
from realtime_cli.core.session import Session
from realtime_cli.protocol.codec import ServerEvent, decode_client
from realtime_cli.protocol.encoding import PCM_24K, Encoding
from tests.support.builders import event, greeted, sends

BOTH = AudioReady("mic", "speaker")


def pcm(duration_ms: float, *, encoding: Encoding = PCM_24K) -> bytes:
    """So much audio; no two samples near each other are the same."""
    samples = round(duration_ms * encoding.rate_hz / 1000)
    return bytes((number * 7 + 1) % 251 for number in range(samples * encoding.sample_bytes))


def audio_delta(
    audio: bytes | str | float,
    *,
    item_id: str | None = "item_1",
    response_id: str | None = "resp_1",
    content_index: int = 0,
) -> ServerEvent:
    """`response.output_audio.delta`, with so many milliseconds, bytes, or base64; None is left out."""
    audio = audio if isinstance(audio, bytes | str) else pcm(audio)
    text = audio if isinstance(audio, str) else b64encode(audio).decode()
    places = {"item_id": item_id, "response_id": response_id}
    told = {name: value for name, value in places.items() if value is not None}
    return event("response.output_audio.delta", delta=text, content_index=content_index, **told)


def audio_done(item_id: str | None = "item_1", *, response_id: str | None = "resp_1") -> ServerEvent:
    """`response.output_audio.done`."""
    return event("response.output_audio.done", item_id=item_id, response_id=response_id, content_index=0)


def plays(duration_ms: float, *, item_id: str = "item_1", content_index: int = 0) -> PlayAudio:
    """The effect that plays so much of a part."""
    return PlayAudio(item_id, content_index, pcm(duration_ms), PCM_24K)


def finishes(item_id: str = "item_1", *, content_index: int = 0) -> FinishAudio:
    """The effect that says that a part is complete."""
    return FinishAudio(item_id, content_index)


def heard(ms: float, *, item_id: str = "item_1", delay_ms: float = 0.0) -> PlaybackProgress:
    """So much of a part was heard."""
    return PlaybackProgress(item_id, 0, ms, delay_ms)


def stopped(ms: float, *, item_id: str = "item_1") -> PlaybackStopped:
    """The speaker stopped there."""
    return PlaybackStopped(item_id, 0, ms)


def truncates(ms: int, *, item_id: str = "item_1", content_index: int = 0) -> SendEvent:
    """The effect that cuts a part."""
    return sends("conversation.item.truncate", item_id=item_id, content_index=content_index, audio_end_ms=ms)


def appends(audio: bytes) -> SendEvent:
    """The effect that sends the microphone's audio."""
    raw = f'{{"type":"input_audio_buffer.append","audio":"{b64encode(audio).decode()}"}}'
    return SendEvent(decode_client(raw), raw)


def speech_started() -> ServerEvent:
    """`input_audio_buffer.speech_started`."""
    return event("input_audio_buffer.speech_started", item_id="user_1", audio_start_ms=0)


def voice_session(ready: AudioReady = BOTH, mode: ListeningMode | None = None, **config: object) -> Session:
    """A session that is greeted at 0 s and has sound; `config` is what the server says that it is."""
    session = greeted()
    if config:
        session.receive(event("session.updated", session={"type": "realtime", **config}), 0.0)
    session.receive(ready, 0.0)
    if mode is not None:
        session.receive(mode, 0.0)
    return session


def format_of(kind: str, rate: int | None = None) -> dict[str, object]:
    """A `format` as JSON."""
    return json.loads(json.dumps({"type": kind} | ({} if rate is None else {"rate": rate})))
