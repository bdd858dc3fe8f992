"""The answers in progress: one of the conversation at most, and others beside it."""

from __future__ import annotations

from collections.abc import Iterable

from realtime_cli.core.answers import AnswerPart, Call, Fail, Say
from realtime_cli.protocol import client_events as client
from realtime_cli.protocol.base import Event
from realtime_cli.protocol.session import ErrorDetail, RealtimeSession, ResponseConfig, StatusDetails

from .answer import Answer, EndStatus, Question
from .client_items import resolved
from .configuration import Configuration
from .history import Entry, History, Item
from .ids import Ids
from .messages import ResponderEffect, Send, StartAnswer, StopAnswer
from .prompts import prompt_for, settings_for
from .refusal import InvalidRequestError, not_one_of

# Far more than a client needs, and few enough that one client cannot keep the server busy alone.
_MOST_AT_ONCE = 64
_CANCELLED = StatusDetails(type="cancelled", reason="client_cancelled")
_FULL = StatusDetails(type="incomplete", reason="max_output_tokens")


class Answering:
    """Begins answers, feeds them, ends them."""

    def __init__(
        self, ids: Ids, history: History, configuration: Configuration, *, conversation_id: str
    ) -> None:
        self._ids = ids
        self._history = history
        self._configuration = configuration
        self._conversation_id = conversation_id
        self._answers: dict[str, Answer] = {}

    def create(self, event: client.ResponseCreate) -> list[ResponderEffect]:
        """Begins an answer."""
        config = event.response or ResponseConfig()
        answer = Answer(self._question(config), self._ids, self._history)
        question = answer.question
        self._answers[question.response_id] = answer
        return [*_sent(answer.begin()), StartAnswer(question.response_id, question.prompt)]

    def cancel(self, event: client.ResponseCancel) -> list[ResponderEffect]:
        """Ends the named answer, or the conversation's."""
        answer = self._answers.get(event.response_id) if event.response_id else self._conversations_own()
        if answer is None:
            named = f" with id '{event.response_id}'" if event.response_id else ""
            message = f"Cancellation failed: no active response found{named}"
            raise InvalidRequestError(message, code="response_cancel_not_active")
        return self._stopped(answer, "cancelled", _CANCELLED)

    def take(self, response_id: str, part: AnswerPart) -> list[ResponderEffect]:
        """Continues an answer; nothing happens to one that is over."""
        answer = self._answers.get(response_id)
        if answer is None:
            return []
        if isinstance(part, Fail):
            return self._stopped(answer, *_ending(part))
        effects = _sent(_continued(answer, part))
        if answer.has_spoken:
            self._configuration.lock_voice()
        if answer.is_full:
            effects += self._stopped(answer, "incomplete", _FULL)
        return effects

    def finish(self, response_id: str) -> list[ResponderEffect]:
        """Completes an answer, unless it is over."""
        answer = self._answers.pop(response_id, None)
        return _sent(answer.end("completed")) if answer else []

    def stop_all(self) -> list[ResponderEffect]:
        """Stops every brain without a word to the client."""
        running = list(self._answers)
        self._answers.clear()
        return [StopAnswer(response_id) for response_id in running]

    def _stopped(self, answer: Answer, status: EndStatus, details: StatusDetails) -> list[ResponderEffect]:
        response_id = answer.question.response_id
        del self._answers[response_id]
        return [StopAnswer(response_id), *_sent(answer.end(status, details))]

    def _conversations_own(self) -> Answer | None:
        return next((answer for answer in self._answers.values() if not answer.is_beside), None)

    def _question(self, config: ResponseConfig) -> Question:
        session = self._configuration.session
        if not isinstance(session, RealtimeSession):
            raise InvalidRequestError("Responses are not available in a transcription session.", param="type")
        self._check(config)
        settings = settings_for(session, config)
        entries = self._context(config)
        return Question(
            response_id=self._ids.next("resp"),
            conversation_id=None if config.conversation == "none" else self._conversation_id,
            settings=settings,
            prompt=prompt_for(settings, (entry.item for entry in entries)),
            input_audio_ms=sum(entry.audio_ms for entry in entries),
        )

    def _check(self, config: ResponseConfig) -> None:
        self._configuration.check_audio(config.audio, path="response.audio")
        if config.conversation not in (None, "auto", "none"):
            raise not_one_of(config.conversation, ("auto", "none"), param="response.conversation")
        running = self._conversations_own()
        if running and config.conversation != "none":
            message = (
                f"Conversation already has an active response in progress: {running.question.response_id}. "
                "Wait until the response is finished before creating a new one."
            )
            raise InvalidRequestError(message, code="conversation_already_has_active_response")
        if len(self._answers) >= _MOST_AT_ONCE:
            message = f"Too many responses in progress: {_MOST_AT_ONCE}."
            raise InvalidRequestError(message, code="rate_limit_exceeded")

    def _context(self, config: ResponseConfig) -> list[Entry]:
        if config.input is None:
            return [entry for entry in self._history if not _is_unfinished(entry.item)]
        format_ = self._configuration.input_format
        return [
            resolved(item, self._history, format_, param=f"response.input[{index}]")
            for index, item in enumerate(config.input)
        ]


def _sent(events: Iterable[Event]) -> list[ResponderEffect]:
    return [Send(event) for event in events]


def _continued(answer: Answer, part: Say | Call) -> list[Event]:
    return answer.say(part.text) if isinstance(part, Say) else answer.call(part)


def _is_unfinished(item: Item) -> bool:
    return item.status == "in_progress"


def _ending(failure: Fail) -> tuple[EndStatus, StatusDetails]:
    if failure.incomplete:
        return "incomplete", StatusDetails(type="incomplete", reason=failure.code)
    error = ErrorDetail(type="server_error", code=failure.code, message=failure.message)
    return "failed", StatusDetails(type="failed", error=error)
