"""Calls and those who run them: started once, approved, stopped, and answered in the order of the calls."""

from __future__ import annotations

import pytest

from realtime_cli.core.effects import (
    AnswerApproval,
    CancelTool,
    Disconnect,
    SendEvent,
    StartTool,
    StopPlayback,
)
from realtime_cli.core.floor import HANDOVER_S
from realtime_cli.core.inputs import (
    ApprovalGiven,
    ApprovalWanted,
    AudioReady,
    CancelRequested,
    ConnectionLost,
    ConnectionOpened,
    DeadlineReached,
    ListeningMode,
    MicrophoneBlock,
    QuitRequested,
    SessionInput,
    TalkEnded,
    TalkStarted,
    ToolCancelRequested,
    ToolFinished,
    ToolProgress,
    ToolStarted,
    UserEvent,
    UserItem,
    UserText,
)
from realtime_cli.core.session import Session
from realtime_cli.core.tool_inputs import NO_TOOLS_CODE
from realtime_cli.core.view import CallState, SessionView
from realtime_cli.protocol.client_events import ConversationItemCreate
from realtime_cli.protocol.codec import ServerEvent
from realtime_cli.protocol.items import FunctionCallOutput
from tests.support.builders import (
    beside,
    event,
    function_call,
    item_added,
    response_created,
    response_done,
    says,
    sends,
    sends_raw,
)
from tests.support.playbook import listen, play, then, when
from tests.support.voice import BOTH, audio_delta, heard, speech_started, stopped, truncates

CREATE = sends("response.create")
MESSAGE = '{"type":"conversation.item.create","item":{"type":"message"}}'
START = StartTool("call_1", "weather", "{}")


def equipped(**config: object) -> Session:
    """A session with tools, greeted."""
    session = Session(config, has_tools=True)
    listen(session, ConnectionOpened(), event("session.created", session={"type": "realtime"}))
    return session


def made(number: int = 1, *, response_id: str = "resp_1") -> ServerEvent:
    """A complete call of an answer."""
    call = function_call(f"fc_{number}", call_id=f"call_{number}", arguments="{}", status="completed")
    return event("response.output_item.done", response_id=response_id, item=call)


def told(number: int, *, after: str) -> ServerEvent:
    """The server confirms an output."""
    item = {"id": f"out_{number}", "type": "function_call_output", "call_id": f"call_{number}", "output": "x"}
    return item_added(item, after=after)


def output(number: int = 1, *, after: str | None = None) -> SendEvent:
    item = {"type": "function_call_output", "call_id": f"call_{number}", "output": "x"}
    place = {} if after is None else {"previous_item_id": after}
    return sends("conversation.item.create", item=item, **place)


def finished(number: int = 1) -> ToolFinished:
    return ToolFinished(f"call_{number}", "x")


def start(number: int) -> StartTool:
    return StartTool(f"call_{number}", "weather", "{}")


def running(*numbers: int) -> Session:
    """A session whose only answer, over by now, made these calls; their tools run."""
    session = equipped()
    calls = [made(number) for number in numbers]
    begun = [ToolStarted(f"call_{number}") for number in numbers]
    listen(session, response_created(), *calls, response_done(), *begun)
    return session


def states(view: SessionView) -> list[CallState]:
    return [call.state for call in view.calls]


def test_a_call_that_is_told_three_times_is_started_once_as_soon_as_it_is_whole() -> None:
    whole = function_call("fc_1", arguments="{}", status="completed")
    play(
        equipped(),
        when(response_created()),
        when(event("response.output_item.added", response_id="resp_1", item=function_call("fc_1"))),
        when(
            event(
                "response.function_call_arguments.done",
                response_id="resp_1",
                item_id="fc_1",
                call_id="call_1",
                name="weather",
                arguments="{}",
            )
        ),
        then(START),
        when(event("conversation.item.done", item=whole)),
        when(made()),
        when(response_done(output=[whole])),
        when(response_done(output=[whole])),
    )


def test_a_call_whose_name_comes_late_is_started_then() -> None:
    done = event(
        "response.function_call_arguments.done",
        response_id="resp_1",
        item_id="fc_1",
        call_id="call_1",
        arguments="{}",
    )
    play(equipped(), when(response_created()), when(done), when(made()), then(START))


def test_a_call_whose_answer_is_told_late_is_started_then() -> None:
    whole = function_call("fc_1", arguments="{}", status="completed")
    play(
        equipped(),
        when(event("conversation.item.done", item=whole)),
        when(response_created()),
        when(made()),
        then(START),
    )


def test_a_call_of_an_answer_beside_the_conversation_is_started_too() -> None:
    by_hand, sent = beside()
    play(
        equipped(),
        when(by_hand),
        then(sent),
        when(response_created("resp_9", conversation_id=None)),
        when(made(response_id="resp_9")),
        then(START),
        when(finished()),
        then(output()),
        when(response_done("resp_9", conversation_id=None)),
        then(CREATE),
    )


@pytest.mark.parametrize("status", ["in_progress", "incomplete", None])
@pytest.mark.parametrize("ended", ["cancelled", "failed", "incomplete"])
def test_a_call_that_the_end_of_its_answer_cut_off_is_not_started(ended: str, status: str | None) -> None:
    cut = function_call("fc_1", arguments='{"ci', status=status)
    view = play(
        equipped(),
        when(response_created()),
        when(event("response.output_item.added", response_id="resp_1", item=function_call("fc_1"))),
        when(response_done(status=ended, output=[cut])),
    )
    assert [(call.state, call.ended_s) for call in view.calls] == [("cancelled", None)]
    assert not view.is_busy


def test_a_whole_call_of_an_answer_that_was_cancelled_is_started() -> None:
    whole = function_call("fc_1", arguments="{}", status="completed")
    play(
        equipped(),
        when(response_created()),
        when(response_done(status="cancelled", output=[whole])),
        then(START),
    )


@pytest.mark.parametrize("stops", [CancelRequested(), speech_started()])
@pytest.mark.parametrize(("status", "started"), [("incomplete", []), ("completed", [START]), (None, [START])])
def test_of_a_stopped_answer_only_the_item_tells_whether_the_arguments_are_whole(
    stops: SessionInput, status: str | None, started: list[StartTool]
) -> None:
    session, place = equipped(), {"response_id": "resp_1", "item_id": "fc_1", "call_id": "call_1"}
    listen(session, response_created(), event("response.function_call_arguments.delta", **place, delta="{"))
    listen(session, stops)
    done = event("response.function_call_arguments.done", **place, name="weather", arguments="{")
    play(session, when(done), then())
    call = function_call("fc_1", call_id="call_1", arguments="{}", status=status)
    play(session, when(event("response.output_item.done", response_id="resp_1", item=call)), then(*started))
    listen(session, response_done(status="cancelled"))
    assert states(session.view()) == (["pending"] if started else ["cancelled"])


def test_what_tools_tell_after_the_end_begins_nothing() -> None:
    session = equipped()
    call = function_call("fc_1", call_id="call_1", arguments="{}", status="completed")
    listen(session, event("conversation.item.done", item=call), QuitRequested(), ToolStarted("call_1"))
    assert states(session.view()) == ["pending"]


def test_calls_of_the_history_are_not_started() -> None:
    call = function_call("fc_1", arguments="{}", status="completed")
    view = play(equipped(), when(item_added(call)), when(told(1, after="fc_1")))
    assert [(call.state, call.output, call.ended_s) for call in view.calls] == [("done", "x", None)]


def test_a_call_whose_output_was_told_before_it_is_not_started() -> None:
    view = play(equipped(), when(told(1, after="fc_1")), when(response_created()), when(made()))
    assert [(call.state, call.output) for call in view.calls] == [("done", "x")]


def test_an_output_of_another_client_stops_our_tool_and_ours_is_not_sent() -> None:
    view = play(
        running(1),
        when(told(1, after="fc_1"), at=2.0),
        then(CancelTool("call_1")),
        when(ToolFinished("call_1", "ours")),
    )
    assert [(call.state, call.output, call.ended_s) for call in view.calls] == [("done", "x", 2.0)]


def test_a_call_goes_from_pending_to_done_with_its_times() -> None:
    session = equipped()
    view = play(
        session,
        when(response_created()),
        when(made()),
        then(START),
        when(response_done()),
        when(ToolStarted("call_1"), at=1.0),
        when(ToolProgress("call_1", "half"), at=1.5),
    )
    (call,) = view.calls
    assert (call.state, call.progress, call.began_s, call.ended_s) == ("running", "half", 1.0, None)
    assert view.is_busy
    view = play(session, when(ToolFinished("call_1", "x"), at=3.0), then(output(), CREATE))
    (call,) = view.calls
    assert (call.state, call.progress, call.began_s, call.ended_s) == ("done", "half", 1.0, 3.0)


@pytest.mark.parametrize("outcome", ["done", "failed", "denied", "cancelled"])
def test_every_outcome_is_told_to_the_model(outcome: CallState) -> None:
    end = ToolFinished("call_1", "x", outcome)  # type: ignore[arg-type]  # the four that end a call
    view = play(running(1), when(end), then(output(), CREATE))
    assert states(view) == [outcome]


@pytest.mark.parametrize(
    "late",
    [
        ToolStarted("call_1"),
        ToolProgress("call_1", "more"),
        ApprovalWanted("call_1"),
        ApprovalGiven("call_1", approves=True),
        ToolCancelRequested("call_1"),
        ToolCancelRequested(),
        ToolFinished("call_1", "again", "failed"),
    ],
)
def test_what_comes_after_the_end_changes_nothing(late: SessionInput) -> None:
    session = running(1)
    before = listen(session, finished())
    assert play(session, when(late)) == before


@pytest.mark.parametrize("nobody", ["", "call_9"])
def test_what_is_about_no_call_changes_nothing(nobody: str) -> None:
    session = equipped()
    before = session.view()
    asked: list[SessionInput] = [
        ToolStarted(nobody),
        ToolProgress(nobody, "x"),
        ApprovalWanted(nobody),
        ToolCancelRequested(nobody),
    ]
    assert (
        play(session, *(when(each) for each in asked), when(ApprovalGiven(nobody, approves=True))) == before
    )


def test_progress_and_approval_have_their_time() -> None:
    session = equipped()
    listen(session, response_created(), made(), ToolProgress("call_1", "too early"))
    assert session.view().calls[0].progress == ""
    listen(session, ToolStarted("call_1"), ApprovalWanted("call_1"), ToolStarted("call_1"))
    assert states(session.view()) == ["running"]


@pytest.mark.parametrize("approves", [True, False])
def test_a_verdict_is_passed_on_once(approves: bool) -> None:
    session = equipped()
    listen(session, response_created(), made(), response_done())
    verdict = ApprovalGiven("call_1", approves)
    play(session, when(verdict))
    view = listen(session, ApprovalWanted("call_1"))
    assert (states(view), view.is_busy) == (["awaiting_approval"], True)
    play(session, when(verdict), then(AnswerApproval("call_1", approves)), when(verdict))
    if approves:
        assert states(listen(session, ToolStarted("call_1"))) == ["running"]
        return
    view = play(session, when(ToolFinished("call_1", "x", "denied")), then(output(), CREATE))
    assert states(view) == ["denied"]


def test_one_tool_or_all_of_them_are_stopped_and_each_once() -> None:
    play(
        running(1, 2, 3),
        when(ToolCancelRequested("call_2")),
        then(CancelTool("call_2")),
        when(ToolCancelRequested()),
        then(CancelTool("call_1"), CancelTool("call_3")),
        when(ToolCancelRequested()),
    )


def test_cancelling_the_answer_leaves_the_tools_alone_and_loses_no_output() -> None:
    session = equipped()
    play(
        session,
        when(response_created()),
        when(made()),
        then(START),
        when(CancelRequested()),
        then(sends("response.cancel", response_id="resp_1")),
        when(response_done(status="cancelled")),
        when(finished()),
        then(output(), CREATE),
    )


def test_a_cancel_with_nothing_else_to_stop_stops_the_tools() -> None:
    session = equipped()
    play(
        session,
        when(response_created()),
        when(made()),
        then(START),
        when(response_done()),
        when(CancelRequested()),
        then(CancelTool("call_1")),
    )


def test_an_output_that_waits_for_the_speaker_to_stop_survives_cancelling() -> None:
    session = equipped()
    listen(session, BOTH, response_created(), made(), audio_delta(1000), heard(300), ToolStarted("call_1"))
    play(
        session,
        when(CancelRequested()),
        then(StopPlayback(), sends("response.cancel", response_id="resp_1")),
        when(finished()),
        when(UserText("forget this")),
        when(CancelRequested()),
        when(stopped(320)),
        then(truncates(320), output()),
        when(response_done(status="cancelled")),
        then(CREATE),
    )


@pytest.mark.parametrize("number", [1, 2])
def test_leaving_stops_the_tools_and_nothing_is_sent_after_it(number: int) -> None:
    session = running(1)
    view = play(
        session,
        when(QuitRequested(), at=4.0),
        then(Disconnect(), CancelTool("call_1")),
        when(ToolFinished("call_1", "x", "cancelled")),
        when(response_created("resp_2")),
        when(made(number, response_id="resp_2")),
        when(ConnectionLost(1000, by_us=True)),
    )
    assert (view.calls[0].state, view.calls[0].ended_s) == ("cancelled", 4.0)
    assert not view.is_busy


def test_a_lost_connection_stops_the_tools() -> None:
    view = play(
        running(1, 2),
        when(finished()),
        then(output()),
        when(ConnectionLost(1006)),
        then(CancelTool("call_2")),
        when(finished(2)),
    )
    assert states(view) == ["done", "cancelled"]
    assert not view.is_busy


def test_without_tools_a_call_stays_pending_and_one_notice_says_why() -> None:
    session = Session()
    listen(session, ConnectionOpened(), event("session.created"))
    view = play(session, when(response_created()), when(made()), when(made(2)), when(response_done()))
    assert (states(view), view.is_busy) == (["pending", "pending"], False)
    (notice,) = view.notices
    assert (notice.level, notice.code, "--tools" in notice.hint) == ("warning", NO_TOOLS_CODE, True)
    assert "weather" in notice.text
    view = play(session, when(ConnectionLost(1000, by_us=True)))
    assert states(view) == ["pending", "pending"]


def test_an_output_that_is_written_by_hand_ends_the_call() -> None:
    session = running(1)
    item = '{"type":"function_call_output","call_id":"call_1","output":"x"}'
    raw = f'{{"type":"conversation.item.create","item":{item}}}'
    play(
        session,
        when(UserEvent(raw)),
        then(sends_raw(raw)),
        when(told(1, after="fc_1")),
        then(CancelTool("call_1")),
    )


def test_the_server_hears_its_own_name_of_a_call_that_it_told_late() -> None:
    done = event(
        "response.function_call_arguments.done",
        response_id="resp_1",
        item_id="fc_1",
        name="weather",
        arguments="{}",
    )
    play(
        equipped(),
        when(response_created()),
        when(done),
        then(StartTool("fc_1", "weather", "{}")),
        when(made()),
        when(response_done()),
        when(ToolFinished("fc_1", "x")),
        then(output(), CREATE),
    )


@pytest.mark.parametrize("order", [(1, 2, 3), (2, 1, 3), (3, 1, 2), (3, 2, 1)])
@pytest.mark.parametrize("early", range(4))
def test_outputs_go_out_in_the_order_of_the_calls_whatever_ends_first(
    order: tuple[int, ...], early: int
) -> None:
    session = equipped()
    effects = session.receive(response_created(), 0.0)
    for number in (1, 2, 3):
        effects += session.receive(made(number), 0.0)
    for number in order[:early]:
        effects += session.receive(finished(number), 0.0)
    effects += session.receive(response_done(), 0.0)
    for number in order[early:]:
        effects += session.receive(finished(number), 0.0)
    sent = [effect.event for effect in effects if isinstance(effect, SendEvent)]
    assert [each.type for each in sent] == ["conversation.item.create"] * 3 + ["response.create"]
    items = [each.item for each in sent if isinstance(each, ConversationItemCreate)]
    assert [item.call_id for item in items if isinstance(item, FunctionCallOutput)] == [
        "call_1",
        "call_2",
        "call_3",
    ]


def test_an_output_waits_for_no_call_of_another_answer_nor_for_one_that_is_cut_off() -> None:
    session = running(1)
    cut = function_call("fc_2", call_id="call_2", arguments='{"ci')
    play(
        session,
        when(UserText("meanwhile?")),
        then(says("meanwhile?"), CREATE),
        when(response_created("resp_2")),
        when(event("response.output_item.added", response_id="resp_2", item=cut)),
        when(made(3, response_id="resp_2")),
        then(start(3)),
        when(response_done("resp_2", status="incomplete", output=[cut])),
        when(finished(3)),
        then(output(3), CREATE),
    )


def test_an_output_waits_for_no_call_that_somebody_else_has_answered() -> None:
    play(
        running(1, 2),
        when(finished(2)),
        when(told(1, after="fc_2")),
        then(CancelTool("call_1"), output(2), CREATE),
    )


def test_an_output_that_waits_and_that_somebody_else_has_given_is_not_sent() -> None:
    play(
        running(1, 2),
        when(finished(2)),
        when(told(2, after="fc_2")),
        when(finished(1)),
        then(output(1), CREATE),
    )


def test_a_call_that_was_denied_or_stopped_holds_nothing_back() -> None:
    denied = ToolFinished("call_1", "x", "denied")
    play(running(1, 2), when(finished(2)), when(denied), then(output(1), output(2), CREATE))


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        (UserText("and now?"), [says("and now?"), CREATE]),
        (UserItem('{"type":"message"}'), [sends_raw(MESSAGE), CREATE]),
        (UserEvent('{"type":"response.create"}'), [sends_raw('{"type":"response.create"}')]),
        (speech_started(), []),
    ],
)
def test_who_says_something_is_answered_with_what_is_known_by_then(
    said: SessionInput, sent: list[SendEvent]
) -> None:
    play(running(1, 2, 3), when(finished(3)), when(said), then(output(3), *sent))


def test_a_turn_that_waits_behind_the_calls_is_answered_with_what_is_known_by_then() -> None:
    session = equipped()
    listen(session, response_created(), made(1), made(2), made(3))
    play(
        session,
        when(UserText("and now?")),
        then(says("and now?")),
        when(finished(3)),
        then(output(3)),
        when(response_done()),
        then(CREATE),
        when(finished(2)),
        then(output(2, after="fc_3")),
        when(response_created("resp_2")),
        when(finished(1)),
        then(output(1, after="fc_3")),
        when(response_done("resp_2")),
        then(CREATE),
    )


def test_an_answer_to_earlier_calls_knows_of_the_outputs_of_later_ones() -> None:
    session = running(1)
    listen(session, UserText("meanwhile?"), response_created("resp_2"))
    listen(session, made(2, response_id="resp_2"), made(3, response_id="resp_2"), response_done("resp_2"))
    play(session, when(finished(3)), when(finished(1)), then(output(1), output(3), CREATE))


def test_who_only_wants_silence_leaves_the_order_as_it_is() -> None:
    session = equipped()
    listen(session, response_created(), made(1), made(2))
    play(
        session,
        when(finished(2)),
        when(CancelRequested()),
        then(sends("response.cancel", response_id="resp_1")),
        when(response_done(status="cancelled")),
        when(finished(1)),
        then(output(1), output(2), CREATE),
    )


def test_a_cancel_stops_the_tools_that_an_output_waits_for() -> None:
    play(running(1, 2), when(finished(2)), when(CancelRequested()), then(CancelTool("call_1")))


def hurried(*numbers: int) -> Session:
    """Their tools run, and the user has asked something meanwhile: no output waits for another one."""
    session = running(*numbers)
    listen(session, UserText("meanwhile?"))
    return session


def test_an_output_before_one_that_is_not_confirmed_stands_where_that_one_was_put() -> None:
    play(
        hurried(1, 2),
        when(finished(2)),
        then(output(2)),
        when(finished(1)),
        then(output(1, after="fc_2")),
    )


def test_an_output_before_one_that_is_confirmed_stands_right_before_it() -> None:
    spoken = {"id": "msg_1", "type": "message", "role": "user"}
    play(
        hurried(1, 2),
        when(item_added(spoken, after="fc_2")),
        when(finished(2)),
        then(output(2)),
        when(told(2, after="msg_1")),
        when(finished(1)),
        then(output(1, after="msg_1")),
    )


def test_an_output_between_two_stands_behind_the_first() -> None:
    play(
        hurried(1, 2, 3),
        when(finished(1)),
        then(output(1)),
        when(told(1, after="fc_3")),
        when(finished(3)),
        then(output(3)),
        when(finished(2)),
        then(output(2, after="out_1")),
    )


def test_where_the_neighbours_item_has_no_name_an_output_stands_at_the_end() -> None:
    play(
        hurried(1, 2, 3),
        when(finished(1)),
        then(output(1)),
        when(finished(3)),
        then(output(3)),
        when(finished(2)),
        then(output(2)),
    )


def test_a_place_that_was_deleted_is_not_named() -> None:
    play(
        hurried(1, 2),
        when(finished(2)),
        then(output(2)),
        when(event("conversation.item.deleted", item_id="fc_2")),
        when(finished(1)),
        then(output(1)),
    )


def test_a_place_that_only_we_have_a_name_for_is_not_named() -> None:
    session = equipped()
    unnamed = function_call(None, call_id="call_2", arguments="{}", status="completed")
    listen(session, response_created(), made(1))
    listen(session, event("response.output_item.done", response_id="resp_1", output_index=1, item=unnamed))
    listen(session, response_done(), UserText("meanwhile?"))
    play(session, when(finished(2)), then(output(2)), when(finished(1)), then(output(1)))


def test_the_user_may_talk_while_a_tool_runs_and_its_output_is_answered_after_that_answer() -> None:
    play(
        running(1),
        when(UserText("meanwhile?")),
        then(says("meanwhile?"), CREATE),
        when(response_created("resp_2")),
        when(finished()),
        then(output()),
        when(response_done("resp_2")),
        then(CREATE),
        when(response_created("resp_3")),
        when(response_done("resp_3")),
    )


def test_a_chain_of_calls_is_answered_call_by_call() -> None:
    play(
        running(1),
        when(finished(1)),
        then(output(1), CREATE),
        when(response_created("resp_2")),
        when(made(2, response_id="resp_2")),
        then(start(2)),
        when(finished(2)),
        then(output(2)),
        when(response_done("resp_2")),
        then(CREATE),
    )


def speaking() -> Session:
    """The user speaks while a tool runs; the server finds the turns and answers them."""
    session = equipped()
    config = {"type": "realtime", "audio": {"input": {"turn_detection": {"type": "server_vad"}}}}
    listen(session, event("session.updated", session=config))
    listen(session, response_created(), made(), response_done(), ToolStarted("call_1"), speech_started())
    return session


def test_an_output_that_comes_while_the_user_speaks_is_answered_by_the_answer_to_the_user() -> None:
    session = speaking()
    play(
        session,
        when(finished(), at=1.0),
        then(output()),
        when(told(1, after="fc_1")),
        when(event("input_audio_buffer.speech_stopped")),
        when(event("input_audio_buffer.committed", item_id="user_1")),
        when(response_created("resp_2")),
        when(response_done("resp_2")),
    )
    assert not session.is_busy


def test_an_output_that_the_server_may_not_have_seen_gets_an_answer_of_its_own() -> None:
    play(
        speaking(),
        when(finished()),
        then(output()),
        when(event("input_audio_buffer.speech_stopped")),
        when(response_created("resp_2")),
        when(told(1, after="fc_1")),
        when(response_done("resp_2")),
        then(CREATE),
    )


def test_a_spoken_turn_that_the_server_does_not_answer_holds_the_output_back_only_for_a_while() -> None:
    session = speaking()
    play(
        session,
        when(finished(), at=1.0),
        then(output()),
        when(event("input_audio_buffer.speech_stopped"), at=2.0),
        when(event("input_audio_buffer.committed", item_id="user_1"), at=2.5),
    )
    assert session.next_deadline() == 2.5 + HANDOVER_S
    play(session, when(DeadlineReached(), at=2.5 + HANDOVER_S), then(CREATE))


@pytest.mark.parametrize("detection", [None, {"type": "server_vad", "create_response": False}])
def test_where_the_server_answers_no_turns_the_output_is_answered_after_the_turn(detection: object) -> None:
    session = speaking()
    config = {"type": "realtime", "audio": {"input": {"turn_detection": detection}}}
    play(
        session,
        when(event("session.updated", session=config)),
        when(finished()),
        then(output()),
        when(event("input_audio_buffer.committed", item_id="user_1")),
        then(CREATE),
    )


def test_speech_that_was_thrown_away_holds_nothing_back() -> None:
    play(
        speaking(),
        when(finished()),
        then(output()),
        when(event("input_audio_buffer.cleared")),
        then(CREATE),
    )


def test_an_output_that_comes_while_the_user_holds_the_key_shares_the_answer() -> None:
    session = running(1)
    listen(session, AudioReady("microphone", ""), ListeningMode(push_to_talk=True))
    listen(session, TalkStarted(), MicrophoneBlock(bytes(9600)))
    play(
        session,
        when(finished()),
        then(output()),
        when(TalkEnded()),
        when(DeadlineReached(), at=1.0),
        then(sends("input_audio_buffer.commit"), CREATE),
        when(response_created("resp_2")),
        when(response_done("resp_2")),
    )


def test_a_typed_turn_after_the_outputs_shares_their_answer() -> None:
    play(
        running(1),
        when(UserText("first")),
        then(says("first"), CREATE),
        when(response_created("resp_2")),
        when(finished()),
        then(output()),
        when(UserText("second")),
        then(says("second", item_id="msg_user_2")),
        when(response_done("resp_2")),
        then(CREATE),
        when(response_created("resp_3")),
        when(response_done("resp_3")),
    )
