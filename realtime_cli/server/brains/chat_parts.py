"""What a chat stream's deltas add up to: the spoken text, and whole function calls. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from realtime_cli.server.brains.port import AnswerPart, Call, Fail
from realtime_cli.server.brains.schema import as_object, as_sequence

_SURROGATE = re.compile("[\\ud800-\\udfff]")


class Speech:
    """Leaves out what stands between `<think>` and `</think>`, wherever the stream cuts the tags."""

    def __init__(self) -> None:
        self._held = ""
        self._thinking = False
        self._begun = False

    def feed(self, text: str) -> str:
        """What of the text is spoken, as far as it is certain."""
        spoken: list[str] = []
        rest = self._held + text
        while (at := rest.find(self._tag)) >= 0:
            spoken.append("" if self._thinking else rest[:at])
            rest = rest[at + len(self._tag) :]
            self._thinking = not self._thinking
        self._held = _tag_begun(rest, self._tag)
        spoken.append("" if self._thinking else rest[: len(rest) - len(self._held)])
        return self._begin("".join(spoken))

    def end(self) -> str:
        """The end of the text, if it only looked like the beginning of a tag."""
        return "" if self._thinking else self._begin(self._held)

    @property
    def _tag(self) -> str:
        return "</think>" if self._thinking else "<think>"

    def _begin(self, text: str) -> str:
        """The text without the empty lines that stand behind the thoughts and before the first word."""
        if not self._begun:
            text = text.lstrip()
            self._begun = bool(text)
        return text


def _tag_begun(text: str, tag: str) -> str:
    """The longest end of the text that is the beginning of a tag."""
    ends = (text[-length:] for length in range(len(tag) - 1, 0, -1))
    return next((end for end in ends if tag.startswith(end)), "")


@dataclass(slots=True)
class _Draft:
    """A call that is still being streamed."""

    call_id: str = ""
    name: str = ""
    arguments: str = ""


class Calls:
    """Puts the pieces of calls together by their index; some servers give all calls index 0, with new ids."""

    def __init__(self) -> None:
        self._drafts: list[_Draft] = []
        self._by_index: dict[int | None, _Draft] = {}

    def add(self, piece: Mapping[str, object]) -> None:
        """Adds a piece to the call that it belongs to."""
        index = piece.get("index")
        draft = self._draft(index if isinstance(index, int) else None, text_of(piece.get("id")))
        function = as_object(piece.get("function"))
        arguments = function.get("arguments")
        draft.name = draft.name or text_of(function.get("name"))
        draft.arguments += json.dumps(arguments) if isinstance(arguments, dict) else text_of(arguments)

    def whole(self) -> Iterator[AnswerPart]:
        """The finished calls in the order in which they began."""
        for draft in self._drafts:
            if not draft.name:
                yield Fail("server_error", "The chat server called a function without a name.")
                return
            yield Call(draft.name, draft.arguments or "{}")

    def _draft(self, index: int | None, call_id: str) -> _Draft:
        known = self._by_index.get(index)
        if known is None or (call_id and known.call_id and call_id != known.call_id):
            known = _Draft(call_id)
            self._drafts.append(known)
            self._by_index[index] = known
        known.call_id = known.call_id or call_id
        return known


def text_of(value: object) -> str:
    """The text of a string, or of a list of text parts (as Mistral's servers stream content)."""
    if isinstance(value, str):
        # Half of a surrogate pair cannot be encoded: one in an answer would break the connection.
        return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value)
    parts = (as_object(part).get("text") for part in as_sequence(value))
    return "".join(part for part in parts if isinstance(part, str))
