"""What the keys mean: wishes of the user, as inputs of the session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from realtime_cli.core.inputs import (
    ApprovalGiven,
    CancelRequested,
    ListeningMode,
    LocalInput,
    MuteRequested,
    QuitRequested,
    TalkEnded,
    TalkStarted,
    ToolCancelRequested,
)
from realtime_cli.core.view import AudioView, CallState, SessionView
from realtime_cli.ui.commands.calls import awaiting_approval

# A second Ctrl-C within this time leaves.
DOUBLE_PRESS_S = 2.0
_UNDER_WAY: frozenset[CallState] = frozenset({"awaiting_approval", "running"})
# What is under way is among the last ones.
_WATCHED_CALLS, _WATCHED_ITEMS = 16, 64
# The space bar repeats faster than this while it is held down.
_REPEAT_S = 0.15


@dataclass(slots=True)
class Controls:
    """Knows how the session is used now, a little ahead of its view; posts what a key changes about it.

    Until a view has told what was posted of the talk key (`_is_told`), it is older than that.
    """

    post: Callable[[LocalInput], None]
    clock: Callable[[], float]
    audio: AudioView = field(default_factory=AudioView)
    is_connected: bool = False
    is_answering: bool = False
    runs_tools: bool = False
    approval_id: str = ""
    is_muted: bool = False
    is_push_to_talk: bool = False
    is_talking: bool = False
    _is_told: bool = True
    _is_unheard: bool = False
    _interrupted_at_s: float = float("-inf")
    _space_at_s: float = float("-inf")

    def saw(self, view: SessionView) -> None:
        """Learns what the session says of itself."""
        if view.audio is not self.audio and view.audio != self.audio:
            self.is_muted, self.is_push_to_talk = view.audio.is_muted, view.audio.is_push_to_talk
            self._is_told = self._is_told or view.audio.is_talking == self.is_talking
            if self._is_told:
                self.is_talking = view.audio.is_talking
        self.audio = view.audio
        self._is_unheard = view.connection == "reconnecting"
        if self._is_unheard:
            self.is_talking, self._is_told = False, True
        self.is_connected = view.connection in ("open", "reconnecting")
        self.runs_tools = any(call.state in _UNDER_WAY for call in view.calls[-_WATCHED_CALLS:])
        is_awaited = view.is_busy and not self.runs_tools
        is_coming = any(response.is_active for response in view.responses[-_WATCHED_CALLS:])
        self.is_answering = is_awaited or is_coming or view.audio.is_playing
        waiting = awaiting_approval(view, among=_WATCHED_ITEMS)
        self.approval_id = waiting[0].id if waiting else ""

    @property
    def space_talks(self) -> bool:
        """Whether the space bar is the talk key."""
        return self.is_push_to_talk and bool(self.audio.microphone)

    def interrupt(self, *, is_typing: bool = False) -> bool:
        """Ctrl-C: stops the answer, leaves when pressed twice or too early; False where it did nothing.

        While something is typed, the second one does nothing either: that is cleared first.
        """
        now_s = self.clock()
        is_second, self._interrupted_at_s = now_s - self._interrupted_at_s < DOUBLE_PRESS_S, now_s
        if not self.is_connected or (is_second and not is_typing):
            self.leave()
            return True
        return not is_second and self.cancel()

    def cancel(self) -> bool:
        """Stops the answer, or gives up what is being said, or else the tools: the first that there is."""
        if self.is_answering or self.is_talking:
            self.is_talking = self._is_told = False
            self.post(CancelRequested())
        elif self.runs_tools:
            self.post(ToolCancelRequested())
        else:
            return False
        return True

    @property
    def is_asked(self) -> bool:
        """Whether a call waits for the user's approval."""
        return bool(self.approval_id)

    def approve(self, *, approves: bool) -> None:
        """Answers the call that has waited longest for approval."""
        if self.approval_id:
            self.post(ApprovalGiven(self.approval_id, approves))
            self.approval_id = ""

    def leave(self) -> None:
        """Ends the session."""
        self.post(QuitRequested())

    def mute(self) -> None:
        """Mutes the microphone, or opens it again."""
        if self.audio.microphone:
            self.is_muted = not self.is_muted
            self.post(MuteRequested(self.is_muted))

    def change_mode(self) -> None:
        """Changes between push-to-talk and the open microphone."""
        if self.audio.microphone:
            self.release()
            self.is_push_to_talk = not self.is_push_to_talk
            self.post(ListeningMode(self.is_push_to_talk, half_duplex=self.audio.is_half_duplex))

    def space(self, *, is_held: bool) -> None:
        """The talk key went down; `is_held`: it talks until it comes up, and repeats mean nothing."""
        now_s = self.clock()
        is_repeated, self._space_at_s = now_s - self._space_at_s < _REPEAT_S, now_s
        if self.is_muted or self._is_unheard:
            return
        if not self.is_talking:
            if is_held or not is_repeated:
                self.is_talking, self._is_told = True, False
                self.post(TalkStarted())
        elif not (is_held or is_repeated):
            self.release()

    def release(self) -> None:
        """The talk key came up."""
        if self.is_talking:
            self.is_talking = self._is_told = False
            self.post(TalkEnded())
