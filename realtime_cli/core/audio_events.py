"""What the audio of an answer changes: it is counted, and played where somebody can hear it."""

from __future__ import annotations

from base64 import b64decode

from realtime_cli.protocol import server_events as server

from .audio_settings import configured_encoding
from .metrics import decoded_bytes
from .part_id import PartId
from .response_events import item_of, last_item, response_of
from .response_state import ResponseState
from .state import SessionState


def audio_delta(state: SessionState, event: server.ResponseOutputAudioDelta, now: float) -> None:
    """More speech."""
    audio = event.delta if event.delta is not None else event.extra.get("audio")  # vllm-omni's name for it
    text = audio if isinstance(audio, str) else ""
    size = decoded_bytes(text)
    state.count(audio_in_bytes=size)
    response = response_of(state, event.response_id, item_id=event.item_id, now=now)
    item = item_of(state, event.item_id, response)
    part = item.part(event.content_index)
    part.has_audio = True
    part.audio_bytes += size
    encoding = response.encoding or configured_encoding(state.config, "output")
    part.audio_ms += encoding.ms(size)
    response.mark("first_audio", now)
    if state.playback.speaker is None or not response.in_conversation:
        return
    if state.playback.is_full and not response.is_endless:
        response.is_endless = True
        state.notice(
            now, "warning", "an hour of speech is unheard: the rest of the answer is to be read only"
        )
    state.effects += state.playback.receive(
        PartId(item.id, event.content_index or 0),
        _decoded(state, text, response, now),
        response=response,
        encoding=encoding,
    )


def audio_done(state: SessionState, event: server.ResponseOutputAudioDone) -> None:
    """All speech of a part has come."""
    response = state.responses.find(event.response_id)
    item_id = event.item_id or (last_item(state, response, kind="message") if response else None)
    if item_id is not None:
        state.effects += state.playback.finish(PartId(item_id, event.content_index or 0))


def _decoded(state: SessionState, audio: str, response: ResponseState, now: float) -> bytes:
    """The speech of a delta; none, and word of it once for each answer, where it is not base64."""
    try:
        return b64decode(audio + "=" * (-len(audio) % 4), validate=True)
    except ValueError:
        if not response.has_bad_audio:
            response.has_bad_audio = True
            state.notice(now, "warning", "audio of an answer is lost: what the server sent is not base64")
        return b""
