"""A client that speaks: audio in 20 ms appends, over a real socket."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.server.brains.script import ScriptBrain
from realtime_cli.server.brains.script_file import load_script
from realtime_cli.server.config import BrainFactory
from realtime_cli.server.voice.espeak_library import EspeakLibrary
from realtime_cli.server.voice.port import Voice
from realtime_cli.server.voice.sphinx import Sphinx
from tests.support.serving import Client, Json, dialled, serving
from tests.support.speech import blocks, need, silence, spoken


def real_voice() -> Voice:
    """What the extra `local` brings: it hears phrases, and speaks."""
    need("pocketsphinx", "espeakng_loader")
    return Voice(Sphinx(), EspeakLibrary())


def scripted(folder: Path, text: str) -> BrainFactory:
    """A brain that plays the script."""
    path = folder / "script.yaml"
    path.write_text(text)
    script = load_script(path)
    return lambda: ScriptBrain(script)


@asynccontextmanager
async def on_the_phone(*, suffix: str = "", **config: Any) -> AsyncIterator[Client]:
    """A greeted client of a server that hears and speaks, as fast as it can unless told otherwise."""
    settings: dict[str, Any] = {"voice": real_voice(), "audio_pace": None, **config}
    async with serving(**settings) as server, dialled(server, suffix=suffix) as client:
        yield client


async def configure(client: Client, *, type_: str = "realtime", **audio: Any) -> None:
    """Sets the session's audio, and waits until that is so."""
    await client.send("session.update", session={"type": type_, "audio": audio})
    await client.until("session.updated")


async def append(client: Client, audio: bytes, encoding: Encoding = PCM_24K) -> None:
    """Sends audio as a microphone does, only faster."""
    for block in blocks(audio, encoding):
        await client.send("input_audio_buffer.append", audio=base64.b64encode(block).decode())


async def say(
    client: Client, text: str, *, lead_ms: float = 400, tail_ms: float = 800, encoding: Encoding = PCM_24K
) -> None:
    """Speaks, with silence round it that ends the turn."""
    speech = spoken(text, encoding=encoding)
    await append(client, silence(lead_ms, encoding) + speech + silence(tail_ms, encoding), encoding)


def types(events: list[Json]) -> list[str]:
    """The types of events, each once where it is repeated."""
    names: list[str] = []
    for event in events:
        if not names or names[-1] != event["type"]:
            names.append(event["type"])
    return names


def one(events: list[Json], type_: str) -> Json:
    """The only event of a type."""
    [event] = [event for event in events if event["type"] == type_]
    return event


def audio_of(events: list[Json]) -> bytes:
    """The sound of an answer."""
    deltas = [event["delta"] for event in events if event["type"] == "response.output_audio.delta"]
    return b"".join(map(base64.b64decode, deltas))


def words_of(events: list[Json]) -> str:
    """The transcript of an answer, as it was streamed."""
    name = "response.output_audio_transcript.delta"
    return "".join(event["delta"] for event in events if event["type"] == name)
