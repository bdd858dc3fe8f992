"""A Realtime session, as a pure function of what comes in: `Session.receive(input, now) -> list[Effect]`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias, assert_never

from realtime_cli.protocol import client_events as client
from realtime_cli.protocol import items as wire
from realtime_cli.protocol.codec import ClientEvent, MalformedEvent, UnknownEvent, decode_client
from realtime_cli.protocol.translation import SessionInputAudioBufferAppend

from . import inputs
from .differences import merged
from .effects import Disconnect, Effect, SendEvent
from .explain import close_text
from .inputs import SessionInput
from .listening import hear
from .metrics import decoded_bytes
from .responses import is_outside
from .state import SessionState
from .view import Level, SessionView

# Some servers never greet; after this long we speak first.
GREETING_TIMEOUT_S = 3.0
_ToSay: TypeAlias = inputs.UserText | inputs.UserEvent | inputs.ToolFinished


class Session:
    """One side of one conversation: takes inputs, gives back effects, and shows what it knows.

    `config` is what the server is asked for right after the connection opens, as the JSON of a `session`.
    Nothing is sent before the server's greeting, so that this always comes first.
    """

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        self._state = SessionState()
        self._config = dict(config or {})
        self._outbox: list[_ToSay] = []
        self._owed: list[str | None] = []
        self._opened_at = 0.0
        self._events = 0
        self._messages = 0
        self._effects: list[Effect] = []

    def receive(self, happened: SessionInput, now: float) -> list[Effect]:
        """Takes one input at session time `now` (seconds, never falling) and tells what to do about it."""
        self._effects = []
        self._take(happened, now)
        if self._may_speak:
            self._speak(now)
        return self._effects

    def next_deadline(self) -> float | None:
        """When the session wants `DeadlineReached`, in session seconds."""
        if self._state.connection != "open":
            return None
        if not self._state.is_ready:
            return self._opened_at + GREETING_TIMEOUT_S
        return self._state.responses.retry_at

    def view(self) -> SessionView:
        """The read-only picture of this moment."""
        return self._state.view(is_busy=self.is_busy)

    @property
    def is_busy(self) -> bool:
        """Whether an answer is coming, or something is still to be said."""
        if self._state.connection == "closed":
            return False
        return bool(self._outbox) or bool(self._owed) or self._state.responses.is_busy

    @property
    def expects_answers(self) -> bool:
        """Whether an event that was sent has not been answered yet."""
        return self._state.sent.any_unanswered

    @property
    def _may_speak(self) -> bool:
        return self._state.is_ready and self._state.connection == "open"

    def _take(self, happened: SessionInput, now: float) -> None:
        match happened:
            case inputs.ConnectionOpened():
                self._state.connection, self._opened_at = "open", now
            case inputs.ConnectionLost():
                self._connection_lost(happened, now)
            case inputs.UserText() | inputs.UserEvent():
                self._outbox.append(happened)
            case inputs.CancelRequested():
                self._cancel(now)
            case inputs.QuitRequested():
                self._quit(now)
            case inputs.ToolFinished():
                self._tool_finished(happened)
            case inputs.DeadlineReached():
                self._deadline(now)
            case inputs.EventSent():
                self._note_sent(happened.event, now)
            case _:
                hear(self._state, happened, now)

    def _speak(self, now: float) -> None:
        """Sends everything whose time has come, in its order."""
        if self._config:
            config, self._config = self._config, {}
            self._send(_session_update(config), now)
        for said in self._outbox:
            self._say(said, now)
        self._outbox.clear()
        self._answer_calls()
        self._ask(now)

    def _say(self, said: _ToSay, now: float) -> None:
        match said:
            case inputs.UserText(text):
                self._messages += 1
                message = wire.user_message(text, item_id=f"msg_user_{self._messages}")
                self._send(client.create_event(message), now)
                self._state.responses.ask()
                self._ask(now)
            case inputs.UserEvent(raw):
                event = decode_client(raw)
                self._effects.append(SendEvent(event, raw))
                self._note_sent(event, now)
            case inputs.ToolFinished(call_id, output):
                item = wire.FunctionCallOutput(call_id=call_id, output=output)
                self._send(client.create_event(item), now)
            case _:
                assert_never(said)

    def _answer_calls(self) -> None:
        """Wants one answer to all calls of a response, as soon as that is over and they are finished."""
        if self._state.responses.is_answering:
            return
        open_ones = [owed for owed in self._owed if self._state.calls.any_pending(owed)]
        if len(open_ones) < len(self._owed):
            self._owed = open_ones
            self._state.responses.ask()

    def _ask(self, now: float) -> None:
        create = self._state.responses.next_to_ask()
        if create is not None:
            self._send(create, now)

    def _cancel(self, now: float) -> None:
        responses = self._state.responses
        self._outbox.clear()
        self._owed.clear()
        responses.forget_waiting()
        if not self._may_speak or not responses.is_answering:
            return
        active = responses.active
        if active is not None and active.is_named:
            self._send(client.ResponseCancel(response_id=active.id), now)
        else:
            self._send(client.ResponseCancel(), now)

    def _quit(self, now: float) -> None:
        """Leaves; what still waits for a greeting is said first."""
        if self._state.connection == "open":
            self._speak(now)
        self._effects.append(Disconnect())

    def _tool_finished(self, finished: inputs.ToolFinished) -> None:
        call = self._state.calls.finished(finished.call_id, finished.output)
        if call is not None:
            self._outbox.append(finished)
            self._owed.append(call.response_id)

    def _deadline(self, now: float) -> None:
        if self.next_deadline() is None:
            return
        if self._state.is_ready:
            self._state.responses.retry()
            return
        self._state.is_ready = True
        self._state.notice(now, "warning", "the server did not greet; speaking first")

    def _connection_lost(self, lost: inputs.ConnectionLost, now: float) -> None:
        state, was_busy = self._state, self.is_busy
        state.connection, state.closed_by_us = "closed", lost.by_us
        state.close_code, state.close_reason = lost.code, lost.reason
        state.user_speaking = False
        for response in state.responses.connection_lost(now):
            state.items.end(response.item_ids, response.status)
        if not lost.by_us:
            level: Level = "info" if lost.code == 1000 and not was_busy else "error"
            state.notice(now, level, close_text(lost.code, lost.reason), code=str(lost.code or ""))

    def _send(self, event: ClientEvent, now: float) -> None:
        if not isinstance(event, UnknownEvent | MalformedEvent) and event.event_id is None:
            self._events += 1
            event = event.model_copy(update={"event_id": f"event_{self._events}"})
        self._effects.append(SendEvent(event))
        self._note_sent(event, now)

    def _note_sent(self, event: ClientEvent, now: float) -> None:
        state = self._state
        state.sent.add(event)
        state.count(events_out=1)
        match event:
            case client.InputAudioBufferAppend() | SessionInputAudioBufferAppend():
                state.count(audio_out_bytes=decoded_bytes(event.audio))
            case client.ResponseCreate():
                state.responses.sent(event)
                if not is_outside(event):
                    state.stopwatch.ask(now)
            case client.SessionUpdate() | client.TranscriptionSessionUpdate():
                state.requested = merged(state.requested, event.session.to_wire())
            case client.ConversationItemCreate():
                is_output = isinstance(event.item, wire.FunctionCallOutput)
                state.stopwatch.say("tool" if is_output else "text")
            case _:
                pass


def _session_update(config: Mapping[str, Any]) -> ClientEvent:
    """The event that asks for a configuration; one that fits no model goes to the server as it is."""
    return decode_client(json.dumps({"type": "session.update", "session": {"type": "realtime", **config}}))
