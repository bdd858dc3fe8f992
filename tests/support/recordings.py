"""Recorded sessions of other programs, as inputs of a session."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from realtime_cli.core.inputs import SessionInput, event_sent
from realtime_cli.protocol.codec import Codec

FOREIGN = Path(__file__).parents[1] / "sessions" / "foreign"
RECORDINGS = sorted(path.relative_to(FOREIGN).as_posix() for path in FOREIGN.rglob("*.jsonl"))
SESSIONS = [name for name in RECORDINGS if "openapi_examples" not in name]


def recorded(name: str) -> Iterator[SessionInput]:
    """All events of a recording: the server's as they were received, the client's as they were sent."""
    codec = Codec()
    for line in (FOREIGN / name).read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        raw = json.dumps(entry["event"])
        if entry["dir"] == "in":
            yield codec.decode(raw)
        elif entry["dir"] == "out":
            yield event_sent(raw)
