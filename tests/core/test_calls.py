"""Function calls: told three times, made once; answered all together, once."""

from __future__ import annotations

import pytest

from realtime_cli.core.effects import SendEvent
from realtime_cli.core.inputs import ToolFinished, UserText
from realtime_cli.core.session import Session
from realtime_cli.core.view import CallView, SessionView
from realtime_cli.protocol.codec import ServerEvent
from tests.support.builders import (
    event,
    function_call,
    greeted,
    item_added,
    response_created,
    response_done,
    says,
    sends,
    text_delta,
)
from tests.support.playbook import listen, play, then, when

CREATE = sends("response.create")
ARGUMENTS = '{ "city":\n"Paris" }'


def arguments(step: str, /, **fields: object) -> ServerEvent:
    return event(f"response.function_call_arguments.{step}", response_id="resp_1", **fields)


def item_done(item: dict[str, object], **fields: object) -> ServerEvent:
    return event("response.output_item.done", response_id="resp_1", item=item, **fields)


def calls(view: SessionView) -> list[tuple[str, str, str]]:
    return [(call.call_id, call.arguments, call.state) for call in view.calls]


def output(call_id: str, text: str) -> SendEvent:
    item = {"type": "function_call_output", "call_id": call_id, "output": text}
    return sends("conversation.item.create", item=item)


def test_a_call_that_is_told_three_times_is_one_call() -> None:
    session = greeted()
    whole = function_call("fc_1", arguments=ARGUMENTS, status="completed")
    listen(
        session,
        response_created(),
        event("response.output_item.added", response_id="resp_1", output_index=0, item=function_call("fc_1")),
        item_added(function_call("fc_1")),
        arguments("delta", item_id="fc_1", call_id="call_1", delta='{ "city":\n'),
        arguments("delta", item_id="fc_1", call_id="call_1", delta='"Paris" }'),
    )
    assert calls(session.view()) == [("call_1", ARGUMENTS, "collecting")]
    view = listen(
        session,
        arguments("done", item_id="fc_1", call_id="call_1", name="weather", arguments=ARGUMENTS),
        event("conversation.item.done", item=whole),
        item_done(whole, output_index=0),
        response_done(output=[whole]),
    )
    assert view.calls == (CallView("call_1", "weather", ARGUMENTS, "pending", "fc_1", "resp_1"),)
    assert [(item.kind, item.name, item.arguments) for item in view.items] == [
        ("function_call", "weather", ARGUMENTS)
    ]


def test_the_end_of_the_answer_alone_tells_a_call() -> None:
    view = listen(greeted(), response_done(output=[function_call("fc_1", arguments=ARGUMENTS)]))
    assert calls(view) == [("call_1", ARGUMENTS, "pending")]


def test_a_call_is_not_pending_before_its_name_is_known() -> None:
    session = greeted()
    listen(session, response_created())
    view = listen(session, arguments("done", item_id="fc_1", call_id="call_1", arguments=ARGUMENTS))
    assert calls(view) == [("call_1", ARGUMENTS, "collecting")]
    view = listen(session, item_done(function_call("fc_1")))
    assert calls(view) == [("call_1", ARGUMENTS, "pending")]


def test_a_call_that_was_cut_off_is_over() -> None:
    cut = function_call("fc_1", arguments='{"ci', status="incomplete")
    view = listen(
        greeted(), response_created(), item_done(cut), response_done(status="cancelled", output=[cut])
    )
    assert [(state, view.calls[0].ended_s) for _, _, state in calls(view)] == [("cancelled", None)]


def test_without_a_call_id_the_item_stands_in_for_it() -> None:
    session = greeted()
    view = listen(
        session,
        response_created(),
        arguments("done", item_id="fc_1", name="weather", arguments=ARGUMENTS),
        item_done(function_call("fc_1", arguments=ARGUMENTS, call_id=None)),
        response_done(output=[function_call("fc_1", arguments=ARGUMENTS, call_id=None)]),
    )
    assert calls(view) == [("fc_1", ARGUMENTS, "pending")]
    play(session, when(ToolFinished("fc_1", "12")), then(output("fc_1", "12"), CREATE))


def test_a_call_id_that_comes_later_takes_the_place_of_the_stand_in() -> None:
    session = greeted()
    listen(session, response_created(), item_added(function_call("fc_1", call_id=None)))
    assert calls(session.view()) == [("fc_1", "", "collecting")]
    view = listen(session, item_done(function_call("fc_1", arguments=ARGUMENTS)))
    assert calls(view) == [("call_1", ARGUMENTS, "pending")]
    assert view.items[0].call_id == "call_1"


def test_a_call_under_two_item_ids_is_one_call() -> None:
    view = listen(
        greeted(),
        response_created(),
        item_added(function_call("fc_1")),
        item_added(function_call("fc_2")),
        arguments("done", item_id="fc_2", call_id="call_1", name="weather", arguments=ARGUMENTS),
    )
    assert calls(view) == [("call_1", ARGUMENTS, "pending")]


def test_calls_without_item_ids_are_told_apart_by_their_call_id() -> None:
    view = listen(
        greeted(),
        response_created(),
        arguments("delta", call_id="call_1", delta="{"),
        arguments("delta", call_id="call_2", delta="["),
        arguments("delta", call_id="call_1", delta="}"),
        arguments("done", call_id="call_1", name="one"),
        arguments("done", call_id="call_2", name="two", arguments="[]"),
        response_done(
            output=[
                function_call("fc_1", "one", call_id="call_1", arguments="{}"),
                function_call("fc_2", "two", call_id="call_2", arguments="[]"),
            ]
        ),
    )
    assert calls(view) == [("call_1", "{}", "pending"), ("call_2", "[]", "pending")]
    assert len(view.items) == 2


def test_calls_without_any_id_are_told_apart_by_their_end() -> None:
    view = listen(
        greeted(),
        response_created(),
        arguments("delta", delta="{"),
        arguments("done", name="one", arguments="{}"),
        arguments("delta", delta="["),
        arguments("done", name="two", arguments="[]"),
    )
    assert [(call.name, call.arguments, call.state) for call in view.calls] == [
        ("one", "{}", "pending"),
        ("two", "[]", "pending"),
    ]


def test_arguments_without_an_item_do_not_turn_a_message_into_a_call() -> None:
    view = listen(
        greeted(),
        response_created(),
        text_delta("Let me see.", item_id="item_1"),
        arguments("done", call_id="call_1", name="weather", arguments="{}"),
    )
    assert [(item.kind, item.text) for item in view.items] == [
        ("message", "Let me see."),
        ("function_call", ""),
    ]


def test_what_comes_after_the_end_of_a_call_does_not_change_it() -> None:
    view = listen(
        greeted(),
        response_created(),
        arguments("done", item_id="fc_1", call_id="call_1", name="weather", arguments=ARGUMENTS),
        arguments("delta", item_id="fc_1", call_id="call_1", delta="more"),
    )
    assert calls(view) == [("call_1", ARGUMENTS, "pending")]
    assert view.items[0].arguments == ARGUMENTS


def test_one_call_is_answered_when_its_answer_is_over() -> None:
    play(
        greeted(),
        when(response_created()),
        when(item_done(function_call("fc_1", arguments="{}"))),
        when(ToolFinished("call_1", "12 degrees")),
        then(output("call_1", "12 degrees")),
        when(response_done()),
        then(CREATE),
        when(response_created("resp_2")),
        when(response_done("resp_2")),
    )


def parallel() -> Session:
    session = greeted()
    listen(
        session,
        response_created(),
        item_done(function_call("fc_1", "one", call_id="call_1", arguments="{}")),
        event(
            "response.output_item.added",
            response_id="resp_1",
            item=function_call("fc_2", "two", call_id="call_2"),
        ),
    )
    return session


def test_parallel_calls_get_one_answer_after_all_outputs_and_the_end_of_the_response() -> None:
    play(
        parallel(),
        when(ToolFinished("call_1", "1")),
        then(output("call_1", "1")),
        when(item_done(function_call("fc_2", "two", call_id="call_2", arguments="{}"))),
        when(ToolFinished("call_2", "2")),
        then(output("call_2", "2")),
        when(response_done()),
        then(CREATE),
    )


def test_a_slow_one_of_parallel_calls_holds_the_answer_back() -> None:
    play(
        parallel(),
        when(ToolFinished("call_1", "1")),
        then(output("call_1", "1")),
        when(item_done(function_call("fc_2", "two", call_id="call_2", arguments="{}"))),
        when(response_done()),
        when(ToolFinished("call_2", "2")),
        then(output("call_2", "2"), CREATE),
        when(response_created("resp_2")),
        when(response_done("resp_2")),
    )


def test_a_call_of_an_earlier_answer_does_not_hold_back_the_answer_to_a_later_one() -> None:
    play(
        parallel(),
        when(response_done(output=[function_call("fc_2", "two", call_id="call_2", arguments="{}")])),
        when(UserText("meanwhile?")),
        then(says("meanwhile?"), CREATE),
        when(response_created("resp_2")),
        when(
            event(
                "response.output_item.done",
                response_id="resp_2",
                item=function_call("fc_3", "three", call_id="call_3", arguments="{}"),
            )
        ),
        when(ToolFinished("call_3", "3")),
        then(output("call_3", "3")),
        when(response_done("resp_2")),
        then(CREATE),
        when(ToolFinished("call_1", "1")),
        then(output("call_1", "1")),
        when(ToolFinished("call_2", "2")),
        then(output("call_2", "2")),
        when(response_created("resp_3")),
        when(response_done("resp_3")),
        then(CREATE),
    )


def test_outputs_and_a_typed_turn_that_wait_share_one_answer() -> None:
    play(
        parallel(),
        when(ToolFinished("call_1", "1")),
        then(output("call_1", "1")),
        when(UserText("and?")),
        then(says("and?")),
        when(response_done()),
        then(CREATE),
        when(response_created("resp_2")),
        when(response_done("resp_2")),
    )


@pytest.mark.parametrize("call_id", ["call_9", ""])
def test_an_output_of_a_call_that_nobody_knows_is_not_sent(call_id: str) -> None:
    play(greeted(), when(ToolFinished(call_id, "12")))


def test_an_output_is_sent_only_once() -> None:
    session = greeted()
    view = play(
        session,
        when(response_done(output=[function_call("fc_1", arguments="{}")])),
        when(ToolFinished("call_1", "12")),
        then(output("call_1", "12"), CREATE),
        when(ToolFinished("call_1", "13")),
    )
    assert [(call.state, call.output) for call in view.calls] == [("done", "12")]


def test_an_output_that_the_server_shows_finishes_the_call() -> None:
    session = greeted()
    shown = {"id": "out_1", "type": "function_call_output", "call_id": "call_1", "output": "12"}
    view = listen(session, response_done(output=[function_call("fc_1", arguments="{}")]), item_added(shown))
    assert [(call.state, call.output) for call in view.calls] == [("done", "12")]
    play(session, when(ToolFinished("call_1", "12")))
