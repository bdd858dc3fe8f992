"""How much of an answer's words the user has heard."""

from __future__ import annotations

from realtime_cli.core.view import ItemView, SessionView

# Less than this is missing from an item that was heard to its end.
_TOLERANCE_MS = 1.0


def share_heard(view: SessionView, item: ItemView) -> float:
    """The part of the item's words that was heard, from 0 to 1; all of them where nothing sounds."""
    if item.truncated_ms is not None:
        return max(0.0, min(1.0, item.truncated_ms / item.audio_ms)) if item.audio_ms else 1.0
    if not _is_unheard(view, item):
        return 1.0
    return (item.heard_ms or 0.0) / item.audio_ms if item.audio_ms else 0.0


def is_sounding(view: SessionView, item: ItemView) -> bool:
    """Whether there is speech of the item that will still be heard."""
    return view.audio.is_playing and item.audio_ms > 0 and _is_unheard(view, item)


def cut_ms(view: SessionView, item: ItemView) -> float | None:
    """Where the item's speech was cut off, as far as that is known."""
    if item.truncated_ms is not None:
        return item.truncated_ms
    is_cut = item.audio_ms > 0 and _is_unheard(view, item) and not view.audio.is_playing
    return item.heard_ms or 0.0 if is_cut else None


def _is_unheard(view: SessionView, item: ItemView) -> bool:
    if not (item.has_audio and view.audio.speaker) or item.truncated_ms is not None:
        return False
    return item.audio_ms == 0 or (item.heard_ms or 0.0) < item.audio_ms - _TOLERANCE_MS
