"""Spoken turns as production servers sent them: ours sends the same events in the same order."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Iterator

import pytest

from realtime_cli.core.answers import AnswerPart, Call, Say, Speech
from realtime_cli.core.responder import (
    AnswerFinished,
    AnswerPartReady,
    TranscriptFailed,
    TranscriptFinished,
    TranscriptPiece,
)
from tests.support.recordings import FOREIGN
from tests.support.responder_play import Json, Play, ScriptedActivity, silence, voice

TURNS = [
    "openai/test_openai_ws__test_audio_in_server_vad_turn.jsonl",
    "azure_openai/test_azure_ws__test_audio_in_server_vad_transcribes.jsonl",
    "azure_openai/test_azure_ws__test_audio_in_server_vad_transcription_requires_deployment.jsonl",
    "azure_openai/test_azure_ws__test_spoken_turn_transcribed_drives_a_tool_and_answers_in_audio.jsonl",
]
WORDS = "conversation.item.input_audio_transcription"
# Azure says the part twice; ours does not pad deltas; the rest is the recording's own.
NOT_OURS = {"obfuscation", "content"}


class Replay:
    """Does to a responder what happened in a recording, event by event."""

    def __init__(self, name: str) -> None:
        lines = (FOREIGN / name).read_text(encoding="utf-8").splitlines()
        entries = [json.loads(line) for line in lines]
        self.steps: list[Json] = [entry for entry in entries if entry["dir"] in ("in", "out")]
        self.recorded: list[Json] = [entry["event"] for entry in entries if entry["dir"] == "in"]
        self.play = Play(voice_activity=ScriptedActivity)
        self._held: list[Json] = []

    def run(self) -> list[Json]:
        for step in self.steps:
            if step["dir"] == "in":
                self._happen(step["event"])
            else:
                self._send(step["event"])
        return self.play.sent

    def _send(self, event: Json) -> None:
        """An output that the client sent while `response.done` was on its way waits for it."""
        if event["type"] == "input_audio_buffer.append":
            return
        self._held.append(event)
        if event["type"] != "conversation.item.create":
            for each in self._held:
                self.play.send_frame(json.dumps(each))
            self._held = []

    def _happen(self, event: Json) -> None:
        match event["type"]:
            case "input_audio_buffer.speech_started":
                self.play.append(silence(event["audio_start_ms"] // 20 * 20 + 300) + voice(2500))
            case "input_audio_buffer.speech_stopped":
                self.play.append(silence(200))
            case "conversation.item.input_audio_transcription.delta":
                self.play.receive(TranscriptPiece(self._heard, event["delta"]))
            case "conversation.item.input_audio_transcription.completed":
                self.play.receive(TranscriptFinished(self._heard, event["transcript"]))
            case "conversation.item.input_audio_transcription.failed":
                self.play.receive(TranscriptFailed(self._heard, "DeploymentNotFound", "No such model."))
            case "response.output_audio_transcript.delta":
                self._answer(Say(event["delta"]))
            case "response.output_audio.delta":
                self._answer(Speech(base64.b64decode(event["delta"])))
            case "response.function_call_arguments.done":
                self._answer(Call(event["name"], event["arguments"]))
            case "response.output_audio.done":
                self.play.receive(AnswerFinished(self._response_id))
            case "response.done":
                self.play.receive(AnswerFinished(self._response_id))
            case _:
                pass

    @property
    def _heard(self) -> str:
        return self.play.heard[-1].item_id

    @property
    def _response_id(self) -> str:
        created = [event for event in self.play.sent if event["type"] == "response.created"]
        return str(created[-1]["response"]["id"])

    def _answer(self, part: AnswerPart) -> None:
        self.play.receive(AnswerPartReady(self._response_id, part))


def types(events: list[Json]) -> list[str]:
    """The types in order, a run of deltas as one."""
    names = [event["type"] for event in events if event["type"] != "rate_limits.updated"]
    return [name for name, _ in itertools.groupby(names)]


def shapes(events: list[Json]) -> dict[str, set[str]]:
    """The fields that the events of a type have, those of their items included."""
    found: dict[str, set[str]] = {}
    for event in events:
        found.setdefault(event["type"], set()).update(fields(event))
    return found


def fields(event: Json) -> Iterator[str]:
    yield from event.keys() - NOT_OURS
    for inner in ("item", "part", "error"):
        yield from (f"{inner}.{name}" for name in event.get(inner, {}))


@pytest.mark.parametrize("name", TURNS)
def test_a_spoken_turn_is_sent_as_it_was_recorded(name: str) -> None:
    replay = Replay(name)
    ours = replay.run()
    assert types(ours) == types(replay.recorded)


@pytest.mark.parametrize("name", TURNS)
def test_the_events_have_the_recorded_fields(name: str) -> None:
    replay = Replay(name)
    ours = shapes(replay.run())
    ours.pop("rate_limits.updated")
    assert ours == shapes(replay.recorded)


def test_the_recorded_length_is_billed_alike() -> None:
    replay = Replay(TURNS[0])
    ours = next(event for event in replay.run() if event["type"] == f"{WORDS}.completed")
    theirs = next(event for event in replay.recorded if event["type"] == f"{WORDS}.completed")
    assert ours["usage"] == theirs["usage"]
