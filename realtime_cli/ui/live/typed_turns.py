"""The turns that the user types: told without waiting for the server, and not again when it confirms them."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from realtime_cli.core.view import ItemView


@dataclass(frozen=True, slots=True)
class _Typed:
    """A turn that is still to be told, behind the items that were there before."""

    text: str
    behind: Set[str]


class TypedTurns:
    """What was typed and is not told yet, and what was told and is not confirmed."""

    def __init__(self) -> None:
        self._waiting: list[_Typed] = []
        self._unconfirmed: list[str] = []
        self._confirmed: set[str] = set()

    @property
    def waiting(self) -> list[str]:
        """The turns that are still to be told."""
        return [typed.text for typed in self._waiting]

    def add(self, text: str, *, behind: Set[str]) -> None:
        """One more, to be told once these items are over."""
        self._waiting.append(_Typed(text, behind))

    def due(self, unfinished: Set[str], *, is_last: bool) -> list[str]:
        """The turns that stand behind nothing unfinished; from now on they are told."""
        texts = list[str]()
        while self._waiting and (is_last or not self._waiting[0].behind & unfinished):
            texts.append(self._waiting.pop(0).text)
        self._unconfirmed += texts
        return texts

    def were_told(self, item: ItemView) -> bool:
        """Whether the item is one of them that was told; one that was not is told as an item from now on."""
        if item.role != "user" or item.has_audio or item.id in self._confirmed:
            return False
        waiting = next((typed for typed in self._waiting if typed.text == item.text), None)
        if waiting is not None:
            self._confirmed.add(item.id)
            self._waiting.remove(waiting)
            return False
        if item.text not in self._unconfirmed:
            return False
        self._confirmed.add(item.id)
        self._unconfirmed.remove(item.text)
        return True
