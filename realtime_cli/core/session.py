"""A Realtime session, as a pure function of what comes in: `Session.receive(input, now) -> list[Effect]`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, assert_never

from realtime_cli.protocol import client_events as client
from realtime_cli.protocol import items as wire
from realtime_cli.protocol import server_events as server
from realtime_cli.protocol.codec import ServerEvent

from . import audio_inputs, inputs, interruption, limits, mcp, patience, reconnect, restoring, tool_inputs
from .audio_settings import input_encoding, session_type
from .calls import Call
from .effects import Disconnect, Effect
from .explain import close_text
from .floor import Floor
from .inputs import EventSent, LocalInput, SessionInput
from .listening import hear
from .sending import note_sent, send, send_raw, session_update
from .state import SessionState, ToSay
from .terms import Terms
from .view import MARK_CODE, ConnectionState, Level, SessionView

_ConnectionInput: TypeAlias = (
    inputs.ConnectionOpened | inputs.ConnectionLost | inputs.ConnectionFailed | inputs.RenewRequested
)
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
            pcm_input_rate_hz=pcm_input_rate_hz, terms=terms or Terms(), reconnects=reconnects
        )
        self._config = self._first_config = dict(config or {})
        self._has_tools = has_tools
        self._is_leaving = False
        self._owed: list[str | None] = []
        self._floor = Floor()
        self._messages = 0

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
            if not self._is_leaving:
                tool_inputs.attend(state, now, has_tools=self._has_tools)
            self._speak(now)
        limits.check(state, now)
        leaves = Disconnect() in state.effects and not state.comeback.is_renewal
        if leaves and not self._is_leaving:
            self._leave(now)
        return state.effects

    def next_deadline(self) -> float | None:
        """When the session wants `DeadlineReached`, in session seconds."""
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
    def _user_speaks(self) -> bool:
        """Whether the user has the floor, by voice activity or by a key."""
        gate = self._state.gate
        return self._floor.is_taken or gate.is_talking or gate.released_at is not None

    @property
    def _floor_deadline(self) -> float | None:
        return self._floor.free_at if self._owed else None

    @property
    def _converses(self) -> bool:
        """Whether one side speaks or is about to; a tool that is at work keeps nobody from it."""
        if self._state.connection == "closed":
            return False
        return self._owes or self._state.playback.is_playing or self._state.playback.is_stopping

    @property
    def _owes(self) -> bool:
        """Whether one side has something to say to the other."""
        has_tail = self._state.gate.released_at is not None
        has_output = self._state.calls.any_due or bool(self._owed)
        has_more = bool(self._state.outbox) or has_output or self._state.comeback.owed is not None
        return has_tail or has_more or self._state.responses.is_busy

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
                self._connection_changes(happened, now)
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
        if not self._is_leaving:  # then nothing begins, and all that had begun was ended
            tool_inputs.take(self._state, told, now)

    def _hear(self, event: ServerEvent, now: float) -> None:
        state, before = self._state, self._state.responses.active
        event = state.names.inward(event)
        hear(state, event, now)
        if not isinstance(event, _DELTAS):
            mcp.follow(state, event, now)
            self._floor.follow(event, state.config, now)
        if state.responses.active is not before and state.responses.active is not None:
            # The server has answered what it had confirmed before.
            self._owed = [owed for owed in self._owed if not self._is_settled(owed)]

    def _speak(self, now: float) -> None:
        """Sends everything whose time has come, in its order."""
        if self._config:
            config, self._config = self._config, {}
            send(self._state, session_update(config), now)
        is_stopping = self._state.playback.is_stopping
        if self._state.comeback.is_due and not is_stopping:
            restoring.restore(self._state, now)
        audio_inputs.tune(self._state, now)
        if is_stopping:
            return
        self._send_outputs(tool_inputs.ripe(self._state, user_speaks=self._user_speaks), now)
        outbox, self._state.outbox = self._state.outbox, []
        for said in outbox:
            self._say(said, now)
        self._answer_calls()
        self._ask(now)

    def _say(self, said: ToSay, now: float) -> None:
        match said:
            case inputs.UserText(text):
                self._messages += 1
                message = wire.user_message(text, item_id=f"msg_user_{self._messages}")
                send(self._state, client.create_event(message), now)
                self._state.responses.ask()
                self._ask(now)
            case inputs.UserItem(raw):
                send_raw(self._state, f'{{"type":"conversation.item.create","item":{raw}}}', now)
                self._state.responses.ask()
                self._ask(now)
            case inputs.UserEvent(raw):
                send_raw(self._state, raw, now)
            case inputs.TalkEnded():
                send(self._state, client.InputAudioBufferCommit(), now)
                if session_type(self._state) != "transcription":
                    self._state.responses.ask()
                    self._ask(now)
            case _:
                assert_never(said)

    def _send_outputs(self, calls: Iterable[Call], now: float) -> None:
        for call in calls:
            send(self._state, tool_inputs.output_event(self._state, call), now)
            self._owed.append(call.view.response_id)

    def _answer_calls(self) -> None:
        """Wants one answer to all calls of a response, as soon as that is over and they are finished."""
        if not self._owed or self._user_speaks or self._state.responses.is_answering:
            return
        open_ones = [owed for owed in self._owed if self._is_open(owed)]
        if len(open_ones) < len(self._owed):
            self._owed = open_ones
            self._state.responses.ask()

    def _is_open(self, response_id: str | None) -> bool:
        """Whether an answer may still make calls, or some of its calls have no output yet."""
        response = self._state.responses.get(response_id)
        is_coming = response is not None and response.status == "in_progress"
        return is_coming or self._state.calls.any_pending(response_id)

    def _is_settled(self, response_id: str | None) -> bool:
        """Whether all outputs of an answer's calls stand in the conversation."""
        return not self._is_open(response_id) and self._state.calls.all_shown(response_id)

    def _ask(self, now: float) -> None:
        create = self._state.responses.next_to_ask()
        if create is not None:
            self._send_outputs(self._state.calls.due(), now)
            send(self._state, create, now)
            # It is an answer to all outputs that went out before it.
            self._owed = [owed for owed in self._owed if self._is_open(owed)]

    def _cancel(self, now: float) -> None:
        """Gives up the answer, and what was not said yet; outputs belong to calls that were made.

        Where there is neither, the tools are what is to stop.
        """
        has_something, outbox, self._state.outbox = self._is_saying, self._state.outbox, []
        if any(isinstance(said, inputs.UserText | inputs.UserItem) for said in outbox):
            self._state.notice(now, "info", "not sent: you stopped it")
        self._owed.clear()
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
                self._speak(now)
        reconnect.leave(self._state, now)

    def _leave(self, now: float) -> None:
        self._is_leaving = True
        tool_inputs.end(self._state, now)

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
            self._floor.free()
        elif deadline == patience.deadline(state):
            patience.tell(state, now)
        elif deadline == limits.deadline(state):
            pass  # `limits.check` looks after every input
        else:
            state.responses.retry()

    def _connection_changes(self, happened: _ConnectionInput, now: float) -> None:
        match happened:
            case inputs.ConnectionOpened():
                self._connection_opened(now)
            case inputs.ConnectionLost():
                self._connection_lost(happened, now)
            case inputs.ConnectionFailed():
                self._connection_failed(happened, now)
            case inputs.RenewRequested():
                self._renew(now)
            case _:
                assert_never(happened)

    def _connection_opened(self, now: float) -> None:
        state = self._state
        if state.connection == "reconnecting":
            reconnect.opened(state, now)
        else:
            state.opened_s = now
        state.connection, state.since_s = "open", now

    def _connection_failed(self, failure: inputs.ConnectionFailed, now: float) -> None:
        if self._state.connection == "reconnecting":
            reconnect.failed(self._state, failure, now)
        if self._state.connection == "closed":
            self._leave(now)

    def _renew(self, now: float) -> None:
        """Leaves this session for a new one; between two, the next try comes now."""
        state = self._state
        if state.connection == "reconnecting" and state.comeback.retry_s is not None:
            state.comeback.retry_s = now
        elif state.may_speak and not self._is_leaving:
            state.comeback.is_renewal = True
            state.effects.append(Disconnect())

    def _connection_lost(self, lost: inputs.ConnectionLost, now: float) -> None:
        state, was_busy = self._state, self._owes and self._state.connection != "closed"
        state.close_code, state.close_reason = lost.code, lost.reason
        if state.connection == "open" and not self._is_leaving and reconnect.comes_back(state, lost, now):
            reconnect.lost(state, lost, now, floor=self._floor)
            self._config, self._floor = dict(state.accepted) or self._first_config, Floor()
            return
        state.connection, state.closed_by_us = "closed", lost.by_us
        state.user_speaking = state.gate.is_listening = False
        state.gate.stop_talking()
        for response in state.responses.connection_lost(now):
            state.items.end(response.item_ids, response.status)
        self._leave(now)
        if not lost.by_us:
            level: Level = "info" if lost.code == 1000 and not was_busy else "error"
            state.notice(now, level, close_text(lost.code, lost.reason), code=str(lost.code or ""))
            if state.comeback.is_due:
                reconnect.tell_unsent(state, now)
