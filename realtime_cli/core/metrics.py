"""Tokens and moments: what answers cost, and how long people waited for them."""

from __future__ import annotations

from collections.abc import Mapping

from realtime_cli.protocol.session import (
    CachedTokens,
    InputTokens,
    OutputTokens,
    RateLimit,
    TranscriptionUsage,
    Usage,
)

from .view import Marks, Origin, RateLimitView, TokenCounts

# An allowance with less than this share left is near its end.
_LOW_SHARE = 0.1


def token_counts(usage: Usage | None) -> TokenCounts | None:
    """The usage of one response; None where the server said nothing (xAI sends an empty object)."""
    if usage is None or not usage.model_fields_set:
        return None
    entered = usage.input_token_details or InputTokens()
    left = usage.output_token_details or OutputTokens()
    cached = entered.cached_tokens_details or CachedTokens()
    return TokenCounts(
        input=usage.input_tokens or 0,
        output=usage.output_tokens or 0,
        input_text=entered.text_tokens or 0,
        input_audio=entered.audio_tokens or 0,
        input_image=entered.image_tokens or 0,
        cached=entered.cached_tokens or 0,
        cached_text=cached.text_tokens or 0,
        cached_audio=cached.audio_tokens or 0,
        cached_image=cached.image_tokens or 0,
        output_text=left.text_tokens or 0,
        output_audio=left.audio_tokens or 0,
    )


def transcription_counts(usage: TranscriptionUsage) -> TokenCounts:
    """The tokens of a transcription, whose output is always text."""
    entered = usage.input_token_details or InputTokens()
    return TokenCounts(
        input=usage.input_tokens or 0,
        output=usage.output_tokens or 0,
        input_text=entered.text_tokens or 0,
        input_audio=entered.audio_tokens or 0,
        output_text=usage.output_tokens or 0,
    )


def rate_limits(known: Mapping[str, RateLimitView], news: list[RateLimit] | None) -> dict[str, RateLimitView]:
    """The allowances by name, brought up to date."""
    out = dict(known)
    for limit in news or ():
        name = limit.name or "limit"
        out[name] = RateLimitView(name, limit.limit, limit.remaining, limit.reset_seconds)
    return out


def is_low(limit: RateLimitView) -> bool:
    """Whether an allowance is near its end."""
    if limit.limit is None or limit.remaining is None:
        return False
    return limit.limit > 0 and limit.remaining < limit.limit * _LOW_SHARE


def decoded_bytes(audio: str | None) -> int:
    """How many bytes a base64 text decodes to."""
    if not audio:
        return 0
    padding = 2 if audio.endswith("==") else 1 if audio.endswith("=") else 0
    return max(0, len(audio) * 3 // 4 - padding)


class Stopwatch:
    """Knows when the turn began that the next answer belongs to."""

    def __init__(self) -> None:
        self._origin: Origin = "server"
        self._start: float | None = None
        self._committed: float | None = None
        self._said: Origin | None = None

    def start(self, origin: Origin, now: float) -> None:
        """The user's part of the turn is over."""
        self._origin, self._start, self._committed, self._said = origin, now, None, None

    def say(self, origin: Origin) -> None:
        """A text or a tool's output went out; the turn starts when it is asked to be answered."""
        self._said = origin

    def ask(self, now: float) -> None:
        """An answer is asked for; to speech or a commit, where nothing was said since."""
        if self._said is not None or self._start is None:
            self.start(self._said or "text", now)

    def commit(self, now: float) -> None:
        """The server took the user's audio; the start of the turn where no speech end was told."""
        if self._origin != "speech":
            self.start("commit", now)
        self._committed = now

    def take(self, now: float) -> Marks:
        """The marks of an answer that begins now."""
        marks = Marks(self._origin, self._start, self._committed, response_created=now)
        self._origin, self._start, self._committed = "server", None, None
        return marks
