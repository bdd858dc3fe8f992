"""What the user has heard of the answers' speech: received, played, heard, and cut at an interruption.

Everything is kept by item and content part: one response may speak in several items.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import takewhile
from math import floor

from realtime_cli.protocol.client_events import ConversationItemTruncate
from realtime_cli.protocol.encoding import Encoding

from .effects import Effect, FinishAudio, PlayAudio
from .part_id import PartId
from .response_state import ResponseState

# A speaker that does not say within this time where it stopped is not waited for.
STOP_TIMEOUT_S = 0.5
# A speaker that is lost (a cable, a headset's radio) may come back within this time and go on.
LOST_TIMEOUT_S = 10.0
# More speech than this, unheard, is no answer to anybody, and would fill the memory.
LONGEST_QUEUE_MS = 60 * 60_000
# Echo lingers in a room after the speaker has fallen silent.
ECHO_TAIL_S = 0.2
# The API counts whole milliseconds: less than one that is missing is nothing that could be cut.
_TO_THE_END_MS = 1.0


@dataclass(slots=True)
class SpokenPart:
    """The speech of one part. `is_skipped`: some of it came while it could not be played."""

    id: PartId
    response: ResponseState
    encoding: Encoding
    received_bytes: int = 0
    played_bytes: int = 0
    heard_ms: float = 0.0
    is_finished: bool = False
    is_skipped: bool = False
    is_cut: bool = False
    _rest: bytes = b""

    @property
    def received_ms(self) -> float:
        """How much of it the server has sent."""
        return self.encoding.ms(self.received_bytes)

    @property
    def is_heard(self) -> bool:
        """Whether the user has heard it to its end."""
        return self.is_finished and self.unheard_ms < _TO_THE_END_MS

    @property
    def unheard_ms(self) -> float:
        """How much of it is to be heard still."""
        playable_bytes = self.played_bytes if self.is_skipped else self.received_bytes
        return self.encoding.ms(playable_bytes) - self.heard_ms

    @property
    def is_settled(self) -> bool:
        """Whether nothing depends on it any more, not even half a sample."""
        return self.response.is_over and not self._rest

    @property
    def is_to_cut(self) -> bool:
        """Whether the server believes that the user has heard more than that.

        It believes so of all speech that it has sent: what nobody heard a sample of is cut at 0. Before any
        has come there is nothing to cut, and the API would refuse it.
        """
        return self.received_bytes > 0 and not (self.is_heard or self.is_cut or self.is_skipped)

    def take(self, audio: bytes) -> bytes:
        """More of it; gives the whole samples, since servers may cut between two deltas within one."""
        audio = self._rest + audio
        size = len(audio) - len(audio) % self.encoding.sample_bytes
        self.received_bytes += size
        self._rest = audio[size:]
        return audio[:size]

    def hear(self, heard_ms: float) -> None:
        """So much was played, says the speaker; more than was played is not possible."""
        self.heard_ms = max(self.heard_ms, min(heard_ms, self.encoding.ms(self.played_bytes)))

    def cut(self) -> ConversationItemTruncate:
        """The event that tells the server how much of it was heard; there is one for each part."""
        self.is_cut = True
        return ConversationItemTruncate(
            item_id=self.id.item_id,
            content_index=self.id.content_index,
            audio_end_ms=min(floor(self.heard_ms), floor(self.received_ms)),
        )


@dataclass(slots=True)
class Playback:
    """All speech of the conversation, in the order in which it is played.

    `speaker` is None before anybody said that there is sound at all, and empty where nothing plays; what
    it plays sounds `delay_s` later. One that is lost keeps what it has to play until `lost_deadline`.
    Between `stop` and `stopped` nothing new is played: it waits for its turn.
    """

    speaker: str | None = None
    stop_deadline: float | None = None
    lost_deadline: float | None = None
    delay_s: float = 0.0
    _parts: dict[PartId, SpokenPart] = field(default_factory=dict[PartId, SpokenPart])
    _unheard: dict[PartId, SpokenPart] = field(default_factory=dict[PartId, SpokenPart])
    _stopping: dict[PartId, SpokenPart] = field(default_factory=dict[PartId, SpokenPart])
    _held: list[Effect] = field(default_factory=list[Effect])
    _quiet_at: float = float("-inf")

    @property
    def is_stopping(self) -> bool:
        """Whether the speaker still has to say where it stopped."""
        return self.stop_deadline is not None

    def answers_stop(self, part_id: PartId) -> bool:
        """Whether a speaker that stopped there, or nowhere, means the last stop: not one before it."""
        return self.is_stopping and (not part_id.item_id or part_id in self._stopping)

    @property
    def is_playing(self) -> bool:
        """Whether there is speech that the user has not heard to its end."""
        return bool(self._unheard)

    @property
    def is_full(self) -> bool:
        """Whether so much is queued that nothing more is taken."""
        return sum(part.unheard_ms for part in self._unheard.values()) >= LONGEST_QUEUE_MS

    def sounds(self, now: float) -> bool:
        """Whether a microphone could hear the speaker, or the room's echo of it."""
        return self.is_playing or self.is_stopping or now < self._quiet_at

    def plays(self, response: ResponseState) -> bool:
        """Whether an answer has speech that was not heard to its end."""
        return any(part.response is response for part in self._unheard.values())

    def receive(
        self, part_id: PartId, audio: bytes, *, response: ResponseState, encoding: Encoding
    ) -> list[Effect]:
        """More speech of a part; it is played, unless its answer was interrupted.

        What comes behind the end of its part, or of its answer, is the end again.
        """
        part = self._parts.get(part_id)
        if part is None:
            part = self._parts[part_id] = SpokenPart(part_id, response, encoding)
        audio = part.take(audio)
        part.is_skipped = part.is_skipped or response.is_endless or not self.speaker
        if not audio or response.is_silenced or part.is_skipped:
            return []
        part.played_bytes += len(audio)
        self._unheard[part_id] = part
        play = self._in_turn(PlayAudio(*part_id, audio, part.encoding))
        part.is_finished = part.is_finished or response.status != "in_progress"
        return [*play, *self._in_turn(FinishAudio(*part_id))] if part.is_finished else play

    def finish(self, part_id: PartId) -> list[Effect]:
        """No more speech of a part will come."""
        part = self._parts.get(part_id)
        if part is None or part.is_finished:
            return []
        part.is_finished = True
        if part_id not in self._unheard:
            return []
        self._settle(part)
        return self._in_turn(FinishAudio(*part_id))

    def end(self, response: ResponseState) -> list[Effect]:
        """No more speech of an answer will come."""
        mine = [part for part in self._parts.values() if part.response is response]
        return [effect for part in mine for effect in self.finish(part.id)]

    def cut_silenced(self, response: ResponseState) -> list[ConversationItemTruncate]:
        """What the server has to be told of speech that came after the interruption, and was not played."""
        mine = {id_: part for id_, part in self._parts.items() if part.response is response}
        rest = {id_: part for id_, part in mine.items() if part.is_to_cut} if response.is_silenced else {}
        if self.is_stopping:
            self._stopping |= rest
            rest = {}
        cuts = [part.cut() for part in rest.values()]
        self._forget(mine.values())
        return cuts

    def progress(self, part_id: PartId, heard_ms: float, *, now: float, delay_s: float) -> list[SpokenPart]:
        """The speaker has played so much of a part; gives the parts that were heard, this one last."""
        part = self._parts.get(part_id)
        if part is None or part.is_cut or not part.played_bytes or not heard_ms >= 0:  # NaN
            return []
        self.delay_s = delay_s
        self._quiet_at = now + delay_s + ECHO_TAIL_S
        before = self._queued_before(part)
        for earlier in before:  # they have been played
            earlier.hear(float("inf"))
            self._settle(earlier)
        part.hear(heard_ms)
        self._settle(part)
        self._forget([*before, part])
        return [*before, part]

    def stop(self, now: float) -> bool:
        """Interrupts everything that was not heard; tells whether the speaker has to stop because of it."""
        if not self._unheard:
            return False
        for part in self._unheard.values():
            part.response.is_silenced = True
        self._stopping |= self._unheard
        self._unheard.clear()
        self._held.clear()
        if self.is_stopping:
            return False
        self.stop_deadline = now + STOP_TIMEOUT_S
        return True

    def stopped(self, now: float) -> tuple[list[ConversationItemTruncate], list[Effect]]:
        """The speaker is silent: gives what the server has to be told, and what may be played now."""
        self.stop_deadline = None
        self._quiet_at = now + self.delay_s + ECHO_TAIL_S
        cuts = [part.cut() for part in self._stopping.values() if part.is_to_cut]
        held, self._held = self._held, []
        stopping, self._stopping = self._stopping, {}
        self._forget(stopping.values())
        return cuts, held

    def find_speaker(self, name: str) -> None:
        """Something plays, and goes on with what was queued."""
        self.speaker, self.lost_deadline = name, None

    def lose_speaker(self, now: float) -> None:
        """Nothing plays for now."""
        if self.speaker and self.lost_deadline is None:
            self.lost_deadline = now + LOST_TIMEOUT_S
        self.speaker = self.speaker or ""

    def give_up_speaker(self) -> None:
        """Nothing will play any more; whoever wants to know the rest has to read it."""
        self.speaker, self.lost_deadline = "", None
        for part in self._unheard.values():
            part.is_skipped = True
        unheard, self._unheard = self._unheard, {}
        self._forget(unheard.values())
        self._held.clear()

    def _in_turn(self, effect: Effect) -> list[Effect]:
        if not self.is_stopping:
            return [effect]
        self._held.append(effect)
        return []

    def _queued_before(self, part: SpokenPart) -> list[SpokenPart]:
        queue = self._unheard if part.id in self._unheard else self._stopping
        if part.id not in queue:
            return []
        return list(takewhile(lambda earlier: earlier is not part, queue.values()))

    def _forget(self, parts: Iterable[SpokenPart]) -> None:
        """Drops what nobody asks for again; what may still come of an interrupted answer is silent anyway."""
        for part in parts:
            if part.is_settled and part.id not in self._unheard and part.id not in self._stopping:
                self._parts.pop(part.id, None)

    def _settle(self, part: SpokenPart) -> None:
        if part.is_heard:
            self._unheard.pop(part.id, None)
