"""Turns of the user's voice: from the client's audio to items, and to the answers that follow them."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from realtime_cli.protocol import client_events as client
from realtime_cli.protocol import server_events as server
from realtime_cli.protocol.items import InputAudio, Message

from .answering import Answering
from .configuration import Configuration
from .ear import Ear
from .history import Entry, History
from .idle_timer import IdleTimer
from .item_events import added_and_done
from .kept_audio import Sound
from .messages import ResponderEffect, Send, StopTranscription, TranscriptFinished, TranscriptPiece
from .transcribing import Transcribing, TranscriptMessage
from .turn_detection import TurnMark
from .voice_activity import VoiceActivityFactory

InputAudioBufferEvent: TypeAlias = client.InputAudioBufferCommit | client.InputAudioBufferClear


class TurnTaking:
    """Listens. Every `speech_started` has its `speech_stopped`, also where the client ends the turn.

    Times are Unix seconds; milliseconds are on the timeline of sent audio.
    """

    def __init__(
        self,
        factory: VoiceActivityFactory | None,
        *,
        history: History,
        configuration: Configuration,
        transcribing: Transcribing,
        answering: Answering,
        idle: IdleTimer,
    ) -> None:
        self._history = history
        self._configuration = configuration
        self._transcribing = transcribing
        self._answering = answering
        self._idle = idle
        self._rules = configuration.turn_rules
        self._ear = Ear(factory, configuration.encoding, self._rules)
        # The item that the turn under way is going to be.
        self._item_id = ""
        self._drafts = 0
        self._draft = ""
        self._words_so_far = ""

    def hear(self, audio: bytes, now_s: float) -> list[ResponderEffect]:
        """Takes more of the client's audio."""
        return [effect for mark in self._ear.hear(audio) for effect in self._marked(mark, now_s)]

    def edit(self, event: InputAudioBufferEvent) -> list[ResponderEffect]:
        """Carries out what else the client wants of its audio. Raises `InvalidRequestError`."""
        match event:
            case client.InputAudioBufferCommit():
                return self._commit()
            case client.InputAudioBufferClear():
                return self._clear()
            case _:
                assert_never(event)

    def adapt(self, now_s: float) -> list[ResponderEffect]:
        """The configuration has changed."""
        before, waited_ms = self._rules, self._idle_timeout_ms()
        was_speaking, end_ms = self._ear.is_speaking, self._ear.buffer.end_ms
        self._rules = self._configuration.turn_rules
        self._ear.adapt(self._configuration.encoding, self._rules)
        if waited_ms != self._idle_timeout_ms():
            self._idle.postpone(now_s)
        if was_speaking and not self._ear.is_speaking:
            return self._cut_off(end_ms)
        return self._stop_draft() if self._rules != before else []

    def take(self, message: TranscriptMessage, now_s: float) -> list[ResponderEffect]:
        """Takes in words of the turn under way; others are none of its business."""
        if not self._draft or message.item_id != self._draft or isinstance(message, TranscriptPiece):
            return []
        self._draft = ""
        self._words_so_far = message.text if isinstance(message, TranscriptFinished) else ""
        marks = self._ear.consider(self._words_so_far)
        return [effect for mark in marks for effect in self._marked(mark, now_s)]

    def stop(self) -> list[ResponderEffect]:
        """Nobody listens any more."""
        return self._stop_draft()

    def deadline_s(self) -> float | None:
        """When `look_at_clock` wants to be called next."""
        timeout_ms = self._idle_timeout_ms()
        return None if timeout_ms is None else self._idle.deadline_s(timeout_ms)

    def look_at_clock(self, now_s: float) -> list[ResponderEffect]:
        """Breaks a silence that has lasted too long."""
        timeout_ms = self._idle_timeout_ms()
        if timeout_ms is None:
            return []
        end_ms = self._ear.buffer.end_ms
        start_ms = self._idle.expired(now_s, timeout_ms=timeout_ms, sent_ms=end_ms)
        return [] if start_ms is None else self._break_silence(start_ms, end_ms)

    def _marked(self, mark: TurnMark, now_s: float) -> list[ResponderEffect]:
        match mark.kind:
            case "started":
                return self._started(mark.at_ms, now_s)
            case "paused":
                return [self._ask_for_words(mark.at_ms)]
            case "resumed":
                return self._stop_draft()
            case "stopped":
                return self._stopped(mark.at_ms)
            case _:
                assert_never(mark.kind)

    def _started(self, start_ms: float, now_s: float) -> list[ResponderEffect]:
        self._item_id = self._history.new_id()
        started = server.InputAudioBufferSpeechStarted(audio_start_ms=round(start_ms), item_id=self._item_id)
        interrupts = self._rules is not None and self._rules.interrupts_response
        return [Send(started), *(self._answering.interrupt(now_s) if interrupts else [])]

    def _stopped(self, end_ms: float) -> list[ResponderEffect]:
        # What was understood in the pause is all that was said.
        words = self._words_so_far or None
        effects = [*self._cut_off(end_ms), *self._commit_audio(self._ear.buffer.take(end_ms), words=words)]
        if self._rules and self._rules.creates_response:
            effects += self._answering.create_after_turn()
        return effects

    def _cut_off(self, end_ms: float) -> list[ResponderEffect]:
        self._idle.stop()
        stopped = server.InputAudioBufferSpeechStopped(audio_end_ms=round(end_ms), item_id=self._item_id)
        return [Send(stopped), *self._stop_draft()]

    def _commit(self) -> list[ResponderEffect]:
        was_speaking, end_ms = self._ear.is_speaking, self._ear.buffer.end_ms
        audio = self._ear.commit()
        if not was_speaking:
            self._item_id = self._history.new_id()
        return [*(self._cut_off(end_ms) if was_speaking else []), *self._commit_audio(audio)]

    def _clear(self) -> list[ResponderEffect]:
        was_speaking, end_ms = self._ear.is_speaking, self._ear.buffer.end_ms
        self._ear.clear()
        return [*(self._cut_off(end_ms) if was_speaking else []), Send(server.InputAudioBufferCleared())]

    def _break_silence(self, start_ms: float, end_ms: float) -> list[ResponderEffect]:
        self._item_id = self._history.new_id()
        triggered = server.InputAudioBufferTimeoutTriggered(
            audio_start_ms=round(start_ms), audio_end_ms=round(end_ms), item_id=self._item_id
        )
        committed = self._commit_audio(self._ear.drain(), words="")
        return [Send(triggered), *committed, *self._answering.create_after_turn()]

    def _commit_audio(self, audio: bytes, *, words: str | None = None) -> list[ResponderEffect]:
        """The turn becomes an item; where its words are not known, they are asked for if they are wanted."""
        if self._item_id in self._history:
            # The client has taken the id for an item of its own.
            self._item_id = self._history.new_id()
        item_id, encoding = self._item_id, self._ear.buffer.encoding
        previous_id = self._history.last_id()
        item = Message(id=item_id, status="completed", role="user", content=[InputAudio(transcript=None)])
        self._history.append(item_id, Entry(item, encoding.ms(len(audio))))
        self._history.audio.begin((item_id, 0), encoding)
        self._history.audio.extend((item_id, 0), audio)
        committed = server.InputAudioBufferCommitted(previous_item_id=previous_id, item_id=item_id)
        events = [Send(event) for event in (committed, *added_and_done(item, previous_id))]
        if words is None:
            return [*events, *self._transcribing.ask_where_wanted(item)]
        return [*events, *self._transcribing.know(item_id, words)]

    def _ask_for_words(self, until_ms: float) -> ResponderEffect:
        buffer = self._ear.buffer
        self._drafts += 1
        self._draft = f"{self._item_id}~{self._drafts}"
        return self._transcribing.draft(self._draft, Sound(buffer.encoding, bytearray(buffer.peek(until_ms))))

    def _stop_draft(self) -> list[ResponderEffect]:
        draft, self._draft, self._words_so_far = self._draft, "", ""
        return [StopTranscription(draft)] if draft else []

    def _idle_timeout_ms(self) -> float | None:
        is_listening = self._ear.finds_turns and not self._ear.is_speaking
        return self._rules.idle_timeout_ms if self._rules and is_listening else None
