"""Events that need no room of their own: sessions, MCP, translation, keys, and what cannot be read."""

from __future__ import annotations

import pytest

from realtime_cli.core.inputs import UserText
from realtime_cli.core.session import Session
from realtime_cli.protocol.codec import MalformedEvent, ServerEvent, decode
from tests.support.builders import event, greeted, response_created, says, sends, text_delta
from tests.support.playbook import listen, play, then, when


def test_the_session_is_what_the_server_last_said_it_is() -> None:
    session = greeted()
    view = listen(session, event("session.updated", session={"type": "realtime", "model": "m-2", "x": 1}))
    assert (view.session_id, view.model, view.config["x"]) == ("sess_1", "m-2", 1)
    view = listen(session, event("session.updated"))
    assert view.model == "m-2"


def test_events_are_counted() -> None:
    view = listen(Session(), event("ping"), event("session.created"), decode("garbage"), decode(b"\x00"))
    assert (view.counters.events_in, view.counters.unknown, view.counters.malformed) == (4, 1, 2)


@pytest.mark.parametrize(
    ("frame", "what"),
    [
        (b"\x00\x01", "a frame"),
        ("[1]", "a frame"),
        ('{"type":"rate_limits.updated","rate_limits":5}', "rate_limits.updated"),
    ],
)
def test_a_frame_that_cannot_be_read_is_a_warning(frame: str | bytes, what: str) -> None:
    broken = decode(frame)
    assert isinstance(broken, MalformedEvent)
    (notice,) = listen(greeted(), broken).notices
    assert notice.level == "warning"
    assert notice.text == f"{what} from the server cannot be read: {broken.reason}"


def test_the_end_of_an_answer_is_one_even_if_it_cannot_be_read() -> None:
    broken = event("response.done", response={"id": "resp_1", "usage": {"input_tokens": "many"}})
    view = play(
        greeted(),
        when(UserText("hello")),
        then(says("hello"), sends("response.create")),
        when(response_created()),
        when(text_delta("Hi")),
        when(broken),
    )
    assert not view.is_busy
    assert [response.status for response in view.responses] == ["completed"]
    assert view.counters.malformed == 1


def test_the_end_of_no_answer_that_cannot_be_read_makes_none() -> None:
    broken = event("response.done", response={"usage": 5})
    assert listen(greeted(), broken).responses == ()


@pytest.mark.parametrize(
    ("step", "status", "notices"),
    [
        ("in_progress", "in_progress", []),
        ("completed", "completed", []),
        ("failed", "failed", ["an MCP call failed"]),
    ],
)
def test_an_mcp_call_goes_on(step: str, status: str, notices: list[str]) -> None:
    view = listen(greeted(), event(f"response.mcp_call.{step}", item_id="mcp_1", output_index=0))
    assert [(item.kind, item.status) for item in view.items] == [("mcp_call", status)]
    assert [notice.text for notice in view.notices] == notices


def test_a_list_of_mcp_tools_that_cannot_be_had_is_told() -> None:
    view = listen(greeted(), event("mcp_list_tools.failed", item_id="mcp_1"))
    assert [(item.kind, item.status) for item in view.items] == [("mcp_list_tools", "failed")]
    assert view.notices[0].text == "the tools of an MCP server could not be listed"


def test_an_mcp_step_without_an_item_is_told_all_the_same() -> None:
    view = listen(greeted(), event("mcp_list_tools.failed"))
    assert view.items == ()
    assert [(n.level, n.text) for n in view.notices] == [
        ("error", "the tools of an MCP server could not be listed")
    ]


@pytest.mark.parametrize(
    ("heard", "words"),
    [
        (event("input_audio_buffer.timeout_triggered"), "nobody spoke: the server answers by itself"),
        (event("input_audio_buffer.dtmf_event_received", event="5"), "the caller pressed 5"),
        (event("input_audio_buffer.dtmf_event_received", digit="#"), "the caller pressed #"),
        (event("input_audio_buffer.dtmf_event_received"), "the caller pressed ?"),
        (event("session.closed"), "the translation is complete"),
    ],
)
def test_what_happens_by_itself_is_told(heard: ServerEvent, words: str) -> None:
    (notice,) = listen(greeted(), heard).notices
    assert (notice.level, notice.text) == ("info", words)


@pytest.mark.parametrize(
    "name",
    [
        "conversation.created",
        "output_audio_buffer.started",
        "output_audio_buffer.stopped",
        "response.output_audio.done",
    ],
)
def test_what_another_event_says_as_well_changes_only_the_count(name: str) -> None:
    view = listen(greeted(), event(name, item_id="a", response_id="resp_1"))
    assert (view.items, view.responses, view.notices) == ((), (), ())
    assert view.counters.events_in == 2


def test_a_translation_has_two_transcripts_that_grow() -> None:
    view = listen(
        Session(),
        event("session.created", session={"type": "translation", "id": "sess_t"}),
        event("session.input_transcript.delta", delta="Good "),
        event("session.output_transcript.delta", delta="Guten "),
        event("session.input_transcript.delta", delta="day"),
        event("session.output_transcript.delta", delta="Tag"),
        event("session.output_transcript.delta"),
        event("session.output_audio.delta", delta="AAAA"),
    )
    assert [(item.role, item.text) for item in view.items] == [
        ("user", "Good day"),
        ("assistant", "Guten Tag"),
    ]
    assert view.counters.audio_in_bytes == 3
    assert view.session_id == "sess_t"
