"""A Realtime session, as a pure function of what comes in: `Session.receive(input, now) -> list[Effect]`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from realtime_cli.protocol import server_events as server
from realtime_cli.protocol.codec import ServerEvent

from . import (
    audio_inputs,
    connection,
    inputs,
    interruption,
    limits,
    mcp,
    patience,
    reconnect,
    saying,
    tool_inputs,
)
from .audio_settings import input_encoding
from .effects import Disconnect, Effect
from .inputs import EventSent, LocalInput, SessionInput
from .listening import hear
from .sending import note_sent
from .state import SessionState
from .terms import Terms
from .view import MARK_CODE, ConnectionState, SessionView

# Some servers never greet; after this long we speak first.
GREETING_TIMEOUT_S = 3.0
# Most events of a server are these, and they change nobody's turn.
_DELTAS = (
    server.ResponseOutputAudioDelta,
    server.ResponseOutputAudioTranscriptDelta,
    server.ResponseOutputTextDelta,
)


class Session:
    """One side of one conversation: takes inputs, gives back effects, and shows what it knows.

    `config` is what the server is asked for right after the connection opens, as the JSON of a `session`.
    Nothing is sent before the server's greeting, so that this always comes first. `pcm_input_rate_hz` is what
    the server takes `audio/pcm` to be, where it is known to mean another rate than it says. Where the runtime
    `has_tools`, function calls are given to them. A session that `reconnects` asks for another connection
    where one is lost, and tells the new session what the old one knew.
    """

    def __init__(
        self,
        config: Mapping[str, Any] | None = None,
        *,
        pcm_input_rate_hz: int | None = None,
        terms: Terms | None = None,
        has_tools: bool = False,
        reconnects: bool = False,
    ) -> None:
        self._state = SessionState(
            first_config=dict(config or {}),
            pcm_input_rate_hz=pcm_input_rate_hz,
            terms=terms or Terms(),
            reconnects=reconnects,
        )
        self._has_tools = has_tools

    def receive(self, happened: SessionInput, now: float) -> list[Effect]:
        """Takes one input at session time `now` (seconds, never falling) and tells what to do about it."""
        state = self._state
        state.effects = []
        if isinstance(happened, inputs.MicrophoneBlock):
            audio_inputs.microphone_block(state, happened.audio, now)
            return state.effects
        state.now_s = now
        self._take(happened, now)
        if state.may_speak:
            if not state.is_leaving:
                tool_inputs.attend(state, now, has_tools=self._has_tools)
            saying.speak(state, now)
        limits.check(state, now)
        disconnects = Disconnect() in state.effects and not state.comeback.is_renewal
        if (disconnects or state.connection == "closed") and not state.is_leaving:
            state.is_leaving = True
            tool_inputs.end(state, now)
        return state.effects

    def next_deadline(self) -> float | None:
        """When the session wants `DeadlineReached`, in session seconds; no `MicrophoneBlock` changes it."""
        state = self._state
        due = [state.playback.stop_deadline, state.playback.lost_deadline]
        if state.connection == "reconnecting":
            due += [state.comeback.retry_s, limits.deadline(state)]
        elif state.connection != "open":
            return None
        elif not state.is_ready:
            return state.since_s + GREETING_TIMEOUT_S
        else:
            due += [state.gate.tail_deadline, self._floor_deadline, state.responses.retry_at]
            due += [limits.deadline(state), patience.deadline(state)]
        return min((at for at in due if at is not None), default=None)

    def view(self) -> SessionView:
        """The read-only picture of this moment."""
        return self._state.view(is_busy=self.is_busy, input_encoding=input_encoding(self._state))

    @property
    def connection(self) -> ConnectionState:
        """Whether there is a connection, or will be."""
        return self._state.connection

    @property
    def is_busy(self) -> bool:
        """Whether an answer is coming or being heard, a tool is at work, or something is still to be said."""
        is_open = self._state.connection != "closed"
        return self._converses or (is_open and self._state.calls.any_under_way)

    @property
    def expects_answers(self) -> bool:
        """Whether an event that was sent has not been answered yet."""
        return self._state.sent.any_unanswered

    @property
    def dropped_ms(self) -> float:
        """How much of the microphone the present congestion has cost until now."""
        return self._state.gate.dropped_ms

    @property
    def _floor_deadline(self) -> float | None:
        return self._state.floor.free_at if self._state.owed else None

    @property
    def _converses(self) -> bool:
        """Whether one side speaks or is about to; a tool that is at work keeps nobody from it."""
        if self._state.connection == "closed":
            return False
        is_heard = self._state.playback.is_playing or self._state.playback.is_stopping
        return is_heard or saying.owes(self._state)

    def _take(self, happened: ServerEvent | LocalInput | EventSent, now: float) -> None:
        match happened:
            case inputs.EventSent():  # the first, as it is by far the most frequent in a recording
                note_sent(self._state, happened.event, now)
            case (
                inputs.ConnectionOpened()
                | inputs.ConnectionLost()
                | inputs.ConnectionFailed()
                | inputs.RenewRequested()
            ):
                connection.take(self._state, happened, now)
            case inputs.UserText() | inputs.UserItem():
                audio_inputs.end_talk(self._state, now)
                interruption.make_way(self._state, now)
                self._state.outbox.append(happened)
            case inputs.Marked(label):
                self._state.notice(now, "info", f"mark: {label}" if label else "mark", code=MARK_CODE)
            case inputs.UserEvent():
                audio_inputs.end_talk(self._state, now)
                self._state.outbox.append(happened)
            case inputs.CancelRequested():
                self._cancel(now)
            case inputs.QuitRequested():
                self._quit(now)
            case (
                inputs.ToolStarted()
                | inputs.ToolProgress()
                | inputs.ToolFinished()
                | inputs.ApprovalWanted()
                | inputs.ApprovalGiven()
                | inputs.ToolCancelRequested()
            ):
                self._mind_the_tools(happened, now)
            case inputs.DeadlineReached():
                self._deadline(now)
            case (
                inputs.AudioReady()
                | inputs.ListeningMode()
                | inputs.TalkStarted()
                | inputs.TalkEnded()
                | inputs.MuteRequested()
                | inputs.MicrophoneEnded()
                | inputs.PlaybackProgress()
                | inputs.PlaybackStopped()
                | inputs.AudioGap()
                | inputs.AudioNotice()
                | inputs.Backpressure()
            ):
                audio_inputs.take(self._state, happened, now)
            case _:
                self._hear(happened, now)

    def _mind_the_tools(self, told: tool_inputs.ToolInput, now: float) -> None:
        if not self._state.is_leaving:  # then nothing begins, and all that had begun was ended
            tool_inputs.take(self._state, told, now)

    def _hear(self, event: ServerEvent, now: float) -> None:
        state, before = self._state, self._state.responses.active
        event = state.names.inward(event)
        hear(state, event, now)
        if not isinstance(event, _DELTAS):
            mcp.follow(state, event, now)
            state.floor.follow(event, state.config, now)
        if state.responses.active is not before and state.responses.active is not None:
            saying.answer_begins(state)

    def _cancel(self, now: float) -> None:
        """Gives up the answer, and what was not said yet; outputs belong to calls that were made.

        Where there is neither, the tools are what is to stop.
        """
        has_something, outbox, self._state.outbox = self._is_saying, self._state.outbox, []
        if any(isinstance(said, inputs.UserText | inputs.UserItem) for said in outbox):
            self._state.notice(now, "info", "not sent: you stopped it")
        self._state.owed.clear()
        self._state.comeback.owed = None
        self._state.responses.forget_waiting()
        self._state.gate.give_up_talk()
        if self._state.is_heard:
            interruption.cancel(self._state, now)
            patience.give_up(self._state, now)
        elif self._state.is_between:
            interruption.stop_speech(self._state, now)
        if not has_something:
            tool_inputs.take(self._state, inputs.ToolCancelRequested(), now)

    @property
    def _is_saying(self) -> bool:
        """Whether there is what a cancel means first: an answer, its sound, or a turn of the user's."""
        state = self._state
        is_heard = state.playback.is_playing or state.playback.is_stopping
        is_awaited = state.responses.is_busy or state.comeback.owed is not None
        return is_awaited or is_heard or state.gate.is_talking or bool(state.outbox)

    def _quit(self, now: float) -> None:
        """Leaves; what still waits for a greeting, or for the speaker to stop, is said first."""
        self._state.gate.is_listening, self._state.gate.has_ended = False, True
        self._state.comeback.is_renewal = False
        if self._state.connection == "open" and not self._state.is_between:
            if self._state.playback.is_stopping:
                interruption.playback_stopped(self._state, now)
            audio_inputs.end_talk(self._state, now)
            if self._state.ending.patience_ends_s is None:
                saying.speak(self._state, now)
        reconnect.leave(self._state, now)

    def _deadline(self, now: float) -> None:
        state, deadline = self._state, self.next_deadline()
        if deadline is None:
            return
        if state.connection == "reconnecting" and deadline == state.comeback.retry_s:
            reconnect.attempt(state)
        elif state.connection == "open" and not state.is_ready:
            state.is_ready = True
            state.notice(now, "warning", "the server did not greet; speaking first")
        elif deadline == state.gate.tail_deadline:
            audio_inputs.end_talk(state, now)
        elif deadline == state.playback.stop_deadline:
            audio_inputs.stop_overdue(state, now)
        elif deadline == state.playback.lost_deadline:
            audio_inputs.speaker_overdue(state, now)
        elif deadline == self._floor_deadline:
            state.floor.free()
        elif deadline == patience.deadline(state):
            patience.tell(state, now)
        elif deadline == limits.deadline(state):
            pass  # `limits.check` looks after every input
        else:
            state.responses.retry()
