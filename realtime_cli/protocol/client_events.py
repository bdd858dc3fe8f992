"""The client's events: what an application may say to a Realtime server."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from .base import MAX_APPEND_BYTES, REQUIRED, Base64, ContentIndex, Event, ItemId, Spec
from .items import HELLO, Item
from .session import ResponseConfig, Session


class SessionUpdate(Event):
    """Changes the session. All of it takes effect, or none; what it leaves out stays as it is.

    The server answers `session.updated`, or one `error`. The voice cannot change once audio was spoken.
    """

    type: Literal["session.update"] = "session.update"
    session: Annotated[
        Session,
        Spec(
            "the fields to change",
            {
                "type": "realtime",
                "instructions": "You are a friendly guide.",
                "audio": {"output": {"voice": "marin"}},
            },
            required=True,
        ),
    ]


class TranscriptionSessionUpdate(Event):
    """Beta: changes a transcription session. GA says `session.update` with `type: "transcription"`."""

    type: Literal["transcription_session.update"] = "transcription_session.update"
    session: Annotated[
        Session,
        Spec("the fields to change", {"input_audio_transcription": {"model": "whisper-1"}}, required=True),
    ]


class InputAudioBufferAppend(Event):
    """Adds audio to the input buffer, at most 15 MiB at once. The server does not answer.

    With turn detection on, the server finds the turns; without, `input_audio_buffer.commit` ends one.
    """

    type: Literal["input_audio_buffer.append"] = "input_audio_buffer.append"
    audio: Annotated[Base64, Spec(required=True, max_bytes=MAX_APPEND_BYTES)]


class InputAudioBufferCommit(Event):
    """Makes a user item of the input buffer, which must hold at least 100 ms. It asks for no answer."""

    type: Literal["input_audio_buffer.commit"] = "input_audio_buffer.commit"


class InputAudioBufferClear(Event):
    """Throws the input buffer away. The server answers `input_audio_buffer.cleared`."""

    type: Literal["input_audio_buffer.clear"] = "input_audio_buffer.clear"


class OutputAudioBufferClear(Event):
    """Stops playback on the server's side; WebRTC and SIP only. Send `response.cancel` before it."""

    type: Literal["output_audio_buffer.clear"] = "output_audio_buffer.clear"


class ConversationItemCreate(Event):
    """Puts an item into the conversation: a message, a function's output, history. It asks for no answer."""

    type: Literal["conversation.item.create"] = "conversation.item.create"
    previous_item_id: Annotated[
        str | None, Spec("goes after this item; root: to the front; absent: to the end")
    ] = None
    item: Annotated[
        Item,
        Spec(
            "the item",
            {"type": "message", "role": "user", "content": HELLO},
            required=True,
        ),
    ]


class ConversationItemRetrieve(Event):
    """Asks for an item as the server holds it, the user's audio included (`conversation.item.retrieved`)."""

    type: Literal["conversation.item.retrieve"] = "conversation.item.retrieve"
    item_id: Annotated[ItemId, REQUIRED]


class ConversationItemTruncate(Event):
    """Cuts the assistant's audio item to what the user has heard, and drops the item's transcript.

    `audio_end_ms` is inclusive and may not exceed the audio that the server has sent of the item.
    """

    type: Literal["conversation.item.truncate"] = "conversation.item.truncate"
    item_id: Annotated[ItemId, REQUIRED]
    content_index: Annotated[ContentIndex, REQUIRED]
    audio_end_ms: Annotated[int, Spec("how much of the item was heard, in ms", 1200, ge=0), REQUIRED]


class ConversationItemDelete(Event):
    """Removes an item from the conversation (`conversation.item.deleted`)."""

    type: Literal["conversation.item.delete"] = "conversation.item.delete"
    item_id: Annotated[ItemId, REQUIRED]


class ResponseCreate(Event):
    """Asks for an answer: one at a time in the conversation, others (`conversation: "none"`) beside it."""

    type: Literal["response.create"] = "response.create"
    response: Annotated[
        ResponseConfig | None,
        Spec(
            "what differs from the session, for this response only",
            {"instructions": "Answer in one sentence.", "output_modalities": ["text"]},
        ),
    ] = None


class ResponseCancel(Event):
    """Stops a response: the conversation's, or the one named. `response.done` (cancelled) follows."""

    type: Literal["response.cancel"] = "response.cancel"
    response_id: Annotated[str | None, Spec("needed for a response outside the conversation", "resp_1")] = (
        None
    )


KnownClientEvent: TypeAlias = (
    SessionUpdate
    | TranscriptionSessionUpdate
    | InputAudioBufferAppend
    | InputAudioBufferCommit
    | InputAudioBufferClear
    | OutputAudioBufferClear
    | ConversationItemCreate
    | ConversationItemRetrieve
    | ConversationItemTruncate
    | ConversationItemDelete
    | ResponseCreate
    | ResponseCancel
)


def create_event(item: Item, *, previous_item_id: str | None = None) -> ConversationItemCreate:
    """The event that puts the item into a conversation (after `previous_item_id`, else at the end)."""
    if previous_item_id is None:
        return ConversationItemCreate(item=item)
    return ConversationItemCreate(item=item, previous_item_id=previous_item_id)
