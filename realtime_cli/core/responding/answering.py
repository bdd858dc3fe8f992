"""The answers in progress: one of the conversation at most, and others beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from realtime_cli.core.answers import AnswerPart, Call, Fail, McpCall, Prompt, Say, Speech
from realtime_cli.protocol import client_events as client
from realtime_cli.protocol.base import Event
from realtime_cli.protocol.items import McpApprovalResponse
from realtime_cli.protocol.session import ErrorDetail, RealtimeSession, ResponseConfig, StatusDetails

from .answer import Answer, EndStatus, Question
from .configuration import Configuration
from .contexts import context_for
from .history import History
from .idle_timer import IdleTimer
from .ids import Ids
from .kept_audio import PartKey
from .messages import ResponderEffect, Send, StartAnswer, StopAnswer
from .prompts import settings_for
from .refusal import InvalidRequestError, not_one_of
from .transcribing import Transcribing

# Far more than a client needs, and few enough that one client cannot keep the server busy alone.
_MOST_AT_ONCE = 64
_CANCELLED = StatusDetails(type="cancelled", reason="client_cancelled")
_INTERRUPTED = StatusDetails(type="cancelled", reason="turn_detected")
_FULL = StatusDetails(type="incomplete", reason="max_output_tokens")


@dataclass(slots=True)
class _Running:
    """An answer, and the words that are needed before the brain can be asked for it.

    It `is_begun` once the brain was asked, and `is_asked` while the brain is at it.
    """

    answer: Answer
    needs: tuple[PartKey, ...]
    is_begun: bool = False
    is_asked: bool = False


class Answering:
    """Begins answers, feeds them, ends them. Times are Unix seconds."""

    def __init__(
        self,
        ids: Ids,
        history: History,
        configuration: Configuration,
        *,
        transcribing: Transcribing,
        idle: IdleTimer,
    ) -> None:
        self._ids = ids
        self._history = history
        self._configuration = configuration
        self._transcribing = transcribing
        self._idle = idle
        self._conversation_id = ids.next("conv")
        self._running: dict[str, _Running] = {}

    def create(self, config: ResponseConfig) -> list[ResponderEffect]:
        """Begins an answer. The brain is asked once everything in its context has words."""
        answer = Answer(self._question(config), self._ids, self._history)
        needs = answer.question.context.unheard()
        self._running[answer.question.response_id] = _Running(answer, tuple(needs))
        if not answer.is_beside:
            self._idle.stop()
        return [*_sent(answer.begin()), *self._transcribing.ask(needs), *self.resume()]

    def create_after_turn(self) -> list[ResponderEffect]:
        """Begins an answer to the user's turn, unless one is under way (the API gives none then either)."""
        is_possible = isinstance(self._configuration.session, RealtimeSession)
        is_free = self._conversations_own() is None and len(self._running) < _MOST_AT_ONCE
        return self.create(ResponseConfig()) if is_possible and is_free else []

    def resume(self) -> list[ResponderEffect]:
        """Asks the brain for the answers whose context has all of its words by now."""
        ready = [
            running
            for running in self._running.values()
            if not running.is_begun and not self._transcribing.lacks(running.needs)
        ]
        return [_asked(running) for running in ready]

    def cancel(self, event: client.ResponseCancel, now_s: float) -> list[ResponderEffect]:
        """Ends the named answer, or the conversation's."""
        running = self._running.get(event.response_id) if event.response_id else self._conversations_own()
        if running is None:
            named = f" with id '{event.response_id}'" if event.response_id else ""
            message = f"Cancellation failed: no active response found{named}"
            raise InvalidRequestError(message, code="response_cancel_not_active")
        return self._ended(running, now_s, "cancelled", _CANCELLED)

    def interrupt(self, now_s: float) -> list[ResponderEffect]:
        """Ends the conversation's answer, if there is one: the user speaks."""
        running = self._conversations_own()
        return self._ended(running, now_s, "cancelled", _INTERRUPTED) if running else []

    def take(self, response_id: str, part: AnswerPart, now_s: float) -> list[ResponderEffect]:
        """Continues an answer; nothing happens to one that is over."""
        running = self._running.get(response_id)
        if running is None:
            return []
        if isinstance(part, Fail):
            return self._ended(running, now_s, *_ending(part))
        answer = running.answer
        effects = _sent(_continued(answer, part, now_s))
        if answer.first_audio_s is not None:
            self._configuration.lock_voice(answer.question.settings.audio.voice)
        if answer.is_full:
            effects += self._ended(running, now_s, "incomplete", _FULL)
        return effects

    def finish(self, response_id: str, now_s: float) -> list[ResponderEffect]:
        """Completes an answer, unless it is over, waits for the user, or goes on with what it has learned."""
        running = self._running.get(response_id)
        if running is None:
            return []
        running.is_asked = False
        if running.answer.is_waiting:
            return []
        if running.answer.has_news:
            return _asked_again(running)
        return self._ended(running, now_s, "completed", None)

    def decide(self, response: McpApprovalResponse) -> list[ResponderEffect]:
        """Goes on with a call that waited for the user's verdict, or without it."""
        for running in self._running.values():
            events = running.answer.decide(
                response.approval_request_id or "", approves=bool(response.approve)
            )
            if events:
                goes_on = not running.is_asked and not running.answer.is_waiting
                return [*_sent(events), *(_asked_again(running) if goes_on else [])]
        return []

    def stop_all(self) -> list[ResponderEffect]:
        """Stops every brain without a word to the client."""
        asked = [response_id for response_id, running in self._running.items() if running.is_asked]
        self._running.clear()
        return [StopAnswer(response_id) for response_id in asked]

    def _ended(
        self, running: _Running, now_s: float, status: EndStatus, details: StatusDetails | None
    ) -> list[ResponderEffect]:
        answer, question = running.answer, running.answer.question
        response_id = question.response_id
        del self._running[response_id]
        if not answer.is_beside:
            self._idle.start(max(now_s, answer.audible_until_s))
        stopping: list[ResponderEffect] = [StopAnswer(response_id)] if running.is_asked else []
        return [
            *stopping,
            *_sent(answer.end(status, details)),
            *self._forget(answer.question.context.own_ids),
        ]

    def _forget(self, own_ids: Iterable[str]) -> list[ResponderEffect]:
        effects: list[ResponderEffect] = []
        for item_id in own_ids:
            effects += self._transcribing.forget(item_id)
            self._history.forget(item_id)
        return effects

    def _conversations_own(self) -> _Running | None:
        return next((each for each in self._running.values() if not each.answer.is_beside), None)

    def _question(self, config: ResponseConfig) -> Question:
        session = self._configuration.session
        if not isinstance(session, RealtimeSession):
            raise InvalidRequestError("Responses are not available in a transcription session.", param="type")
        self._check(config)
        context = context_for(config, self._history, self._configuration.encoding)
        return Question(
            response_id=self._ids.next("resp"),
            conversation_id=None if config.conversation == "none" else self._conversation_id,
            settings=settings_for(session, config),
            context=context,
        )

    def _check(self, config: ResponseConfig) -> None:
        self._configuration.check_audio(config.audio, path="response.audio")
        if config.conversation not in (None, "auto", "none"):
            raise not_one_of(config.conversation, ("auto", "none"), param="response.conversation")
        running = self._conversations_own()
        if running and config.conversation != "none":
            message = (
                "Conversation already has an active response in progress: "
                f"{running.answer.question.response_id}. "
                "Wait until the response is finished before creating a new one."
            )
            raise InvalidRequestError(message, code="conversation_already_has_active_response")
        if len(self._running) >= _MOST_AT_ONCE:
            message = f"Too many responses in progress: {_MOST_AT_ONCE}."
            raise InvalidRequestError(message, code="rate_limit_exceeded")


def _sent(events: Iterable[Event]) -> list[ResponderEffect]:
    return [Send(event) for event in events]


def _asked(running: _Running, prompt: Prompt | None = None) -> StartAnswer:
    running.is_begun = running.is_asked = True
    question = running.answer.question
    return StartAnswer(question.response_id, prompt or running.answer.prompt, question.settings.voice)


def _asked_again(running: _Running) -> list[ResponderEffect]:
    closing = _sent(running.answer.pause())
    return [*closing, _asked(running, running.answer.next_prompt)]


def _continued(answer: Answer, part: Say | Speech | Call | McpCall, now_s: float) -> list[Event]:
    match part:
        case Say():
            return answer.say(part.text)
        case Speech():
            return answer.sound(part.audio, now_s)
        case Call():
            return answer.call(part)
        case McpCall():
            return answer.call_mcp(part)
        case _:
            assert_never(part)


def _ending(failure: Fail) -> tuple[EndStatus, StatusDetails]:
    if failure.incomplete:
        return "incomplete", StatusDetails(type="incomplete", reason=failure.code)
    error = ErrorDetail(type="server_error", code=failure.code, message=failure.message)
    return "failed", StatusDetails(type="failed", error=error)
