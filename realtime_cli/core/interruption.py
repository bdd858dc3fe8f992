"""Interruptions: silence first, then the wire; and the server's memory is cut to what was heard."""

from __future__ import annotations

from realtime_cli.protocol.client_events import ConversationItemTruncate
from realtime_cli.protocol.jsontypes import at, is_array

from .effects import StopPlayback
from .response_state import ResponseState
from .sending import send
from .state import SessionState
from .view import UNNAMED


def speech_started(state: SessionState, now: float) -> None:
    """The user begins to speak. The server cancels its answer by itself, unless it was told not to."""
    state.user_speaking = True
    if at(state.config, "audio", "input", "turn_detection", "interrupt_response") is False:
        return
    active = state.responses.active
    if active is not None and active.is_outlived:
        # A whole turn has passed since its interruption, and it has not ended: it never will.
        close_orphan(state, active, now)
    stop_speech(state, now)


def stop_speech(state: SessionState, now: float) -> None:
    """Stops what plays, and keeps silent about what still comes of the answer."""
    if state.responses.active is not None:
        state.responses.active.is_silenced = True
    if state.playback.stop(now):
        state.effects.append(StopPlayback())


def cancel(state: SessionState, now: float) -> None:
    """The user wants silence, and no more of the answer."""
    request = state.responses.cancel()
    stop_speech(state, now)
    if request is not None:
        send(state, request, now)


def make_way(state: SessionState, now: float) -> None:
    """The user takes the turn by typing or by a key: an answer that is being spoken gives way."""
    may_interrupt = state.may_speak or state.is_between
    if not may_interrupt or not state.playback.speaker:
        return
    is_coming = state.responses.is_answering and not state.responses.is_stopped and _is_spoken(state)
    if is_coming:
        cancel(state, now)
    elif state.playback.is_playing:
        stop_speech(state, now)


def playback_stopped(state: SessionState, now: float) -> None:
    """The speaker is silent: the server hears what of its speech was heard, then what waited goes on."""
    cuts, held = state.playback.stopped(now)
    _truncate(state, cuts, now)
    state.effects += held


def answer_ended(state: SessionState, response: ResponseState, now: float) -> None:
    """An answer is over, one way or the other. One that comes back cancelled was interrupted."""
    playback = state.playback
    was_silenced = response.is_silenced
    response.is_silenced = was_silenced or response.status == "cancelled"
    finished = playback.end(response)
    if response.is_silenced and not was_silenced and playback.plays(response):
        stop_speech(state, now)
    else:
        state.effects += finished
    _truncate(state, playback.cut_silenced(response), now)


def close_orphan(state: SessionState, orphan: ResponseState, now: float) -> None:
    """The server never ended an answer, and never will."""
    state.responses.give_up(orphan, now)
    state.items.end(orphan.item_ids, orphan.status)
    answer_ended(state, orphan, now)


def _truncate(state: SessionState, cuts: list[ConversationItemTruncate], now: float) -> None:
    for cut in cuts:
        # Items that are gone, or that only we have a name for, cannot be cut.
        item = state.items.get(cut.item_id)
        if item is None:
            continue
        if state.is_between or item.is_restored or not item.in_conversation:
            # Its session is over: in the new one there is no speech of it.
            state.items.touch(cut.item_id).truncated_ms = cut.audio_end_ms
        elif not cut.item_id.startswith(UNNAMED):
            send(state, cut, now)


def _is_spoken(state: SessionState) -> bool:
    active = state.responses.active
    if active is not None and active.modalities:
        return "audio" in active.modalities
    modalities = at(state.config, "output_modalities")
    return not is_array(modalities) or "audio" in modalities
