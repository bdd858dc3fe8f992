"""Every event by name and dialect: which class it becomes, and that it is written back as it came.

The four Rust crates that this tool started from define 11 GA client, 44 GA server, 9 beta client and 32 beta
server events; the GA and beta schemas have a few more. All of them are in these tables.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from realtime_cli.protocol import client_events as client
from realtime_cli.protocol import server_events as server
from realtime_cli.protocol import translation
from realtime_cli.protocol.base import Event
from realtime_cli.protocol.catalog import event_types, example
from realtime_cli.protocol.codec import decode, decode_client, encode

GA_CLIENT: dict[str, type[Event]] = {
    "session.update": client.SessionUpdate,
    "input_audio_buffer.append": client.InputAudioBufferAppend,
    "input_audio_buffer.commit": client.InputAudioBufferCommit,
    "input_audio_buffer.clear": client.InputAudioBufferClear,
    "output_audio_buffer.clear": client.OutputAudioBufferClear,
    "conversation.item.create": client.ConversationItemCreate,
    "conversation.item.retrieve": client.ConversationItemRetrieve,
    "conversation.item.truncate": client.ConversationItemTruncate,
    "conversation.item.delete": client.ConversationItemDelete,
    "response.create": client.ResponseCreate,
    "response.cancel": client.ResponseCancel,
}
GA_SERVER: dict[str, type[Event]] = {
    "error": server.Error,
    "session.created": server.SessionCreated,
    "session.updated": server.SessionUpdated,
    "conversation.created": server.ConversationCreated,
    "conversation.item.created": server.ConversationItemCreated,
    "conversation.item.added": server.ConversationItemAdded,
    "conversation.item.done": server.ConversationItemDone,
    "conversation.item.retrieved": server.ConversationItemRetrieved,
    "conversation.item.truncated": server.ConversationItemTruncated,
    "conversation.item.deleted": server.ConversationItemDeleted,
    "conversation.item.input_audio_transcription.delta": (
        server.ConversationItemInputAudioTranscriptionDelta
    ),
    "conversation.item.input_audio_transcription.segment": (
        server.ConversationItemInputAudioTranscriptionSegment
    ),
    "conversation.item.input_audio_transcription.completed": (
        server.ConversationItemInputAudioTranscriptionCompleted
    ),
    "conversation.item.input_audio_transcription.failed": (
        server.ConversationItemInputAudioTranscriptionFailed
    ),
    "input_audio_buffer.speech_started": server.InputAudioBufferSpeechStarted,
    "input_audio_buffer.speech_stopped": server.InputAudioBufferSpeechStopped,
    "input_audio_buffer.committed": server.InputAudioBufferCommitted,
    "input_audio_buffer.cleared": server.InputAudioBufferCleared,
    "input_audio_buffer.timeout_triggered": server.InputAudioBufferTimeoutTriggered,
    "input_audio_buffer.dtmf_event_received": server.InputAudioBufferDtmfEventReceived,
    "output_audio_buffer.started": server.OutputAudioBufferStarted,
    "output_audio_buffer.stopped": server.OutputAudioBufferStopped,
    "output_audio_buffer.cleared": server.OutputAudioBufferCleared,
    "response.created": server.ResponseCreated,
    "response.done": server.ResponseDone,
    "response.output_item.added": server.ResponseOutputItemAdded,
    "response.output_item.done": server.ResponseOutputItemDone,
    "response.content_part.added": server.ResponseContentPartAdded,
    "response.content_part.done": server.ResponseContentPartDone,
    "response.output_text.delta": server.ResponseOutputTextDelta,
    "response.output_text.done": server.ResponseOutputTextDone,
    "response.output_audio.delta": server.ResponseOutputAudioDelta,
    "response.output_audio.done": server.ResponseOutputAudioDone,
    "response.output_audio_transcript.delta": server.ResponseOutputAudioTranscriptDelta,
    "response.output_audio_transcript.done": server.ResponseOutputAudioTranscriptDone,
    "response.function_call_arguments.delta": server.ResponseFunctionCallArgumentsDelta,
    "response.function_call_arguments.done": server.ResponseFunctionCallArgumentsDone,
    "response.mcp_call_arguments.delta": server.ResponseMcpCallArgumentsDelta,
    "response.mcp_call_arguments.done": server.ResponseMcpCallArgumentsDone,
    "response.mcp_call.in_progress": server.ResponseMcpCallInProgress,
    "response.mcp_call.completed": server.ResponseMcpCallCompleted,
    "response.mcp_call.failed": server.ResponseMcpCallFailed,
    "mcp_list_tools.in_progress": server.McpListToolsInProgress,
    "mcp_list_tools.completed": server.McpListToolsCompleted,
    "mcp_list_tools.failed": server.McpListToolsFailed,
    "rate_limits.updated": server.RateLimitsUpdated,
}
TRANSLATION_CLIENT: dict[str, type[Event]] = {
    "session.update": client.SessionUpdate,  # reads the same as a conversation's
    "session.input_audio_buffer.append": translation.SessionInputAudioBufferAppend,
    "session.close": translation.SessionClose,
}
TRANSLATION_SERVER: dict[str, type[Event]] = {
    "error": server.Error,
    "session.created": server.SessionCreated,
    "session.updated": server.SessionUpdated,
    "session.closed": translation.SessionClosed,
    "session.input_transcript.delta": translation.SessionInputTranscriptDelta,
    "session.output_transcript.delta": translation.SessionOutputTranscriptDelta,
    "session.output_audio.delta": translation.SessionOutputAudioDelta,
}
BETA_CLIENT: dict[str, type[Event]] = {
    "session.update": client.SessionUpdate,
    "input_audio_buffer.append": client.InputAudioBufferAppend,
    "input_audio_buffer.commit": client.InputAudioBufferCommit,
    "input_audio_buffer.clear": client.InputAudioBufferClear,
    "conversation.item.create": client.ConversationItemCreate,
    "conversation.item.truncate": client.ConversationItemTruncate,
    "conversation.item.delete": client.ConversationItemDelete,
    "response.create": client.ResponseCreate,
    "response.cancel": client.ResponseCancel,
}
LATER_BETA_CLIENT: dict[str, type[Event]] = {
    "conversation.item.retrieve": client.ConversationItemRetrieve,
    "output_audio_buffer.clear": client.OutputAudioBufferClear,
    "transcription_session.update": client.SessionUpdate,
}
BETA_SERVER: dict[str, type[Event]] = {
    "session.created": server.SessionCreated,
    "session.updated": server.SessionUpdated,
    "conversation.created": server.ConversationCreated,
    "conversation.item.created": server.ConversationItemCreated,
    "conversation.item.retrieved": server.ConversationItemRetrieved,
    "conversation.item.deleted": server.ConversationItemDeleted,
    "conversation.item.truncated": server.ConversationItemTruncated,
    "conversation.item.input_audio_transcription.completed": (
        server.ConversationItemInputAudioTranscriptionCompleted
    ),
    "conversation.item.input_audio_transcription.failed": (
        server.ConversationItemInputAudioTranscriptionFailed
    ),
    "input_audio_buffer.committed": server.InputAudioBufferCommitted,
    "input_audio_buffer.cleared": server.InputAudioBufferCleared,
    "input_audio_buffer.speech_started": server.InputAudioBufferSpeechStarted,
    "input_audio_buffer.speech_stopped": server.InputAudioBufferSpeechStopped,
    "output_audio_buffer.started": server.OutputAudioBufferStarted,
    "output_audio_buffer.stopped": server.OutputAudioBufferStopped,
    "output_audio_buffer.cleared": server.OutputAudioBufferCleared,
    "response.created": server.ResponseCreated,
    "response.done": server.ResponseDone,
    "response.output_item.added": server.ResponseOutputItemAdded,
    "response.output_item.done": server.ResponseOutputItemDone,
    "response.content_part.added": server.ResponseContentPartAdded,
    "response.content_part.done": server.ResponseContentPartDone,
    "response.text.delta": server.ResponseOutputTextDelta,
    "response.text.done": server.ResponseOutputTextDone,
    "response.audio.delta": server.ResponseOutputAudioDelta,
    "response.audio.done": server.ResponseOutputAudioDone,
    "response.audio_transcript.delta": server.ResponseOutputAudioTranscriptDelta,
    "response.audio_transcript.done": server.ResponseOutputAudioTranscriptDone,
    "response.function_call_arguments.delta": server.ResponseFunctionCallArgumentsDelta,
    "response.function_call_arguments.done": server.ResponseFunctionCallArgumentsDone,
    "rate_limits.updated": server.RateLimitsUpdated,
    "error": server.Error,
}
LATER_BETA_SERVER: dict[str, type[Event]] = {
    "conversation.item.input_audio_transcription.delta": (
        server.ConversationItemInputAudioTranscriptionDelta
    ),
    "transcription_session.created": server.SessionCreated,
    "transcription_session.updated": server.SessionUpdated,
}
TRANSCRIPTION_AS_THEY_ARE: dict[str, type[Event]] = {
    "transcription_session.created": server.TranscriptionSessionCreated,
    "transcription_session.updated": server.TranscriptionSessionUpdated,
}


def wire_example(name: str) -> dict[str, Any]:
    """The catalog's example with a field that nobody knows."""
    return {**example(name), "x_brand_new": {"kept": [1, 1.0, None, True]}}


def beta_example(name: str) -> dict[str, Any]:
    """The same with a session, a response and an assistant's item in beta's words."""
    flat = {"modalities": ["text", "audio"], "voice": "alloy", "output_audio_format": "pcm16"}
    item = {"type": "message", "role": "assistant", "content": [{"type": "text", "text": "Hello!"}]}
    parts = {"session": flat, "response": {**flat, "output": [item]}, "item": item}
    sent = wire_example(name)
    return {**sent, **{key: part for key, part in parts.items() if key in sent}}


@pytest.mark.parametrize(("name", "model"), [*GA_SERVER.items(), *TRANSCRIPTION_AS_THEY_ARE.items()])
def test_ga_server_event(name: str, model: type[Event]) -> None:
    sent = wire_example(name)
    event = decode(json.dumps(sent))
    assert type(event) is model
    assert event.type == name
    assert json.loads(encode(event) or "") == sent


@pytest.mark.parametrize(
    ("name", "model"),
    [*GA_CLIENT.items(), ("transcription_session.update", client.TranscriptionSessionUpdate)],
)
def test_ga_client_event(name: str, model: type[Event]) -> None:
    sent = wire_example(name)
    event = decode_client(json.dumps(sent))
    assert type(event) is model
    assert event.type == name
    assert json.loads(encode(event) or "") == sent


@pytest.mark.parametrize(("name", "model"), TRANSLATION_SERVER.items())
def test_translation_server_event(name: str, model: type[Event]) -> None:
    sent = wire_example(name)
    event = decode(json.dumps(sent))
    assert type(event) is model
    assert json.loads(encode(event) or "") == sent


@pytest.mark.parametrize(("name", "model"), TRANSLATION_CLIENT.items())
def test_translation_client_event(name: str, model: type[Event]) -> None:
    sent = wire_example("TranslationSessionUpdate" if name == "session.update" else name)
    event = decode_client(json.dumps(sent))
    assert type(event) is model
    assert json.loads(encode(event) or "") == sent


@pytest.mark.parametrize(("name", "model"), [*BETA_SERVER.items(), *LATER_BETA_SERVER.items()])
def test_beta_server_event(name: str, model: type[Event]) -> None:
    sent = beta_example(name)
    event = decode(json.dumps(sent), "beta")
    assert type(event) is model
    assert json.loads(encode(event, "beta") or "") == sent


@pytest.mark.parametrize(("name", "model"), [*BETA_CLIENT.items(), *LATER_BETA_CLIENT.items()])
def test_beta_client_event(name: str, model: type[Event]) -> None:
    sent = beta_example(name)
    event = decode_client(json.dumps(sent), "beta")
    assert type(event) is model
    assert json.loads(encode(event, "beta") or "") == sent


@pytest.mark.parametrize(("name", "beta"), [("conversation.item.added", "conversation.item.created")])
def test_a_ga_event_that_beta_calls_otherwise(name: str, beta: str) -> None:
    event = decode(json.dumps(wire_example(name)))
    assert json.loads(encode(event, "beta") or "")["type"] == beta


def test_a_ga_event_that_beta_does_not_have_is_not_written() -> None:
    assert encode(decode(json.dumps(wire_example("conversation.item.done"))), "beta") is None


@pytest.mark.parametrize(
    ("table", "count"),
    [(GA_CLIENT, 11), (GA_SERVER, 46), (BETA_CLIENT, 9), (BETA_SERVER, 32), (TRANSLATION_SERVER, 7)],
    ids=["GA client", "GA server", "beta client", "beta server", "translation server"],
)
def test_the_tables_are_whole(table: dict[str, type[Event]], count: int) -> None:
    assert len(table) == count


def test_the_catalog_knows_the_same_events() -> None:
    listed = {(info.side, info.family, info.name) for info in event_types()}
    assert listed == {
        *(("client", "realtime", name) for name in GA_CLIENT),
        *(("server", "realtime", name) for name in GA_SERVER),
        ("client", "beta", "transcription_session.update"),
        *(("server", "beta", name) for name in TRANSCRIPTION_AS_THEY_ARE),
        *(("client", "translation", name) for name in TRANSLATION_CLIENT),
        *(("server", "translation", name) for name in TRANSLATION_SERVER),
    }
