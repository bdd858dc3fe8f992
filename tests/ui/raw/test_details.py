from __future__ import annotations

import base64

import pytest

from realtime_cli.ui.live.raw.details import details, quoted, spoken_in
from tests.ui.raw.scenes import HOSTILE, is_safe

LONG_ITEM, LONG_RESPONSE = "item_E6U0xpLmn5e80rVGpEeKv", "resp_E6U0xpLmn5e80rVGpAbCd"
BLOB = base64.b64encode(bytes(300)).decode()


def told(type_: str, *, roomy: bool = False, **fields: object) -> str:
    return details(type_, {"type": type_, "event_id": "event_1", **fields}, roomy=roomy)


@pytest.mark.parametrize(
    ("type_", "fields", "words"),
    [
        ("error", {"error": {"code": "c", "message": "no", "param": "p"}}, "c: no (p)"),
        ("error", {"error": {"type": "t", "message": "no", "code": None}}, "t: no"),
        ("error", {"error": {"type": "t"}}, "t"),
        ("error", {"error": "words"}, '"words"'),
        ("response.output_text.delta", {"delta": " fog", "item_id": "item_1"}, '" fog"'),
        ("response.output_text.delta", {"delta": ""}, '""'),
        ("x.done", {"transcript": "Grüße\n\x1b"}, '"Grüße\\n\\u001b"'),
        ("x.done", {"arguments": '{ \n"city":  "London"}'}, '{"city": "London"}'),
        ("x.done", {"arguments": '{"city":  '}, '"{\\"city\\": "'),
        ("x.delta", {"delta": BLOB}, "delta=(300 bytes)"),
        ("x.output_audio.delta", {"delta": "Not/audio-", "item_id": "item_1"}, "delta=(7 bytes) item_1"),
        ("x.speech_started", {"audio_start_ms": 1460, "item_id": "item_1"}, "start 1,460 ms item_1"),
        ("playback.progress", {"item_id": "item_1", "heard_ms": 420.4}, "item_1 heard 420 ms"),
        (
            "conversation.item.added",
            {"item": {"id": LONG_ITEM, "type": "message", "role": "user", "status": "completed",
                      "content": [{"text": "Hi"}, {"type": "input_audio", "transcript": "yo"}, 5]}},
            'user "Hi" "yo" item…pEeKv',
        ),
        (
            "response.output_item.added",
            {"item": {"id": "fc_1", "type": "function_call", "name": "get_weather", "call_id": "call_1",
                      "status": "in_progress", "arguments": ""}},
            "function_call get_weather call_1 in_progress fc_1",
        ),
        ("x", {"item": {"type": "function_call_output", "output": "foggy"}}, 'function_call_output "foggy"'),
        ("response.content_part.added", {"part": {"type": "text", "text": ""}}, "text"),
        (
            "response.done",
            {"response": {"id": LONG_RESPONSE, "status": "failed", "usage": {"total_tokens": 1205},
                          "status_details": {"type": "failed", "error": {"message": "no quota"}}}},
            "failed (no quota) 1,205 tokens resp…pAbCd",
        ),
        (
            "response.done",
            {"response": {"status": "cancelled", "status_details": {"reason": "turn_detected"}}},
            "cancelled (turn_detected)",
        ),
        ("response.create", {}, ""),
        ("response.create", {"response": {"instructions": "Say hi"}}, 'instructions="Say hi"'),
        (
            "session.created",
            {"session": {"id": "sess_1", "model": "m", "output_modalities": ["audio"], "audio": {
                "input": {"turn_detection": {"type": "server_vad"}}, "output": {"voice": "marin"}}}},
            "m marin audio server_vad sess_1",
        ),
        ("session.created", {"session": {"model": "m", "voice": "alloy", "turn_detection": None}}, "m alloy"),
        (
            "session.update",
            {"session": {"type": "realtime", "audio": {"output": {"speed": 1.2}}, "tools": [], "x": None}},
            "audio.output.speed=1.2 tools=[]",
        ),
        (
            "rate_limits.updated",
            {"rate_limits": [{"name": "requests", "limit": 1000, "remaining": 999}, {"name": None}, 5]},
            "requests 999/1,000",
        ),
        ("x", {"item": {"type": "function_call_output", "output": BLOB}}, "function_call_output (300 bytes)"),
        ("user.text", {"text": "hello"}, '"hello"'),
        ("connection.lost", {"code": 1000, "reason": "", "by_us": True}, "code=1000 by_us=true"),
        ("backpressure", {"queued_bytes": 5, "dropped_ms": 0.0}, "queued_bytes=5 dropped 0 ms"),
        ("x", {"image": "data:image/png;base64," + BLOB}, "image=(300 bytes)"),
    ],
)  # fmt: skip
def test_a_row_tells_the_fields_that_matter(type_: str, fields: dict[str, object], words: str) -> None:
    assert told(type_, **fields) == words


def test_ids_are_whole_where_there_is_room() -> None:
    assert told("x", item_id=LONG_ITEM) == "item…pEeKv"
    assert told("x", item_id=LONG_ITEM, roomy=True) == LONG_ITEM
    assert told("x", name="get_weather_forecast_for_tomorrow") == "name=get_weather_forecast_for_tomorrow"


def test_long_texts_and_many_fields_are_cut() -> None:
    assert len(told("x", text="word " * 200_000)) <= 400
    assert len(told("x", **{f"field{n}": n for n in range(1000)})) <= 400
    deep: object = 1
    for _ in range(100):
        deep = {"a": deep}
    assert len(told("x", deep=deep)) <= 400


def test_nothing_acts_on_the_terminal() -> None:
    for type_ in ("error", "session.update", "x"):
        shown = told(type_, error={"message": HOSTILE}, session={HOSTILE: HOSTILE}, name=HOSTILE)
        assert all(is_safe(char) for char in shown)
    assert all(is_safe(char) for char in quoted(HOSTILE))


def test_what_is_spoken() -> None:
    assert spoken_in("x.delta", {"delta": "a"}) == "a"
    assert spoken_in("response.output_audio.delta", {"delta": "QUJD"}) is None
    assert spoken_in("x", {"text": ""}) is None
    assert spoken_in("x", {"text": 5}) is None
