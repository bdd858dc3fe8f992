"""A responder to play with: the client's events go in as JSON, the server's come out as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from realtime_cli.core.answers import AnswerPart, Prompt, Say
from realtime_cli.core.responder import (
    AnswerFinished,
    AnswerPartReady,
    Close,
    Responder,
    ResponderConfig,
    ResponderEffect,
    ResponderInput,
    Send,
    StartAnswer,
    StopAnswer,
)
from realtime_cli.protocol.codec import decode_client, encode

NOW_S = 1_800_000_000.0
Json = dict[str, Any]


class Play:
    """One connection, already greeted. Everything that was sent stays in `sent`."""

    def __init__(self, **config: Any) -> None:
        self.responder = Responder(ResponderConfig(**{"seed": "t", **config}))
        self.sent: list[Json] = []
        self.asked: list[StartAnswer] = []
        self.stopped: list[str] = []
        self.closed: Close | None = None
        self.greeting = self._note(self.responder.connected(NOW_S))[0]

    def say(self, type_: str, **fields: Any) -> list[Json]:
        """The client sends an event; what the server sends back."""
        return self.send_frame(json.dumps({"type": type_, **fields}))

    def send_frame(self, frame: str | bytes) -> list[Json]:
        """The client sends a frame; what the server sends back."""
        return self.receive(decode_client(frame))

    def receive(self, happened: ResponderInput, *, now_s: float = NOW_S) -> list[Json]:
        """Anything happens; what the server sends back."""
        return self._note(self.responder.receive(happened, now_s))

    def update(self, **session: Any) -> list[Json]:
        """A `session.update` of a conversation."""
        return self.say("session.update", session={"type": "realtime", **session})

    def add(self, text: str, **fields: Any) -> str:
        """Puts a user's message into the conversation, and tells its id."""
        item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
        added = self.say("conversation.item.create", item={**item, **fields})[0]
        return str(added["item"]["id"])

    def ask(self, **response: Any) -> str:
        """A `response.create`; the id of the response that begins."""
        created = self.say("response.create", response=response)[0]
        assert created["type"] == "response.created", created
        return str(created["response"]["id"])

    def answer(self, response_id: str, *parts: AnswerPart) -> list[Json]:
        """The brain says all that it has to say."""
        sent = [event for part in parts for event in self.receive(AnswerPartReady(response_id, part))]
        return sent + self.receive(AnswerFinished(response_id))

    def exchange(self, text: str = "Hello there!", **response: Any) -> Json:
        """A whole answer; the response as `response.done` shows it."""
        events = self.answer(self.ask(**response), Say(text))
        return next(event["response"] for event in events if event["type"] == "response.done")

    @property
    def prompt(self) -> Prompt:
        """What the brain was asked last."""
        return self.asked[-1].prompt

    def _note(self, effects: Iterable[ResponderEffect]) -> list[Json]:
        sent: list[Json] = []
        for effect in effects:
            match effect:
                case Send():
                    sent.append(json.loads(encode(effect.event) or ""))
                case StartAnswer():
                    self.asked.append(effect)
                case StopAnswer():
                    self.stopped.append(effect.response_id)
                case Close():
                    self.closed = effect
        self.sent += sent
        return sent


def types(events: Iterable[Json]) -> list[str]:
    """The events' types, in order."""
    return [event["type"] for event in events]


def only_error(events: list[Json]) -> Json:
    """The error that is the whole reply."""
    assert types(events) == ["error"]
    error: Json = events[0]["error"]
    assert error["type"] == "invalid_request_error"
    assert error["message"]
    return error
