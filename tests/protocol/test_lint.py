from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given

from realtime_cli.protocol.client_events import InputAudioBufferAppend, ResponseCreate
from realtime_cli.protocol.findings import Finding
from realtime_cli.protocol.lint import lint, lint_events
from tests.protocol.strategies import json_values, wire

MIB = 1024 * 1024


def session(**fields: Any) -> dict[str, Any]:
    return {"type": "session.update", "session": {"type": "realtime", **fields}}


def speech(**fields: Any) -> dict[str, Any]:
    return session(audio={"output": fields})


def vad(**fields: Any) -> dict[str, Any]:
    return session(audio={"input": {"turn_detection": fields}})


def item(**fields: Any) -> dict[str, Any]:
    return {"type": "conversation.item.create", "item": fields}


def message(role: str, *content: Any) -> dict[str, Any]:
    return item(type="message", role=role, content=list(content))


def response(**fields: Any) -> dict[str, Any]:
    return {"type": "response.create", "response": fields}


def append(audio: Any) -> dict[str, Any]:
    return {"type": "input_audio_buffer.append", "audio": audio}


def truncate(**fields: Any) -> dict[str, Any]:
    whole = {"item_id": "item_1", "content_index": 0, "audio_end_ms": 1200}
    return {"type": "conversation.item.truncate", **whole, **fields}


def one(event: object, **where: Any) -> Finding:
    [finding] = lint(event, **where)
    return finding


def test_an_event_is_an_object() -> None:
    assert one([]) == Finding(
        "",
        "an event must be a JSON object, not an array",
        'write {"type": "response.create"} or the like',
        "invalid_event",
    )


@pytest.mark.parametrize("event", [{}, {"type": None}, {"type": 5}])
def test_an_event_has_a_type(event: dict[str, Any]) -> None:
    finding = one(event)
    assert (finding.path, finding.code) == ("type", "invalid_event")


GA, BETA, TRANSLATION = {}, {"dialect": "beta"}, {"family": "translation"}


@pytest.mark.parametrize(
    ("name", "where", "reason", "hint"),
    [
        ("respons.create", GA, "which is not an event of the API", 'write "response.create"'),
        ("session.updated", GA, "which only servers send", 'write "session.update"'),
        ("response.text.delta", GA, "which only servers send", "write "),
        ("session.closed", GA, "which only servers send", "write "),
        ("transcription_session.update", GA, "which is beta", "session.type"),
        ("session.close", GA, "which belongs to translation sessions", "write "),
        ("response.create", TRANSLATION, "which translation sessions do not know", '"session.close"'),
        (
            "input_audio_buffer.append",
            TRANSLATION,
            "do not know",
            'write "session.input_audio_buffer.append"',
        ),
    ],
)
def test_an_event_that_no_client_sends(name: str, where: Any, reason: str, hint: str) -> None:
    finding = one({"type": name}, **where)
    assert (finding.path, finding.code) == ("type", "invalid_value")
    assert reason in finding.reason
    assert hint in finding.hint


def test_a_type_like_no_other_is_answered_with_the_whole_list() -> None:
    hint = one({"type": "zzz"}).hint
    assert all(name in hint for name in ("session.update", "response.create", "conversation.item.truncate"))


@pytest.mark.parametrize(
    ("event", "path", "hint"),
    [
        (session(voice="marin"), "session.voice", 'session.audio.output.voice = "marin"'),
        (
            session(modalities=["text", "audio"]),
            "session.modalities",
            'session.output_modalities = ["audio"]',
        ),
        (
            session(input_audio_format="pcm16"),
            "session.input_audio_format",
            'session.audio.input.format = {"type":"audio/pcm","rate":24000}',
        ),
        (
            session(turn_detection={"type": "server_vad", "threshold": 0.5, "create_response": True}),
            "session.turn_detection",
            "write session.audio.input.turn_detection",
        ),
        (session(temperature=0.8), "session.temperature", "GA has no such field"),
        (response(voice="marin"), "response.voice", 'response.audio.output.voice = "marin"'),
        (
            response(max_response_output_tokens=5),
            "response.max_response_output_tokens",
            "response.max_output_tokens = 5",
        ),
        (session(instuctions="Hi"), "session.instuctions", "write session.instructions"),
        (session(audio={"voice": "ash"}), "session.audio.voice", "belongs at session.audio.output.voice"),
        (
            {"type": "response.create", "instructions": "Hi"},
            "instructions",
            "belongs at response.instructions",
        ),
        (item(type="message", role="user", content=[], text="Hi"), "item.text", "at item.content[].text"),
        (
            vad(type="server_vad", eagerness="low"),
            "session.audio.input.turn_detection.eagerness",
            "an object of another type has it",
        ),
        (
            message("user", {"type": "input_text", "text": "Hi", "transcript": "Hi"}),
            "item.content[0].transcript",
            "an object of another type has it",
        ),
        (
            session(audio={"input": {"voice": "ash"}}),
            "session.audio.input.voice",
            "at session.audio.output.voice",
        ),
        (
            session(audio={"instructions": "Hi"}),
            "session.audio.instructions",
            "belongs at session.instructions",
        ),
        (session(event_id="event_1"), "session.event_id", "it belongs at event_id"),
        (
            session(type="transcription", output_modalities=["text"]),
            "session.output_modalities",
            "an object of another type has it; change the type, or leave it out",
        ),
        (session(brand_new=1), "session.brand_new", "leave it out; the fields are type, model, instructions"),
        (session(id="sess_1"), "session.id", "leave it out"),
        (
            speech(voice={"id": "voice_1", "name": "me"}),
            "session.audio.output.voice.name",
            "the fields are id",
        ),
    ],
)
def test_a_field_that_ga_does_not_have(event: dict[str, Any], path: str, hint: str) -> None:
    finding = one(event)
    assert (finding.path, finding.code) == (path, "unknown_parameter")
    assert hint in finding.hint
    assert finding.message == f"Unknown parameter: '{path}'."


BETA_SESSION = {
    "modalities": ["text", "audio"],
    "voice": "alloy",
    "input_audio_format": "pcm16",
    "input_audio_transcription": {"model": "whisper-1"},
    "turn_detection": {"threshold": 0.5},
    "temperature": 0.8,
    "max_response_output_tokens": "inf",
}


@pytest.mark.parametrize(
    "event",
    [
        {"type": "session.update", "session": BETA_SESSION},
        {"type": "transcription_session.update", "session": {"input_audio_format": "pcm16"}},
        response(modalities=["text"], temperature=0.8, conversation="none", input=[]),
        message("assistant", {"type": "text", "text": "Hi"}),
        {"type": "conversation.item.retrieve", "item_id": "item_1"},
    ],
)
def test_beta_is_right_on_a_beta_server(event: dict[str, Any]) -> None:
    assert lint(event, dialect="beta") == []


@pytest.mark.parametrize(
    ("event", "path", "hint"),
    [
        (
            {"type": "session.update", "session": {"output_modalities": ["audio"]}},
            "session.output_modalities",
            'session.modalities = ["text","audio"]',
        ),
        (
            response(audio={"output": {"voice": "ash", "format": {"type": "audio/pcmu"}}}),
            "response.audio",
            'beta: response.voice = "ash", response.output_audio_format = "g711_ulaw"',
        ),
        (response(audio={}), "response.audio", "response.input[].content[].audio"),
        (response(reasoning={}), "response.reasoning", "leave it out; the fields are modalities"),
        (session(), "session.type", "beta has no such field"),
    ],
)
def test_a_field_that_beta_does_not_have(event: dict[str, Any], path: str, hint: str) -> None:
    finding = one(event, dialect="beta")
    assert (finding.path, finding.code) == (path, "unknown_parameter")
    assert hint in finding.hint


@pytest.mark.parametrize(
    ("event", "path", "reason", "hint"),
    [
        (
            speech(speed="1.5"),
            "session.audio.output.speed",
            'a number, not a string ("1.5")',
            "write 1.5 without",
        ),
        (speech(speed="fast"), "session.audio.output.speed", "a number, not a string", "for example 1.0"),
        (
            speech(voice=5),
            "session.audio.output.voice",
            "an object or a string, not an integer (5)",
            '"alloy"',
        ),
        (
            session(instructions=True),
            "session.instructions",
            "a string, not a boolean (true)",
            "write a string",
        ),
        (
            session(output_modalities="audio"),
            "session.output_modalities",
            "an array, not a string",
            '["audio"]',
        ),
        (session(tools={}), "session.tools", "an array, not an object", "write an array"),
        (session(tools=[5]), "session.tools[0]", "an object, not an integer", 'type "function" or "mcp"'),
        (
            session(tool_choice=5),
            "session.tool_choice",
            'or "auto", "none" or "required"',
            "write an object or",
        ),
        (
            session(max_output_tokens=1.5),
            "session.max_output_tokens",
            'an integer or "inf", not a number',
            "write",
        ),
        (session(audio=[]), "session.audio", "an object, not an array", "write an object"),
        (truncate(audio_end_ms=1.5), "audio_end_ms", "an integer, not a number (1.5)", "for example 1200"),
        (truncate(audio_end_ms="1200"), "audio_end_ms", "an integer, not a string", "write 1200 without"),
        (truncate(content_index=True), "content_index", "an integer, not a boolean", "for example 0"),
        (truncate(item_id=None), "item_id", "a string, not null", '"item_1"'),
        (
            vad(type="server_vad", idle_timeout_ms=5000.5),
            "session.audio.input.turn_detection.idle_timeout_ms",
            "an integer, not a number",
            "write an integer",
        ),
        (vad(type=5), "session.audio.input.turn_detection.type", "not an integer (5)", "server_vad"),
        ({"type": "session.update", "session": None}, "session", "an object, not null", '"realtime"'),
        (
            response(metadata={"n": 5}),
            "response.metadata.n",
            "a string, not an integer (5)",
            "write a string",
        ),
        (message("user", "Hi"), "item.content[0]", "an object, not a string", '"input_text"'),
    ],
)
def test_a_value_of_the_wrong_kind(event: dict[str, Any], path: str, reason: str, hint: str) -> None:
    finding = one(event)
    assert (finding.path, finding.code) == (path, "invalid_type")
    assert reason in finding.reason
    assert hint in finding.hint
    assert finding.message == f"Invalid '{path}': {finding.reason}."


@pytest.mark.parametrize(
    ("event", "path", "hint"),
    [
        ({"type": "session.update"}, "session", '{"type":"realtime"'),
        ({"type": "session.update", "session": {}}, "session.type", '"realtime"'),
        ({"type": "session.update", "session": {"include": []}}, "session.type", 'add "type"'),
        ({"type": "input_audio_buffer.append"}, "audio", "AAAAAA=="),
        ({"type": "conversation.item.delete"}, "item_id", "item_1"),
        (session(tools=[{"type": "function"}]), "session.tools[0].name", "get_weather"),
        (session(tool_choice={"name": "f"}), "session.tool_choice.type", "function"),
        (vad(threshold=0.5), "session.audio.input.turn_detection.type", '"server_vad"'),
        (vad(eagerness="low"), "session.audio.input.turn_detection.type", '"semantic_vad"'),
        (item(type="message", role="user"), "item.content", "input_text"),
        (item(type="message", content=[]), "item.role", '"user"'),
        (item(type="function_call_output", output="{}"), "item.call_id", "call_1"),
        (item(role="user", content=[]), "item.type", '"message"'),
        (message("user", {"type": "input_text"}), "item.content[0].text", "Hello!"),
        (session(truncation={"type": "retention_ratio"}), "session.truncation.retention_ratio", "0.8"),
    ],
)
def test_a_field_that_is_missing(event: dict[str, Any], path: str, hint: str) -> None:
    finding = one(event)
    assert (finding.path, finding.code, finding.reason) == (path, "missing_required_parameter", "is missing")
    assert hint in finding.hint
    assert finding.message == f"Missing required parameter: '{path}'."


@pytest.mark.parametrize(
    ("event", "path", "reason", "hint"),
    [
        (session(tool_choice="requird"), "session.tool_choice", "auto", 'write "required"'),
        (session(tool_choice="zzz"), "session.tool_choice", "auto", "write an object or"),
        (
            session(max_output_tokens="5"),
            "session.max_output_tokens",
            'an integer or "inf"',
            "5 without the quotes",
        ),
        (session(output_modalities=["adio"]), "session.output_modalities[0]", '"audio" or "text"', '"audio"'),
        (vad(type="servervad"), "session.audio.input.turn_detection.type", "semantic_vad", '"server_vad"'),
        (session(tools=[{"type": "web_search"}]), "session.tools[0].type", "function", '"function" or "mcp"'),
        (item(type="mesage"), "item.type", "item_reference", 'write "message"'),
        (message("bot"), "item.role", '"user", "assistant" or "system"', "write"),
        (session(reasoning={"effort": "extreme"}), "session.reasoning.effort", '"xhigh"', "write"),
    ],
)
def test_a_value_outside_a_closed_list(event: dict[str, Any], path: str, reason: str, hint: str) -> None:
    finding = one(event)
    assert (finding.path, finding.code) == (path, "invalid_value")
    assert reason in finding.reason
    assert hint in finding.hint


@pytest.mark.parametrize(
    "event",
    [
        session(model="gpt-next", audio={"output": {"voice": "brand-new"}}),
        session(audio={"input": {"format": {"type": "audio/opus"}, "transcription": {"model": "next"}}}),
        session(include=["brand.new"]),
    ],
)
def test_an_open_list_takes_any_value(event: dict[str, Any]) -> None:
    assert lint(event) == []


@pytest.mark.parametrize(
    ("event", "code", "reason", "hint"),
    [
        (speech(speed=0.2), "decimal_below_min_value", "is 0.2, less than 0.25", "write 0.25 to 1.5"),
        (speech(speed=2), "decimal_above_max_value", "is 2, more than 1.5", "write 0.25 to 1.5"),
        (
            vad(type="server_vad", idle_timeout_ms=100),
            "integer_below_min_value",
            "is 100, less than 5000",
            "write 5000 to 30000",
        ),
        (
            vad(type="server_vad", idle_timeout_ms=40_000),
            "integer_above_max_value",
            "is 40000, more than 30000",
            "write 5000 to 30000",
        ),
        (truncate(audio_end_ms=-1), "integer_below_min_value", "is -1, less than 0", "write 0 or more"),
        (session(max_output_tokens=0), "integer_below_min_value", "is 0, less than 1", "write 1 or more"),
        (speech(speed=math.nan), "invalid_value", "is nan, which JSON has no word for", "write 0.25 to 1.5"),
        (
            session(audio={"input": {"noise_reduction": {"strength": -(10**400)}}}),
            "invalid_value",
            "is a number of more than 64 bits",
            "write a number",
        ),
        (
            session(audio={"input": {"noise_reduction": {"strength": math.inf}}}),
            "invalid_value",
            "is inf, which JSON has no word for",
            "write a number",
        ),
    ],
)
def test_a_number_out_of_range(event: dict[str, Any], code: str, reason: str, hint: str) -> None:
    finding = one(event)
    assert (finding.code, finding.reason, finding.hint) == (code, reason, hint)


@pytest.mark.parametrize(
    "event",
    [
        speech(speed=0.25),
        speech(speed=1.5),
        vad(type="server_vad", threshold=0, idle_timeout_ms=None),
        vad(type="server_vad", threshold=1.0, idle_timeout_ms=30_000),
        truncate(audio_end_ms=0),
        session(max_output_tokens="inf"),
        session(audio={"input": {"turn_detection": None}}),
    ],
)
def test_the_ends_of_a_range_are_legal(event: dict[str, Any]) -> None:
    assert lint(event) == []


@pytest.mark.parametrize(
    ("event", "path", "reason"),
    [
        ({"type": "response.cancel", "event_id": "x" * 513}, "event_id", "has 513 characters, more than 512"),
        (truncate(item_id="x" * 33), "item_id", "has 33 characters, more than 32"),
        (item(type="function_call_output", id="x" * 33, call_id="c", output=""), "item.id", "more than 32"),
        (
            response(metadata={"topic": "x" * 513}),
            "response.metadata.topic",
            "has 513 characters, more than 512",
        ),
        (response(metadata={"k" * 65: ""}), "response.metadata", "has a key of 65 characters, more than 64"),
    ],
)
def test_a_text_that_is_too_long(event: dict[str, Any], path: str, reason: str) -> None:
    finding = one(event)
    assert (finding.path, finding.code) == (path, "string_above_max_length")
    assert reason in finding.reason


def test_texts_at_their_limits_are_legal() -> None:
    full = {f"{key:064}": "v" * 512 for key in range(16)}
    assert lint({**response(metadata=full), "event_id": "x" * 512}) == []
    assert lint(truncate(item_id="x" * 32)) == []


def test_metadata_has_at_most_16_pairs() -> None:
    finding = one(response(metadata={str(key): "" for key in range(17)}))
    assert (finding.path, finding.code) == ("response.metadata", "invalid_value")
    assert finding.reason == "has 17 pairs, more than 16"


@pytest.mark.parametrize("values", [[], ["text", "audio"]])
def test_a_response_has_exactly_one_modality(values: list[str]) -> None:
    finding = one(session(output_modalities=values))
    assert (finding.path, finding.code) == ("session.output_modalities", "invalid_value")
    assert finding.reason == f"has {len(values)} entries, but must have exactly 1"
    assert finding.hint == "exactly one of audio (with its transcript) or text"


def test_a_list_that_needs_an_entry() -> None:
    finding = one(session(audio={"input": {"transcription": {"languages": []}}}))
    assert finding.reason == "has 0 entries, but must have 1 or more"


@pytest.mark.parametrize("text", ["AA", "AAA!", "data:audio/wav;base64,AAAA", "é"])
def test_audio_is_base64(text: str) -> None:
    for event in (append(text), message("user", {"type": "input_audio", "audio": text})):
        finding = one(event)
        assert finding.path in ("audio", "item.content[0].audio")
        assert finding.code == "invalid_value"
        assert finding.reason.startswith("is not base64: ")


def test_half_a_sample_is_a_warning() -> None:
    finding = one(append("AAAA"))
    assert (finding.severity, finding.path) == ("warning", "audio")
    assert finding.reason == "holds 3 bytes, an odd number, but PCM has 2 bytes a sample"
    assert lint(append("AAAAAA==")) == []


def test_an_append_holds_at_most_15_mib() -> None:
    assert lint(append("AAAA" * (15 * MIB // 3))) == []
    finding = one(append("AAAA" * (15 * MIB // 3) + "AAA="))
    assert (finding.path, finding.code) == ("audio", "string_above_max_length")
    assert finding.reason == "holds 15,728,642 bytes, more than 15,728,640"


@pytest.mark.parametrize(
    ("role", "content", "where", "hint"),
    [
        ("assistant", {"type": "output_audio", "audio": "AAAAAA=="}, GA, 'write "output_text"'),
        ("assistant", {"type": "input_text", "text": "Hi"}, GA, 'write "output_text"'),
        ("user", {"type": "text", "text": "Hi"}, GA, 'write "input_text"'),
        ("user", {"type": "output_audio"}, GA, 'write "input_audio"'),
        ("system", {"type": "input_audio"}, GA, 'write "input_text"'),
        ("assistant", {"type": "output_text", "text": "Hi"}, BETA, 'write "text"'),
        ("user", {"type": "input_image", "image_url": "data:"}, BETA, 'write "input_text" or "input_audio"'),
    ],
)
def test_content_suits_its_role(role: str, content: dict[str, Any], where: Any, hint: str) -> None:
    message_ = {"type": "message", "role": role, "content": [content]}
    for event, path in (
        (item(**message_), "item.content[0].type"),
        (response(input=[message_]), "response.input[0].content[0].type"),
    ):
        finding = one(event, **where)
        assert (finding.path, finding.code, finding.hint) == (path, "invalid_value", hint)
        assert role in finding.reason


@pytest.mark.parametrize(
    "event",
    [
        message("user", {"type": "input_text", "text": "Hi"}, {"type": "input_audio", "audio": "AAAAAA=="}),
        message("user", {"type": "input_image", "image_url": "data:image/png;base64,iVBORw0="}),
        message("assistant", {"type": "output_text", "text": "Hi"}),
        message("system", {"type": "input_text", "text": "Hi"}),
        response(input=[{"type": "item_reference", "id": "item_1"}]),
        response(),
        {"type": "response.create", "response": None},
        {"type": "response.create"},
        session(tool_choice={"type": "function", "name": "f"}),
        session(truncation={"type": "retention_ratio", "retention_ratio": 0.8}),
        speech(voice={"id": "voice_1"}),
        {"type": "session.update", "session": {"type": "transcription", "audio": {"input": {}}}},
    ],
)
def test_what_is_right_is_left_alone(event: dict[str, Any]) -> None:
    assert lint(event) == []


def test_a_reference_is_no_item_of_its_own() -> None:
    finding = one(item(type="item_reference", id="item_1"))
    assert (finding.path, finding.code) == ("item.type", "invalid_value")
    assert "response.input" in finding.hint


@pytest.mark.parametrize("event", [session(prompt={"id": "pmpt_1"}), response(prompt={"id": "pmpt_1"})])
def test_stored_prompts_end_soon(event: dict[str, Any]) -> None:
    finding = one(event)
    assert (finding.severity, finding.reason) == ("warning", "ends on 2026-11-30")
    assert "instructions" in finding.hint


def test_no_prompt_is_no_warning() -> None:
    assert lint(session(prompt=None)) == []


def test_a_translation_session_has_its_own_fields() -> None:
    right = {"type": "session.update", "session": {"audio": {"output": {"language": "fr"}}}}
    assert lint(right, family="translation") == []
    assert one(right).path == "session.type"
    wrong = {"type": "session.update", "session": {"language": "fr"}}
    assert one(wrong, family="translation").hint == "it belongs at session.audio.output.language"


def test_every_fault_is_found_at_once() -> None:
    event = {"type": "session.update", "session": {"voice": "ash", "audio": {"output": {"speed": 9}}}}
    assert [finding.path for finding in lint(event)] == [
        "session.voice",
        "session.audio.output.speed",
        "session.type",
    ]


def test_a_finding_reads_as_a_line() -> None:
    assert str(one(speech(speed=2))) == "session.audio.output.speed: is 2, more than 1.5"
    assert str(one([])) == "an event must be a JSON object, not an array"
    assert one([]).message == "an event must be a JSON object, not an array."


def test_long_values_are_cut_in_reasons() -> None:
    assert len(one(session(tool_choice="x" * 10_000)).reason) < 200


def test_the_first_hundred_faults_are_enough() -> None:
    assert len(lint(session(**{f"x_{number}": 1 for number in range(1_000)}))) == 100


def test_a_value_nested_too_deeply_to_be_shown_is_still_a_fault() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert one(session(voice=deep)).hint == "that was beta; write session.audio.output.voice = ..."


def test_models_are_checked_as_what_they_write() -> None:
    assert lint(ResponseCreate()) == []
    assert one(InputAudioBufferAppend(audio="!")).path == "audio"


@given(event=json_values | wire(ResponseCreate))
def test_lint_takes_any_json(event: object) -> None:
    for dialect in ("ga", "beta"):
        assert isinstance(lint(event, dialect=dialect), list)


COMMIT, CLEAR = {"type": "input_audio_buffer.commit"}, {"type": "input_audio_buffer.clear"}
OTHER = {"type": "response.create"}


@pytest.mark.parametrize(
    ("events", "empty"),
    [
        ([COMMIT], [0]),
        ([append("AAAA"), COMMIT], []),
        ([append("AAAA"), OTHER, COMMIT, OTHER, COMMIT], [4]),
        ([append("AAAA"), CLEAR, COMMIT], [2]),
        ([append("AAAA"), COMMIT, append("AAAA"), COMMIT], []),
        ([5, {"type": []}, OTHER], []),
        ([], []),
    ],
)
def test_a_commit_needs_something_to_commit(events: list[object], empty: list[int]) -> None:
    found = lint_events(events)
    assert [index for index, _ in found] == empty
    assert {finding.code for _, finding in found} <= {"input_audio_buffer_commit_empty"}
