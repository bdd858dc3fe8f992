"""What a session does at this moment, in words: how the user is heard, what happens, how long it took."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import islice

from realtime_cli.core.latency import Latency, latency
from realtime_cli.core.reconnect import DELAYS_S
from realtime_cli.core.view import CallState, ResponseView, SessionView
from realtime_cli.ui.commands.calls import awaiting_approval

# A call that matters now is among the last ones, and so is an answer that was measured.
_RECENT, _AWAITED = 16, 64
_JUST_S = 0.001
_STYLES: Mapping[str, str] = {
    "connecting": "waiting",
    "reconnecting": "warning",
    "closed": "error",
    "user speaking": "user",
    "waiting for approval": "waiting",
    "speaking": "mark",
    "using a tool": "tool",
    "listening": "good",
}


def state_of(view: SessionView) -> str:
    """What happens now, in a word or two."""
    if view.connection != "open":
        return view.connection
    if view.user_speaking or view.audio.is_talking:
        return "user speaking"
    if awaiting_approval(view, among=_AWAITED):
        return "waiting for approval"
    return _answer_state(view) or _silence(view)


def state_style(state: str) -> str:
    """The style of a state's words."""
    return _STYLES.get(state, "info")


def mode_of(view: SessionView) -> tuple[str, str]:
    """How the user is heard, in words and in one word."""
    if not view.audio.microphone:
        return "text", "text"
    if view.audio.is_muted:
        return "muted", "muted"
    if view.audio.is_push_to_talk:
        return "push-to-talk", "ptt"
    if view.audio.is_half_duplex:
        return "half-duplex", "half-duplex"
    return "open microphone", "mic"


def retry_words(view: SessionView, *, now_s: float, calm: bool = False) -> str:
    """`connecting again in 3 s (2 of 5)`, of a lost connection; calm: without the seconds. Else empty."""
    retry = view.retry
    if retry is None:
        return ""
    number = retry.tries + (retry.at_s is not None)
    wait_s = math.ceil(_wait_s(view, now_s))
    after = f" in {wait_s} s" if wait_s and not calm else ""
    return f"connecting again{after} ({number} of {len(DELAYS_S)})"


def retry_changes_in_s(view: SessionView, *, now_s: float) -> float | None:
    """After how many seconds `retry_words` has other ones, where it counts; None where it does not."""
    wait_s = _wait_s(view, now_s)
    return wait_s - math.ceil(wait_s) + 1 + _JUST_S if wait_s else None


def last_wait(view: SessionView) -> Latency | None:
    """The last turn of which it is known how long its user waited."""
    answers = islice(reversed(view.responses), _RECENT)
    found = (latency(response) for response in answers if not _may_still_sound(view, response))
    return next((each for each in found if each is not None and each.awaited_ms is not None), None)


def _wait_s(view: SessionView, now_s: float) -> float:
    """How long until the next try to connect; nothing where one is under way, or due."""
    at_s = view.retry.at_s if view.retry is not None else None
    return 0.0 if at_s is None else max(0.0, at_s - max(now_s, view.now_s))


def _may_still_sound(view: SessionView, response: ResponseView) -> bool:
    return response.is_active and bool(view.audio.speaker) and response.marks.first_sound is None


def _answer_state(view: SessionView) -> str:
    """What the answer is about; empty where there is none."""
    if view.audio.is_playing:
        return "speaking"
    if _any_call(view, "running"):
        return "using a tool"
    if view.is_busy:
        return "writing" if _has_words(view) else "thinking"
    return ""


def _silence(view: SessionView) -> str:
    audio = view.audio
    hears = audio.is_listening and not (audio.is_push_to_talk or audio.is_muted)
    return "listening" if hears else "ready"


def _any_call(view: SessionView, state: CallState) -> bool:
    return any(call.state == state for call in view.calls[-_RECENT:])


def _has_words(view: SessionView) -> bool:
    return any(
        response.is_active and response.marks.first_text is not None for response in view.responses[-1:]
    )
