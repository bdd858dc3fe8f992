"""Every frame of real sessions, and every documented example, is understood and written back unchanged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from realtime_cli.protocol.codec import (
    Codec,
    MalformedEvent,
    UnknownEvent,
    decode,
    decode_client,
    encode,
)
from realtime_cli.protocol.dialects import Dialect
from realtime_cli.protocol.lint import Finding, lint, lint_events
from tests.protocol.strategies import canonical

FOREIGN = Path(__file__).parents[1] / "sessions" / "foreign"
FILES = sorted([*(FOREIGN / "openai").glob("*.jsonl"), *(FOREIGN / "azure_openai").glob("*.jsonl")])
SESSIONS = [path for path in FILES if "openapi_examples" not in path.name]
NOT_OF_THIS_PROTOCOL = {
    " input_audio_buffer.dtmf_event_received",  # the published example begins with a space
    "realtime.call.incoming",  # a webhook, listed among the events
}
GA_NAMES_IN_BETA = "openapi_examples_beta_server.jsonl"
BETA_FILES = [path for path in FILES if "beta" in path.name and path.name != GA_NAMES_IN_BETA]


class Frame(NamedTuple):
    sent_by_server: bool
    event: dict[str, Any]


def frames(path: Path) -> Iterator[Frame]:
    for line in path.read_text("utf-8").splitlines():
        entry = json.loads(line)
        if entry["dir"] != "meta":
            yield Frame(entry["dir"] == "in", entry["event"])


def dialect_of(path: Path) -> Dialect:
    return "beta" if "beta" in path.name else "ga"


def by_name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def test_the_sessions_are_here() -> None:
    assert len(SESSIONS) >= 14
    assert sum(1 for path in FILES for _ in frames(path)) >= 900


@pytest.mark.parametrize("path", FILES, ids=by_name)
def test_every_frame_becomes_an_event_of_its_type(path: Path) -> None:
    for sent_by_server, sent in frames(path):
        read = decode if sent_by_server else decode_client
        event = read(json.dumps(sent), dialect_of(path))
        if isinstance(event, UnknownEvent):
            assert event.type in NOT_OF_THIS_PROTOCOL
        assert not isinstance(event, MalformedEvent)


@pytest.mark.parametrize("path", FILES, ids=by_name)
def test_every_frame_is_written_back_unchanged(path: Path) -> None:
    for sent_by_server, sent in frames(path):
        read = decode if sent_by_server else decode_client
        assert canonical(json.loads(encode(read(json.dumps(sent))) or "")) == canonical(sent)


@pytest.mark.parametrize("path", BETA_FILES, ids=by_name)
def test_every_beta_frame_survives_the_translation_to_ga_and_back(path: Path) -> None:
    for sent_by_server, sent in frames(path):
        read = decode if sent_by_server else decode_client
        written = encode(read(json.dumps(sent), "beta"), "beta")
        assert canonical(json.loads(written or "")) == canonical(sent)


@pytest.mark.parametrize("path", SESSIONS, ids=by_name)
def test_a_connection_understands_every_frame_without_being_told_the_dialect(path: Path) -> None:
    codec = Codec()
    arrived = [codec.decode(json.dumps(sent)) for sent_by_server, sent in frames(path) if sent_by_server]
    assert not [event for event in arrived if isinstance(event, UnknownEvent | MalformedEvent)]


@pytest.mark.parametrize("path", SESSIONS, ids=by_name)
def test_lint_finds_no_fault_with_what_real_clients_sent(path: Path) -> None:
    sent = [event for sent_by_server, event in frames(path) if not sent_by_server]
    found = [finding for event in sent for finding in lint(event, dialect=dialect_of(path))]
    assert [finding for finding in found if finding.severity == "error"] == []
    assert lint_events(sent) == []


PLACEHOLDERS = {
    Finding(
        "audio",
        "is not base64: Incorrect padding",
        "write standard base64: A-Z a-z 0-9 + /, padded with =",
        "invalid_value",
    ),
    Finding(
        "type",
        'is "transcription_session.update", which is beta',
        'write "session.update", with session.type = "transcription"',
        "invalid_value",
    ),
}


@pytest.mark.parametrize("path", [path for path in FILES if path not in SESSIONS], ids=by_name)
def test_lint_finds_only_the_known_faults_in_documented_examples(path: Path) -> None:
    sent = [event for sent_by_server, event in frames(path) if not sent_by_server]
    family = "translation" if "translation" in path.name else "realtime"
    found = [finding for event in sent for finding in lint(event, dialect=dialect_of(path), family=family)]
    assert {finding for finding in found if finding.severity == "error"} <= PLACEHOLDERS
