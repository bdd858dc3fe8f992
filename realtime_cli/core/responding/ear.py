"""Listens to the client's audio: the buffer, and the voice activity in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from realtime_cli.protocol.encoding import Encoding

from .input_buffer import InputBuffer
from .turn_detection import WINDOW_MS, TurnDetector, TurnMark
from .turn_rules import TurnRules
from .voice_activity import VoiceActivity, VoiceActivityFactory


class Ear:
    """Buffers audio and marks turns in it. Without a `factory` or rules it only buffers."""

    def __init__(
        self, factory: VoiceActivityFactory | None, encoding: Encoding, rules: TurnRules | None
    ) -> None:
        self.buffer = InputBuffer(encoding)
        self._factory = factory
        self._rules: TurnRules | None = None
        self._activity: VoiceActivity | None = None
        self._detector: TurnDetector | None = None
        # Where the last turn ended that new settings cut off: its audio stays, and the next begins behind it.
        self._cut_off_ms = 0.0
        self.adapt(encoding, rules)

    @property
    def is_speaking(self) -> bool:
        """Whether the user is in the middle of a turn."""
        return self._detector is not None and self._detector.is_speaking

    @property
    def finds_turns(self) -> bool:
        """Whether anybody listens for turns."""
        return self._detector is not None

    def adapt(self, encoding: Encoding, rules: TurnRules | None) -> None:
        """Goes on under other settings. A turn under way survives, unless its audio or its end would not."""
        before, self._rules = self._rules, rules
        if encoding != self.buffer.encoding:
            self.buffer.change(encoding)
            self._detector = None
        if rules is None or self._factory is None:
            if self.is_speaking:
                self._cut_off_ms = self.buffer.end_ms
            self._detector = None
        elif self._detector is None:
            self._detector = TurnDetector(rules, start_ms=self.buffer.end_ms)
            self._activity = self._factory(encoding, rules.threshold)
        elif rules != before:
            self._detector.follow(rules)
            if before is None or rules.threshold != before.threshold:
                # A frame that is not complete yet is lost with the one who was hearing it.
                self._detector.now_ms = self.buffer.end_ms
                self._activity = self._factory(encoding, rules.threshold)

    def hear(self, audio: bytes) -> Iterator[TurnMark]:
        """Takes audio in, and marks the turns; `started` comes at the beginning of the turn's padding."""
        samples = self.buffer.append(audio)
        detector, activity, rules = self._detector, self._activity, self._rules
        if detector is None or activity is None or rules is None:
            return
        for mark in detector.hear(activity.hear(samples)):
            if mark.kind == "started":
                self.buffer.forget_before(max(mark.at_ms - rules.prefix_padding_ms, self._cut_off_ms))
                yield replace(mark, at_ms=self.buffer.start_ms)
            else:
                yield mark
        if not detector.is_speaking:
            self.buffer.forget_before(detector.now_ms - WINDOW_MS - rules.prefix_padding_ms)

    def consider(self, words: str) -> Iterator[TurnMark]:
        """Takes in what the user has said so far, for where words decide about the end of a turn."""
        return self._detector.consider(words) if self._detector else iter(())

    def commit(self) -> bytes:
        """Takes everything out, and the turn with it. Raises `InvalidRequestError` where it is too little."""
        audio = self.buffer.commit()
        self._forget_turn()
        return audio

    def drain(self) -> bytes:
        """Takes everything out, however little it is."""
        self._forget_turn()
        return self.buffer.take(self.buffer.end_ms)

    def clear(self) -> None:
        """Throws everything away, and the turn with it."""
        self.buffer.clear()
        self._forget_turn()

    def _forget_turn(self) -> None:
        if self._detector is not None:
            self._detector.reset()
