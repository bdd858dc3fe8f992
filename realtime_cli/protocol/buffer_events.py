"""The server's events about audio on its way: the input buffer, and WebRTC's output buffer."""

from __future__ import annotations

from typing import Annotated, Literal

from .base import Event, ItemId, Milliseconds, Number, PreviousItemId, ResponseId, Spec


class InputAudioBufferSpeechStarted(Event):
    """The user began to speak; names the item to come. `audio_start_ms` counts the audio that was sent."""

    type: Literal["input_audio_buffer.speech_started"] = "input_audio_buffer.speech_started"
    audio_start_ms: Milliseconds | None = None
    item_id: ItemId | None = None


class InputAudioBufferSpeechStopped(Event):
    """The user stopped speaking. `audio_end_ms` counts the audio that was sent."""

    type: Literal["input_audio_buffer.speech_stopped"] = "input_audio_buffer.speech_stopped"
    audio_end_ms: Milliseconds | None = None
    item_id: ItemId | None = None


class InputAudioBufferCommitted(Event):
    """The input buffer became a user item."""

    type: Literal["input_audio_buffer.committed"] = "input_audio_buffer.committed"
    previous_item_id: PreviousItemId = None
    item_id: ItemId | None = None


class InputAudioBufferCleared(Event):
    """The input buffer is empty, as asked."""

    type: Literal["input_audio_buffer.cleared"] = "input_audio_buffer.cleared"


class InputAudioBufferTimeoutTriggered(Event):
    """Nobody spoke for `idle_timeout_ms`; the server commits the silence and answers."""

    type: Literal["input_audio_buffer.timeout_triggered"] = "input_audio_buffer.timeout_triggered"
    audio_start_ms: Milliseconds | None = None
    audio_end_ms: Milliseconds | None = None
    item_id: ItemId | None = None


class InputAudioBufferDtmfEventReceived(Event):
    """SIP: the caller pressed a key. Has no `event_id`; `received_at` is Unix seconds."""

    type: Literal["input_audio_buffer.dtmf_event_received"] = "input_audio_buffer.dtmf_event_received"
    event: Annotated[str | None, Spec("the key", "5")] = None
    received_at: Annotated[Number | None, Spec("when, Unix seconds", 1785217655)] = None


class _OutputAudioBuffer(Event):
    response_id: ResponseId | None = None


class OutputAudioBufferStarted(_OutputAudioBuffer):
    """WebRTC and SIP: the server began to play the response."""

    type: Literal["output_audio_buffer.started"] = "output_audio_buffer.started"


class OutputAudioBufferStopped(_OutputAudioBuffer):
    """WebRTC and SIP: the response was played to its end."""

    type: Literal["output_audio_buffer.stopped"] = "output_audio_buffer.stopped"


class OutputAudioBufferCleared(_OutputAudioBuffer):
    """WebRTC and SIP: the rest of the response's audio was thrown away."""

    type: Literal["output_audio_buffer.cleared"] = "output_audio_buffer.cleared"
