"""A test as a dialogue: `play(session, when(what_happens), then(what_it_does), ...)`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TypeAlias

from realtime_cli.core.effects import Effect, SendEvent
from realtime_cli.core.inputs import SessionInput
from realtime_cli.core.session import Session
from realtime_cli.core.view import SessionView


@dataclass(frozen=True, slots=True)
class When:
    """Something happens, at a session time in seconds; without one, at the time of the step before."""

    happened: SessionInput
    at: float | None


@dataclass(frozen=True, slots=True)
class Then:
    """All that the session does about it; the ids of its events do not matter."""

    effects: tuple[Effect, ...]


Step: TypeAlias = When | Then


def when(happened: SessionInput, *, at: float | None = None) -> When:
    """Something happens."""
    return When(happened, at)


def then(*effects: Effect) -> Then:
    """The session does exactly this; without a `then` it must do nothing."""
    return Then(effects)


def play(session: Session, *steps: Step) -> SessionView:
    """Plays the steps from 0 s on and gives the view at the end. Fails where an effect is amiss."""
    now = 0.0
    for number, step in enumerate(steps):
        if isinstance(step, Then):
            continue
        now = now if step.at is None else step.at
        following = steps[number + 1] if number + 1 < len(steps) else None
        expected = following.effects if isinstance(following, Then) else ()
        done = session.receive(step.happened, now)
        assert _without_ids(done) == _without_ids(expected), f"step {number}, after {step.happened}"
    return session.view()


def listen(session: Session, *happened: SessionInput) -> SessionView:
    """Gives inputs to a session, whatever it does about them, and gives the view at the end."""
    for each in happened:
        session.receive(each, 0.0)
    return session.view()


def _without_ids(effects: tuple[Effect, ...] | list[Effect]) -> list[object]:
    return [_plain(effect) for effect in effects]


def _plain(effect: Effect) -> object:
    if not isinstance(effect, SendEvent):
        return effect
    if effect.raw is not None:
        return effect.raw
    return {**json.loads(effect.event.to_json()), "event_id": None}
