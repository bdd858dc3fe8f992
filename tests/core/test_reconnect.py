"""A connection that is lost: when another one is tried, and what the new session is told of the old one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pytest

from realtime_cli.core.effects import (
    CancelTool,
    Connect,
    Disconnect,
    Effect,
    FinishAudio,
    Listen,
    SendEvent,
    StartTool,
    StopPlayback,
)
from realtime_cli.core.inputs import (
    ApprovalGiven,
    AudioReady,
    CancelRequested,
    ConnectionFailed,
    ConnectionLost,
    ConnectionOpened,
    DeadlineReached,
    ListeningMode,
    MicrophoneBlock,
    QuitRequested,
    RenewRequested,
    SessionInput,
    TalkEnded,
    TalkStarted,
    ToolFinished,
    ToolStarted,
    UserEvent,
    UserItem,
    UserText,
)
from realtime_cli.core.reconnect import DELAYS_S, RECONNECT_CODE, STEADY_S, TRY_CODE
from realtime_cli.core.session import Session
from realtime_cli.core.terms import Terms
from realtime_cli.core.view import Notice, Retry, SessionView
from realtime_cli.protocol.client_events import ConversationItemCreate
from realtime_cli.protocol.codec import ServerEvent, decode_client
from realtime_cli.protocol.encoding import PCM_24K
from realtime_cli.protocol.items import FunctionCallOutput, Item
from tests.support.builders import (
    event,
    function_call,
    item_added,
    message,
    refusal,
    response_created,
    response_done,
    says,
    sends,
    sends_raw,
    text_delta,
)
from tests.support.playbook import Step, listen, play, then, when
from tests.support.voice import (
    BOTH,
    audio_delta,
    heard,
    pcm,
    plays,
    speech_started,
    stopped,
    truncates,
)

GREETING = event("session.created", session={"type": "realtime", "id": "sess_1"})
BROKEN = ConnectionLost(1006)
CREATE = sends("response.create")
OPENED, FAILED, DUE = ConnectionOpened(), ConnectionFailed("refused"), DeadlineReached()
CONNECT = Connect()


def reconnecting_session(*, ready: AudioReady | None = None, **config: object) -> Session:
    """A session that was greeted, and has answered once."""
    session = Session(config, reconnects=True)
    listen(session, OPENED, GREETING)
    if ready is not None:
        listen(session, ready)
    return session


def user(text: str, item_id: str = "msg_user_1") -> dict[str, object]:
    return message(item_id, role="user", content=[{"type": "input_text", "text": text}])


def makes(item: Mapping[str, object]) -> SendEvent:
    return sends("conversation.item.create", item=item)


def back() -> list[Step]:
    """The way back, up to the greeting of the new session, which is the last step."""
    return [
        when(BROKEN, at=1.0),
        when(DUE, at=1.5),
        then(CONNECT),
        when(OPENED, at=1.7),
        when(GREETING),
    ]


def notices(view: SessionView) -> list[Notice]:
    return [notice for notice in view.notices if notice.code in {RECONNECT_CODE, TRY_CODE}]


def last_notice(view: SessionView) -> str:
    return notices(view)[-1].text


def test_the_new_session_is_told_the_configuration_and_what_was_said() -> None:
    session = reconnecting_session(instructions="Be brief.")
    listen(
        session,
        event("session.updated", session={"type": "realtime", "instructions": "Be brief."}),
        UserText("hello"),
        item_added(user("hello")),
        response_created(),
        item_added(message("item_1"), after="msg_user_1"),
        text_delta("Hello to you."),
        response_done(),
    )
    view = play(
        session,
        *back(),
        then(
            sends("session.update", session={"type": "realtime", "instructions": "Be brief."}),
            makes(user("hello")),
            makes(message("item_1", "Hello to you.")),
        ),
    )
    assert [item.text for item in view.items] == ["hello", "Hello to you."]
    assert (view.connection, view.reconnects, view.retry) == ("open", 1, None)
    assert last_notice(view) == "connected again after 0.7 s; told it 2 items of the conversation"
    assert notices(view)[0].text == "the connection broke (close code 1006); connecting again"
    assert notices(view)[0].level == "warning"


@pytest.mark.parametrize("code", [None, 1001, 1005, 1006, 1011, 1012, 1013, 1015])
def test_what_the_network_or_an_ailing_server_does_is_worth_another_try(code: int | None) -> None:
    session = reconnecting_session()
    view = play(session, when(ConnectionLost(code), at=2.0))
    assert view.retry == Retry(tries=0, at_s=2.0 + DELAYS_S[0])
    assert session.next_deadline() == 2.0 + DELAYS_S[0]
    assert session.connection == "reconnecting"


@pytest.mark.parametrize("lost", [*map(ConnectionLost, (1000, 1002, 1008, 1009, 3000, 4000))])
def test_a_server_that_refuses_would_refuse_again(lost: ConnectionLost) -> None:
    view = play(reconnecting_session(), when(lost))
    assert view.connection == "closed"


def test_nobody_comes_back_who_was_not_asked_to_or_has_left_or_was_never_served() -> None:
    told = Session()
    listen(told, OPENED, GREETING)
    assert play(told, when(BROKEN)).connection == "closed"
    assert play(reconnecting_session(), when(ConnectionLost(1006, by_us=True))).connection == "closed"
    left = reconnecting_session()
    assert play(left, when(QuitRequested()), then(Disconnect()), when(BROKEN)).connection == "closed"
    never_greeted = Session(reconnects=True)
    assert play(never_greeted, when(OPENED), when(BROKEN)).connection == "closed"


def test_the_tries_come_ever_later_and_have_an_end() -> None:
    session = reconnecting_session()
    now = 0.0
    listen(session, BROKEN)
    for tries, delay_s in enumerate(DELAYS_S):
        assert session.view().retry == Retry(tries, now + delay_s)
        now += delay_s
        assert session.receive(DUE, now) == [CONNECT]
        assert session.view().retry == Retry(tries + 1, None)
        assert session.next_deadline() is None
        session.receive(FAILED, now)
    view = session.view()
    assert (view.connection, view.closed_by_us, view.retry) == ("closed", False, None)
    assert last_notice(view) == "no connection after 5 tries: refused"
    assert notices(view)[-1].level == "error"
    first = notices(view)[1]
    assert (first.text, first.hint) == ("no connection: refused", "the next try comes in 1 s")
    assert [notice.code for notice in notices(view)] == [RECONNECT_CODE, *[TRY_CODE] * 4, RECONNECT_CODE]


def test_a_refused_key_ends_the_tries() -> None:
    final = ConnectionFailed("the server refused the key", "use another", is_final=True)
    view = play(reconnecting_session(), when(BROKEN, at=0.0), when(DUE, at=0.5), then(CONNECT), when(final))
    assert view.connection == "closed"
    told = view.notices[-1]
    assert told.text == "no connection after 1 try: the server refused the key"
    assert (told.level, told.hint, told.code) == ("error", "use another", "invalid_api_key")


def test_a_failure_that_comes_too_late_changes_nothing() -> None:
    assert play(reconnecting_session(), when(FAILED)).connection == "open"


def test_a_connection_that_lasted_gives_the_tries_back() -> None:
    session = reconnecting_session()
    play(session, *back(), when(BROKEN, at=2.0))
    assert session.next_deadline() == 2.0 + DELAYS_S[1]
    other = reconnecting_session()
    play(other, *back(), when(BROKEN, at=1.7 + STEADY_S))
    assert other.next_deadline() == 1.7 + STEADY_S + DELAYS_S[0]


def test_an_answer_that_had_not_begun_is_asked_for_again() -> None:
    view = play(
        reconnecting_session(),
        when(UserText("hello")),
        then(says("hello"), CREATE),
        when(item_added(user("hello"))),
        *back(),
        then(makes(user("hello")), CREATE),
        when(response_created("resp_2"), at=2.0),
        when(text_delta("Hi.", response_id="resp_2")),
        when(response_done("resp_2")),
    )
    assert last_notice(view).endswith("told it 1 item of the conversation; asked for the answer again")
    assert [item.text for item in view.items] == ["hello", "Hi."]
    assert view.responses[-1].marks.origin == "text"
    assert view.responses[-1].marks.start == 1.7


TERSE = '{"type":"response.create","event_id":"mine","response":{"instructions":"Be terse."}}'


@pytest.mark.parametrize(
    "meanwhile",
    [
        [],
        [response_created()],
        [refusal("conversation_already_has_active_response", event_id="mine")],
        [response_created(), BROKEN, DUE, OPENED],
    ],
    ids=["asked", "created", "waiting", "lost twice"],
)
def test_an_answer_is_asked_for_again_with_its_settings(meanwhile: list[SessionInput]) -> None:
    session = reconnecting_session()
    listen(session, item_added(user("hello")), UserEvent(TERSE), *meanwhile, BROKEN, DUE, OPENED)
    play(
        session,
        when(GREETING),
        then(makes(user("hello")), sends("response.create", response={"instructions": "Be terse."})),
        when(response_created("resp_2")),
        when(response_done("resp_2")),
        when(UserText("and?")),
        then(says("and?"), CREATE),
    )


def test_of_two_requests_the_one_that_was_not_stopped_is_made_again() -> None:
    session, first = reconnecting_session(), user("hello", "msg_0")
    listen(session, item_added(first), UserEvent(TERSE), CancelRequested(), UserText("no: more"))
    listen(session, BROKEN, DUE, OPENED)
    play(session, when(GREETING), then(makes(first), says("no: more"), CREATE))


def test_an_answer_that_the_server_began_by_itself_is_asked_for_plainly() -> None:
    session = reconnecting_session()
    listen(session, item_added(user("hello")), UserEvent(TERSE), response_created(), response_done())
    listen(session, response_created("resp_2"), BROKEN, DUE, OPENED)
    play(session, when(GREETING), then(makes(user("hello")), CREATE))


def test_an_answer_beside_the_conversation_lends_nobody_its_settings() -> None:
    session = reconnecting_session()
    beside = '{"type":"response.create","response":{"conversation":"none","metadata":{"a":"b"}}}'
    listen(session, item_added(user("hello")), UserEvent(beside), UserEvent('{"type":"response.create"}'))
    listen(session, response_created("resp_9", conversation_id=None, metadata={"a": "b"}))
    listen(session, response_created(), BROKEN, DUE, OPENED)
    play(session, when(GREETING), then(makes(user("hello")), CREATE))


@pytest.mark.parametrize(
    "begun",
    [
        [text_delta("Once")],
        [audio_delta(20)],
        [
            event(
                "response.output_item.done", response_id="resp_1", item=function_call("fc_1", arguments="{}")
            )
        ],
        [CancelRequested()],
    ],
)
def test_an_answer_that_had_begun_or_was_stopped_is_not_asked_for_again(begun: list[SessionInput]) -> None:
    session = reconnecting_session()
    listen(session, UserText("hello"), item_added(user("hello")), response_created(), *begun, BROKEN)
    listen(session, DUE, OPENED)
    effects = session.receive(GREETING, 1.0)
    assert CREATE.event.type not in [each.event.type for each in effects if isinstance(each, SendEvent)]
    assert not session.is_busy


def test_an_answer_that_made_no_whole_call_is_asked_for_again() -> None:
    session = reconnecting_session()
    listen(session, UserText("hello"), item_added(user("hello")), response_created())
    listen(session, event("response.output_item.added", response_id="resp_1", item=function_call("fc_1")))
    listen(session, BROKEN)
    assert session.is_busy
    view = listen(session, DUE, OPENED, GREETING)
    assert "asked for the answer again" in last_notice(view)
    assert [call.state for call in view.calls] == ["cancelled"]


def test_who_gives_up_an_answer_while_there_is_no_connection_gets_none() -> None:
    session = reconnecting_session()
    listen(session, UserText("hello"), item_added(user("hello")), BROKEN, UserText("more"))
    assert session.is_busy
    listen(session, CancelRequested())
    assert not session.is_busy
    listen(session, DUE, OPENED)
    assert sent_types(session.receive(GREETING, 1.0)) == ["conversation.item.create"]


def test_who_gives_up_what_was_typed_meanwhile_is_told_so() -> None:
    session = reconnecting_session()
    listen(session, BROKEN, UserText("hello?"), CancelRequested(), DUE, OPENED)
    assert sent_types(session.receive(GREETING, 1.0)) == []
    assert [notice.text for notice in session.view().notices][1] == "not sent: you stopped it"


def sent_types(effects: Sequence[Effect]) -> list[str]:
    return [effect.event.type for effect in effects if isinstance(effect, SendEvent)]


def test_what_is_typed_meanwhile_is_said_behind_what_was_said_before() -> None:
    play(
        reconnecting_session(),
        when(item_added(message("item_1", "Hello."))),
        when(BROKEN, at=1.0),
        when(UserText("still there?"), at=1.2),
        when(DUE, at=1.5),
        then(CONNECT),
        when(OPENED),
        when(GREETING),
        then(makes(message("item_1", "Hello.")), says("still there?"), CREATE),
    )


def test_what_may_not_have_arrived_is_said_again_in_its_turn() -> None:
    play(
        reconnecting_session(),
        when(item_added(message("item_1", "Hello."))),
        when(UserText("one")),
        then(says("one"), CREATE),
        when(UserEvent('{"type":"session.update","session":{"type":"realtime","instructions":"x"}}')),
        then(sends_raw('{"type":"session.update","session":{"type":"realtime","instructions":"x"}}')),
        *back(),
        then(
            sends("session.update", session={"type": "realtime", "instructions": "x"}),
            makes(message("item_1", "Hello.")),
            says("one"),
            CREATE,
        ),
    )


def test_a_refused_setting_is_not_asked_for_again() -> None:
    session = reconnecting_session(instructions="x")
    listen(session, event("session.updated", session={"type": "realtime", "instructions": "x"}))
    listen(session, UserEvent('{"type":"session.update","session":{"type":"realtime","speed":9}}'))
    listen(session, refusal("invalid_value"))
    play(
        session,
        *back(),
        then(sends("session.update", session={"type": "realtime", "instructions": "x"})),
    )


def test_a_configuration_that_fits_no_model_is_asked_for_again_as_it_is() -> None:
    session = reconnecting_session(audio="loud")
    listen(session, refusal("invalid_type"))
    listen(session, BROKEN, DUE, OPENED)
    first, *_ = session.receive(GREETING, 1.0)
    assert isinstance(first, SendEvent)
    assert '"audio":"loud"' in first.event.to_json().replace(" ", "")


def test_an_image_goes_in_again_as_it_was() -> None:
    picture = [{"type": "input_image", "image_url": "data:image/png;base64,AAAA"}]
    raw = json.dumps(message(None, role="user", content=picture))
    session = reconnecting_session()
    listen(session, UserItem(raw), item_added(message("item_7", role="user", content=picture)))
    listen(session, response_created(), response_done())
    play(
        session, *back(), then(makes({"id": "item_7", "type": "message", "role": "user", "content": picture}))
    )


def spoken_turn(item_id: str, transcript: str | None) -> list[SessionInput]:
    said = event(
        "conversation.item.input_audio_transcription.completed", item_id=item_id, transcript=transcript
    )
    committed = event("input_audio_buffer.committed", item_id=item_id)
    return [committed] if transcript is None else [committed, said]


def test_speech_goes_in_as_its_words_and_what_nobody_wrote_down_is_lost() -> None:
    session = reconnecting_session(ready=BOTH)
    listen(session, *spoken_turn("item_1", "hello"), *spoken_turn("item_2", None))
    view = play(
        session,
        *back(),
        then(makes(user("hello", "item_1")), Listen(PCM_24K)),
    )
    assert last_notice(view) == (
        "connected again after 0.7 s; told it 1 item of the conversation; 1 item lost"
    )
    assert notices(view)[-1].level == "warning"
    assert notices(view)[-1].hint
    assert [item.awaits_transcript for item in view.items] == [False, False]


def test_of_an_interrupted_answer_only_the_words_go_in_that_were_heard() -> None:
    session = reconnecting_session(ready=BOTH)
    words = event("response.output_audio_transcript.delta", item_id="item_1", delta="one two three four")
    listen(session, response_created(), audio_delta(400), words, heard(100), speech_started(), stopped(200))
    listen(session, event("conversation.item.truncated", item_id="item_1", audio_end_ms=200))
    listen(session, response_done(status="cancelled"))
    view = play(session, *back(), then(makes(message("item_1", "one two")), Listen(PCM_24K)))
    assert view.items[0].text == "one two three four"
    listen(session, item_added(message("item_1", "one two")))
    assert session.view().items[0].text == "one two three four"


def test_what_has_come_of_an_answer_is_heard_to_its_end_meanwhile() -> None:
    view = play(
        reconnecting_session(ready=BOTH),
        when(response_created()),
        when(audio_delta(400)),
        then(plays(400)),
        when(BROKEN, at=0.1),
        then(FinishAudio("item_1", 0)),
        when(heard(400), at=0.5),
    )
    assert not view.is_busy
    assert (view.items[0].heard_ms, view.items[0].status) == (400, "incomplete")


def test_an_interruption_without_a_connection_is_remembered_for_the_next() -> None:
    words = event("response.output_audio_transcript.delta", item_id="item_1", delta="one two three four")
    session = reconnecting_session(ready=BOTH)
    listen(session, response_created(), audio_delta(400), words, heard(20), speech_started(), BROKEN)
    view = play(session, when(stopped(100), at=0.2))
    assert view.items[0].truncated_ms == 100
    assert view.connection == "reconnecting"


def test_what_was_told_again_as_text_cannot_be_cut_any_more() -> None:
    words = event("response.output_audio_transcript.delta", item_id="item_1", delta="one two three four")
    session = reconnecting_session(ready=BOTH)
    listen(session, response_created(), audio_delta(400), words, heard(20), BROKEN, DUE, OPENED, GREETING)
    listen(session, speech_started())
    assert session.receive(stopped(100), 0.5) == []


def test_what_one_was_saying_has_to_be_said_again() -> None:
    speaking = reconnecting_session(ready=BOTH)
    listen(speaking, speech_started(), BROKEN)
    assert notices(speaking.view())[0].hint == "say again what you were saying"
    assert not speaking.view().user_speaking
    talking = reconnecting_session(ready=BOTH)
    listen(talking, ListeningMode(push_to_talk=True), TalkStarted(), MicrophoneBlock(pcm(200)), TalkEnded())
    listen(talking, BROKEN)
    assert notices(talking.view())[0].hint
    assert not talking.is_busy
    renewing = reconnecting_session(ready=BOTH)
    listen(renewing, speech_started(), RenewRequested(), ConnectionLost(1000, by_us=True))
    assert [notice.hint for notice in notices(renewing.view())] == ["say again what you were saying"]


def test_the_microphone_is_closed_until_the_new_session_is_configured() -> None:
    session = reconnecting_session(ready=BOTH)
    block = MicrophoneBlock(pcm(20))
    assert sent_types(session.receive(block, 0.1)) == ["input_audio_buffer.append"]
    listen(session, BROKEN)
    assert session.receive(block, 0.2) == []
    listen(session, DUE, OPENED)
    assert session.receive(block, 0.3) == []
    assert Listen(PCM_24K) in session.receive(GREETING, 0.4)
    assert sent_types(session.receive(block, 0.5)) == ["input_audio_buffer.append"]


def called() -> Session:
    """A session whose tool is at work."""
    session = Session(has_tools=True, reconnects=True)
    listen(session, OPENED, GREETING, UserText("weather?"), item_added(user("weather?")), response_created())
    call = function_call("fc_1", arguments="{}", status="completed")
    done = event("response.output_item.done", response_id="resp_1", item=call)
    assert session.receive(done, 0.0) == [StartTool("call_1", "weather", "{}")]
    listen(session, response_done(output=[call]), ToolStarted("call_1"))
    return session


def test_a_tool_works_on_and_its_output_is_for_the_new_session() -> None:
    item = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "weather", "arguments": "{}"}
    output = {"type": "function_call_output", "call_id": "call_1", "output": "12"}
    session = called()
    play(
        session,
        *back(),
        then(makes(user("weather?")), makes(item)),
        when(item_added(function_call("fc_1", arguments="{}", status="completed"))),
        when(ToolFinished("call_1", "12"), at=3.0),
        then(makes(output), CREATE),
    )


def test_an_output_that_comes_meanwhile_waits_for_the_connection() -> None:
    output = {"type": "function_call_output", "call_id": "call_1", "output": "12"}
    session = called()
    listen(session, BROKEN, ToolFinished("call_1", "12"), DUE, OPENED)
    assert sent_types(session.receive(GREETING, 1.0)) == ["conversation.item.create"] * 3 + [
        "response.create"
    ]
    session.receive(item_added({**output, "id": "out_1"}), 1.0)
    listen(session, response_created("resp_2"), text_delta("12.", response_id="resp_2", item_id="item_2"))
    listen(session, response_done("resp_2"), BROKEN, DUE, OPENED)
    outputs = [
        effect.event.item
        for effect in session.receive(GREETING, 2.0)
        if isinstance(effect, SendEvent) and isinstance(effect.event, ConversationItemCreate)
    ]
    assert [each.id for each in outputs] == ["msg_user_1", "fc_1", "out_1", "item_2"]
    assert isinstance(outputs[2], FunctionCallOutput)
    assert outputs[2].output == "12"


def test_a_tool_stops_when_no_connection_comes_about() -> None:
    session = called()
    listen(session, BROKEN, DUE)
    assert session.receive(ConnectionFailed("no", is_final=True), 1.0) == [CancelTool("call_1")]
    assert session.view().calls[0].state == "cancelled"


def test_what_the_server_did_at_mcp_servers_is_lost_and_its_questions_are_void() -> None:
    session = reconnecting_session()
    asked = {"id": "mcpr_1", "type": "mcp_approval_request", "server_label": "docs", "name": "search"}
    done = {"id": "mcp_1", "type": "mcp_call", "server_label": "docs", "name": "search", "output": "3 pages"}
    listen(session, item_added(asked), item_added(done), BROKEN, DUE, OPENED)
    assert session.receive(GREETING, 1.0) == []
    assert "1 item lost" in last_notice(session.view())
    assert session.view().items[0].approval == ""


def test_a_listing_that_had_not_come_to_its_end_failed() -> None:
    session = reconnecting_session()
    begun = {"type": "mcp_list_tools", "server_label": "docs"}
    whole: dict[str, object] = {"name": "search", "input_schema": {}}
    listen(
        session,
        item_added({**begun, "id": "mcpl_1"}),
        item_added({**begun, "id": "mcpl_2", "tools": [whole]}),
    )
    listen(session, event("mcp_list_tools.in_progress", item_id="mcpl_1"))
    view = listen(session, BROKEN)
    assert [item.status for item in view.items] == ["failed", view.items[1].status]
    assert view.items[1].status != "failed"


def test_a_server_that_gives_other_names_confirms_all_the_same() -> None:
    session = reconnecting_session()
    listen(session, item_added(user("hello", "item_a")), item_added(message(None, "Hi.")))
    listen(session, BROKEN, DUE, OPENED)
    _, second = session.receive(GREETING, 1.0)
    assert isinstance(second, SendEvent)
    assert '"id"' not in second.event.to_json()
    renamed = [
        item_added(message("item_8", role="user", content=[{"type": "input_text", "text": "hello"}])),
        item_added(message("item_9", "Hi.")),
    ]
    view = listen(session, *renamed, response_created("resp_2"), text_delta("More.", response_id="resp_2"))
    assert [item.text for item in view.items] == ["hello", "Hi.", "More."]
    assert not session.expects_answers
    view = listen(session, event("conversation.item.deleted", item_id="item_9"))
    assert [item.text for item in view.items] == ["hello", "More."]


def test_what_is_written_by_hand_has_the_names_of_the_new_session() -> None:
    session = reconnecting_session()
    listen(session, item_added(user("hello", "item_a")), BROKEN, DUE, OPENED, GREETING)
    listen(session, item_added(user("hello", "item_8")))
    by_hand = {
        name: f'{{"type": "conversation.item.delete", "item_id": "{name}"}}' for name in ("item_a", "b")
    }
    renamed, as_it_is = [session.receive(UserEvent(raw), 2.0)[0] for raw in by_hand.values()]
    assert isinstance(renamed, SendEvent)
    assert renamed.raw is None
    assert renamed.event == decode_client('{"type": "conversation.item.delete", "item_id": "item_8"}')
    assert isinstance(as_it_is, SendEvent)
    assert as_it_is.raw == by_hand["b"]


def test_calls_are_recognised_by_their_call_id() -> None:
    session = called()
    listen(session, ToolFinished("call_1", "12"), BROKEN, DUE, OPENED, GREETING)
    call = function_call("fc_9", arguments="{}", status="completed")
    output = {"id": "out_9", "type": "function_call_output", "call_id": "call_1", "output": "12"}
    view = listen(session, item_added(user("weather?")), item_added(call), item_added(output))
    assert [item.kind for item in view.items] == ["message", "function_call", "function_call_output"]
    assert [call.state for call in view.calls] == ["done"]


def test_an_item_of_an_unheard_kind_is_nobody_elses() -> None:
    session = reconnecting_session()
    listen(session, item_added(user("hello")), BROKEN, DUE, OPENED, GREETING)
    view = listen(session, item_added({"id": "x_1", "type": "reasoning"}))
    assert [item.id for item in view.items] == ["msg_user_1", "x_1"]


def test_a_server_that_confirms_nothing_changes_nothing_by_that() -> None:
    session = reconnecting_session()
    listen(session, UserText("hello"), response_created(), text_delta("Hi."), response_done())
    view = listen(session, BROKEN, DUE, OPENED, GREETING, UserText("more"), response_created("resp_2"))
    assert [item.text for item in view.items] == ["hello", "Hi.", "more"]


def test_another_loss_in_the_middle_of_it_forgets_nothing() -> None:
    session = reconnecting_session()
    listen(session, item_added(user("hello")), item_added(message(None, "Hi.")))
    listen(session, BROKEN, DUE, OPENED, GREETING, BROKEN, DUE, OPENED)
    effects = session.receive(GREETING, 1.0)
    assert sent_types(effects) == ["conversation.item.create"] * 2


def test_who_leaves_while_there_is_no_connection_has_left() -> None:
    view = play(reconnecting_session(), when(BROKEN), when(QuitRequested()), then(Disconnect()))
    assert (view.connection, view.closed_by_us) == ("closed", True)


def test_a_user_may_want_another_session() -> None:
    session = reconnecting_session()
    listen(session, item_added(user("hello")))
    view = play(
        session,
        when(RenewRequested(), at=5.0),
        then(Disconnect()),
        when(ConnectionLost(1000, by_us=True), at=5.1),
        when(DUE),
        then(CONNECT),
        when(OPENED, at=5.2),
        when(event("session.created", session={"type": "realtime", "id": "sess_2"})),
        then(makes(user("hello"))),
    )
    assert (view.connection, view.session_id, view.reconnects) == ("open", "sess_2", 1)
    assert [notice.text for notice in notices(view)] == ["a new session; told it 1 item of the conversation"]


def test_a_user_may_want_the_next_try_now() -> None:
    session = reconnecting_session()
    listen(session, BROKEN)
    play(session, when(RenewRequested(), at=0.1))
    assert session.next_deadline() == 0.1
    play(session, when(DUE, at=0.1), then(CONNECT), when(RenewRequested()))
    assert session.view().retry == Retry(1, None)


def test_another_session_gives_the_tries_back() -> None:
    session = reconnecting_session()
    listen(session, BROKEN)
    for _ in range(4):
        listen(session, DUE, FAILED)
    listen(session, DUE, OPENED, GREETING)
    listen(session, RenewRequested(), ConnectionLost(1000, by_us=True), DUE, OPENED, GREETING)
    view = play(session, when(BROKEN, at=5.0))
    assert view.retry == Retry(1, 5.0 + DELAYS_S[1])


def test_who_wants_another_session_and_then_to_leave_leaves() -> None:
    session = reconnecting_session()
    steps: list[Step] = [
        when(RenewRequested()),
        then(Disconnect()),
        when(QuitRequested()),
        then(Disconnect()),
    ]
    assert play(session, *steps, when(ConnectionLost(1000, by_us=True))).connection == "closed"
    assert play(session, when(RenewRequested())).connection == "closed"


def test_time_without_a_connection_is_not_paid_for_and_the_server_counts_anew() -> None:
    session = Session(reconnects=True, terms=Terms(server_limit_s=3600.0, max_s=100.0))
    listen(session, OPENED, GREETING)
    session.receive(BROKEN, 40.0)
    assert session.view().ends_s == 3600.0
    session.receive(DUE, 40.5)
    session.receive(OPENED, 50.0)
    session.receive(GREETING, 50.0)
    assert session.view().ends_s == 3650.0
    session.receive(DUE, 100.0)
    assert "spent in 1 min 30 s" in session.view().notices[-1].text


def test_a_session_that_is_ending_does_not_come_back() -> None:
    session = Session(reconnects=True, terms=Terms(max_s=100.0))
    listen(session, OPENED, GREETING, UserText("hello"), response_created())
    session.receive(DUE, 100.0)
    session.receive(BROKEN, 101.0)
    assert session.view().connection == "closed"


def after_a_loss(session: Session, *, greeting: ServerEvent = GREETING) -> list[Effect]:
    """The connection is lost, and there is another one; what the new session is told."""
    listen(session, BROKEN, DUE, OPENED)
    return session.receive(greeting, 1.0)


def wire_item(item: Mapping[str, object]) -> Item:
    created = makes(item).event
    assert isinstance(created, ConversationItemCreate)
    return created.item


def made_again(effects: Sequence[Effect]) -> list[Item]:
    sent = [effect.event for effect in effects if isinstance(effect, SendEvent)]
    return [each.item for each in sent if isinstance(each, ConversationItemCreate)]


def test_a_new_session_that_breaks_at_once_is_not_begun_for_ever() -> None:
    session = reconnecting_session()
    listen(session, RenewRequested(), ConnectionLost(1000, by_us=True))
    for delay_s in DELAYS_S[1:]:
        play(session, when(DUE, at=0.0), then(CONNECT), when(OPENED), when(BROKEN))
        assert session.next_deadline() == delay_s
    play(session, when(DUE, at=0.0), then(CONNECT), when(OPENED))
    assert listen(session, BROKEN).connection == "closed"


def test_nothing_is_cut_before_the_new_session_has_greeted() -> None:
    words = event("response.output_audio_transcript.delta", item_id="item_1", delta="one two three four")
    session = reconnecting_session(ready=BOTH)
    listen(session, response_created(), audio_delta(400), words, heard(20), speech_started(), BROKEN)
    listen(session, DUE, OPENED)
    assert session.receive(stopped(200), 0.2) == []
    assert made_again(session.receive(GREETING, 0.3)) == [wire_item(message("item_1", "one two"))]


def test_speech_that_came_after_an_interruption_is_not_cut_in_a_session_that_is_gone() -> None:
    session = reconnecting_session(ready=BOTH)
    listen(session, response_created(), audio_delta(400), heard(20), speech_started(), stopped(100))
    listen(session, audio_delta(200, item_id="item_2"))
    assert session.receive(BROKEN, 0.5) == []
    assert session.view().items[1].truncated_ms == 0


def test_the_new_session_hears_where_the_speaker_stopped_before_it_is_told_the_words() -> None:
    words = event("response.output_audio_transcript.delta", item_id="item_1", delta="one two three four")
    session = reconnecting_session(ready=BOTH)
    listen(session, response_created(), audio_delta(400), words, heard(20), BROKEN, DUE, CancelRequested())
    listen(session, OPENED)
    assert made_again(session.receive(GREETING, 0.1)) == []
    assert made_again(session.receive(stopped(200), 0.2)) == [wire_item(message("item_1", "one two"))]


def test_a_speaker_that_does_not_say_where_it_stopped_is_not_waited_for_without_a_connection() -> None:
    session = reconnecting_session(ready=BOTH)
    listen(session, response_created(), audio_delta(400), heard(20), BROKEN, CancelRequested())
    assert session.next_deadline() == 0.5
    listen(session, DUE, DUE)
    assert not session.is_busy


def test_an_interruption_that_no_server_confirmed_counts_all_the_same() -> None:
    words = event("response.output_audio_transcript.delta", item_id="item_1", delta="one two three four")
    session = reconnecting_session(ready=BOTH)
    listen(session, response_created(), audio_delta(400), words, heard(100), speech_started(), stopped(200))
    assert made_again(after_a_loss(session)) == [wire_item(message("item_1", "one two"))]


@pytest.mark.parametrize("said", [CancelRequested(), UserText("stop")])
def test_what_still_sounds_gives_way_without_a_connection(said: SessionInput) -> None:
    session = reconnecting_session(ready=BOTH)
    listen(session, response_created(), audio_delta(400), heard(20), BROKEN)
    assert session.receive(said, 0.2) == [StopPlayback()]
    assert session.receive(stopped(40), 0.3) == []


def test_the_turn_that_waited_behind_an_answer_is_answered() -> None:
    session = reconnecting_session()
    listen(session, UserText("one"), item_added(user("one")), response_created(), text_delta("First,"))
    listen(session, UserText("two"), item_added(user("two", "msg_user_2")))
    effects = after_a_loss(session)
    assert sent_types(effects) == ["conversation.item.create"] * 3 + ["response.create"]


def talk() -> Session:
    """A session in which somebody has talked by the key, and wants an answer."""
    session = reconnecting_session(ready=BOTH)
    listen(session, item_added(message("item_0", "Hello.")))
    listen(session, ListeningMode(push_to_talk=True), TalkStarted(), MicrophoneBlock(pcm(200)), TalkEnded())
    assert sent_types(session.receive(DUE, 0.1)) == ["input_audio_buffer.commit", "response.create"]
    return session


def test_speech_that_was_on_its_way_has_to_be_said_again_and_asks_for_nothing() -> None:
    session = talk()
    listen(session, BROKEN)
    assert notices(session.view())[0].hint == "say again what you were saying"
    listen(session, DUE, OPENED)
    assert "response.create" not in sent_types(session.receive(GREETING, 1.0))


def test_what_is_typed_behind_lost_speech_is_answered() -> None:
    session = talk()
    listen(session, UserText("hello"))
    assert sent_types(after_a_loss(session))[-3:] == ["conversation.item.create"] * 2 + ["response.create"]


def test_the_key_finds_the_turns_in_the_new_session_too() -> None:
    play(
        talk(),
        *back(),
        then(
            sends(
                "session.update", session={"type": "realtime", "audio": {"input": {"turn_detection": None}}}
            ),
            makes(message("item_0", "Hello.")),
            Listen(PCM_24K),
        ),
    )


@pytest.mark.parametrize(("transcript", "is_asked"), [("hello", True), (None, False)])
def test_a_spoken_turn_is_answered_where_its_words_are_known(transcript: str | None, is_asked: bool) -> None:
    session = talk()
    listen(session, *spoken_turn("item_1", transcript))
    assert ("response.create" in sent_types(after_a_loss(session))) == is_asked
    assert notices(session.view())[-1].hint == ("" if is_asked else "say again what was not answered")


def test_a_turn_that_the_server_found_is_answered_although_nobody_asked() -> None:
    session = reconnecting_session(ready=BOTH)
    stop = event("input_audio_buffer.speech_stopped", item_id="user_1")
    config = {"type": "realtime", "audio": {"input": {"turn_detection": {"type": "server_vad"}}}}
    listen(session, event("session.updated", session=config))
    listen(session, speech_started(), stop, *spoken_turn("user_1", "hello"))
    assert sent_types(after_a_loss(session)) == ["conversation.item.create", "response.create"]


def test_speech_that_ended_and_became_no_turn_has_to_be_said_again() -> None:
    session = reconnecting_session(ready=BOTH)
    listen(session, speech_started(), event("input_audio_buffer.speech_stopped", item_id="user_1"), BROKEN)
    assert notices(session.view())[0].hint
    listen(session, DUE, OPENED)
    assert sent_types(session.receive(GREETING, 1.0)) == []


def test_a_session_that_only_transcribes_is_told_its_configuration_and_nothing_else() -> None:
    config = {"type": "transcription", "audio": {"input": {"turn_detection": {"type": "server_vad"}}}}
    session = reconnecting_session(ready=BOTH, **config)
    told = event("session.updated", session=config)
    stop = event("input_audio_buffer.speech_stopped", item_id="item_1")
    listen(
        session, told, *spoken_turn("item_0", None), speech_started(), stop, *spoken_turn("item_1", "hello")
    )
    listen(session, UserItem(json.dumps(user("odd"))))
    assert sent_types(after_a_loss(session)) == ["session.update"]
    assert last_notice(session.view()) == "connected again after 1 s; 1 item lost"


def test_a_call_that_was_cut_off_is_not_told() -> None:
    session = called()
    listen(session, response_created("resp_2"))
    part = function_call("fc_2", call_id="call_2", arguments='{"ci')
    listen(session, event("response.output_item.added", response_id="resp_2", item=part))
    assert [item.id for item in made_again(after_a_loss(session))] == ["msg_user_1", "fc_1"]


def test_a_call_that_we_wrote_into_the_history_is_told_as_we_wrote_it() -> None:
    session = reconnecting_session()
    call = function_call("fc_0", arguments="{}")
    listen(session, UserItem(json.dumps(call)), item_added({**call, "status": "completed"}))
    assert made_again(after_a_loss(session)) == [wire_item(call)]


def test_an_output_that_nobody_confirmed_stands_behind_its_call() -> None:
    session = called()
    listen(session, ToolFinished("call_1", "12"), response_created("resp_2"))
    listen(session, text_delta("12.", response_id="resp_2", item_id="item_2"), response_done("resp_2"))
    kinds = [item.type for item in made_again(after_a_loss(session))]
    assert kinds == ["message", "function_call", "function_call_output", "message"]
    assert made_again(after_a_loss(session))[2].type == "function_call_output"


def test_an_answer_to_an_output_goes_on_with_its_turn() -> None:
    session = called()
    output = {"id": "out_1", "type": "function_call_output", "call_id": "call_1", "output": "12"}
    listen(session, ToolFinished("call_1", "12"), item_added(output))
    assert "response.create" in sent_types(after_a_loss(session))
    view = listen(session, response_created("resp_2"), response_done("resp_2"))
    assert (view.responses[-1].marks.origin, view.turns) == ("tool", 1)


def test_a_place_that_the_new_session_does_not_know_is_nobodys_place() -> None:
    session = Session(has_tools=True, reconnects=True)
    listen(session, OPENED, GREETING, response_created())
    for number in (1, 2):
        call = function_call(f"fc_{number}", call_id=f"call_{number}", arguments="{}", status="completed")
        listen(session, event("response.output_item.done", response_id="resp_1", item=call))
    listen(session, item_added({"id": "mcp_1", "type": "mcp_call", "output": "x"}), response_done())
    listen(session, UserText("meanwhile?"), ToolFinished("call_2", "2"))
    after_a_loss(session)
    output = {"type": "function_call_output", "call_id": "call_1", "output": "1"}
    play(session, when(ToolFinished("call_1", "1"), at=2.0), then(makes(output)))


def test_an_output_that_waits_for_another_one_waits_in_the_new_session_too() -> None:
    session = Session(has_tools=True, reconnects=True)
    listen(session, OPENED, GREETING, response_created())
    calls = [function_call(f"fc_{number}", call_id=f"call_{number}", arguments="{}") for number in (1, 2)]
    listen(session, response_done(output=calls), ToolFinished("call_2", "2"))
    outputs = [
        {"type": "function_call_output", "call_id": f"call_{number}", "output": str(number)}
        for number in (1, 2)
    ]
    play(
        session,
        *back(),
        then(*map(makes, calls)),
        when(ToolFinished("call_1", "1"), at=2.0),
        then(*map(makes, outputs), CREATE),
    )


def test_the_verdict_about_a_call_of_the_old_session_is_not_repeated() -> None:
    session = reconnecting_session()
    asked = {"id": "mcpr_1", "type": "mcp_approval_request", "server_label": "docs", "name": "search"}
    listen(session, item_added(asked), ApprovalGiven("mcpr_1", True))
    assert after_a_loss(session) == []


def test_what_was_deleted_stays_so() -> None:
    session = reconnecting_session()
    listen(session, item_added(user("hello")), item_added(user("more", "msg_user_2")))
    listen(session, UserEvent('{"type":"conversation.item.delete","item_id":"msg_user_1"}'))
    assert [item.id for item in made_again(after_a_loss(session))] == ["msg_user_2"]


def test_what_is_lost_is_told_once() -> None:
    session = reconnecting_session(ready=BOTH)
    listen(session, *spoken_turn("item_1", None), response_created(), audio_delta(20, item_id="item_2"))
    after_a_loss(session)
    assert "2 items lost" in last_notice(session.view())
    after_a_loss(session)
    assert "lost" not in last_notice(session.view())
    assert [item.in_conversation for item in session.view().items] == [False, False]


def test_who_leaves_before_the_new_session_has_greeted_says_nothing_more() -> None:
    session = reconnecting_session()
    listen(session, item_added(user("hello")), BROKEN, UserText("more"), DUE, OPENED)
    assert session.receive(QuitRequested(), 1.0) == [Disconnect()]


def test_time_without_a_connection_that_never_came_is_not_paid_for() -> None:
    for end in (QuitRequested(), ConnectionFailed("no", is_final=True)):
        session = reconnecting_session()
        session.receive(BROKEN, 40.0)
        session.receive(DUE, 40.5)
        session.receive(end, 100.0)
        assert session._state.connected_s == 40.0  # pyright: ignore[reportPrivateUsage]


def test_a_listing_that_was_under_way_is_over() -> None:
    session = reconnecting_session()
    listen(session, event("mcp_list_tools.in_progress", item_id="mcpl_1"), BROKEN)
    assert session.view().items[0].status == "failed"


def test_five_hundred_items_go_in_again_in_their_order() -> None:
    session = reconnecting_session()
    listen(session, *(item_added(user("yes", f"item_{number}")) for number in range(500)))
    ids = [f"item_{number}" for number in range(500)]
    for _ in range(2):
        assert [item.id for item in made_again(after_a_loss(session))] == ids
        for number in range(500):
            told = user("yes", f"item_{number}")
            listen(session, item_added(told), event("conversation.item.done", item=told))
        assert [item.id for item in session.view().items] == ids


def test_a_server_without_names_confirms_no_item_twice() -> None:
    session = reconnecting_session()
    listen(session, item_added(user("hello", "item_1")))
    after_a_loss(session)
    unnamed = {name: value for name, value in user("hello").items() if name != "id"}
    assert [item.id for item in listen(session, item_added(unnamed)).items] == ["item_1"]


def test_a_spoken_turn_is_not_mistaken_for_a_picture_that_nobody_confirmed() -> None:
    picture = [{"type": "input_image", "image_url": "data:image/png;base64,AAAA"}]
    session = reconnecting_session(ready=BOTH)
    listen(session, UserItem(json.dumps(message("item_1", role="user", content=picture))), response_created())
    listen(session, response_done())
    after_a_loss(session)
    spoken = message("item_2", role="user", content=[{"type": "input_audio", "transcript": None}])
    view = listen(session, event("input_audio_buffer.committed", item_id="item_2"), item_added(spoken))
    assert [item.id for item in view.items] == ["item_1", "item_2"]


def test_what_is_typed_now_is_not_mistaken_for_the_same_words_before() -> None:
    session = reconnecting_session()
    listen(session, item_added(user("yes", "item_1")))
    after_a_loss(session)
    view = listen(session, UserText("yes"), item_added(user("yes")), item_added(user("yes", "item_1")))
    assert [item.id for item in view.items] == ["item_1", "msg_user_1"]
    awaits = session._state.sent.awaits  # pyright: ignore[reportPrivateUsage]
    assert not awaits(ConversationItemCreate)


def counting_server() -> Session:
    """A session with a server that counts items, answers and calls anew, and confirms nothing."""
    session = Session(has_tools=True, reconnects=True)
    listen(session, OPENED, GREETING, UserText("one"), *counted("One."))
    return session


def counted(text: str) -> list[SessionInput]:
    call = function_call("item_2", arguments="{}", status="completed")
    return [
        response_created(),
        text_delta(text),
        event("response.output_item.done", response_id="resp_1", item=call),
        response_done(output=[message("item_1", text), call]),
    ]


def test_a_server_that_counts_anew_begins_new_answers_items_and_calls() -> None:
    session = counting_server()
    listen(session, ToolFinished("call_1", "12"), response_created("resp_2"), response_done("resp_2"))
    after_a_loss(session)
    listen(session, UserText("two"))
    effects = [effect for each in counted("Two.") for effect in session.receive(each, 2.0)]
    assert effects == [StartTool("call_1~2", "weather", "{}")]
    view = session.view()
    assert [item.text for item in view.items if item.kind == "message"] == ["one", "One.", "two", "Two."]
    assert [call.call_id for call in view.calls] == ["call_1", "call_1~2"]
    assert [response.id for response in view.responses] == ["resp_1", "resp_2", "resp_1~2"]
    assert made_again(session.receive(ToolFinished("call_1~2", "13"), 3.0)) == [
        wire_item({"type": "function_call_output", "call_id": "call_1", "output": "13"})
    ]
    again = made_again(after_a_loss(session))
    assert [item.id for item in again if item.type == "function_call"] == ["item_2", "item_2~2"]


def test_a_server_that_counts_anew_is_told_its_own_names() -> None:
    session = reconnecting_session(ready=BOTH)
    listen(session, response_created(), audio_delta(400), heard(400), response_done())
    listen(session, item_added(message("item_1", "Hello.")))
    after_a_loss(session)
    play(
        session,
        when(response_created()),
        when(audio_delta(400)),
        then(plays(400, item_id="item_1~2")),
        when(heard(20, item_id="item_1~2")),
        when(CancelRequested()),
        then(StopPlayback(), sends("response.cancel", response_id="resp_1")),
        when(stopped(100, item_id="item_1~2")),
        then(truncates(100)),
        when(event("conversation.item.truncated", item_id="item_1", audio_end_ms=100)),
        when(response_done(status="cancelled")),
    )
    assert [item.truncated_ms for item in session.view().items] == [None, 100]
    assert session.view().responses[-1].status == "cancelled"


def test_a_server_that_calls_what_it_is_told_by_names_that_meant_something_else() -> None:
    session = reconnecting_session()
    listen(session, *spoken_turn("item_1", None), item_added(user("two", "item_2"), after="item_1"))
    listen(session, item_added(message("item_3", "Three."), after="item_2"))
    after_a_loss(session)
    for told in (user("two", "item_1"), message("item_2", "Three.")):
        listen(session, item_added(told), event("conversation.item.done", item=told))
    committed = event("input_audio_buffer.committed", item_id="item_3", previous_item_id="item_2")
    view = listen(session, committed, event("conversation.item.deleted", item_id="item_2"))
    assert [item.id for item in view.items] == ["item_1", "item_2", "item_3~2"]


def test_a_connection_that_stood_still_before_its_greeting_is_replaced_too() -> None:
    session = reconnecting_session()
    listen(session, BROKEN, DUE, OPENED)
    assert play(session, when(BROKEN, at=STEADY_S)).connection == "reconnecting"


def test_an_output_of_somebody_else_is_told_again() -> None:
    session = called()
    output = {"id": "out_9", "type": "function_call_output", "call_id": "call_1", "output": "theirs"}
    listen(session, item_added(output))
    assert made_again(after_a_loss(session))[-1] == wire_item(output)


def test_speech_that_nobody_committed_is_lost_where_nobody_finds_the_turns() -> None:
    session = reconnecting_session(ready=BOTH)
    listen(session, event("session.updated", session=silent_about_turns()), MicrophoneBlock(pcm(200)), BROKEN)
    assert notices(session.view())[0].hint == "say again what you were saying"


def silent_about_turns() -> dict[str, object]:
    return {"type": "realtime", "audio": {"input": {"turn_detection": None}}}


def test_a_server_that_refuses_the_key_behind_the_handshake_was_never_told_anything() -> None:
    session = reconnecting_session()
    listen(session, item_added(user("hello")), BROKEN, UserText("more"), DUE, OPENED)
    assert session.receive(refusal("invalid_api_key"), 1.0) == []
    assert session.receive(ConnectionLost(3000), 1.0) == []
    view = session.view()
    assert (view.connection, view.reconnects) == ("closed", 0)
    assert last_notice(view) == "not sent: 1 turn"


def test_what_was_typed_meanwhile_is_told_not_to_be_sent_where_no_try_succeeds() -> None:
    session = reconnecting_session()
    listen(session, BROKEN, UserText("one"), UserText("two"), DUE, ConnectionFailed("no", is_final=True))
    assert last_notice(session.view()) == "not sent: 2 turns"


def test_a_connection_that_gave_an_answer_gives_the_tries_back() -> None:
    session = reconnecting_session()
    play(session, *back(), when(response_created("resp_2"), at=1.8), when(response_done("resp_2"), at=1.9))
    play(session, when(BROKEN, at=2.0))
    assert session.next_deadline() == 2.0 + DELAYS_S[0]
