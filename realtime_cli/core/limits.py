"""The limits of a session: when it ends by itself, and what is said before.

The user's own limits, of time and of money, end it politely: from then on nothing new is said, the answer
that is running may end, though not for ever, and then we leave. The service's limit is only told in time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from . import interruption, reconnect
from .state import SessionState
from .words import dollars, duration, money

# The code of notices about limits.
LIMIT_CODE = "limit"
# A limit is told of when so much of it is used up.
WARNING_SHARE = 0.8
# How long the last answer may take, and how long its cancellation.
LAST_ANSWER_S = 30.0
LAST_CANCEL_S = 3.0
_SERVER_WARNINGS_S = (300.0, 60.0)


class _Moment(NamedTuple):
    """When something about a limit is to be said, once, and in what words; `is_end`: it is reached."""

    at_s: float
    mark: str
    words: Callable[[], str]
    is_end: bool = False


# Once one of the user's limits is reached, nothing more is said of them.
_USERS_MARKS = frozenset({"time is near", "time is up", "money is near", "money is spent"})


def deadline(state: SessionState) -> float | None:
    """When `check` wants to look again, in session seconds."""
    if not _is_running(state):
        return None
    due = [at_s for at_s in (_next_s(state), state.ending.patience_ends_s) if at_s is not None]
    return min(due, default=None)


def check(state: SessionState, now: float) -> None:
    """Says once that a limit is near, or reached; then ends the session as soon as the answer is over."""
    if _is_running(state):
        _keep(state, now)
    if state.connection == "closed" and state.closed_s is None:
        state.closed_s = now


def _is_running(state: SessionState) -> bool:
    """Whether time counts: between two connections it does as well."""
    return state.connection in {"open", "reconnecting"} and not state.ending.has_left


def _keep(state: SessionState, now: float) -> None:
    _say_what_is_unchecked(state, now)
    next_s = _next_s(state)
    if next_s is not None and next_s <= now:
        _say_what_is_due(state, now)
    if state.ending.patience_ends_s is not None:
        _wind_down(state, now, patience_ends_s=state.ending.patience_ends_s)


def _say_what_is_due(state: SessionState, now: float) -> None:
    for moment in sorted(_moments(state), key=lambda each: not each.is_end):
        if moment.at_s <= now and moment.mark not in state.ending.said:
            _say(state, moment, now)


def _next_s(state: SessionState) -> float | None:
    """When there is something to say next; looked up only after a change, since every event asks for it."""
    ending = state.ending
    basis = (state.config, state.spending.told, state.since_s, state.connection, len(ending.said))
    if basis != ending.basis:
        ending.next_s = min((moment.at_s for moment in _moments(state)), default=None)
    ending.basis = basis  # the same objects are the quickest to compare
    return ending.next_s


def _moments(state: SessionState) -> list[_Moment]:
    """What is still to be said; without a connection nothing is spent, and no server ends it."""
    opened_s = state.opened_s or 0.0
    every = [*_of_time(state, opened_s)]
    if state.connection == "open":
        every += [*_of_money(state, opened_s + state.away_s), *_of_server(state)]
    return [moment for moment in every if moment.mark not in state.ending.said]


def _of_time(state: SessionState, opened_s: float) -> Iterator[_Moment]:
    limit_s = state.terms.max_s
    if limit_s is not None:
        near_s, end_s = opened_s + limit_s * WARNING_SHARE, opened_s + limit_s
        yield _Moment(near_s, "time is near", partial(_time_near, limit_s))
        yield _Moment(end_s, "time is up", partial(_end_words, state, _time_option(limit_s)), is_end=True)


def _of_money(state: SessionState, opened_s: float) -> Iterator[_Moment]:
    limit = state.terms.max_usd
    if limit is None:
        return
    near_s = state.spending.reaches_at(limit * WARNING_SHARE, opened_s=opened_s)
    if near_s is not None:
        yield _Moment(near_s, "money is near", partial(_money_near, state, limit))
    end_s = state.spending.reaches_at(limit, opened_s=opened_s)
    if end_s is not None:
        yield _Moment(end_s, "money is spent", partial(_end_words, state, _money_option(limit)), is_end=True)


def _of_server(state: SessionState) -> Iterator[_Moment]:
    """Every connection has an end of its own."""
    if state.ends_s is None:
        return
    for before_s in _SERVER_WARNINGS_S:
        if state.ends_s - before_s > state.since_s:
            words, mark = partial(_server_near, before_s), f"server's end {state.since_s:g} in {before_s:g} s"
            yield _Moment(state.ends_s - before_s, mark, words)


def _time_option(limit_s: float) -> str:
    return f"--max-minutes {limit_s / 60:g}"


def _money_option(limit: float) -> str:
    return f"--max-cost {limit:g}"


def _time_near(limit_s: float) -> str:
    return f"{_time_option(limit_s)}: the session ends in {duration(limit_s * (1 - WARNING_SHARE))}"


def _money_near(state: SessionState, limit: float) -> str:
    return f"{_money_option(limit)}: {money(state.cost)} of {dollars(limit)} spent"


def _server_near(before_s: float) -> str:
    return f"the server ends this session in {duration(before_s)}"


def _end_words(state: SessionState, option: str) -> str:
    return f"{option} is reached: no new answers; {money(state.cost)} spent in {duration(state.connected_s)}"


def _say(state: SessionState, moment: _Moment, now: float) -> None:
    state.ending.said.add(moment.mark)
    state.notice(now, "warning", moment.words(), code=LIMIT_CODE)
    if moment.is_end:
        state.ending.said |= _USERS_MARKS
        state.ending.patience_ends_s = now + LAST_ANSWER_S
        state.comeback.retry_s = None
        state.gate.stop_talking()
        state.gate.is_listening, state.gate.has_ended = False, True


def _say_what_is_unchecked(state: SessionState, now: float) -> None:
    """Tells once that a limit of money cannot be kept, since costs are not known."""
    limit, spending = state.terms.max_usd, state.spending
    if limit is None or "unchecked" in state.ending.said:
        return
    model = state.config.get("model")
    has_no_price = bool(model) and not spending.is_priced
    if not has_no_price and spending.told.certainty != "unknown":
        return
    state.ending.said.add("unchecked")
    what = "what the server bills" if spending.is_priced else f"the price of {model or 'the model'}"
    hint = "limit the time with --max-minutes, or give prices with --prices FILE"
    text = f"{_money_option(limit)} cannot be kept: {what} is not known"
    state.notice(now, "warning", text, hint=hint, code=LIMIT_CODE)


def _wind_down(state: SessionState, now: float, *, patience_ends_s: float) -> None:
    """Drops what would need a new answer; leaves when the last one is over, or has had its time."""
    ending = state.ending
    if state.outbox or state.calls.any_due:
        state.outbox.clear()
        state.calls.drop_due()
        state.notice(now, "warning", "not sent: the session is ending", code=LIMIT_CODE)
    state.responses.forget_waiting()
    is_late = now >= patience_ends_s
    if not _is_answering(state) or (is_late and ending.is_cut):
        ending.has_left = True
        reconnect.leave(state, now)
    elif is_late:
        ending.is_cut, ending.patience_ends_s = True, now + LAST_CANCEL_S
        text = f"the last answer took more than {duration(LAST_ANSWER_S)}: it is stopped"
        state.notice(now, "info", text, code=LIMIT_CODE)
        interruption.cancel(state, now)


def _is_answering(state: SessionState) -> bool:
    playback = state.playback
    return state.responses.is_busy or playback.is_playing or playback.is_stopping
