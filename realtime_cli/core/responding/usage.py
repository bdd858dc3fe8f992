"""Token counts by rule of thumb, and the allowances that go with them."""

from __future__ import annotations

import json
import math

from realtime_cli.core.answers import Prompt
from realtime_cli.protocol.items import Message
from realtime_cli.protocol.session import CachedTokens, InputTokens, OutputTokens, RateLimit, Usage

from .history import Entry

CHARS_PER_TOKEN = 4
# The API counts audio so (its cost guide); begun tokens are free (recorded, July 2026).
_USER_MS_PER_TOKEN = 100
ASSISTANT_MS_PER_TOKEN = 50
_REQUESTS_A_MINUTE = 10_000
_TOKENS_A_MINUTE = 10_000_000


def text_tokens(chars: int) -> int:
    """Tokens of a text of that many characters."""
    return math.ceil(chars / CHARS_PER_TOKEN)


def context_audio_tokens(entry: Entry) -> int:
    """Tokens of an item's audio in the context of an answer."""
    is_assistants = isinstance(entry.item, Message) and entry.item.role == "assistant"
    return int(entry.length_ms // (ASSISTANT_MS_PER_TOKEN if is_assistants else _USER_MS_PER_TOKEN))


def usage_of(prompt: Prompt, *, audio_in: int, output_chars: int, output_audio_ms: float) -> Usage:
    """What an answer cost; `audio_in` is in tokens. Nothing is ever cached here."""
    text_in = text_tokens(_chars(prompt))
    text_out = text_tokens(output_chars)
    audio_out = int(output_audio_ms // ASSISTANT_MS_PER_TOKEN)
    return Usage(
        total_tokens=text_in + audio_in + text_out + audio_out,
        input_tokens=text_in + audio_in,
        output_tokens=text_out + audio_out,
        input_token_details=InputTokens(
            text_tokens=text_in,
            audio_tokens=audio_in,
            image_tokens=0,
            cached_tokens=0,
            cached_tokens_details=CachedTokens(text_tokens=0, audio_tokens=0, image_tokens=0),
        ),
        output_token_details=OutputTokens(text_tokens=text_out, audio_tokens=audio_out),
    )


def rate_limits_after(usage: Usage) -> list[RateLimit]:
    """Allowances in the API's shape; they are generous, and full again with every answer."""
    spent = usage.total_tokens or 0
    return [
        RateLimit(
            name="requests", limit=_REQUESTS_A_MINUTE, remaining=_REQUESTS_A_MINUTE - 1, reset_seconds=0.006
        ),
        RateLimit(
            name="tokens",
            limit=_TOKENS_A_MINUTE,
            remaining=max(0, _TOKENS_A_MINUTE - spent),
            reset_seconds=round(spent * 60 / _TOKENS_A_MINUTE, 3),
        ),
    ]


def _chars(prompt: Prompt) -> int:
    turns = sum(len(turn.text) + len(turn.name) for turn in prompt.turns)
    tools = sum(len(json.dumps(tool)) for tool in prompt.tools)
    return len(prompt.instructions) + turns + tools
