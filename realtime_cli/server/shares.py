"""Much audio in small shares, so that no client's append keeps the others waiting."""

from __future__ import annotations

from collections.abc import Iterator

from realtime_cli.protocol.client_events import InputAudioBufferAppend
from realtime_cli.protocol.codec import ClientEvent
from realtime_cli.protocol.lint import lint

# 24,000 bytes: half a second of PCM, three of G.711.
_SHARE_CHARACTERS = 32_000


def in_shares(event: ClientEvent) -> Iterator[ClientEvent]:
    """An event as it is, but a long append as several that add up to it, unless it is to be refused."""
    if not isinstance(event, InputAudioBufferAppend) or not _is_too_much(event):
        yield event
        return
    for at in range(0, len(event.audio), _SHARE_CHARACTERS):
        yield event.model_copy(update={"audio": event.audio[at : at + _SHARE_CHARACTERS]})


def _is_too_much(append: InputAudioBufferAppend) -> bool:
    is_long = len(append.audio) > _SHARE_CHARACTERS
    return is_long and not any(finding.severity == "error" for finding in lint(append))
