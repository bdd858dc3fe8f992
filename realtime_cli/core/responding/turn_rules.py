"""How turns are found: what `turn_detection` of a session comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from realtime_cli.protocol.audio import OtherTurnDetection, SemanticVad, ServerVad

_T = TypeVar("_T")
# The API's defaults, where a client says null (`semantic_vad` has no settings of its own for the first two).
_THRESHOLD = 0.5
_PREFIX_PADDING_MS = 300
_SILENCE_MS = 200
# The longest waits of `semantic_vad` (API: eagerness).
_LONGEST_WAIT_MS: Mapping[str, float] = {"low": 8000, "medium": 4000, "auto": 4000, "high": 2000}
# Shares of the longest wait.
_AFTER_A_SENTENCE = 0.1
_AFTER_ANY_WORDS = 0.25
_GOES_ON = (",", ";", ":", "-", "–", "—", "...", "…")
_SENTENCE_ENDS = (".", "?", "!", "。", "？", "！")
_CLOSING = "\"'”’»)]"


@dataclass(frozen=True, slots=True)
class TurnRules:
    """The settings of voice activity detection; `waits_for_words` is what sets `semantic_vad` apart."""

    threshold: float
    prefix_padding_ms: float
    silence_ms: float
    creates_response: bool
    interrupts_response: bool
    idle_timeout_ms: float | None = None
    waits_for_words: bool = False


def turn_rules(detection: ServerVad | SemanticVad | OtherTurnDetection | None) -> TurnRules | None:
    """The rules that the session's setting means; None where the client commits by itself."""
    match detection:
        case ServerVad():
            return _server_rules(detection)
        case SemanticVad():
            return _semantic_rules(detection)
        case _:
            return None


def patience_ms(words: str, longest_ms: float) -> float:
    """How long a pause after these words may last before it ends the turn.

    A tenth of the longest wait after a sentence, all of it where the words announce more, and a quarter
    where punctuation tells nothing: not every recogniser writes it, and some pauses have no words at all.
    """
    text = words.rstrip().rstrip(_CLOSING)
    if text.endswith(_GOES_ON):
        return longest_ms
    return longest_ms * (_AFTER_A_SENTENCE if text.endswith(_SENTENCE_ENDS) else _AFTER_ANY_WORDS)


def _server_rules(detection: ServerVad) -> TurnRules:
    return TurnRules(
        threshold=_given(detection.threshold, _THRESHOLD),
        prefix_padding_ms=_given(detection.prefix_padding_ms, _PREFIX_PADDING_MS),
        silence_ms=_given(detection.silence_duration_ms, _SILENCE_MS),
        creates_response=_given(detection.create_response, True),
        interrupts_response=_given(detection.interrupt_response, True),
        idle_timeout_ms=detection.idle_timeout_ms,
    )


def _semantic_rules(detection: SemanticVad) -> TurnRules:
    return TurnRules(
        threshold=_THRESHOLD,
        prefix_padding_ms=_PREFIX_PADDING_MS,
        silence_ms=_LONGEST_WAIT_MS[detection.eagerness or "auto"],
        creates_response=_given(detection.create_response, True),
        interrupts_response=_given(detection.interrupt_response, True),
        waits_for_words=True,
    )


def _given(value: _T | None, default: _T) -> _T:
    return default if value is None else value
