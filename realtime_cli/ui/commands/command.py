"""What a command is, and what it offers while it is being typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from realtime_cli.core.view import SessionView

from .desk import Desk
from .words import Line


@dataclass(frozen=True, slots=True)
class Typed:
    """A command's words so far, the one that is being typed, and the session."""

    before: tuple[str, ...]
    word: str
    view: SessionView

    @property
    def count(self) -> int:
        """How many words are there already."""
        return len(self.before)


@dataclass(frozen=True, slots=True)
class Offer:
    """A word that may be meant.

    `goes_on`: no space follows, as after a folder. `is_raw`: it is written as it is, without quotes.
    `shown` is what stands for it in a menu.
    """

    text: str
    summary: str = ""
    goes_on: bool = False
    is_raw: bool = False
    shown: str = ""


Offers: TypeAlias = Callable[[Typed], Iterable[Offer]]


def nothing(_: Typed) -> Iterable[Offer]:
    """Offers nothing."""
    return ()


Inside: TypeAlias = Callable[[str, SessionView], tuple[int, Iterable[Offer]] | None]


def nowhere(_: str, __: SessionView) -> None:
    """All words are words of a shell."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `usage` names what follows; `more` are lines that `/help NAME` shows besides.

    Where `can_insist`, the name may be followed by `!`. `inside` knows what may stand at the end of words
    that are no words of a shell, and where that begins.
    """

    name: str
    usage: str
    summary: str
    run: Callable[[Desk, Line], None]
    offers: Offers = nothing
    aliases: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    can_insist: bool = False
    inside: Inside = nowhere

    @property
    def takes_words(self) -> bool:
        """Whether anything may follow the name."""
        return bool(self.usage)


@dataclass(frozen=True, slots=True)
class Group:
    """Commands under one heading."""

    title: str
    commands: tuple[Command, ...]
