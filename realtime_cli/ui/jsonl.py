"""The conversation for programs: one JSON object for each finished turn, notice, and the summary."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, TextIO

from realtime_cli.core.view import CallView, Marks, Notice, ResponseView, SessionView

_LATENCIES = ("committed", "response_created", "first_text", "first_audio", "done")


class JsonScreen:
    """Prints `{"type":"turn",...}` as each answer ends, and `{"type":"notice",...}` as each notice comes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._responses_shown = 0
        self._notices_shown = 0
        self._users_shown: set[str] = set()

    def update(self, view: SessionView) -> None:
        """Prints what is finished and new."""
        for notice in view.notices[self._notices_shown :]:
            self._print(notice_json(notice))
        self._notices_shown = len(view.notices)
        for response in view.responses[self._responses_shown :]:
            if response.is_active:
                break  # turns come out in the order in which they began
            self._responses_shown += 1
            self._print(self._turn(view, response))
        self._stream.flush()

    def close(self, view: SessionView) -> None:
        """Prints the rest."""
        self.update(view)

    def skip(self, view: SessionView) -> None:
        """Counts everything so far as shown."""
        self._notices_shown = len(view.notices)
        self._responses_shown = len(view.responses)
        self._users_shown.update(item.id for item in view.items if item.role == "user")

    def _print(self, value: dict[str, Any]) -> None:
        self._stream.write(json.dumps(value, ensure_ascii=self._is_narrow) + "\n")

    @property
    def _is_narrow(self) -> bool:
        return "utf" not in (self._stream.encoding or "").lower()

    def _turn(self, view: SessionView, response: ResponseView) -> dict[str, Any]:
        mine = [item for item in view.items if item.id in response.item_ids]
        return {
            "type": "turn",
            "response_id": response.id,
            "status": response.status,
            "why": response.why or None,
            "in_conversation": response.in_conversation,
            "user": self._user_words(view, response),
            "assistant": "\n".join(item.text for item in mine if item.text),
            "calls": [call_json(call) for call in view.calls if call.response_id == response.id],
            "usage": dataclasses.asdict(response.usage) if response.usage else None,
            "latency_ms": latency_json(response.marks),
            "metadata": dict(response.metadata) if response.metadata else None,
        }

    def _user_words(self, view: SessionView, response: ResponseView) -> str:
        words: list[str] = []
        for item in view.items:
            if item.id in response.item_ids:
                break
            if item.role == "user" and item.id not in self._users_shown:
                self._users_shown.add(item.id)
                words.append(item.text)
        return "\n".join(words)


def notice_json(notice: Notice) -> dict[str, Any]:
    """A notice as an object."""
    return {"type": "notice", **dataclasses.asdict(notice)}


def call_json(call: CallView) -> dict[str, Any]:
    """A function call as an object."""
    return {
        "call_id": call.call_id,
        "name": call.name,
        "arguments": call.arguments,
        "output": call.output or None,
    }


def latency_json(marks: Marks) -> dict[str, Any]:
    """Milliseconds from the end of the user's part to each step."""
    return {"origin": marks.origin, **{name: marks.since_start_ms(name) for name in _LATENCIES}}
