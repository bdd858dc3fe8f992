"""A Realtime server by hand, for benchmarks of a voice client: `python voice_server.py [RAW]`.

Prints its address. Then each line of stdin is an order, `{"do": "ready" | "answer" | "microphone", ...}`, and
each line of stdout what came of it. All times are `time.monotonic()` in seconds, which processes share.

Its voice is a file of raw PCM, or a ramp without a zero: each sample tells its place, 16000 places long.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from base64 import b64decode, b64encode
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

Json = dict[str, Any]
RATE_HZ = 24_000
RAMP = 16_000
DELTA_MS = 100
_DELTA_SAMPLES = RATE_HZ * DELTA_MS // 1000
_PATIENCE_S = 10.0
_WORDS = ("The ", "road ", "goes ", "on, ", "and ", "nobody ", "knows ", "where ", "it ", "ends. ")


def ramp(start: int, count: int) -> bytes:
    """So many samples from that place on: 16000 to 31999, and again."""
    return (np.arange(start, start + count) % RAMP + RAMP).astype("<i2").tobytes()


class Client:
    """The program under test, as the server sees it."""

    def __init__(self, socket: ServerConnection, voice: bytes) -> None:
        self._socket = socket
        self._voice = voice
        self._answers = 0
        self._cuts: asyncio.Queue[Json] = asyncio.Queue()
        self._appends: list[tuple[float, str]] = []
        self.listens = asyncio.Event()

    async def serve(self) -> None:
        """Holds the connection."""
        session = {"type": "realtime", "id": "sess_1", "model": "gpt-realtime"}
        await self._send("session.created", session={**session, "expires_at": round(time.time()) + 1800})
        with suppress(ConnectionClosed):
            async for frame in self._socket:
                await self._take(json.loads(frame), time.monotonic())

    async def _take(self, event: Json, now_s: float) -> None:
        match event["type"]:
            case "input_audio_buffer.append":
                self._appends.append((now_s, event["audio"]))
                self.listens.set()
            case "session.update":
                await self._send("session.updated", session=event["session"])
            case "conversation.item.truncate":
                self._cuts.put_nowait(event)
                place = {name: event[name] for name in ("item_id", "content_index", "audio_end_ms")}
                await self._send("conversation.item.truncated", **place)

    async def answer(
        self,
        seconds: float,
        *,
        start: int = 0,
        ahead: float | None = None,
        stall_s: float = 0.0,
        interrupt_after_s: float | None = None,
    ) -> Json:
        """Speaks, `ahead` times as fast as it sounds (None: at once), and may be interrupted."""
        self._answers += 1
        place = await self._begin()
        sent_s = time.monotonic()
        speaking = asyncio.create_task(self._speak(place, seconds, start, ahead, stall_s))
        if interrupt_after_s is None:
            await speaking
            await self._end(place, "completed")
            return {"sent_s": sent_s}
        await asyncio.sleep(sent_s + interrupt_after_s - time.monotonic())
        speaking.cancel()
        return {"sent_s": sent_s, **await self._interrupt(place)}

    async def _begin(self) -> Json:
        response, item = f"resp_{self._answers}", f"item_{self._answers}"
        shape = {"id": item, "type": "message", "role": "assistant", "status": "in_progress", "content": []}
        place = {"response_id": response, "item_id": item, "output_index": 0, "content_index": 0}
        await self._send("response.created", response=self._response("in_progress"))
        await self._send("response.output_item.added", response_id=response, output_index=0, item=shape)
        await self._send("conversation.item.added", item=shape)
        await self._send("response.content_part.added", **place, part={"type": "audio", "transcript": ""})
        return place

    async def _speak(
        self, place: Json, seconds: float, start: int, ahead: float | None, stall_s: float
    ) -> None:
        began_s = time.monotonic()
        for index in range(round(seconds * 1000 / DELTA_MS)):
            audio = b64encode(self._sound(start + index * _DELTA_SAMPLES)).decode()
            await self._send("response.output_audio.delta", **place, delta=audio)
            if index % 3 == 0:
                word = _WORDS[index // 3 % len(_WORDS)]
                await self._send("response.output_audio_transcript.delta", **place, delta=word)
            if index == 3:
                await asyncio.sleep(stall_s)
                began_s += stall_s
            if ahead is not None:
                due_s = began_s + (index + 1) * DELTA_MS / 1000 / ahead
                await asyncio.sleep(max(0.0, due_s - time.monotonic()))

    def _sound(self, start: int) -> bytes:
        if not self._voice:
            return ramp(start, _DELTA_SAMPLES)
        at, size = start * 2 % len(self._voice), _DELTA_SAMPLES * 2
        return (self._voice + self._voice)[at : at + size]

    async def _interrupt(self, place: Json) -> Json:
        user = {"item_id": f"user_{self._answers}"}
        interrupted_s = time.monotonic()
        await self._send("input_audio_buffer.speech_started", **user, audio_start_ms=0)
        await self._send("response.done", response=self._response("cancelled", reason="turn_detected"))
        async with asyncio.timeout(_PATIENCE_S):
            cut = await self._cuts.get()
        assert cut["item_id"] == place["item_id"], cut
        await self._send("input_audio_buffer.speech_stopped", **user, audio_end_ms=0)
        await self._send("input_audio_buffer.committed", **user)
        return {"interrupted_s": interrupted_s, "audio_end_ms": cut["audio_end_ms"]}

    async def _end(self, place: Json, status: str) -> None:
        await self._send("response.output_audio.done", **place)
        await self._send("response.done", response=self._response(status))

    def _response(self, status: str, **details: str) -> Json:
        response = {"id": f"resp_{self._answers}", "object": "realtime.response", "output": []}
        return {**response, "conversation_id": "conv_1", "status": status, "status_details": details or None}

    def microphone(self) -> list[tuple[float, int, int]]:
        """When each append came, its samples, and the first of them; those since the last time."""
        appends, self._appends = self._appends, []
        blocks = [(now_s, np.frombuffer(b64decode(audio), "<i2")) for now_s, audio in appends]
        return [(now_s, len(pcm), int(pcm[0])) for now_s, pcm in blocks]

    async def _send(self, name: str, **fields: object) -> None:
        await self._socket.send(json.dumps({"type": name, **fields}))


class Orders:
    """What the benchmark wants, one after the other."""

    def __init__(self, voice: bytes) -> None:
        self._voice = voice
        self._client: asyncio.Future[Client] = asyncio.get_running_loop().create_future()

    async def meet(self, socket: ServerConnection) -> None:
        """The program has come."""
        client = Client(socket, self._voice)
        self._client.set_result(client)
        await client.serve()

    async def obey(self, do: str, **order: Any) -> Any:
        """What came of an order."""
        client = await self._client
        match do:
            case "ready":
                if order["hears"]:
                    await client.listens.wait()
                return True
            case "answer":
                return await client.answer(**order)
            case "microphone":
                return client.microphone()
        raise ValueError(do)


async def main(voice: bytes) -> None:
    orders = Orders(voice)
    async with serve(orders.meet, "127.0.0.1", 0, max_size=None, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        print(f"ws://127.0.0.1:{port}", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(await orders.obey(**json.loads(line))), flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]).read_bytes() if sys.argv[1:] else b""))
