"""A spoken session, always the same: a question, a tool, an interruption, and what went over the wire."""

from __future__ import annotations

import json
import math
from array import array
from base64 import b64encode
from functools import cache

from rich.console import Console
from rich.text import Text

from realtime_cli.core.effects import SendEvent, StartTool, StopPlayback
from realtime_cli.core.inputs import (
    AudioReady,
    ConnectionOpened,
    ListeningMode,
    LocalInput,
    MicrophoneBlock,
    PlaybackProgress,
    PlaybackStopped,
    SessionInput,
    ToolFinished,
    ToolStarted,
    to_json,
)
from realtime_cli.core.session import Session
from realtime_cli.core.terms import Terms
from realtime_cli.core.view import SessionView
from realtime_cli.protocol.codec import Codec
from realtime_cli.providers.prices import load_prices
from realtime_cli.runtime.ports import Levels
from realtime_cli.ui.live.raw import EventRing
from realtime_cli.ui.live.status import Meters
from realtime_cli.ui.live.story import Rows, Story
from tests.support.builders import function_call, message

CONFIG = {
    "type": "realtime",
    "model": "gpt-realtime-2.1",
    "audio": {
        "input": {
            "format": {"type": "audio/pcm", "rate": 24000},
            "transcription": {"model": "gpt-4o-mini-transcribe"},
            "turn_detection": {"type": "server_vad", "create_response": True, "interrupt_response": True},
        },
        "output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "marin"},
    },
}
WEATHER = (
    "It is eighteen degrees and sunny in Lisbon, with a light breeze. A good day for the river: take tram 15."
)
JACKET = (
    "For the evening, yes. It cools down to twelve degrees after sunset, and the wind comes up from the sea."
)
RESULT = {"city": "Lisbon", "degrees": 18, "sky": "sunny"}
_BLOCK_S, _TOLD_S = 0.02, 0.1
_CHARACTERS_A_SECOND = 16.0
_QUIET, _LOUD = 40, 12000
_UTC_S = 1_800_000_000.0


def played(console: Console, *, width: int) -> Scene:
    """The session while its last answer is heard: one word is being said, the next ones have come."""
    scene = Scene(console, width=width)
    scene.greet()
    scene.user_says("What is the weather in Lisbon?", from_s=1.0, to_s=2.6, item_id="user_1")
    scene.model_calls("get_weather", {"city": "Lisbon"}, number=1, result=RESULT)
    scene.model_says(WEATHER, number=2)
    scene.user_says("Do I need a jacket?", from_s=7.6, to_s=8.8, item_id="user_2")
    scene.model_says(JACKET, number=3, thinks_s=0.27)
    scene.until(scene.now_s + 2.2)
    return scene


class Scene:
    """A session as it goes on, its events, and its story in rows of `width` cells."""

    def __init__(self, console: Console, *, width: int) -> None:
        terms = Terms(prices=load_prices(None), started_unix_s=_UTC_S)
        self.session = Session(CONFIG, terms=terms, has_tools=True)
        self.ring = EventRing()
        self.meters = Meters()
        self.now_s = 0.0
        self._story, self._width = Story(console), width
        self._above: list[Text] = []
        self._rows = Rows([], [])
        self._codec = Codec("ga")
        self._speaks = False
        self._playing: tuple[str, float] | None = None
        self._heard_end_ms = 0

    @property
    def view(self) -> SessionView:
        """The session now."""
        return self.session.view()

    @property
    def rows(self) -> list[Text]:
        """All that stands above the input line."""
        return [*self._above, *(row for group in self._rows.live for row in group.rows)]

    def greet(self) -> None:
        """The connection, and devices."""
        self._happen(ConnectionOpened())
        self._hear("session.created", session={**CONFIG, "id": "sess_1", "expires_at": _UTC_S + 3600})
        self.until(0.1)
        self._hear("session.updated", session={**CONFIG, "id": "sess_1", "expires_at": _UTC_S + 3600})
        self._happen(AudioReady("Headset", "Headset"))
        self._happen(ListeningMode())

    def until(self, at_s: float) -> None:
        """Time passes: the microphone gives its blocks, the speaker plays."""
        for number in range(round(self.now_s / _BLOCK_S) + 1, round(at_s / _BLOCK_S) + 1):
            self.now_s = number * _BLOCK_S
            self._act(MicrophoneBlock(sound(number, is_loud=self._speaks)))
            if number % round(_TOLD_S / _BLOCK_S) == 0:
                self._tell_levels(number)
                self._play_on()
        self.now_s = at_s

    def user_says(self, words: str, *, from_s: float, to_s: float, item_id: str) -> None:
        """A turn of the user's, as the server's voice activity detection finds it."""
        self.until(from_s)
        self._speaks = True
        self.until(from_s + 0.3)
        self._hear("input_audio_buffer.speech_started", audio_start_ms=round(from_s * 1000), item_id=item_id)
        self.until(to_s)
        self._speaks = False
        self.until(to_s + 0.5)
        stopped = {"audio_end_ms": round(to_s * 1000), "item_id": item_id}
        self._hear("input_audio_buffer.speech_stopped", **stopped)
        self.now_s += 0.012
        self._hear("input_audio_buffer.committed", item_id=item_id, previous_item_id=None)
        part = {"type": "input_audio", "transcript": None}
        self._add(message(item_id, role="user", status="completed", content=[part]))
        transcription = "conversation.item.input_audio_transcription.completed"
        usage = {
            "type": "tokens",
            "total_tokens": 40 + len(words) // 4,
            "input_tokens": 40,
            "output_tokens": len(words) // 4,
            "input_token_details": {"text_tokens": 0, "audio_tokens": 40},
        }
        self._hear(transcription, item_id=item_id, content_index=0, transcript=words, usage=usage)

    def model_calls(self, name: str, arguments: dict[str, str], *, number: int, result: object) -> None:
        """An answer that is a function call, and its tool."""
        response, call_id, item_id = f"resp_{number}", f"call_{number}", f"item_{number}"
        self._created(response)
        call = function_call(item_id, name, call_id=call_id)
        self._hear("response.output_item.added", response_id=response, output_index=0, item=call)
        self._add({**call, "status": "in_progress"})
        text = json.dumps(arguments)
        place = {"response_id": response, "item_id": item_id, "call_id": call_id, "output_index": 0}
        for start in range(0, len(text), 8):
            self._later(0.03)
            self._hear("response.function_call_arguments.delta", **place, delta=text[start : start + 8])
        self._hear("response.function_call_arguments.done", **place, arguments=text)
        done = {**call, "arguments": text, "status": "completed"}
        self._hear("response.output_item.done", response_id=response, output_index=0, item=done)
        self._hear("conversation.item.done", item=done)
        self._done(response, done, text_out=24, audio_in=96)
        self._later(0.312)
        self._happen(ToolFinished(call_id, json.dumps(result)))

    def model_says(self, words: str, *, number: int, thinks_s: float = 0.12) -> None:
        """A spoken answer, which comes faster than it sounds."""
        response, item_id = f"resp_{number}", f"item_{number}"
        self._created(response)
        place = {"response_id": response, "item_id": item_id, "output_index": 0, "content_index": 0}
        self._add(message(item_id, status="in_progress"))
        self._later(thinks_s)
        spans = [words[start : start + 12] for start in range(0, len(words), 12)]
        for at, span in enumerate(spans):
            self._hear("response.output_audio_transcript.delta", **place, delta=span)
            self._later(0.04)
            blocks = round(len(span) / _CHARACTERS_A_SECOND / _BLOCK_S)
            self._heard_end_ms = blocks * 20 if at == 0 else self._heard_end_ms + blocks * 20
            speech = b"".join(sound(at * 37 + block, is_loud=True) for block in range(blocks))
            self._hear("response.output_audio.delta", **place, delta=b64encode(speech).decode())
            if at == 0:
                self._later(0.06)
                self._playing = item_id, self.now_s
                self._happen(PlaybackProgress(item_id, 0, _BLOCK_S * 1000))
        self._hear("response.output_audio.done", **place)
        part = {"type": "output_audio", "transcript": words}
        said = message(item_id, status="completed", content=[part])
        self._hear("conversation.item.done", item=said)
        self._done(response, said, text_out=32, audio_out=round(len(words) * 1.3), audio_in=140, cached=64)

    def _created(self, response: str) -> None:
        self._later(0.06)
        body: dict[str, object] = {
            "id": response,
            "status": "in_progress",
            "conversation_id": "conv_1",
            "output": [],
        }
        self._hear("response.created", response=body)
        self._later(0.19)

    def _done(self, response: str, item: dict[str, object], **tokens: int) -> None:
        cached = {"text_tokens": tokens.get("cached", 0), "audio_tokens": 0}
        taken = {"text_tokens": 310, "audio_tokens": tokens["audio_in"], "cached_tokens_details": cached}
        taken |= {"cached_tokens": cached["text_tokens"]}
        given = {"text_tokens": tokens["text_out"], "audio_tokens": tokens.get("audio_out", 0)}
        used_in, used_out = 310 + tokens["audio_in"], sum(given.values())
        usage = {
            "total_tokens": used_in + used_out,
            "input_tokens": used_in,
            "output_tokens": used_out,
            "input_token_details": taken,
            "output_token_details": given,
        }
        body = {"id": response, "status": "completed", "conversation_id": "conv_1", "output": [item]}
        self._hear("response.done", response={**body, "usage": usage})

    def _add(self, item: dict[str, object]) -> None:
        self._hear("conversation.item.added", previous_item_id=None, item=item)

    def _later(self, after_s: float) -> None:
        self.until(self.now_s + after_s)

    def _hear(self, name: str, **fields: object) -> None:
        number = self.ring.last + 1
        raw = json.dumps({"type": name, "event_id": f"event_{number}", **fields}, separators=(",", ":"))
        self.ring.saw("in", raw, now_s=self.now_s, is_object=True)
        self._act(self._codec.decode(raw))

    def _happen(self, local: LocalInput) -> None:
        self.ring.saw("local", to_json(local), now_s=self.now_s, is_object=True)
        self._act(local)

    def _act(self, happened: SessionInput) -> None:
        effects = self.session.receive(happened, self.now_s)
        for effect in effects:
            match effect:
                case SendEvent(event, raw):
                    self.ring.saw("out", raw or event.to_json(), now_s=self.now_s, is_object=True)
                case StopPlayback() if self._playing:
                    item_id, began_s = self._playing
                    self._playing = None
                    self._happen(PlaybackStopped(item_id, 0, round((self.now_s - began_s) * 1000)))
                case StartTool(call_id):
                    self._happen(ToolStarted(call_id))
                case _:
                    pass
        if not isinstance(happened, MicrophoneBlock):
            self._tell()

    def _tell(self) -> None:
        self._rows = self._story.tell(self.view, width=self._width, now_s=self.now_s)
        self._above += self._rows.above

    def _tell_levels(self, number: int) -> None:
        mouth = -14.0 - number * 7 % 37 if self._speaks else -70.0
        self.meters.add(Levels(mouth, -10.0 - number * 11 % 43 if self._playing else -70.0))

    def _play_on(self) -> None:
        if self._playing:
            item_id, began_s = self._playing
            heard_ms = min(self._heard_end_ms, round((self.now_s - began_s) * 1000))
            self._happen(PlaybackProgress(item_id, 0, heard_ms))
            if heard_ms == self._heard_end_ms:
                self._playing = None


@cache
def sound(number: int, *, is_loud: bool) -> bytes:
    """A block of something like speech, or of a quiet room."""
    syllable = (math.sin(number * 0.17) * math.sin(number * 0.041 + 1)) ** 2
    peak = _LOUD * syllable if is_loud else _QUIET
    samples = round(24000 * _BLOCK_S)
    return array(
        "h", (round(peak * math.sin(at * 0.05 * (1 + number % 3))) for at in range(samples))
    ).tobytes()
