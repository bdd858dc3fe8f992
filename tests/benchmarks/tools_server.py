"""A Realtime server by hand that calls one function again and again: `python tools_server.py NAME CALLS`.

Prints its address; then, in one line of JSON, what it saw of each call: when it sent the end of the
arguments, when the output was here, and the output itself. Times are `time.monotonic()`, which processes
share.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

from websockets.asyncio.server import ServerConnection, serve

Json = dict[str, Any]
ARGUMENTS = '{"city": "Paris", "days": 3}'
# A session that has just begun still builds what it needs; and between two calls nothing is to be done.
_SETTLING_S, _PAUSE_S = 0.5, 0.005


class Caller:
    """One session, in which every answer is a call."""

    def __init__(self, socket: ServerConnection, name: str) -> None:
        self._socket = socket
        self._name = name

    async def call_all(self, calls: int) -> list[Json]:
        """What became of each call, one after the other."""
        await self._send("session.created", session={"type": "realtime", "id": "sess_1"})
        await asyncio.sleep(_SETTLING_S)
        return [await self._call(number) for number in range(calls)]

    async def _call(self, number: int) -> Json:
        response, item_id, call_id = f"resp_{number}", f"fc_{number}", f"call_{number}"
        place = {"response_id": response, "item_id": item_id, "output_index": 0}
        item = {"id": item_id, "type": "function_call", "call_id": call_id, "name": self._name}
        begun = {**item, "status": "in_progress", "arguments": ""}
        done = {**item, "status": "completed", "arguments": ARGUMENTS}
        shape = {"id": response, "object": "realtime.response", "output": []}
        await self._send("response.created", response={**shape, "status": "in_progress"})
        await self._send("response.output_item.added", response_id=response, output_index=0, item=begun)
        await self._send("conversation.item.added", item=begun)
        await asyncio.sleep(_PAUSE_S)
        end = {**place, "call_id": call_id, "name": self._name, "arguments": ARGUMENTS}
        sent_s = time.monotonic()
        await self._send("response.function_call_arguments.done", **end)
        output = await self._next("conversation.item.create")
        here_s = time.monotonic()
        await self._send("conversation.item.done", item={**output["item"], "id": f"out_{number}"})
        await self._send("response.output_item.done", response_id=response, output_index=0, item=done)
        await self._send("response.done", response={**shape, "status": "completed", "output": [done]})
        await self._next("response.create")
        return {"sent_s": sent_s, "here_s": here_s, "output": output["item"]["output"]}

    async def _next(self, kind: str) -> Json:
        async for frame in self._socket:
            event: Json = json.loads(frame)
            if event["type"] == kind:
                return event
        raise ConnectionError(kind)

    async def _send(self, kind: str, /, **fields: object) -> None:
        await self._socket.send(json.dumps({"type": kind, **fields}))


async def main(name: str, calls: int) -> None:
    seen: asyncio.Future[list[Json]] = asyncio.get_running_loop().create_future()

    async def meet(socket: ServerConnection) -> None:
        seen.set_result(await Caller(socket, name).call_all(calls))

    async with serve(meet, "127.0.0.1", 0, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        print(f"ws://127.0.0.1:{port}", flush=True)
        print(json.dumps(await seen), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
