"""A Realtime server as a function: it repeats what the user said, word by word."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from typing import Any

GREETING = json.dumps({"type": "session.created", "session": {"type": "realtime", "id": "sess_1"}})


def frame(name: str, **fields: object) -> str:
    """A frame with an event of the type."""
    return json.dumps({"type": name, **fields})


def parsed(text: str) -> dict[str, Any]:
    """A frame's object; empty where it is none."""
    try:
        return dict(json.loads(text))
    except (ValueError, TypeError):
        return {}


class EchoServer:
    """Answers each frame of a client; for `MemoryTransport`. `tool` makes it call that function first."""

    def __init__(self, *, tool: str = "") -> None:
        self._tool = tool
        self._said = ""
        self._items: list[str] = []
        self._answers = 0

    def __call__(self, text: str) -> Iterator[str]:
        """The frames that answer a frame."""
        event = parsed(text)
        match event.get("type"):
            case "session.update":
                yield frame("session.updated", session={"id": "sess_1", **event["session"]})
            case "conversation.item.create":
                yield from self._take(event["item"])
            case "response.create":
                yield from self._answer()
            case other:
                yield frame("error", error={"message": f"no {other} here", "event_id": event.get("event_id")})

    def _take(self, item: dict[str, Any]) -> Iterator[str]:
        item = {"id": f"item_{len(self._items)}", "status": "completed", **item}
        if item.get("type") != "function_call":
            self._said = item["output"] if "output" in item else item["content"][0]["text"]
        yield from self._told("conversation.item.added", item)
        yield frame("conversation.item.done", item=item)

    def _told(self, name: str, item: dict[str, Any]) -> Iterator[str]:
        yield frame(name, item=item, previous_item_id=self._items[-1] if self._items else None)
        self._items.append(item["id"])

    def _answer(self) -> Iterator[str]:
        self._answers += 1
        response = {"id": f"resp_{self._answers}", "status": "in_progress", "conversation_id": "conv_1"}
        yield frame("response.created", response=response)
        if self._tool:
            item = yield from self._call(response["id"])
        else:
            item = yield from self._speech(response["id"])
        usage = {"total_tokens": 7, "input_tokens": 3, "output_tokens": 4}
        done = {**response, "status": "completed", "output": [item], "usage": usage}
        yield frame("response.done", response=done)

    def _call(self, response_id: str) -> Generator[str, None, dict[str, Any]]:
        item = {
            "id": f"call_item_{self._answers}",
            "type": "function_call",
            "name": self._tool,
            "call_id": f"call_{self._answers}",
            "arguments": json.dumps({"text": self._said}),
        }
        self._tool = ""
        place = {"response_id": response_id, "output_index": 0}
        yield frame(
            "response.output_item.added", **place, item={**item, "status": "in_progress", "arguments": ""}
        )
        yield from self._told("conversation.item.added", {**item, "status": "in_progress"})
        yield frame("response.output_item.done", **place, item={**item, "status": "completed"})
        return {**item, "status": "completed"}

    def _speech(self, response_id: str) -> Generator[str, None, dict[str, Any]]:
        item: dict[str, Any] = {
            "id": f"answer_{self._answers}",
            "type": "message",
            "role": "assistant",
            "content": [],
        }
        place = {"response_id": response_id, "item_id": item["id"], "output_index": 0, "content_index": 0}
        whole = f"You said: {self._said}"
        done = {**item, "status": "completed", "content": [{"type": "output_text", "text": whole}]}
        yield frame(
            "response.output_item.added", response_id=response_id, item={**item, "status": "in_progress"}
        )
        yield from self._told("conversation.item.added", {**item, "status": "in_progress"})
        for word in whole.split(" "):
            yield frame("response.output_text.delta", **place, delta=word if word == "You" else f" {word}")
        yield frame("response.output_text.done", **place, text=whole)
        yield frame("response.output_item.done", response_id=response_id, item=done)
        return done
